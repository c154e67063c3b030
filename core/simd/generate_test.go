package simd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestGenerated checks that the assembly in the tree is what gen writes.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("building the generator takes seconds")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skipf("no go command: %v", err)
	}
	dir := t.TempDir()
	gen := filepath.Join(dir, "gen")
	if out, err := exec.Command(tool, "build", "-o", gen, "./internal/gen").CombinedOutput(); err != nil {
		t.Skipf("cannot build the generator here: %v: %s", err, out)
	}
	if out, err := exec.Command(gen, "-out", dir).CombinedOutput(); err != nil {
		t.Fatalf("gen: %v: %s", err, out)
	}
	for _, name := range []string{"kernels_amd64.s", "kernels_amd64.go", "tiles_amd64.go",
		"bf16_kernels_amd64.s", "bf16_kernels_amd64.go"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator writes: run go generate ./core/simd", name)
		}
	}
}
