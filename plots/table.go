package plots

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"

	"ra3/core/measure"
)

// Measures of tables in points.
const (
	cellSize  vg.Length = 8.5
	unitSize  vg.Length = 7.5
	codeSize  vg.Length = 8
	panelSize vg.Length = 9
	columnGap vg.Length = 16
	boundGap  vg.Length = 4  // between a number and its interval
	square    vg.Length = 5  // the square of a lane's colour
	squareGap vg.Length = 4  //
	groupGap  vg.Length = 4  // above a group of rows
	rowPad    vg.Length = 2  // above and below a row's text
	tableGap  vg.Length = 14 // between tables
	headWidth vg.Length = 54 // heads narrower than that are not broken
	wordWidth           = 7 * vg.Centimeter
	codeWidth           = 15 * vg.Centimeter
	leastPage           = 9 * vg.Centimeter
)

// grid is a table laid out: its columns with their widths, and its rows' texts.
type grid struct {
	table   measure.Table
	in      ink
	title   []string
	columns []*gridColumn
	heads   int         // lines of the head's names
	units   bool        // a line of units below them
	heights []vg.Length // of the rows, with their padding
	gaps    []vg.Length // above the rows
}

// gridColumn is a column's place and what stands in it, by row.
type gridColumn struct {
	measure.Column
	x, width vg.Length
	head     []string
	lines    [][]string // of words
	numbers  []number3
	blank    []bool // the same as above
	lanes    bool   // squares of their colours stand before the words
	// Widths of the number's parts.
	main, lo, hi, block vg.Length
}

// tableSize is the size of a page for f's tables.
func tableSize(f measure.Figure) (w, h vg.Length) {
	if checkTables(f) != nil {
		return defaultWidth, defaultHeight
	}
	f = shortened(f)
	in := newInk("")
	inner := leastPage - 2*margin
	for _, t := range f.Tables {
		if len(t.Rows) > 0 {
			inner = max(inner, newGrid(t, in, largestLength).width())
		}
	}
	w = min(largestLength, inner+2*margin)
	pg := &page{in: in, w: w, title: wrap(in.text(titleSize, bold), f.Title, inner), caption: wrap(in.text(captionSize, regular), f.Caption, inner)}
	pg.place(f, inner)
	return w, min(largestLength, pg.above()+pg.tablesHeight()+pg.below())
}

// mostRows is how many rows a page of tables has.
const mostRows = 250

// shortened is f with no more rows than a page has; the caption says so.
func shortened(f measure.Figure) measure.Figure {
	all, left := 0, mostRows
	for _, t := range f.Tables {
		all += len(t.Rows)
	}
	if all <= mostRows {
		return f
	}
	tables := slices.Clone(f.Tables)
	for i, t := range tables {
		tables[i].Rows = t.Rows[:min(left, len(t.Rows))]
		left -= len(tables[i].Rows)
	}
	f.Tables = tables
	f.Caption = fmt.Sprintf("The first %d of %d rows; as CSV there are all. %s", mostRows, all, f.Caption)
	return f
}

// addTables lays f's tables out for a page that has its other texts.
func (pg *page) addTables(f measure.Figure, inner vg.Length) error {
	if err := check(f); err != nil {
		return err
	}
	pg.place(f, inner)
	for _, g := range pg.tables {
		if need := g.width(); need > inner+0.01 {
			return pg.tooSmall(f, need+2*margin, pg.h)
		}
	}
	if need := pg.above() + pg.tablesHeight() + pg.below(); need > pg.h+0.01 {
		return pg.tooSmall(f, pg.w, need)
	}
	return nil
}

// place lays the tables that have rows out for a width.
func (pg *page) place(f measure.Figure, inner vg.Length) {
	pg.tables = []*grid{}
	for _, t := range f.Tables {
		if len(t.Rows) > 0 {
			pg.tables = append(pg.tables, newGrid(t, pg.in, inner))
		}
	}
}

func (pg *page) tablesHeight() vg.Length {
	h := vg.Length(0)
	for i, g := range pg.tables {
		if i > 0 {
			h += tableGap
		}
		h += g.height()
	}
	return h
}

