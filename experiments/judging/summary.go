package judging

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"ra3/core/judge"
	"ra3/core/judge/protect"
	"ra3/core/measure"
	"ra3/core/tasks"
	"ra3/experiments"
)

const (
	// resamples and level are of the bootstrap intervals over problems.
	resamples = 10000
	level     = 0.95
)

// Estimate is a mean over problems with its interval.
type Estimate struct {
	Mean experiments.Number `json:"mean"`
	Lo   experiments.Number `json:"lo"`
	Hi   experiments.Number `json:"hi"`
	N    int                `json:"n"` // problems
}

// Summary is what a scoring found.
type Summary struct {
	Pass map[int]Estimate // pass@k by k; without those that the samples are too few for
	// Groups are the same for the first groups of tests alone, where there are
	// several: for HumanEval+ and MBPP+ base.
	Groups      map[string]map[int]Estimate
	Omitted     []int // the k that some problem has too few samples for
	Least       int   // samples of the problem that has fewest
	Problems    int   // with samples
	Of          int   // problems in the set
	Samples     int
	Weaker      int // samples whose tests ran in their own process
	Verdicts    map[judge.Kind]int
	Protections protect.Protections
	References  *References
	Results     string
	Manifest    Manifest
}

// Summarise computes pass@k over the problems that have samples.
func Summarise(set *tasks.Set, records []Record, ks []int) Summary {
	s := Summary{Pass: map[int]Estimate{}, Groups: map[string]map[int]Estimate{}, Of: len(set.Problems), Samples: len(records), Verdicts: map[judge.Kind]int{}}
	byTask := map[string][]Record{}
	for _, r := range records {
		byTask[r.Task] = append(byTask[r.Task], r)
		s.Verdicts[r.Kind]++
		if r.Weaker {
			s.Weaker++
		}
	}
	s.Problems = len(byTask)
	var groups []string // all but the last, whose passing is passing
	for _, p := range set.Problems {
		for i := range p.Groups[:len(p.Groups)-1] {
			if n := p.Groups[i].Name; i == len(groups) {
				groups = append(groups, n)
			}
		}
	}
	if set.Format == tasks.LiveCodeBench {
		groups = nil // its public tests are no score of their own
	}
	trials := func(passed func(*Record) bool) (ts []measure.Trials) {
		for _, p := range set.Problems {
			rs := byTask[p.ID]
			if len(rs) == 0 {
				continue
			}
			t := measure.Trials{N: len(rs)}
			for i := range rs {
				if passed(&rs[i]) {
					t.Correct++
				}
			}
			ts = append(ts, t)
		}
		return ts
	}
	all := trials(func(r *Record) bool { return r.Passed })
	for i, t := range all {
		if i == 0 || t.N < s.Least {
			s.Least = t.N
		}
	}
	for _, k := range ks {
		if k > s.Least {
			s.Omitted = append(s.Omitted, k)
			continue
		}
		s.Pass[k] = estimate(all, k)
		for _, g := range groups {
			if s.Groups[g] == nil {
				s.Groups[g] = map[int]Estimate{}
			}
			s.Groups[g][k] = estimate(trials(func(r *Record) bool { return r.passed(g) }), k)
		}
	}
	return s
}

func (r *Record) passed(group string) bool {
	for _, g := range r.Groups {
		if g.Name == group {
			return g.Kind == judge.Passed
		}
	}
	return false
}

// estimate is seeded by k alone, so that the same verdicts have the same interval.
func estimate(trials []measure.Trials, k int) Estimate {
	values := measure.MeanPassAtK(trials, k)
	if k == 1 {
		// The share that passed, without the rounding of the product.
		for i, t := range trials {
			values[i] = float64(t.Correct) / float64(t.N)
		}
	}
	e := measure.Bootstrap(values, resamples, level, rand.New(rand.NewPCG(uint64(k), 0x7061737340)))
	return Estimate{experiments.Number(e.Mean), experiments.Number(e.Lo), experiments.Number(e.Hi), e.N}
}

func passKey(k int) string { return fmt.Sprintf("pass@%d", k) }

// MarshalJSON writes {"pass@1": {"mean", "lo", "hi", "n"}, ..., "protections":
// {...}, "verdicts": {KIND: count}, ...}.
func (s Summary) MarshalJSON() ([]byte, error) {
	out := map[string]any{"protections": s.Protections, "verdicts": s.Verdicts, "samples": s.Samples,
		"problems": map[string]int{"scored": s.Problems, "of": s.Of}, "same_process": s.Weaker, "results": s.Results, "manifest": s.Manifest,
		"interval": fmt.Sprintf("%g%% bootstrap over problems", 100*level)}
	for k, e := range s.Pass {
		out[passKey(k)] = e
	}
	if len(s.Groups) > 0 {
		groups := map[string]map[string]Estimate{}
		for g, byK := range s.Groups {
			groups[g] = map[string]Estimate{}
			for k, e := range byK {
				groups[g][passKey(k)] = e
			}
		}
		out["groups"] = groups
	}
	if s.References != nil {
		out["references"] = s.References
	}
	return json.Marshal(out)
}
