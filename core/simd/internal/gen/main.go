// Command gen writes the assembly kernels of package simd and their Go stubs.
//
// Every kernel is written once for a vector width and emitted twice: with
// 512-bit vectors and mask registers (AVX-512 F, DQ, BW, VL) and with 256-bit
// vectors (AVX2 and FMA). The bfloat16 kernels exist for AMX tiles only.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	dir := flag.String("out", ".", "directory that receives the generated files")
	flag.Parse()
	if err := write(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	p := newProgram()
	for _, w := range []width{wide, narrow} {
		p.reductions(w)
		p.elementwise(w)
		p.normRows(w)
		p.rotateRows(w)
		p.exponentials(w)
		p.logarithm(w)
		p.softmax(w)
		p.peak(w)
		p.matrixVector(w)
		p.packing(w)
		p.microKernels(w)
	}
	file, err := p.finish()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return fmt.Errorf("compile kernels: %w", err)
	}
	if err := checkRegisters(file); err != nil {
		return err
	}
	cfg := printer.Config{Name: "core/simd/internal/gen", Pkg: "simd"}
	for name, pr := range map[string]printer.Printer{
		"kernels_amd64.s":  printer.NewGoAsm(cfg),
		"kernels_amd64.go": printer.NewStubs(cfg),
	} {
		text, err := pr.Print(file)
		if err != nil {
			return fmt.Errorf("print %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	text, err := tiles()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "tiles_amd64.go"), text, 0o644); err != nil {
		return fmt.Errorf("write tiles_amd64.go: %w", err)
	}
	return writeBF16(dir)
}
