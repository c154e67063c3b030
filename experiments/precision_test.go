package experiments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/nn"
	"ra3/core/simd"
	"ra3/experiments/store"
)

// withoutTiles computes on kernels that have no bfloat16 tiles until t ends.
func withoutTiles(t *testing.T) {
	t.Helper()
	before := simd.Active()
	t.Cleanup(func() {
		if err := simd.Use(before); err != nil {
			t.Error(err)
		}
	})
	if err := simd.Use(simd.Portable); err != nil {
		t.Fatal(err)
	}
}

// rewritten changes run.toml of a run.
func rewritten(t *testing.T, dir string, oldnew ...string) {
	t.Helper()
	path := filepath.Join(dir, "run.toml")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(string(raw), oldnew[i]) {
			t.Fatalf("run.toml does not hold %q:\n%s", oldnew[i], raw)
		}
	}
	if err := os.WriteFile(path, []byte(strings.NewReplacer(oldnew...).Replace(string(raw))), 0o666); err != nil {
		t.Fatal(err)
	}
}

// begun makes a run with a checkpoint and closes it.
func begun(t *testing.T, c Config) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 1)
	steps(t, e, 9)
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPrecisionIsNamed(t *testing.T) {
	for _, name := range Presets() {
		want := auto
		if name == "base" { // the embedded base does not depend on who has tiles
			want = nn.FP32.String()
		}
		if c := resolved(t, name); c.Model.Precision != want {
			t.Errorf("preset %s has %q, want %q", name, c.Model.Precision, want)
		}
	}
	for _, name := range precisions {
		if c := resolved(t, "quick", "model.precision="+name); c.Model.Precision != name {
			t.Errorf("%s came to %q", name, c.Model.Precision)
		}
	}
	for _, bad := range []string{"fp16", "BF16", "\"\""} {
		_, err := Resolve("quick", nil, []string{"model.precision=" + bad})
		refusal(t, bad, err, "model.precision = ", "allowed are auto, fp32, bf16")
	}
}

func TestTilesThatAreMissing(t *testing.T) {
	fp32 := resolved(t, "quick", append(smallest, "seeds=1", "model.precision=fp32")...)
	withoutTiles(t)
	bf16 := fp32
	bf16.Model.Precision = "bf16"
	dir := filepath.Join(t.TempDir(), "run")
	_, err := Create(t.Context(), dir, bf16, 1)
	refusal(t, "bf16", err, `"bf16"`, simd.BF16Error().Error(), "--set model.precision=fp32", "auto")
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused run left a directory")
	}
	choice := fp32
	choice.Model.Precision = auto
	if p, err := choice.Precision(); p != nn.FP32 || err != nil {
		t.Errorf("auto is %v, %v", p, err)
	}

	// Elsewhere it was computed in bf16.
	dir = begun(t, fp32)
	rewritten(t, dir, `precision = "fp32"`, `precision = "bf16"`)
	_, err = Resume(t.Context(), dir, 1)
	refusal(t, "resuming", err, dir+" was computed in bf16", simd.BF16Error().Error(), "--set model.precision=fp32")
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = EvalRun(t.Context(), run, EvalRequest{K: []int{1}}, 1, nil)
	refusal(t, "evaluating", err, dir+" was computed in bf16", simd.BF16Error().Error())
}

// A run directory says what it was computed in; one from before there was a
// choice was computed in fp32, whatever auto means now.
func TestPrecisionIsRecorded(t *testing.T) {
	c := resolved(t, "quick", append(smallest, "seeds=1")...)
	plain := c
	plain.Model.Precision = "fp32"
	want := content(t, uninterrupted(t, plain, 1))
	dir := begun(t, plain)
	rewritten(t, dir, "precision = \"fp32\"\n", "")
	e := reopen(t, dir, 1)
	if e.precision != nn.FP32 || e.Config.Model.Precision != "fp32" {
		t.Errorf("without the field it is %v, %q", e.precision, e.Config.Model.Precision)
	}
	finished(t, e)
	got := content(t, dir)
	got["run.toml"] = want["run.toml"]
	same(t, "without the field", got, want)

	dir = begun(t, c)
	run, err := store.View(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Precision()
	if back, rerr := ConfigOf(run); err != nil || rerr != nil || run.Manifest().Precision != p.String() || back.Model.Precision != p.String() ||
		!strings.Contains(string(run.Config()), `precision = "auto"`) {
		t.Errorf("%v, %v: recorded %+v, read back %q", err, rerr, run.Manifest(), back.Model.Precision)
	}
	rewritten(t, dir, `precision = "auto"`, `precision = "fp32"`, `precision = "`+p.String()+`"`, `precision = "bf16"`)
	_, err = Resume(t.Context(), dir, 1)
	refusal(t, "a changed run.toml", err, "run.toml", `model.precision = "fp32"`, "records bf16")
	rewritten(t, dir, `precision = "bf16"`, `precision = "fp8"`)
	_, err = Resume(t.Context(), dir, 1)
	refusal(t, "an unknown precision", err, "fp8", "fp32 or bf16")
}

func TestRunsInBF16(t *testing.T) {
	if !simd.HasBF16() {
		t.Skip(simd.BF16Error())
	}
	for name, settings := range map[string][]string{"smallest": append(smallest, "seeds=1"), "able": append(able, `lanes=["ra3"]`)} {
		t.Run(name, func(t *testing.T) {
			c := resolved(t, "quick", append(settings, "model.precision=bf16")...)
			dir := uninterrupted(t, c, 1)
			want := content(t, dir)
			plain := c
			plain.Model.Precision = "fp32"
			if content(t, uninterrupted(t, plain, 1))["events.jsonl"] == want["events.jsonl"] {
				t.Error("fp32 gave the same events")
			}

			// With two threads, an update undone and a crash in the middle of every phase.
			cut := filepath.Join(t.TempDir(), "run")
			e := create(t, cut, c, 2)
			_, total := e.Updates()
			for made := 0; made < total; made += 5 {
				s, _, _, _ := e.Position()
				if err := e.prepare(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				undo := e.mark(s)
				if m, _ := s.learns(c); e.st.models[m] != nil {
					e.st.models[m].Params.Flat[0]++
				}
				undo()
				if err := e.Save(); err != nil {
					t.Fatal(err)
				}
				steps(t, e, 2)
				cut = frozen(t, cut)
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				e = reopen(t, cut, 2)
				steps(t, e, 5)
				for name, m := range e.st.models {
					if m.Precision() != nn.BF16 {
						t.Errorf("after %d updates %s computes in %v", made+5, name, m.Precision())
					}
				}
			}
			finished(t, e)
			same(t, "crashed on 2 threads", content(t, cut), want)

			run, err := store.View(dir)
			if err != nil {
				t.Fatal(err)
			}
			res, err := EvalRun(t.Context(), run, EvalRequest{K: []int{1}}, 2, nil)
			if err != nil {
				t.Fatal(err)
			}
			s, err := SummaryOf(run)
			if err != nil {
				t.Fatal(err)
			}
			for lane, families := range res.Lanes {
				for family, r := range families {
					if got, want := r.Pass[1].Mean, s.Lanes[lane][family].Pass1.Mean; got != want {
						t.Errorf("%s %s: pass@1 %v, the run had %v", lane, family, got, want)
					}
				}
			}
		})
	}
}
