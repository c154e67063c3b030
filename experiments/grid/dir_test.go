package grid

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/experiments"
	"ra3/experiments/store"
)

var twoByTwo = Spec{Vary: []string{"mid.traces=20,40", "domain.nuisance=0,2"}, Seeds: 2, Gate: SkipGate}

func open(t *testing.T, dir string, s Spec) *Ablation {
	t.Helper()
	a, err := Open(dir, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() }) // a second Close does nothing
	return a
}

func refused(t *testing.T, dir string, s Spec, want string) {
	t.Helper()
	a, err := Open(dir, s)
	if err == nil {
		_ = a.Close()
	}
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, want ...%s...", err, want)
	}
}

func TestOneGridADirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	a := open(t, dir, twoByTwo)
	refused(t, dir, twoByTwo, "is being written by process")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	named := twoByTwo
	named.Preset = "quick" // which it was by default
	if err := open(t, dir, named).Close(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Spec){
		"its vary is [mid.traces=20,40 domain.nuisance=0,2], not [mid.traces=20,40]": func(s *Spec) { s.Vary = s.Vary[:1] },
		"its seeds is 2, not 3":                                       func(s *Spec) { s.Seeds = 3 },
		"its gate is skip, not show":                                  func(s *Spec) { s.Gate = ShowGate },
		"its preset is quick, not standard: choose another directory": func(s *Spec) { s.Preset = "standard" },
	} {
		s := named
		change(&s)
		refused(t, dir, s, want)
	}
	b, err := Resume(dir)
	if err != nil || len(b.Cells) != 4 || b.Spec.Gate != SkipGate {
		t.Fatalf("%v %+v", err, b)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, gridFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), `instruction_set = "`, `instruction_set = "x`, 1)
	if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, twoByTwo, "set RA3_ISA=x")
	if _, err := Resume(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is no ablation") {
		t.Error(err)
	}
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.tex"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, foreign, twoByTwo, "thesis.tex")
	if entries, err := os.ReadDir(foreign); err != nil || len(entries) != 1 {
		t.Errorf("left something behind: %v %v", entries, err)
	}
}

// finish makes a task's run directory with a summary, without computing it.
func finish(t *testing.T, task Task, s *experiments.Summary) {
	t.Helper()
	doc, err := task.Config.TOML()
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.Create(task.Dir, experiments.Manifest(task.Config), doc)
	if err != nil {
		t.Fatal(err)
	}
	if s != nil {
		if err := run.WriteSummary(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTasks(t *testing.T) {
	a := open(t, t.TempDir(), twoByTwo)
	ts := a.Tasks()
	if len(ts) != 8 || !ts[0].Gate || ts[4].Gate || ts[4].Index != 1 || ts[7].Index != 4 {
		t.Fatalf("%+v", ts)
	}
	g := ts[0].Config
	if strings.Join(g.Lanes, " ") != "ntp oracle" || g.RLVR.Updates != 0 || g.Eval.Split != "validate" || g.Mid.Updates != ts[4].Config.Mid.Updates {
		t.Errorf("gate %+v", g)
	}
	if s, err := ts[0].Summary(); s != nil || err != nil {
		t.Errorf("a run that was not begun: %v %v", s, err)
	}
	finish(t, ts[4], nil)
	if s, err := ts[4].Summary(); s != nil || err != nil {
		t.Errorf("a run that is not finished: %v %v", s, err)
	}
	finish(t, ts[5], &experiments.Summary{Preset: "quick"})
	if s, err := ts[5].Summary(); err != nil || s == nil || s.Preset != "quick" {
		t.Errorf("a finished run: %v %v", s, err)
	}
	changed := ts[5]
	changed.Config.Mid.Updates++
	if _, err := changed.Summary(); err == nil || !strings.Contains(err.Error(), "another configuration") {
		t.Errorf("a run of another cell: %v", err)
	}
	if _, err := changed.Engine(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "another configuration") {
		t.Errorf("an engine of another cell: %v", err)
	}
}
