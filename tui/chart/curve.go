package chart

import (
	"cmp"
	"math"
	"slices"
)

// curve joins a series' points. Of the points in one column of dots only the
// first, last, smallest and largest matter, so that a long series costs one
// stroke for each column.
func (p plot) curve(l lane, pen int, layer uint8) {
	// on says whether a dot is drawn: thin series are dotted, dashed ones have
	// gaps of two cells.
	on := func(x, y int) bool { return true }
	switch {
	case l.Thin:
		on = func(x, y int) bool { return (x+y)%2 == 0 }
	case l.Dashed:
		on = func(x, y int) bool { return (x+y)/(2*p.dx)%2 == 0 }
	}
	left := p.x0 * p.dx
	set := func(x, y int) {
		if on(x, y) {
			p.dot(left+x, y, pen, layer)
		}
	}
	var column, last, low, high int // of the column being gathered
	open := false
	stroke := func() {
		for y := low; open && y <= high; y++ {
			set(column, y)
		}
	}
	for i := range l.n {
		if !finite(l.X[i]) || !finite(l.Y[i]) {
			stroke()
			open = false
			continue
		}
		x, y := p.column(l.X[i]), p.line(l.Y[i])
		if open && x == column {
			low, high, last = min(low, y), max(high, y), y
			continue
		}
		stroke()
		if open {
			segment(column, last, x, y, set)
		}
		column, last, low, high, open = x, y, y, y, true
	}
	stroke()
}

// segment visits the dots of a straight line (Bresenham).
func segment(x0, y0, x1, y1 int, visit func(x, y int)) {
	dx, dy := max(x1-x0, x0-x1), -max(y1-y0, y0-y1)
	sx, sy := 1, 1
	if x0 > x1 {
		sx = -1
	}
	if y0 > y1 {
		sy = -1
	}
	for e := dx + dy; ; {
		visit(x0, y0)
		if x0 == x1 && y0 == y1 {
			return
		}
		if e2 := 2 * e; e2 >= dy {
			e += dy
			x0 += sx
			if e2 <= dx {
				e += dx
				y0 += sy
			}
		} else {
			e += dx
			y0 += sy
		}
	}
}

// band fills a series' interval with sparse dots, between points as straight
// as the curve itself.
func (p plot) band(l lane, pen int) {
	if len(l.Lo) == 0 || len(l.Hi) == 0 {
		return
	}
	n := p.pw * p.dx
	top, bottom := make([]int, n), make([]int, n) // in dots; empty while top > bottom
	for x := range top {
		top[x] = math.MaxInt
	}
	cover := func(x, a, b int) { top[x], bottom[x] = min(top[x], a), max(bottom[x], b) }
	var column, a, b int
	open := false
	for i := range l.n {
		lo, hi := l.drawn(i)
		if !finite(l.X[i]) || math.IsNaN(lo) {
			open = false
			continue
		}
		x, y0, y1 := p.column(l.X[i]), p.line(hi), p.line(lo)
		if step := 1; open && x != column {
			if x < column {
				step = -1
			}
			for c := column + step; c != x; c += step {
				t := float64(c-column) / float64(x-column)
				cover(c, a+int(math.Round(t*float64(y0-a))), b+int(math.Round(t*float64(y1-b))))
			}
		}
		cover(x, y0, y1)
		column, a, b, open = x, y0, y1, true
	}
	for x := range top {
		for y := top[x]; y <= bottom[x]; y++ {
			if p.dx == 1 || y%2 == 0 && (x+y/2)%2 == 0 {
				p.dot(p.x0*p.dx+x, y, pen, layerBand)
			}
		}
	}
}

// lettered writes the letters along the curves as well, each series at columns
// of its own: without colours, curves that cross are not told apart by their
// ends alone.
func (p plot) lettered(lanes []lane) {
	const apart = 24
	main := 0
	for _, l := range lanes {
		if !l.Thin {
			main++
		}
	}
	if main < 2 || p.pw < apart {
		return
	}
	k := 0
	for _, l := range lanes {
		if l.Thin {
			continue
		}
		// A letter stands only at a point of the series, never between two.
		next := apart/2 + k*apart/main
		k++
		for i := range l.n {
			if !finite(l.X[i]) || !finite(l.Y[i]) {
				continue
			}
			x := p.column(l.X[i]) / p.dx
			y := p.line(l.Y[i]) / p.dy
			if x >= next && x < p.pw-4 && p.free(p.x0+x, y) {
				p.put(p.x0+x, y, l.letter, 0)
				next = x - (x-next)%apart + apart
			}
		}
	}
}

// end is where a series ends, in cells, and its letter.
type end struct {
	x, y   int
	value  float64
	letter rune
	pen    int
}

// endings writes each series' letter beside its last point. Letters that would
// share a cell are moved apart in the order of the values.
func (p plot) endings(lanes []lane) {
	columns := map[int][]end{}
	for _, l := range lanes {
		at := -1
		for i := range l.n {
			if !l.Thin && finite(l.X[i]) && finite(l.Y[i]) {
				at = i
			}
		}
		if at < 0 {
			continue
		}
		x := p.x0 + min(p.column(l.X[at])/p.dx+1, p.w-p.x0-1)
		columns[x] = append(columns[x], end{x, p.line(l.Y[at]) / p.dy, l.Y[at], l.letter, p.pen(l.style)})
	}
	for _, ends := range columns {
		slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(b.value, a.value) })
		if len(ends) <= p.ph {
			spread(ends, p.ph)
		} // else the first in a row has it
		for _, e := range ends {
			if p.free(e.x, e.y) {
				p.put(e.x, e.y, e.letter, e.pen)
			}
		}
	}
}

// spread gives letters, the highest first, rows of their own among h, as near to
// their values as their order allows: each cluster about its middle.
func spread(ends []end, h int) {
	type cluster struct{ from, to, sum int } // sum of the rows wanted less the place in it
	var cs []cluster
	top := func(c cluster) int {
		n := c.to - c.from
		return min(max((2*c.sum+n)/(2*n), 0), max(0, h-n))
	}
	for i, e := range ends {
		c := cluster{i, i + 1, e.y}
		for len(cs) > 0 {
			before := cs[len(cs)-1]
			if top(before)+before.to-before.from <= top(c) {
				break
			}
			// In the joint cluster c's letters stand further down by those before.
			c = cluster{before.from, c.to, before.sum + c.sum - (c.to-c.from)*(before.to-before.from)}
			cs = cs[:len(cs)-1]
		}
		cs = append(cs, c)
	}
	for _, c := range cs {
		for i := c.from; i < c.to; i++ {
			ends[i].y = top(c) + i - c.from
		}
	}
}
