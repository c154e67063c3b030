package chart

import (
	"fmt"
	"math"
	"slices"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

// bar is one value of one series in one category.
type bar struct {
	*lane
	category   string // given for the first bar of a category
	y, lo, hi  float64
	value      string
	startsNext bool // first of a category other than the first
}

// bars draws horizontal bars from zero, grouped by category: label, letter,
// bar with the interval's whiskers over it, value.
func bars(f measure.Figure, lanes []lane, w, h int, th theme.Theme) []string {
	if h <= 0 {
		return nil
	}
	all, groups := barsOf(f, lanes, th.Glyphs)
	if len(all) == 0 {
		return notice("no data yet", w, h, th)
	}
	scale := extent{0, 0} // bars start at zero, so it is always shown
	labelW, valueW := 0, 0
	values := make([]Estimate, len(all))
	for i, b := range all {
		values[i] = Estimate{b.y, b.lo, b.hi}
	}
	for i, text := range Aligned(values, false, 0, th.Glyphs) {
		all[i].value = text
		if f.Shares {
			all[i].lo, all[i].hi = measure.ShareBound(all[i].lo), measure.ShareBound(all[i].hi)
		}
	}
	for _, b := range all {
		scale.add(b.y)
		scale.add(b.lo)
		scale.add(b.hi)
		labelW = max(labelW, ansi.StringWidth(b.category))
		valueW = max(valueW, ansi.StringWidth(b.value))
	}
	if scale.hi-scale.lo < tiny {
		scale = extent{0, 1}
	}
	c := newCanvas(w, h, th)
	faint := c.pen(th.Faint)

	// Columns: label, blank, letter, blank, bar, blank, value.
	labelW = min(labelW, w/3)
	x0 := labelW + 3
	if labelW == 0 {
		x0 = 2
	}
	x1 := w - valueW - 1
	if x1-x0 < 4 {
		x1 = w // no room for values
	}
	if x1-x0 < 4 {
		x0 = min(2, w-1) // nor for labels
		labelW = 0
	}
	spaced := len(all)+groups-1 <= h // a blank row between categories

	y, drawn := 0, 0
	for i, b := range all {
		if b.startsNext && spaced {
			y++
		}
		if y == h-1 && i < len(all)-1 && h > 1 {
			c.text(0, y, th.Glyphs.Fit(th.Glyphs.Text(fmt.Sprintf("… %d more", len(all)-drawn)), w), faint)
			break
		}
		if y >= h {
			break
		}
		if labelW > 0 {
			c.text(0, y, th.Glyphs.Fit(b.category, labelW), 0)
		}
		c.put(x0-2, y, b.letter, c.pen(b.style))
		c.bar(b, x0, x1-x0, y, scale)
		if x1 < w {
			c.text(w-valueW, y, b.value, 0)
		}
		y++
		drawn++
	}
	return c.rows()
}

// bar draws one bar in n cells from column x0.
func (c *canvas) bar(b bar, x0, n, y int, scale extent) {
	zero := scale.at(0) * float64(n)
	pen, plain := c.pen(b.style), 0
	if finite(b.y) {
		from, to := zero, scale.at(b.y)*float64(n)
		if to >= from {
			c.fill(x0+int(math.Round(from)), to-math.Round(from), y, pen)
		} else {
			// Partial cells grow from the left only, so a negative bar is
			// rounded to whole cells.
			from, to = math.Round(to), math.Round(from)
			c.fill(x0+int(from), to-from, y, pen)
		}
	}
	lo, hi := 0, 0 // whisker's ends, or equal
	if !math.IsNaN(b.lo) {
		lo, hi = x0+scale.cell(b.lo, n), x0+scale.cell(b.hi, n)
	}
	for x := lo; x < hi; x++ {
		c.put(x, y, c.glyphs.WhiskerH, plain)
	}
	// Whether an interval holds zero must be seen, so zero is drawn over it.
	if scale.lo < 0 {
		c.put(x0+min(int(math.Round(zero)), n-1), y, c.glyphs.AxisV, plain)
	}
	if lo < hi {
		c.put(lo, y, c.glyphs.WhiskerL, plain)
		c.put(hi, y, c.glyphs.WhiskerR, plain)
	}
	if !math.IsNaN(b.lo) && finite(b.y) {
		c.put(x0+scale.cell(b.y, n), y, c.glyphs.Estimate, plain)
	}
}

// fill draws a bar of the given length in cells, the last one in part.
func (c *canvas) fill(x int, length float64, y, pen int) {
	parts := len(c.glyphs.Run) - 1
	done := int(math.Round(length * float64(parts)))
	for ; done > 0; done, x = done-parts, x+1 {
		c.put(x, y, c.glyphs.Run[min(done, parts)], pen)
	}
}

// barsOf lists the bars by category and returns the number of categories that
// have any. Without category names, each distinct X is one.
func barsOf(f measure.Figure, lanes []lane, g theme.Glyphs) (all []bar, groups int) {
	names := f.Categories
	category := func(x float64) (int, bool) {
		k := int(math.Round(x))
		return k, k >= 0 && k < len(names)
	}
	if len(names) == 0 {
		var xs []float64
		for _, l := range lanes {
			for i := range l.n {
				if !l.Thin && finite(l.X[i]) {
					xs = append(xs, l.X[i])
				}
			}
		}
		slices.Sort(xs)
		xs = slices.Compact(xs)
		for _, x := range xs {
			names = append(names, Significant(x, 3))
		}
		category = func(x float64) (int, bool) { return slices.BinarySearch(xs, x) }
	}
	members := make([][]bar, len(names))
	for li := range lanes {
		l := &lanes[li]
		if l.Thin {
			continue
		}
		for i := range l.n {
			if !finite(l.X[i]) || math.IsNaN(l.Y[i]) {
				continue
			}
			if k, ok := category(l.X[i]); ok {
				lo, hi := l.interval(i)
				members[k] = append(members[k], bar{lane: l, y: l.Y[i], lo: lo, hi: hi})
			}
		}
	}
	for k, group := range members {
		if len(group) == 0 {
			continue
		}
		group[0].category = g.Text(names[k])
		group[0].startsNext = groups > 0
		groups++
		all = append(all, group...)
	}
	return all, groups
}
