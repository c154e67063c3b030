package experiments

import (
	"maps"
	"math"
	"slices"

	"ra3/core/measure"
	"ra3/core/trace"
)

// pruning averages a lane's families and puts seeds side by side.
func pruning(c Config, r *Results, lane string) (PruningSummary, bool) {
	var p PruningSummary
	seeds := 0
	collect := func(get func(TraceMeasures) Number) Measured {
		var bySeed []float64
		for i := range c.Seeds {
			var sum, n float64
			for _, t := range r.Traces {
				if t.Seed == c.Seed+i && t.Lane == lane && !t.After {
					sum += float64(get(t.TraceMeasures))
					n++
				}
			}
			if n > 0 {
				bySeed = append(bySeed, sum/n)
			}
		}
		seeds = len(bySeed)
		return estimate(bySeed, nil, "")
	}
	p.LogEffective = collect(func(t TraceMeasures) Number { return t.LogEffective })
	p.LogEffectiveCode = collect(func(t TraceMeasures) Number { return t.EffectiveCode })
	p.LogEffectiveRationale = collect(func(t TraceMeasures) Number { return t.EffectiveThink })
	p.LogAll = collect(func(t TraceMeasures) Number { return t.LogAll })
	p.KeptShare = collect(func(t TraceMeasures) Number { return t.KeptShare })
	p.Recall = collect(func(t TraceMeasures) Number { return t.Recall })
	p.Horizon = collect(func(t TraceMeasures) Number { return t.Horizon })
	p.HorizonCode = collect(func(t TraceMeasures) Number { return t.HorizonCode })
	p.HorizonRationale = collect(func(t TraceMeasures) Number { return t.HorizonThink })
	if laneOf(lane).format == trace.Slotted {
		tau := collect(func(t TraceMeasures) Number { return t.Tau })
		p.Tau = &tau
	}
	if k := c.Eval.PruneSamples; k > 0 {
		var bySeed, items []float64
		for i := range c.Seeds {
			var diffs []float64
			for _, x := range r.Prunes {
				if x.Seed != c.Seed+i || x.Lane != lane || x.After {
					continue
				}
				full, cut := measure.MeanPassAtK(x.Full, k), measure.MeanPassAtK(x.Cut, k)
				for j := range full {
					diffs = append(diffs, full[j]-cut[j])
				}
			}
			if len(diffs) > 0 {
				var mean float64
				for _, d := range diffs {
					mean += d / float64(len(diffs))
				}
				bySeed, items = append(bySeed, mean), append(items, diffs...)
			}
		}
		if len(bySeed) > 0 {
			e := estimate(bySeed, items, "prune/"+lane)
			p.PruningError, p.PruningK = &e, k
		}
	}
	return p, seeds > 0
}

// convergence reads the post-training curves of a lane.
func convergence(c Config, r *Results, lane string) (RLVRSummary, bool) {
	s := RLVRSummary{Threshold: c.RLVR.Threshold}
	s.PassK = c.RLVR.EvalSamples
	var tokens, auc, start, final, startK, finalK []float64
	byUpdate, rewards := map[int][]RLPoint{}, map[int][]RLPoint{}
	for i := range c.Seeds {
		var k []float64
		for _, p := range r.RLVR {
			if p.Seed != c.Seed+i || p.Lane != lane {
				continue
			}
			if p.Update > 0 {
				rewards[p.Update] = append(rewards[p.Update], p)
			}
			if p.HeldOut != nil {
				if p.PassK != nil {
					k = append(k, float64(*p.PassK))
				}
				byUpdate[p.Update] = append(byUpdate[p.Update], p)
			}
		}
		x, y := heldOutCurve(r, c.Seed+i, lane)
		if len(y) < 2 {
			continue
		}
		tokens = append(tokens, x[len(x)-1])
		start, final = append(start, y[0]), append(final, y[len(y)-1])
		if len(k) == len(y) {
			startK, finalK = append(startK, k[0]), append(finalK, k[len(k)-1])
		}
		auc = append(auc, measure.AUC(upTo(x, y, commonTokens(r, c.Seed+i))))
		at, ok := measure.FirstReach(x, y, c.RLVR.Threshold, 1)
		if !ok {
			at = math.NaN()
		}
		s.TokensToThreshold = append(s.TokensToThreshold, Number(at))
	}
	if len(final) == 0 {
		return s, false
	}
	s.Tokens = estimate(tokens, nil, "")
	s.AUC, s.Start, s.Final = estimate(auc, nil, ""), estimate(start, nil, ""), estimate(final, nil, "")
	s.StartPassK, s.FinalPassK = estimate(startK, nil, ""), estimate(finalK, nil, "")
	s.Curve = curveOf(byUpdate, func(p RLPoint) float64 { return float64(*p.HeldOut) })
	s.Reward = curveOf(rewards, func(p RLPoint) float64 { return float64(p.Reward) })
	return s, true
}

// commonTokens is how many sampled tokens every lane of a seed reached: lanes
// write programs of different lengths, and areas compare over one range only.
func commonTokens(r *Results, seed int) float64 {
	last := map[string]float64{}
	for _, p := range r.RLVR {
		if p.Seed == seed && p.HeldOut != nil {
			last[p.Lane] = float64(p.Tokens)
		}
	}
	common := math.Inf(1)
	for _, t := range last {
		common = min(common, t)
	}
	return common
}

// upTo cuts a curve at x = end, where it interpolates linearly.
func upTo(x, y []float64, end float64) (xs, ys []float64) {
	for i := range x {
		if x[i] <= end {
			xs, ys = append(xs, x[i]), append(ys, y[i])
			continue
		}
		if i > 0 && x[i-1] < end {
			w := (end - x[i-1]) / (x[i] - x[i-1])
			xs, ys = append(xs, end), append(ys, y[i-1]+w*(y[i]-y[i-1]))
		}
		break
	}
	return xs, ys
}

// curveOf averages points over seeds, update by update.
func curveOf(byUpdate map[int][]RLPoint, value func(RLPoint) float64) []CurvePoint {
	var curve []CurvePoint
	for _, u := range slices.Sorted(maps.Keys(byUpdate)) {
		var tokens float64
		var ys []float64
		for _, p := range byUpdate[u] {
			tokens += float64(p.Tokens) / float64(len(byUpdate[u]))
			ys = append(ys, value(p))
		}
		curve = append(curve, CurvePoint{Update: u, Tokens: Number(tokens), Measured: estimate(ys, nil, "")})
	}
	return curve
}

// latents puts the seeds' annotation qualities side by side, by iteration.
func latents(r *Results) LatentSummary {
	var s LatentSummary
	for it := 0; ; it++ {
		values := map[string][]float64{}
		for _, l := range r.Latents {
			if l.Iteration != it {
				continue
			}
			for k, v := range l.Measures {
				values[k] = append(values[k], v)
			}
		}
		if len(values) == 0 {
			return s
		}
		m := map[string]Measured{}
		for k, v := range values {
			m[k] = estimate(v, nil, "")
		}
		s.Iterations = append(s.Iterations, m)
	}
}
