package experiments

import (
	"fmt"
	"math"
	"slices"

	"ra3/core/measure"
)

// estimate summarises values by seed. A single seed falls back to perItem
// values (problems), bootstrapped.
func estimate(bySeed []float64, perItem []float64, name string) Measured {
	bySeed, perItem = finite(bySeed), finite(perItem)
	var e measure.Estimate
	if len(bySeed) > 1 || len(perItem) == 0 {
		e = measure.TInterval(bySeed, level)
	} else {
		e = measure.Bootstrap(perItem, resamples, level, stream(0, "bootstrap/"+name, 0))
	}
	m := Measured{Mean: Number(e.Mean), Lo: Number(e.Lo), Hi: Number(e.Hi), N: e.N}
	for _, v := range bySeed {
		m.BySeed = append(m.BySeed, Number(v))
	}
	return m
}

// finite puts NaN in place of infinities: a diverged value is no observation.
func finite(xs []float64) []float64 {
	out := slices.Clone(xs)
	for i, x := range out {
		if math.IsInf(x, 0) {
			out[i] = math.NaN()
		}
	}
	return out
}

// Summarise computes the summary of what has been measured so far.
func Summarise(c Config, r *Results, wall float64) *Summary {
	s := &Summary{Preset: c.Preset, Interval: "95% bootstrap over problems", Lanes: map[string]LaneSummary{}, Differences: map[string]map[string]map[string]Comparison{},
		Pruning: map[string]PruningSummary{}, RLVR: map[string]RLVRSummary{}, TokensTrained: map[string][]float64{}, Verdicts: map[string]map[string]map[string]int{}, Failures: map[string]map[string]map[string]int{},
		Prompts: map[string]PromptSummary{}, WallSeconds: wall}
	s.Split = c.Eval.Split
	for i := range c.Seeds {
		// Seeds without results yet are not behind any figure.
		if slices.ContainsFunc(r.Passes, func(p PassResult) bool { return p.Seed == c.Seed+i }) {
			s.Seeds = append(s.Seeds, c.Seed+i)
		}
	}
	if len(s.Seeds) > 1 {
		s.Interval = "95% t-interval over seeds"
	}
	for _, lane := range c.Lanes {
		if f := families(c, r, lane, false); len(f) > 0 {
			s.Lanes[lane] = f
		}
		if f := families(c, r, lane, true); len(f) > 0 {
			if s.AfterRLVR == nil {
				s.AfterRLVR = map[string]LaneSummary{}
			}
			s.AfterRLVR[lane] = f
		}
		if p, ok := pruning(c, r, lane); ok {
			s.Pruning[lane] = p
		}
		if p, ok := convergence(c, r, lane); ok {
			s.RLVR[lane] = p
		}
		if cs := choices(c, r, lane); len(cs) > 0 {
			if s.Choices == nil {
				s.Choices = map[string][]Choice{}
			}
			s.Choices[lane] = cs
		}
		for _, p := range r.Passes {
			if p.Lane == lane && !p.After && !p.Many {
				addCounts(s.Verdicts, lane, p.Family, p.Kinds)
				addCounts(s.Failures, lane, p.Family, p.Failures)
			}
		}
	}
	for _, t := range r.Trained {
		if t.Phase == PhaseM {
			s.TokensTrained[t.Lane] = append(s.TokensTrained[t.Lane], float64(t.Tokens))
		}
	}
	for _, pair := range Pairs(c.Lanes) {
		if d := differences(c, r, pair.A, pair.B, false); len(d) > 0 {
			s.Differences[pair.Key] = d
		}
		if d := differences(c, r, pair.A, pair.B, true); len(d) > 0 {
			if s.DifferencesAfter == nil {
				s.DifferencesAfter = map[string]map[string]map[string]Comparison{}
			}
			s.DifferencesAfter[pair.Key] = d
		}
	}
	byFamily := map[string][][]PromptMeasures{}
	for _, p := range r.Prompts {
		byFamily[p.Family] = append(byFamily[p.Family], p.Problems)
	}
	for family, bySeed := range byFamily {
		s.Prompts[family] = promptSummary(bySeed, ceilingKs, family)
	}
	for _, lane := range c.Lanes {
		if lane == "ntp" {
			continue
		}
		if x, ok := speedUp(c, r, lane, "ntp"); ok {
			if s.SpeedUps == nil {
				s.SpeedUps = map[string]SpeedUp{}
			}
			s.SpeedUps[lane+"-ntp"] = x
		}
	}
	s.Latents = latents(r)
	return s
}

// addCounts adds to what a lane's family has been counted as.
func addCounts(all map[string]map[string]map[string]int, lane, family string, counts map[string]int) {
	for k, n := range counts {
		if all[lane] == nil {
			all[lane] = map[string]map[string]int{}
		}
		if all[lane][family] == nil {
			all[lane][family] = map[string]int{}
		}
		all[lane][family][k] += n
	}
}

// familyNames lists the families measured, short before long.
func familyNames(r *Results) []string {
	var names []string
	for _, p := range r.Passes {
		if !slices.Contains(names, p.Family) {
			names = append(names, p.Family)
		}
	}
	return names
}

func families(c Config, r *Results, lane string, after bool) LaneSummary {
	out := LaneSummary{}
	for _, family := range familyNames(r) {
		f := FamilySummary{}
		pass := func(k int) Measured {
			var bySeed, items []float64
			for i := range c.Seeds {
				if p := r.passed(c.Seed+i, lane, after, family, k); p.reaches(k) {
					bySeed = append(bySeed, meanPass(p.Trials, k))
					items = append(items, measure.MeanPassAtK(p.Trials, k)...)
					f.Problems = len(p.Trials)
				}
			}
			return estimate(bySeed, items, fmt.Sprintf("%s/%s/%d/%v", lane, family, k, after))
		}
		f.Pass1, f.Pass5, f.Pass10 = pass(1), pass(5), pass(10)
		if f.Problems == 0 {
			continue
		}
		var nats, importance []float64
		for _, t := range r.Traces {
			if t.Lane == lane && t.After == after && t.Family == family {
				nats, importance = append(nats, float64(t.Nats)), append(importance, float64(t.NatsImportance))
			}
		}
		if len(nats) > 0 {
			n, i := estimate(nats, nil, ""), estimate(importance, nil, "")
			f.Nats, f.NatsImportance = &n, &i
		}
		out[family] = f
	}
	return out
}
