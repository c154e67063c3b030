package experiments

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/checkpoint"
	"ra3/core/nn"
)

// frozen copies a run directory as a killed process would leave it: what the
// engine holds in memory is not in it.
func frozen(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "run")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o777)
		}
		if strings.HasPrefix(name, "lock") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), raw, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// At every position of the plan (of the larger model, every third): save, go on
// a little past it, lose that to a crash, resume from the save or from the end of a stage since. The chain of all
// these sittings ends with the bytes of a run that never stopped. The crash is,
// in turn, a closed engine (whose log was flushed), a killed one (whose log was
// not) and one that had gone no further.
func TestResumeAtEveryPosition(t *testing.T) {
	for name, settings := range map[string][]string{"smallest": smallest, "able": able} {
		t.Run(name, func(t *testing.T) {
			c := resolved(t, "quick", settings...)
			want := content(t, uninterrupted(t, c, 2))
			dir := filepath.Join(t.TempDir(), "run")
			e := create(t, dir, c, 2)
			_, total := e.Updates()
			every := 1
			if name == "able" {
				every = 3 // its states are larger
			}
			for at, n := 0, 0; ; n++ {
				if err := e.Save(); err != nil {
					t.Fatal(err)
				}
				steps(t, e, n%4)
				if n%3 == 1 {
					crashed := dir
					dir = frozen(t, dir)
					if err := e.Close(); err != nil {
						t.Fatal(err)
					}
					if err := os.RemoveAll(crashed); err != nil {
						t.Fatal(err)
					}
				} else if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				e = reopen(t, dir, 1+n%3)
				// It goes on from the save, or from a stage's end behind it.
				made, _ := e.Updates()
				if made < at || made > at+n%4 {
					t.Fatalf("%d updates made after a save at %d and %d more", made, at, n%4)
				}
				if at == total {
					break
				}
				steps(t, e, max(0, at+every-made))
				at, _ = e.Updates()
			}
			finished(t, e)
			same(t, "the chain", content(t, dir), want)
		})
	}
}

// A run killed before its first save, and before the end of a stage, starts anew,
// in the same directory.
func TestResumeWithoutACheckpoint(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	c.Seeds = 1
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	steps(t, e, e.Plan[0].Updates-1)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = reopen(t, dir, 2)
	if made, _ := e.Updates(); made != 0 {
		t.Fatalf("%d updates made without a checkpoint", made)
	}
	finished(t, e)
	same(t, "from the start again", content(t, dir), content(t, uninterrupted(t, c, 2)))
}

// Resuming a finished run changes nothing, and there is nothing left to do.
func TestResumeOfAFinishedRun(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	c.Seeds = 1
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	steps(t, e, 1<<30)
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	finished(t, e)
	before := content(t, dir)
	e = reopen(t, dir, 2)
	if !e.Done() {
		t.Error("it is not done")
	}
	finished(t, e)
	same(t, "resumed", content(t, dir), before)
}

func TestResumeRefusesWhatItCannotRepeat(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	c.Seeds = 1
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	steps(t, e, 20)
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), dir, 1); err == nil {
		t.Error("a run was opened twice")
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	edit := func(name string, change func(string) string) string {
		t.Helper()
		to := frozen(t, dir)
		paths, err := filepath.Glob(filepath.Join(to, name))
		if err != nil || len(paths) != 1 {
			t.Fatalf("%s: %v %v", name, paths, err)
		}
		raw, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		changed := change(string(raw))
		if changed == string(raw) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if err := os.WriteFile(paths[0], []byte(changed), 0o666); err != nil {
			t.Fatal(err)
		}
		return to
	}
	replace := func(old, with string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, with, 1) }
	}
	for what, broken := range map[string]string{
		"another instruction set": edit("run.toml", func(s string) string {
			return s[:strings.Index(s, "instruction_set")] + "instruction_set = \"abacus\"\n"
		}),
		"a field out of range":      edit("run.toml", replace("group = 2", "group = 1")),
		"another plan":              edit("run.toml", replace("updates = 4", "updates = 5")),
		"another model":             edit("run.toml", replace("ff = 8", "ff = 16")),
		"other traces":              edit("run.toml", replace("traces = 260", "traces = 270")),
		"a torn checkpoint":         edit("checkpoints/main-20.*", func(s string) string { return s[:len(s)/2] }),
		"a checkpoint of something": edit("checkpoints/main-20.*", func(string) string { return "something" }),
		"a shorter log":             edit("events.jsonl", func(s string) string { return s[:strings.LastIndexByte(s[:len(s)-1], '\n')+1] }),
	} {
		e, err := Resume(t.Context(), broken, 1)
		refusal(t, what, err)
		if err == nil {
			_ = e.Close()
			continue
		}
		// A refused run is not held.
		if e, err := Resume(t.Context(), broken, 1); err == nil || strings.Contains(err.Error(), "held") {
			t.Errorf("%s: again: %v", what, err)
			_ = e.Close()
		}
	}
}

