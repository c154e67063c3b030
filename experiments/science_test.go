package experiments

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ra3/core/pocket"
	"ra3/core/trace"
)

// What one split contains no other does, by composition, as a run draws them:
// pre-training, sampler, mid-training, validation, post-training, and the
// held-out problems of both families, short and long.
func TestCorporaShareNoComposition(t *testing.T) {
	c := resolved(t, "quick", "base.source=train", "base.programs=1000", "mid.traces=1000", "eval.long_steps=[5,6]", "mid.steps=[2,3,4]")
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	add := func(split string, want pocket.Split, steps []int) {
		t.Helper()
		if got := w.Domain.SplitOf(steps); got != want {
			t.Errorf("%s drew %v of split %s", split, steps, got)
		}
		key := fmt.Sprint(steps)
		if other, ok := owner[key]; ok && other != split {
			t.Errorf("%s is in %s and in %s", key, other, split)
		}
		owner[key] = split
	}
	for seed := range 2 {
		k := corpus{w, c, 1 + seed}
		all := func(split string, want pocket.Split, ps []*trace.Program, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range ps {
				add(split, want, p.Steps)
				if len(p.Tests) != c.Domain.Tests {
					t.Errorf("%s has %d tests", p.ID, len(p.Tests))
				}
			}
		}
		ps, err := k.base(t.Context())
		all("base", pocket.Base, ps, err)
		var commented []*trace.Program
		for i, p := range ps {
			if k.commented(i) {
				commented = append(commented, p)
			}
		}
		ps, err = k.mid(t.Context())
		all("mid", pocket.Mid, ps, err)
		ps, err = k.validation(t.Context())
		all("validation", pocket.Validate, ps, err)
		for _, family := range Families {
			for _, long := range []bool{false, true} {
				ps, err = k.heldOut(t.Context(), family, long, 150)
				all("heldout", pocket.HeldOut, ps, err)
				for _, p := range ps {
					if p.Family != family || long != (len(p.Steps) > 4) {
						t.Errorf("%s: family %s, %d steps", p.ID, p.Family, len(p.Steps))
					}
				}
			}
		}
		for i := range 300 {
			p, err := k.concatenation(t.Context(), stream(seed, "test", i), commented)
			if err != nil {
				t.Fatal(err)
			}
			add("base", pocket.Base, p.Steps)
			problem, err := k.problem(stream(seed, "test", i), nil)
			if err != nil {
				t.Fatal(err)
			}
			add("rl", pocket.RL, problem.Steps)
		}
	}
	if len(owner) < 1000 {
		t.Errorf("only %d compositions", len(owner))
	}
}

// Held-out problems belong to a seed: the same for whoever asks, in whatever
// number; other seeds have others.
func TestHeldOutProblemsAreOfTheSeed(t *testing.T) {
	c := resolved(t, "quick")
	w, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	draw := func(seed, n int) []*trace.Program {
		ps, err := (corpus{w, c, seed}).heldOut(t.Context(), "doc", false, n)
		if err != nil {
			t.Fatal(err)
		}
		return ps
	}
	if !reflect.DeepEqual(draw(1, 20), draw(1, 60)[:20]) {
		t.Error("asking for more changes the first")
	}
	same := 0
	for i, p := range draw(1, 60) {
		if reflect.DeepEqual(p.Problem.Tests, draw(2, 60)[i].Problem.Tests) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of 60 problems are the same for another seed", same)
	}
	// Every lane is sampled on the same problems, in the same order.
	problems := map[string][]string{}
	for line := range strings.Lines(content(t, uninterrupted(t, resolved(t, "quick", smallest...), 2))["samples.jsonl"]) {
		r := decoded[SampleRecord](t, line)
		key := fmt.Sprintf("%d/%s/%s", r.Seed, r.Phase, r.Lane)
		problems[key] = append(problems[key], fmt.Sprint(r.Problem, r.Sample))
	}
	for _, phase := range []string{PhaseEval, PhaseEvalRL} {
		base, other := problems["1/"+phase+"/base"], problems["2/"+phase+"/base"]
		if len(base) == 0 || len(base) != len(other) || reflect.DeepEqual(base, other) {
			t.Errorf("%s: %d and %d samples of base", phase, len(base), len(other))
		}
		for _, lane := range []string{"ntp", "ra3"} {
			if !reflect.DeepEqual(problems["1/"+phase+"/"+lane], base) {
				t.Errorf("%s: %s met other problems than base", phase, lane)
			}
		}
	}
}

