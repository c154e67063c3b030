package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
	"ra3/tui/keys"
)

// boundPage is page 3: the variational bound, term by term, and how far it is
// from the best that any posterior could reach.
type boundPage struct {
	*model
	gallery
}

var exactView = view{name: "exact", title: "Bound against the exact reference", unit: "nats per program", x: "EM iteration", phases: []string{experiments.PhaseAnnotate},
	figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return experiments.ExactFigure(es) },
	stands: "The best bound any posterior could reach, and what q reaches: a point per annotation of the corpus."}

func newBound(m *model) page {
	return &boundPage{model: m, gallery: gallery{all: []view{views[indexOf("bound")], exactView, views[indexOf("latents")],
		{name: experiments.BoundTable, title: "Terms of the bound"}, {name: experiments.ExactTable, title: "Gap to the exact reference"}}}}
}

func (m *boundPage) context() keys.Context             { return keys.Bound }
func (m *boundPage) title() string                     { return "Bound" }
func (m *boundPage) views() []view                     { return m.all }
func (m *boundPage) act(e keys.Event) (tea.Cmd, bool)  { return m.gallery.act(e) }
func (m *boundPage) value(name string) (float64, bool) { return m.valueIn(experiments.PhaseE, name) }

// shot is the chart or the table in focus.
func (m *boundPage) shot() (v view, instead string) {
	if v = m.focused(); v.figure == nil {
		return m.tableView(v.name, v.title), ""
	}
	return v, ""
}

func (m *boundPage) valueIn(phase, name string) (float64, bool) {
	p, ok := m.sight.Value("ra3", phase, name)
	return p.Value, ok
}

// ofSeed names the seed that a value is of, where a run has several.
func (m *boundPage) ofSeed(phase, name string) string {
	if p, ok := m.sight.Value("ra3", phase, name); ok && m.sight.info.Config.Seeds > 1 {
		return fmt.Sprintf("seed %d, ", p.Seed)
	}
	return ""
}

func (m *boundPage) draw(w, h int) []string {
	termLines, _ := m.terms(w)
	terms, exact := max(4, len(termLines)+1), max(5, len(m.exactRows())+2)
	onTerms, onExact := m.focused().name == experiments.BoundTable, m.focused().name == experiments.ExactTable
	chart := !onTerms && !onExact
	charts := m.gallery
	if !chart {
		charts.chosen = 0
	}
	switch {
	case m.zoomed && onTerms:
		return m.termsPane(w, h, true, false)
	case m.zoomed && onExact:
		return m.exactPane(w, h, true)
	case m.zoomed:
		return m.gallery.chart(m.model, w, h, true)
	case w >= 124:
		side := max(62, w*9/20)
		low := min(exact+1, h-terms)
		right := append(m.termsPane(side, h-low, onTerms, false), m.exactPane(side, low, onExact)...)
		return beside(charts.charts(m.model, w-side-2, h, chart), right)
	case h >= terms+exact+9:
		out := charts.chart(m.model, w, h-terms-exact, chart)
		return append(append(out, m.termsPane(w, terms, onTerms, false)...), m.exactPane(w, exact, onExact)...)
	}
	// One above the other does not fit: the reference's table takes the place of
	// its chart.
	top := h - min(terms, h-5)
	if name := m.focused().name; name == "exact" || onExact {
		return append(m.exactPane(w, top, onExact), m.termsPane(w, h-top, false, false)...)
	}
	return append(charts.chart(m.model, w, top, chart), m.termsPane(w, h-top, onTerms, true)...)
}

