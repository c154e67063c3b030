package inline

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/plots"
	"ra3/tui/theme"
)

// Figure draws f in exactly w x h cells: its data area as half blocks, the same
// panel as on paper, its texts around it in cells. It fails where the panel
// cannot be drawn: without points, without colours, of maps, and below 24 x 8.
func Figure(f measure.Figure, w, h int, th theme.Theme) ([]string, error) {
	if w < 24 || h < 8 || th.Options.Depth == theme.NoColor {
		return nil, ErrNoRoom
	}
	g := th.Glyphs
	foot := caption(f, w, h/4, th)
	const furniture = 3 // legend, axis, what the axis says
	rows := h - furniture - len(foot)
	// How wide the labels of y are shows once the panel is there; their widest
	// is known well enough from a first, small one.
	first, err := plots.DataArea(f, w, 2*rows)
	if err != nil {
		return nil, err
	}
	gutter := 1
	for _, m := range first.Y {
		gutter = max(gutter, ansi.StringWidth(g.Text(m.Label))+1)
	}
	gutter = min(gutter, w/4)
	area, err := plots.DataArea(f, w-gutter, 2*rows)
	if err != nil {
		return nil, err
	}
	lines := []string{legend(area.Legend, w, th)}
	labels := make([]string, rows)
	for _, m := range area.Y {
		labels[min(rows-1, int(m.At*float64(rows)))] = g.Text(m.Label)
	}
	for y, line := range HalfBlocks(area.Image, th.Options.Depth) {
		label := g.Fit(labels[y], gutter-1)
		if n := ansi.StringWidth(labels[y]); n < gutter-1 {
			label = strings.Repeat(" ", gutter-1-n) + labels[y]
		}
		lines = append(lines, th.Faint.Render(label)+" "+line)
	}
	lines = append(lines, strings.Repeat(" ", gutter)+th.Faint.Render(axis(area.X, w-gutter, g)))
	says := g.Text(f.YLabel) + " over " + g.Text(f.XLabel)
	if f.XLabel == "" {
		says = g.Text(f.YLabel)
	}
	lines = append(lines, th.Faint.Render(g.Fit(strings.Repeat(" ", gutter)+says, w)))
	return append(lines, foot...), nil
}

// caption is f's, wrapped into at most most lines.
func caption(f measure.Figure, w, most int, th theme.Theme) []string {
	text := th.Glyphs.Text(f.Caption)
	if text == "" || most < 1 {
		return nil
	}
	lines := strings.Split(ansi.Wrap(text, w, ""), "\n")
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = th.Glyphs.Fit(lines[most-1]+" "+string(th.Glyphs.Ellipsis), w)
	}
	for i, l := range lines {
		lines[i] = th.Faint.Render(th.Glyphs.Fit(l, w))
	}
	return lines
}

// legend names the series in their colours, as many as fit.
func legend(keys []plots.Key, w int, th theme.Theme) string {
	var b strings.Builder
	used := 0
	for i, k := range keys {
		name := th.Glyphs.Text(k.Name)
		need := 2 + ansi.StringWidth(name)
		if i > 0 {
			need += 2
		}
		if used+need > w {
			break
		}
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(Ink(k.Colour, th.Options.Depth) + string(th.Glyphs.Fill) + "\x1b[39m " + name)
		used += need
	}
	return b.String() + strings.Repeat(" ", max(0, w-used))
}

// axis writes the labels of x below their places, those that collide left out.
func axis(marks []plots.Mark, w int, g theme.Glyphs) string {
	line := strings.Repeat(" ", w)
	end := -2
	for _, m := range marks {
		text := g.Text(m.Label)
		n := ansi.StringWidth(text)
		at := min(max(0, int(m.At*float64(w))-n/2), w-n)
		if n == 0 || n > w || at < end+2 {
			continue
		}
		line = ansi.Cut(line, 0, at) + text + strings.Repeat(" ", w-at-n)
		end = at + n
	}
	return line
}
