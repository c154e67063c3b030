package simd

// packs tells whether a packed copy of A beats A in place. It does for a
// column-major A of more pages than the TLB maps, read again for every strip of B. Rows
// are as good in place as packed, whatever their stride.
func packs(rs, cs int, b *Packed) bool {
	return rs == 1 && cs*b.K > 1<<18 && b.N > 2*b.strip
}

// panelRange is the panels first to last-1 of the count that m rows are divided
// into; their heights differ by one at most, so that none is a small remainder.
type panelRange struct{ m, count, first, last int }

// rows returns panel p's first row and height.
func (r panelRange) rows(p int) (start, height int) {
	base, extra := r.m/r.count, r.m%r.count
	if p < extra {
		return p * (base + 1), base + 1
	}
	return p*base + extra, base
}

// panelSize is the floats from one packed panel to the next: an odd number of
// cache lines, so that the panels, written side by side, fall in different sets.
func (t *blocking) panelSize(k int) int {
	const line = 16
	return ((k*t.lanes+line-1)/line | 1) * line
}

// packPanels lays each panel of a column-major A out as k rows of one vector.
func (t *blocking) packPanels(dst []float32, r panelRange, a []float32, cs, k int) {
	for p := r.first; p < r.last; {
		i, h := r.rows(p)
		same := 1 // panels of this height
		for p+same < r.last {
			if _, next := r.rows(p + same); next != h {
				break
			}
			same++
		}
		d, src := ptr(dst[(p-r.first)*t.panelSize(k):]), ptr(a[i:])
		if t.lanes == wideBlocks.lanes {
			copyPanelsAVX512(d, 4*t.panelSize(k), src, 4*cs, k, same, h)
		} else {
			copyPanelsAVX2(d, 4*t.panelSize(k), src, 4*cs, k, same, h)
		}
		p += same
	}
}