// termsPane is the newest estimate of the bound at VIEW; alone where the gap to the
// reference has no room beside it.
func (m *boundPage) termsPane(w, h int, focus, alone bool) []string {
	note := ""
	if n, ok := m.value("bound_samples"); ok {
		note = fmt.Sprintf("n = %.0f annotations", n)
		if p, ok := m.value("bound_programs"); ok {
			note = fmt.Sprintf("n = %.0f programs, %.0f annotations", p, n)
		}
		note = m.ofSeed(experiments.PhaseE, "bound_samples") + note
	}
	const title = "Terms of the bound"
	lines, left := m.terms(w)
	out := m.pane(title, note, w, h, focus, func(w, h int) []string {
		if lines == nil {
			return m.centred(w, h, m.theme.Faint, "The E-step estimates the bound at each of its updates.", m.awaited(views[indexOf("bound")]))
		}
		return append(lines, m.explained(w, h-len(lines))...)
	})
	if alone {
		return m.more(out, title, note, w, focus, "the gap: c")
	}
	return m.lacking(out, title, note, w, focus, left)
}

// explained says in words what the terms are, where there is room.
func (m *boundPage) explained(w, h int) []string {
	out := []string{""}
	for _, name := range []string{"bound", "bound_code", "bound_prior", "bound_entropy", "bound_importance"} {
		f, ok := experiments.FormulaOf(name)
		if !ok {
			continue
		}
		for i, l := range wrap(m.plain(f.Title+": "+f.Text), w-2) {
			if i > 0 {
				l = "  " + l
			}
			out = append(out, m.theme.Faint.Render(l))
		}
	}
	if len(out) > h {
		return nil
	}
	return out
}

// terms are the lines of the terms' pane, nil before the first estimate, and how many
// columns had no room.
func (m *boundPage) terms(w int) (lines []string, left int) {
	table := experiments.BoundRows(m.sight.events)
	if len(table.Rows) == 0 {
		return nil, 0
	}
	t := m.theme
	rows := [][]cell{m.head(3, "term", "formula", "estimator", "nats/program, 95% t")}
	estimates := m.termTexts(table)
	for i, row := range table.Rows {
		name, formula, estimator, x := row[0].Text, row[1].Text, row[2].Text, row[3]
		out := []cell{{name, t.Text, false}, {formula, t.Faint, false}, {estimator, t.Faint, false}, {estimates[i], t.Text, true}}
		switch name {
		case experiments.SumTerm:
			out[0].style, out[3].style = t.Strong, t.Strong
		case experiments.BoundTerm:
			out[0].style = t.Strong
		case experiments.ResidualTerm:
			out[2] = cell{m.agreed() + " " + estimator, t.Good, false}
			if estimator != experiments.AddsUp {
				out[2] = cell{m.marks.wrong + " " + estimator, t.Bad, false}
			}
			out[3].text = small(x.Y) + out[3].text[len(strings.TrimRight(out[3].text, " ")):]
		}
		rows = append(rows, out)
	}
	lines = m.table(rows)
	if width(lines[0]) > w { // the formulas are in the help
		left = 1
		for i := range rows {
			rows[i] = append(rows[i][:1:1], rows[i][2:]...)
		}
		lines = m.table(rows)
	}
	return lines, left
}

// termTexts writes the estimates with two decimals, whatever their intervals, so
// that what is shown adds up as well.
func (m *boundPage) termTexts(table measure.Table) []string {
	out, halves := make([]string, len(table.Rows)), make([]string, len(table.Rows))
	room := 0
	for i, row := range table.Rows {
		if x := row[3]; x.Bounded() {
			halves[i] = m.theme.Glyphs.PlusMinus + nats(x.Hi-x.Y)
		}
		room = max(room, width(halves[i]))
	}
	for i, row := range table.Rows {
		out[i] = nats(row[3].Y) + strings.Repeat(" ", room-width(halves[i])+1) + halves[i]
	}
	return out
}

// agreed is the mark of what is as it must be; a plus would read as a term.
func (m *model) agreed() string {
	if m.marks.right == "+" {
		return "ok,"
	}
	return m.marks.right
}

// small writes a rounding error with its size alone.
func small(v float64) string {
	if v == 0 || math.Abs(v) >= 1e-3 {
		return chart.Significant(v, 2)
	}
	return strconv.FormatFloat(v, 'e', 0, 64)
}
