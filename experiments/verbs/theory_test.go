package verbs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/theory"
)

// small is a lab that is done at once.
var small = []string{"theory", "--set", "tasks=4", "--set", "repeats=2", "--set", "demos=2", "--set", "episodes=4", "--set", "duration=3", "--set", "options=3"}

func TestTheory(t *testing.T) {
	dir := t.TempDir()
	o := command(t, t.Context(), append(small, "--json", "--out", filepath.Join(dir, "a"), "--format", "csv")...)
	var r struct {
		theory.Report
		Files []string `json:"files"`
	}
	if err := json.Unmarshal([]byte(o.stdout), &r); err != nil || o.status != exitDone {
		t.Fatalf("status %d, %v\n%s%s", o.status, err, o.stdout, o.stderr)
	}
	if len(r.Regrets) != 4 || len(r.Pruning) != 4 || r.TradeOff == nil || r.Learned == nil || len(r.Files) != len(theory.FigureNames)+len(theory.TableNames)-1 { // no run stands anywhere
		t.Errorf("%d decompositions, %d curves, files %v", len(r.Regrets), len(r.Pruning), r.Files)
	}
	for _, d := range r.Regrets {
		if !(d.Residual <= 1e-9) {
			t.Errorf("%s: the terms miss the regret by %g", d.Kept, d.Residual)
		}
	}
	for _, ext := range []string{"png", "svg", "pdf"} {
		o = command(t, t.Context(), append(small, "--only", "decomposition,pruning", "--figure", "bound", "--out", filepath.Join(dir, "b"), "--format", ext)...)
		path := filepath.Join(dir, "b", "bound."+ext)
		if info, err := os.Stat(path); err != nil || info.Size() == 0 || o.status != exitDone || !strings.Contains(o.stdout, path) {
			t.Errorf("status %d, %v\n%s%s", o.status, err, o.stdout, o.stderr)
		}
	}
	if !strings.Contains(o.stdout, "Regret after 2 demonstrations") || strings.Contains(o.stdout, "latents learned") {
		t.Errorf("%s", o.stdout)
	}
	o = command(t, t.Context(), small...)
	for _, want := range []string{"Q-learning", "The bound assumes", "Total regret", "latents learned by EM"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("no %q in\n%s", want, o.stdout)
		}
	}
}
