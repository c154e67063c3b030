package tui

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/checkpoint"
	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

// keptAt are the positions of the stored run at which states are kept, and looks
// at the example traces.
var keptAt = []int{128, 188, 196, 204, 234, 242, 250, 280, 298}

// stored writes a run of the quick preset to disk, with the log that the fake
// makes, and follows it. What the looks show differs from one to the next.
func stored(t testing.TB, updates int) (experiments.Source, *fake) {
	t.Helper()
	f := newFake(t)
	c, err := experiments.Resolve("quick", nil, []string{"model.precision=fp32"})
	must(t, err)
	f.config, f.plan = c, experiments.Plan(c)
	doc, err := c.TOML()
	must(t, err)
	dir := filepath.Join(t.TempDir(), "run")
	run, err := store.Create(dir, experiments.Manifest(c), doc)
	must(t, err)
	for _, e := range f.log(updates) {
		must(t, run.Append(e))
	}
	must(t, run.Sync())
	for _, at := range keptAt {
		if at > updates {
			break
		}
		meta, err := json.Marshal(map[string]any{"results": results(at)})
		must(t, err)
		must(t, run.SaveCheckpoint(store.Main, at, checkpoint.File{Meta: map[string]string{"ra3": string(meta)},
			Tensors: []checkpoint.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}}, 0))
		type line struct {
			Policy  string                   `json:"policy"`
			Plain   string                   `json:"plain"`
			Program experiments.TraceProgram `json:"program"`
		}
		var lines []line
		for k, p := range exampleTrace(f.world).Programs {
			if k == 1 && at < 280 { // earlier looks name one line otherwise
				p.Lines[4].Latent, p.Lines[4].Words = 3, f.world.Inventory.Texts[3]
			}
			lines = append(lines, line{"ra3", "ntp", p})
		}
		must(t, store.WriteJSONL(run, store.LookFile(store.Look{Branch: store.Main, Update: at}), lines))
	}
	for _, name := range []string{"s1-em00", "s1-em01", "s1-em02"} {
		must(t, store.WriteJSONL(run, store.TracesFile(name), []experiments.AnnotatedTrace{
			{ID: "mid/1", Lines: []string{"    xs = xs[::-1]\n", "    return xs\n"}, Latents: []string{f.world.Inventory.Texts[7], ""}},
			{ID: "mid/2", Lines: []string{"    return xs\n"}, Latents: []string{f.world.Inventory.Texts[20]}}}))
	}
	must(t, run.Close())
	source, err := experiments.Follow(context.Background(), dir)
	must(t, err)
	t.Cleanup(func() {
		source.Send(experiments.Intent{Kind: experiments.Stop})
		<-source.Done()
	})
	return source, f
}

// driven is a stored run as if this process drove it: nothing it is sent is done.
type driven struct{ experiments.Source }

func (driven) ReadOnly() bool               { return false }
func (driven) Send(experiments.Intent) bool { return true }

// results are what a state has found: pass@1 of both lanes once their evaluation
// is behind it.
func results(at int) experiments.Results {
	var r experiments.Results
	if at < 298 {
		return r
	}
	for i, lane := range []string{"base", "ntp", "ra3"} {
		p := experiments.PassResult{Seed: 1, Lane: lane, Family: "doc", Kinds: map[string]int{}}
		for k := range 20 {
			p.Trials = append(p.Trials, measure.Trials{N: 10, Correct: (k + 3*i) % 10})
		}
		r.Passes = append(r.Passes, p)
	}
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// workbench is a model of a source, with its first snapshot.
func workbench(t testing.TB, s experiments.Source, w, h int, o theme.Options) *model {
	t.Helper()
	m := newModel(s, Options{Theme: &o, Name: "stored"})
	m.untimed = true
	m.w, m.h = w, h
	m.settle(m.take(<-s.Snapshots()))
	return m
}

// A run that is only looked at offers what works there; the help lists the rest
// with the reason.
func TestOnlyLookedAt(t *testing.T) {
	source, _ := stored(t, 316)
	m := workbench(t, source, 120, 90, theme.Options{})
	for i, p := range m.pages {
		m.turn(i)
		line := ansi.Strip(m.keyLine(118))
		for _, dead := range []string{"space run/pause", "s update", "S phase", "I iteration", "b breakpoints", "F fork"} {
			if strings.Contains(line, dead) {
				t.Errorf("%s offers %q: %s", p.title(), dead, line)
			}
		}
		if !strings.Contains(line, "? help") || i == 0 && !strings.Contains(line, ", back a record") {
			t.Errorf("%s: %s", p.title(), line)
		}
		m.key("?")
		if got := plainText(m); strings.Count(got, "not now: this run is only looked at") < 6 {
			t.Errorf("%s: the help does not say why:\n%s", p.title(), got)
		}
		m.key("esc")
	}
	m.turn(0)
	for _, key := range []string{" ", "s", "S", "I", "b", "F"} {
		if m.key(key); m.sheet != nil || !strings.Contains(plainText(m), "ra3 --run DIR drives it") {
			t.Errorf("%q on a run that is only looked at:\n%s", key, plainText(m))
		}
		m.key("esc")
	}
	m.key("T")
	if got := plainText(m); strings.Contains(got, "engine goes on there") || strings.Contains(got, "F fork") {
		t.Errorf("the tree of branches offers to drive:\n%s", got)
	}
	m.key("F")
	if _, ok := m.sheet.(*branchSheet); !ok {
		t.Error("F in the tree forks a run that is only looked at")
	}
}
