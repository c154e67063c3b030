package ra3

import (
	"math"
	"math/rand/v2"

	"ra3/core/trace"
)

// trellis is the posterior of one program as if the past mattered only through
// the latent in force: each latent stands for its best history.
type trellis struct {
	k     int
	alpha [][]float64 // [T][K]: log mass of all ways to have latent z in force after line t
	act   [][]float64 // [T][K]: log-probability of keeping z; minus infinity where no history kept has it
	think [][]float64 // [T][(1+K)*K]: of thinking z when z' is in force, at (1+z')*K+z; z' = -1 before the first line
}

// add appends a line. The first extension is the best history's, which tried
// every latent; it stands in where another did not try one.
func (w *trellis) add(k int, es []*extension) {
	w.k = k
	none := math.Inf(-1)
	act, think, alpha := make([]float64, k), make([]float64, (1+k)*k), make([]float64, k)
	fill(act, none)
	fill(think, none)
	best := make([]float64, k)
	for i, u := range es[0].try {
		if u != trace.Act {
			best[u] = es[0].logp[i]
		}
	}
	var before []float64
	if n := len(w.alpha); n > 0 {
		before = w.alpha[n-1]
	}
	into := make([][]float64, k)
	seen := map[int]bool{}
	for _, e := range es { // best first: the first of a latent is its best
		from := e.from.latent()
		if seen[from] {
			continue
		}
		seen[from] = true
		row := think[(1+from)*k:][:k]
		copy(row, best)
		for i, u := range e.try {
			if u != trace.Act {
				row[u] = e.logp[i]
			} else {
				act[from] = e.logp[i]
			}
		}
		mass := 0.0
		if from >= 0 {
			mass = before[from]
			into[from] = append(into[from], mass+act[from])
		}
		for z, lp := range row {
			into[z] = append(into[z], mass+lp)
		}
	}
	for z := range alpha {
		alpha[z] = logSum(into[z])
	}
	w.alpha, w.act, w.think = append(w.alpha, alpha), append(w.act, act), append(w.think, think)
}

// sample draws an annotation from the trellis' posterior, from the last line to
// the first, and returns its log-probability there.
func (w *trellis) sample(rng *rand.Rand) (trace.Annotation, float64) {
	last := len(w.alpha) - 1
	a := make(trace.Annotation, last+1)
	z := drawLog(w.alpha[last], rng)
	logr := w.alpha[last][z] - logSum(w.alpha[last])
	for t := last; t > 0; t-- {
		// Outcome 0: z was kept; 1+z': z was thought where z' was in force.
		ways := make([]float64, 1+w.k)
		ways[0] = w.alpha[t-1][z] + w.act[t][z]
		for from := range w.k {
			ways[1+from] = w.alpha[t-1][from] + w.think[t][(1+from)*w.k+z]
		}
		way := drawLog(ways, rng)
		logr += ways[way] - logSum(ways)
		if way == 0 {
			a[t] = trace.Act
		} else {
			a[t], z = z, way-1
		}
	}
	a[0] = z
	return a, logr
}

// drawLog draws an index in proportion to exp(logs).
func drawLog(logs []float64, rng *rand.Rand) int {
	u := rng.Float64()
	total, last := logSum(logs), 0
	for i, l := range logs {
		p := math.Exp(l - total)
		if p == 0 {
			continue
		}
		last = i
		if u -= p; u < 0 {
			break
		}
	}
	return last
}

func fill(xs []float64, v float64) {
	for i := range xs {
		xs[i] = v
	}
}