// newGrid lays a table out for a width: columns of words give way first, and a
// table of numbers stays as wide as it is.
func newGrid(t measure.Table, in ink, width vg.Length) *grid {
	g := &grid{table: t, in: in}
	for i, c := range t.Columns {
		col := &gridColumn{Column: c, blank: make([]bool, len(t.Rows))}
		for r := range t.Rows {
			col.blank[r] = c.Group && r > 0 && sameBefore(t, r, i)
			col.lanes = col.lanes || t.Rows[r][i].Lane != "" && c.Kind == measure.Words
		}
		g.columns = append(g.columns, col)
		g.fill(i, wordWidth)
	}
	for over := g.width() - width; over > 0; {
		// The widest column of words is set narrower, until nothing gives way.
		widest := -1
		for i, c := range g.columns {
			if c.Kind != measure.Numbers && c.width > 60 && (widest < 0 || c.width > g.columns[widest].width) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		g.fill(widest, max(50, g.columns[widest].width-max(over, 6)))
		if now := g.width() - width; now >= over {
			break
		} else {
			over = now
		}
	}
	x := vg.Length(0)
	if g.tinted() {
		x = squareGap // its ground begins before the words
	}
	for _, c := range g.columns {
		c.x = x
		x += c.width + columnGap
		g.heads = max(g.heads, len(c.head))
		g.units = g.units || c.Unit != ""
	}
	g.title = wrap(in.text(panelSize, bold), t.Title, max(g.width(), leastPage-2*margin))
	for r := range t.Rows {
		lines, gap := 1, vg.Length(0)
		for _, c := range g.columns {
			if c.lines != nil {
				lines = max(lines, len(c.lines[r]))
			}
			if c.Group && r > 0 && !c.blank[r] {
				gap = groupGap
			}
		}
		g.heights = append(g.heights, vg.Length(lines)*lineHeight(cellSize)+2*rowPad)
		g.gaps = append(g.gaps, gap)
	}
	return g
}

// sameBefore tells whether a row has in its grouping columns up to one what the
// row above has.
func sameBefore(t measure.Table, r, column int) bool {
	for i := range column + 1 {
		if t.Columns[i].Group && t.Rows[r][i].Text != t.Rows[r-1][i].Text {
			return false
		}
	}
	return true
}

// fill makes a column's texts, words no wider than most.
func (g *grid) fill(i int, most vg.Length) {
	c := g.columns[i]
	c.width = 0
	if c.Kind == measure.Numbers {
		g.fillNumbers(i)
		return
	}
	c.lines = make([][]string, len(g.table.Rows))
	sty, lead := g.in.text(cellSize, regular), vg.Length(0)
	if c.lanes {
		lead = square + squareGap
	}
	if c.Kind == measure.Code {
		sty = g.in.code(codeSize)
		if most == wordWidth {
			most = codeWidth
		}
	}
	for r, row := range g.table.Rows {
		if c.blank[r] {
			c.lines[r] = []string{""}
			continue
		}
		if c.Kind == measure.Code {
			c.lines[r] = wrapCode(sty, row[i].Text, most)
		} else {
			c.lines[r] = wrap(sty, row[i].Text, most-lead)
		}
		for _, l := range c.lines[r] {
			c.width = max(c.width, lead+sty.Width(l))
		}
	}
	g.fillHead(c)
}

// fillHead breaks a column's head to about the column's width.
func (g *grid) fillHead(c *gridColumn) {
	sty := g.in.text(cellSize, regular)
	room := max(c.width, headWidth)
	for _, word := range strings.Fields(clean(c.Name)) {
		room = max(room, sty.Width(word))
	}
	c.head = strings.Split(joinWrapped(sty, c.Name, room), "\n")
	for _, l := range c.head {
		c.width = max(c.width, sty.Width(l))
	}
	c.width = max(c.width, g.in.text(unitSize, regular).Width(clean(c.Unit)))
}

// wrapCode breaks code between characters, its blanks kept.
func wrapCode(sty text.Style, s string, width vg.Length) []string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return '\u00a0' // canvases drop other blanks at a line's beginning
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\t", "    "))
	if r := []rune(s); len(r) > maxText {
		s = string(r[:maxText-1]) + "…"
	}
	var lines []string
	for sty.Width(s) > width {
		head := fitting(sty, s, width)
		lines, s = append(lines, s[:head]), s[head:]
	}
	return append(lines, s)
}

// tinted tells whether the first column has a ground.
func (g *grid) tinted() bool {
	for _, row := range g.table.Rows {
		if len(row) > 0 && row[0].Tint > 0 {
			return true
		}
	}
	return false
}

func (g *grid) width() vg.Length {
	w := -columnGap
	if g.tinted() {
		w += squareGap
	}
	for _, c := range g.columns {
		w += c.width + columnGap
	}
	return max(0, w)
}

// headHeight is the height of the head between its rules.
func (g *grid) headHeight() vg.Length {
	h := vg.Length(g.heads)*lineHeight(cellSize) + 2*rowPad + 2
	if g.units {
		h += lineHeight(unitSize)
	}
	return h
}

func (g *grid) height() vg.Length {
	h := g.titleHeight() + g.headHeight() + 4
	for r := range g.heights {
		h += g.heights[r] + g.gaps[r]
	}
	return h
}

func (g *grid) titleHeight() vg.Length {
	if len(g.title) == 0 {
		return 0
	}
	return vg.Length(len(g.title))*lineHeight(panelSize) + 3
}
