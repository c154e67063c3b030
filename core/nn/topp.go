package nn

import "slices"

// cut zeroes what lies outside the smallest set of outcomes that holds TopP of
// the mass (ties: lower index first) and returns the mass of the set.
func (d *decoder) cut(p []float32) float64 {
	d.order = d.order[:0]
	for i, v := range p {
		if v > 0 {
			d.order = append(d.order, int32(i))
		}
	}
	slices.SortFunc(d.order, func(a, b int32) int {
		switch {
		case p[a] > p[b]:
			return -1
		case p[a] < p[b]:
			return 1
		}
		return int(a - b)
	})
	mass := 0.0
	for i, at := range d.order {
		if mass >= d.opt.TopP {
			for _, rest := range d.order[i:] {
				p[rest] = 0
			}
			break
		}
		mass += float64(p[at])
	}
	return mass
}
