package experiments

import (
	"ra3/core/measure"
	"ra3/core/trace"
)

// latentQuality holds annotations against the hidden intents. A phrase counts as
// the intent that it words; a code, for clusters, as itself and, for accuracy, as
// the intent of most of its lines. Boundaries leave out first lines, which always
// think.
func (e *Engine) latentQuality(ps []*trace.Program, as []trace.Annotation) map[string]float64 {
	intents := e.intentsOf(ps, as)
	var got, want []int
	var gotStart, wantStart, starts []bool
	thinks := make([]float64, e.World.Inventory.K())
	right, whole := 0, 0
	for i, p := range ps {
		all := true
		for t, z := range as[i].Latents() {
			cluster := z
			if e.World.Worded() {
				cluster = intents[z]
			}
			got, want = append(got, cluster), append(want, p.Key[t].Intent)
			ok := intents[z] == p.Key[t].Intent
			if ok {
				right++
			}
			all = all && ok
			think := as[i][t] != trace.Act
			starts = append(starts, think)
			if think {
				thinks[as[i][t]]++
			}
			if t > 0 {
				gotStart, wantStart = append(gotStart, think), append(wantStart, p.Key[t].Step != p.Key[t-1].Step)
			}
		}
		if all {
			whole++
		}
	}
	precision, recall := measure.BoundaryScores(gotStart, wantStart)
	n := 0
	for _, s := range starts {
		if s {
			n++
		}
	}
	return map[string]float64{
		"nmi": measure.NMI(got, want), "purity": measure.Purity(got, want), "line_accuracy": float64(right) / float64(len(got)),
		"program_accuracy": float64(whole) / float64(len(ps)), "boundary_precision": precision, "boundary_recall": recall,
		"think_rate": float64(n) / float64(len(starts)), "usage_entropy": measure.Entropy(thinks), "tau": measure.Durations(starts),
	}
}

// intentsOf is the intent that each latent stands for: that of the phrase, or of
// most lines that a code is in force at, the first of equals; -1 for an unused one.
func (e *Engine) intentsOf(ps []*trace.Program, as []trace.Annotation) []int {
	out := make([]int, e.World.Inventory.K())
	if e.World.Worded() {
		for z, p := range e.World.Domain.Phrases {
			out[z] = p.Intent
		}
		return out
	}
	counts := make([][]int, len(out))
	for z := range counts {
		counts[z] = make([]int, len(e.World.Domain.Intents))
		out[z] = -1
	}
	for i, p := range ps {
		for t, z := range as[i].Latents() {
			counts[z][p.Key[t].Intent]++
		}
	}
	for z, ns := range counts {
		most := 0
		for intent, n := range ns {
			if n > most {
				out[z], most = intent, n
			}
		}
	}
	return out
}
