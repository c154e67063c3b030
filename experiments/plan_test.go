package experiments

import (
	"slices"
	"testing"
)

// Mid-training makes the same number of policy updates in both lanes, however
// the EM loop is cut, and each stage comes once.
func TestLanesMakeEqualUpdates(t *testing.T) {
	for _, settings := range [][]string{nil, smallest, able, {"ra3={warm=0,iterations=1}"}, {"ra3={warm=0,iterations=7}"}, {"ra3={warm=119,iterations=2}"},
		{"ra3={warm=120,iterations=2}"}, {"ra3={warm=10,iterations=0}"}, {"ra3={warm=1,iterations=100}"}, {"mid.updates=1", "ra3={warm=0,iterations=3}"},
		{"ra3.e_updates=0"}, {"rlvr.updates=0", "eval.after=true"}, {"lanes=[\"ra3\",\"base\",\"ntp\"]", "seeds=3"}} {
		c := resolved(t, "quick", settings...)
		made := map[[2]any]int{}
		seen := map[Stage]bool{}
		for _, s := range Plan(c) {
			if s.Updates < 1 || seen[s] {
				t.Errorf("%v: stage %+v is empty or comes twice", settings, s)
			}
			seen[s] = true
			if s.Phase == PhaseM {
				made[[2]any{s.Seed, s.Lane}] += s.Updates
			}
		}
		if len(made) != 2*c.Seeds {
			t.Errorf("%v: %v", settings, made)
		}
		for lane, n := range made {
			if n != c.Mid.Updates {
				t.Errorf("%v: %v makes %d updates, want %d", settings, lane, n, c.Mid.Updates)
			}
		}
	}
}

func TestPhasesComeInOrder(t *testing.T) {
	c := resolved(t, "quick", smallest...)
	plan := Plan(c)
	var one []string
	for _, s := range plan[:len(plan)/2] {
		if s.Seed != c.Seed {
			t.Errorf("%+v among the first seed's", s)
		}
		one = append(one, s.Key())
	}
	want := []string{"base/pretrain/0", "base/sampler/0", "ntp/M/0", "ra3/annotate/0", "ra3/M/0",
		"ra3/E/1", "ra3/annotate/1", "ra3/M/1", "ra3/E/2", "ra3/annotate/2", "ra3/M/2",
		"base/tune/0", "base/eval/0", "ntp/tune/0", "ntp/eval/0", "ra3/tune/0", "ra3/eval/0", "base/rlvr/0", "ntp/rlvr/0", "ra3/rlvr/0", "base/eval-rlvr/0", "ntp/eval-rlvr/0", "ra3/eval-rlvr/0"}
	if !slices.Equal(one, want) {
		t.Errorf("the plan is %v\nwant %v", one, want)
	}
	for i, s := range plan[len(plan)/2:] {
		if s.Seed != c.Seed+1 || s.Key() != want[i] {
			t.Errorf("the second seed's stage %d is %+v", i, s)
		}
	}
	// An embedded base is not trained; without lanes there is nothing for them.
	for _, s := range Plan(resolved(t, "quick", `lanes=["ntp"]`)) {
		if s.Lane != "ntp" {
			t.Errorf("%+v", s)
		}
	}
}

// Evaluation covers every problem once, in chunks, and each family's traces.
func TestEvaluationCoversEveryProblemOnce(t *testing.T) {
	c := resolved(t, "quick", "eval={problems=61,prune_samples=4,long_steps=[5]}")
	covered := map[string][]int{}
	for _, u := range evalUnits(c, false) {
		key := u.kind + "/" + u.family
		if u.long {
			key += "-long"
		}
		if u.from < 0 || u.to <= u.from || u.to-u.from > evalChunk && u.kind != "traces" {
			t.Errorf("unit %+v", u)
		}
		for i := u.from; i < u.to; i++ {
			covered[key] = append(covered[key], i)
		}
	}
	for _, f := range Families {
		for key, n := range map[string]int{"pass/" + f: 61, "pass/" + f + "-long": 61, "traces/" + f: c.Eval.Traces, "prune/" + f: 31} {
			if len(covered[key]) != n || !slices.IsSorted(covered[key]) || len(slices.Compact(covered[key])) != n {
				t.Errorf("%s covers %v, want %d", key, covered[key], n)
			}
		}
	}
}
