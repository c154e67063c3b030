// Package chart draws figures in terminal cells: curves with interval bands,
// bars with whiskers. Every function returns exactly the width and height asked
// for, whatever the data: a diverging run does produce NaN, infinities and 1e300.
package chart

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

// Render draws a figure in h lines, each w cells wide by ansi.StringWidth. A
// negative size counts as zero. Values that are not finite, or beyond 1e300 in
// size, are gaps. An empty title or caption takes no room, and no unit of y
// shows without a title, so a pane with both in its border clears the title. What
// does not fit is left out in this order: caption, axis, title, legend.
//
// Lines: X should ascend within a series; points are joined in their order,
// and within a column of dots the smallest and the largest show. Bars: each
// series has one bar in each category; Thin series are left out.
func Render(f measure.Figure, w, h int, th theme.Theme) string {
	w, h = max(w, 0), max(h, 0)
	if w == 0 || h == 0 {
		return strings.Repeat("\n", max(h-1, 0))
	}
	lanes := lanesOf(f.Series, th)
	for i := range lanes {
		lanes[i].shares = f.Shares
	}

	var caption []string
	if text := th.Glyphs.Text(f.Caption); text != "" && h >= 9 {
		caption = []string{th.Faint.Render(th.Glyphs.Fit(text, w))}
	}
	head := header(f, lanes, w, headerRows(h), legendRows(h), th)
	room := h - len(head) - len(caption)

	var body []string
	if f.Kind == measure.Bars {
		body = bars(f, lanes, w, room, th)
	} else {
		body = lines(f, lanes, w, room, th)
	}
	return strings.Join(append(append(head, body...), caption...), "\n")
}

// headerRows is how many rows title and legend may take of h.
func headerRows(h int) int {
	switch {
	case h < 3:
		return 0
	case h < 7:
		return 1
	}
	return 2
}

// legendRows is how many of h rows a legend may take that is too long for one.
func legendRows(h int) int { return max(1, min((h+1)/5, 3)) }

// header is the title at the left and the legend at the right of one row, or
// each in rows of its own where they are too long for that; most is how many
// the legend may take.
func header(f measure.Figure, lanes []lane, w, rows, most int, th theme.Theme) []string {
	if rows == 0 {
		return nil
	}
	title, unit := th.Glyphs.Text(f.Title), th.Glyphs.Text(f.YLabel)
	left := title
	if title != "" && unit != "" {
		left += " [" + unit + "]"
	}
	values := f.Kind != measure.Bars
	if left == "" {
		return legend(lanes, w, most, values, th)
	}
	used := ansi.StringWidth(left)
	heading := func(w int) string {
		text := th.Glyphs.Fit(left, w)
		if !strings.HasPrefix(text, title) {
			return th.Strong.Render(text) // cut within the title
		}
		return th.Strong.Render(text[:len(title)]) + th.Faint.Render(text[len(title):])
	}
	// A legend without its values is better than none, but a row of its own
	// is better than that.
	full := named(lanes, values, values)
	if len(full) == 0 {
		return []string{heading(w)}
	}
	if used+3+itemsWidth(full) <= w || rows == 1 && used+3+12 <= w {
		return []string{heading(used) + "   " + legend(lanes, w-used-3, 1, values, th)[0]}
	}
	if rows == 1 {
		return legend(lanes, w, 1, values, th)
	}
	return append([]string{heading(w)}, legend(lanes, w, most, values, th)...)
}

// notice fills w x h with a message in its middle.
func notice(text string, w, h int, th theme.Theme) []string {
	rows := make([]string, h)
	for y := range rows {
		rows[y] = strings.Repeat(" ", w)
	}
	if h > 0 {
		indent := max((w-ansi.StringWidth(text))/2, 0)
		rows[h/2] = th.Faint.Render(th.Glyphs.Fit(strings.Repeat(" ", indent)+text, w))
	}
	return rows
}
