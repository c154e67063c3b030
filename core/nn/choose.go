package nn

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"ra3/core/simd"
)

// choose draws from softmax(InvTemp*logits) over the class, cut to its likeliest
// outcomes when asked; the log-probability returned is that of the uncut class.
// A forced outcome (not negative) is taken as it is and draws nothing.
func (d *decoder) choose(logits []float32, class int, forced int32, rng *rand.Rand) (token int32, logp, ent float32) {
	if mask := d.masks[class]; mask != nil {
		simd.Add(logits, mask)
	}
	p := d.w.probs
	s := softmax(p, logits, d.classes[class].InvTemp)
	ent = s.entropy(p, logits)
	if forced >= 0 {
		logp = s.inv*logits[forced] - s.logZ
		d.lost = d.lost || logp != logp
		return forced, logp, ent
	}
	total := 1.0
	if d.opt.TopP < 1 || d.opt.TopK > 0 {
		total = d.cut(p)
	}
	at := pick(p, rng.Float64()*total)
	if at < 0 {
		d.lost = true
		return 0, 0, 0
	}
	return int32(at), s.inv*logits[at] - s.logZ, ent
}

// pick returns the first i whose p[0]+...+p[i] exceeds u; the last possible
// outcome when rounding leaves u over, and -1 if there is none.
func pick(p []float32, u float64) int {
	last := -1
	for i, v := range p {
		if !(v > 0) {
			continue
		}
		last = i
		if u -= float64(v); u < 0 {
			break
		}
	}
	return last
}

// cut zeroes what lies outside the TopK likeliest outcomes and outside the
// smallest set that holds TopP of the mass (ties: lower index first) and returns
// the mass that is left.
func (d *decoder) cut(p []float32) float64 {
	order := d.order[:0]
	for i, v := range p {
		if v > 0 {
			order = append(order, int32(i))
		}
	}
	d.order = order
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(p[b], p[a]), cmp.Compare(a, b))
	})
	most := len(order)
	if d.opt.TopK > 0 {
		most = min(most, d.opt.TopK)
	}
	mass := 0.0
	for i, at := range order {
		if i == most || mass >= d.opt.TopP {
			for _, rest := range order[i:] {
				p[rest] = 0
			}
			break
		}
		mass += float64(p[at])
	}
	return mass
}