// Both lanes train on the same number of tokens, to within the longest program
// an update can leave out, rationales counted.
func TestLanesTrainOnEqualTokens(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	c.Mid.Tokens = 600
	e := create(t, t.TempDir()+"/run", c, 2)
	budget := float64(c.Mid.Tokens)
	for {
		s, _, _, ok := e.Position()
		if !ok || s.Phase == PhaseEval {
			break
		}
		ev, err := e.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.Phase != PhaseM {
			continue
		}
		longest := 0
		for _, p := range e.seed.mid {
			longest = max(longest, len(p.Prompt)+len(p.Code())+3*len(p.Lines))
		}
		if tokens := ev.Measures["tokens"]; tokens > budget || tokens <= budget-float64(longest) {
			t.Errorf("%s update %d trained on %g tokens of %g (longest program %d)", s.Key(), ev.Update, tokens, budget, longest)
		}
	}
	trained := map[string]float64{}
	for _, r := range e.Results().Trained {
		trained[r.Lane] += float64(r.Tokens)
	}
	if trained["ntp"] == 0 || trained["ra3"] == 0 {
		t.Errorf("trained on %v", trained)
	}
}

// The answer key is for measures: with every key of the mid-training corpus
// turned to nonsense after generation, both lanes become bit for bit the same
// policies, with the same annotations; only the latents' scores change.
func TestNoTrainingSeesTheAnswerKey(t *testing.T) {
	c := resolved(t, "quick", append(able, `lanes=["ntp","ra3"]`)...)
	run := func(spoil bool) (*Engine, []map[string]float64) {
		e := create(t, t.TempDir()+"/run", c, 2)
		s, _, _, _ := e.Position()
		if err := e.prepare(context.Background(), s); err != nil {
			t.Fatal(err)
		}
		if spoil {
			rng := rand.New(rand.NewPCG(1, 2))
			for _, p := range append(e.seed.mid, e.seed.validation...) {
				for i := range p.Key {
					p.Key[i] = trace.LineKey{Step: rng.IntN(2), Intent: rng.IntN(len(e.World.Domain.Intents))}
				}
				for i := range p.Phrases {
					p.Phrases[i] = rng.IntN(len(e.World.Domain.Phrases))
				}
				for i := range p.Steps {
					p.Steps[i] = rng.IntN(len(e.World.Domain.Intents))
				}
			}
		}
		var probes []map[string]float64
		for !e.Done() {
			s, _, _, _ := e.Position()
			if s.Phase == PhaseEval {
				break
			}
			ev, err := e.Step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if s.Phase == PhaseM {
				probes = append(probes, ev.Measures)
			}
		}
		return e, probes
	}
	honest, honestProbes := run(false)
	spoilt, spoiltProbes := run(true)
	for name, m := range honest.st.models {
		if !reflect.DeepEqual(m.Params.Flat, spoilt.st.models[name].Params.Flat) {
			t.Errorf("model %s depends on the answer key", name)
		}
	}
	if !reflect.DeepEqual(honest.st.annotations, spoilt.st.annotations) {
		t.Error("the annotation depends on the answer key")
	}
	if !reflect.DeepEqual(honestProbes, spoiltProbes) {
		t.Error("probes depend on the answer key")
	}
	if reflect.DeepEqual(honest.st.results.Latents, spoilt.st.results.Latents) {
		t.Error("the latents' scores do not depend on the answer key")
	}
}

// Evaluation reads policies and changes none; nor do post-training's looks at
// held-out problems: fewer or more of them end with the same policy.
func TestHeldOutProblemsOnlyMeasure(t *testing.T) {
	flat := func(settings ...string) map[string][]float32 {
		c := resolved(t, "quick", append(append(append([]string{}, able...), `lanes=["ntp"]`), settings...)...)
		e := create(t, t.TempDir()+"/run", c, 2)
		steps(t, e, 1<<30)
		return map[string][]float32{"ntp": e.st.models["ntp"].Params.Flat, "rlvr": e.st.models[rlvrOf("ntp")].Params.Flat}
	}
	want := flat()
	if reflect.DeepEqual(want["ntp"], want["rlvr"]) {
		t.Error("post-training learned nothing: the test shows nothing")
	}
	for _, setting := range []string{"rlvr.eval_every=1", "rlvr.eval_problems=1", "eval.problems=1", "eval.split=validate", "eval.after=true", "mid.probe_every=1"} {
		if got := flat(setting); !reflect.DeepEqual(got, want) {
			t.Errorf("%s changes what is learned", setting)
		}
	}
}