// A measure may have no value, as boundary precision has none when the latents
// have collapsed; that must not keep a run from being saved and resumed.
func TestStateWithoutNumbersSurvives(t *testing.T) {
	nan, none := math.NaN(), Number(math.NaN())
	s := newState()
	s.stage, s.update = 3, 2
	s.results = Results{
		Passes:  []PassResult{{Seed: 1, Lane: "ra3", Family: "doc", Kinds: map[string]int{"passed": 1}}},
		Traces:  []TraceResult{{Seed: 1, Lane: "ra3", Family: "doc", TraceMeasures: TraceMeasures{Nats: Number(math.Inf(1)), KeptShare: none, Recall: none}}},
		Latents: []LatentPoint{{Seed: 1, Measures: map[string]float64{"boundary_precision": nan, "nmi": 0.5}}},
		RLVR:    []RLPoint{{Seed: 1, Lane: "ra3", Reward: none, HeldOut: ptr(nan), PassK: ptr(nan)}},
	}
	f, err := s.encode(stateMeta{Seq: 7})
	if err != nil {
		t.Fatal(err)
	}
	back, meta, err := decodeState(f, nil, nn.FP32)
	if err != nil {
		t.Fatal(err)
	}
	if meta.Seq != 7 || back.stage != 3 || back.update != 2 || !math.IsNaN(back.results.Latents[0].Measures["boundary_precision"]) {
		t.Errorf("%+v came back as %+v", s.results, back.results)
	}
}

// A sampler that only acts leaves measures without a value on the way.
func TestCollapsedLatentsCanBeSaved(t *testing.T) {
	c := resolved(t, "quick", append(smallest, `lanes=["ra3"]`, "seeds=1", "eval.prune_samples=0")...)
	dir := filepath.Join(t.TempDir(), "run")
	e := create(t, dir, c, 2)
	for {
		s, _, _, ok := e.Position()
		if !ok || s.Phase == PhaseEval {
			break
		}
		if s.Phase == PhaseAnnotate && s.Iteration == 0 {
			silence(e)
		}
		steps(t, e, 1)
	}
	if _, ok := e.Results().Latents[0].Measures["think_rate"]; !ok {
		t.Fatal("the annotation was not measured")
	}
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(e.Summary()); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	finished(t, reopen(t, dir, 2))
}

// silence makes the engine's sampler act wherever it may: the last layer gives
// the same features everywhere, and the head prefers act on them.
func silence(e *Engine) {
	m := e.st.models[samplerName]
	p := m.Params
	for i := range p.Embed {
		p.Embed[i] = 1
	}
	for i := range p.Head {
		p.Head[i] = 0
	}
	out := m.Config.Out
	for i := range m.Config.Dim {
		p.Head[i*out] = 4
	}
	m.Refresh()
}

func FuzzDecodeState(f *testing.F) {
	s := newState()
	file, err := s.encode(stateMeta{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file.Meta["ra3"])
	f.Add("")
	f.Add("null")
	f.Add(`{"update":-1}`)
	f.Add(`{"stage":-1,"update":-5,"shapes":{"base":{"Vocab":1}},"optimiser_steps":{"x":-1}}`)
	f.Add(`{"shapes":{"base":{"Vocab":1000000000,"Out":1000000000,"Dim":1000000000,"Layers":1,"Heads":1,"KVHeads":1,"FF":8,"MaxPos":8}}}`)
	f.Fuzz(func(t *testing.T, meta string) {
		in := checkpoint.File{Meta: map[string]string{"ra3": meta}, Tensors: []checkpoint.Tensor{{Name: "opt/x/m", Shape: []int{1}, Data: []float32{1}}}}
		if s, _, err := decodeState(in, nil, nn.FP32); err == nil && (s.stage < 0 || s.update < 0) {
			t.Errorf("a state at stage %d update %d", s.stage, s.update)
		} else if err != nil && strings.Contains(err.Error(), "\n") {
			t.Error(fmt.Sprintf("more than a line: %q", err))
		}
	})
}
