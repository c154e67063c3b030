package tui

import (
	"fmt"
	"math"
	"strconv"

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
	return &boundPage{model: m, gallery: gallery{all: []view{views[indexOf("bound")], exactView, views[indexOf("latents")]}}}
}

func (m *boundPage) context() keys.Context             { return keys.Bound }
func (m *boundPage) title() string                     { return "Bound" }
func (m *boundPage) views() []view                     { return m.all }
func (m *boundPage) shot() (v view, instead string)    { return m.gallery.focused(), "" }
func (m *boundPage) act(e keys.Event) (tea.Cmd, bool)  { return m.gallery.act(e) }
func (m *boundPage) value(name string) (float64, bool) { return m.valueIn(experiments.PhaseE, name) }

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
	terms, exact := max(4, len(m.terms(w))+1), max(5, len(m.exactRows())+2)
	switch {
	case m.zoomed:
		return m.gallery.chart(m.model, w, h)
	case w >= 124:
		side := max(62, w*9/20)
		low := min(exact+1, h-terms)
		right := append(m.termsPane(side, h-low), m.exactPane(side, low)...)
		return beside(m.gallery.charts(m.model, w-side-2, h), right)
	case h >= terms+exact+9:
		out := m.gallery.chart(m.model, w, h-terms-exact)
		return append(append(out, m.termsPane(w, terms)...), m.exactPane(w, exact)...)
	}
	// One above the other does not fit: the reference's table takes the place of
	// its chart.
	top := h - min(terms, h-5)
	if m.gallery.focused().name == "exact" {
		return append(m.exactPane(w, top), m.termsPane(w, h-top)...)
	}
	return append(m.gallery.chart(m.model, w, top), m.termsPane(w, h-top)...)
}

// termsPane is the newest estimate of the bound at VIEW.
func (m *boundPage) termsPane(w, h int) []string {
	note := ""
	if n, ok := m.value("bound_samples"); ok {
		note = fmt.Sprintf("n = %.0f annotations", n)
		if p, ok := m.value("bound_programs"); ok {
			note = fmt.Sprintf("n = %.0f programs, %.0f annotations", p, n)
		}
		note = m.ofSeed(experiments.PhaseE, "bound_samples") + note
	}
	return m.pane("Terms of the bound", note, w, h, false, func(w, h int) []string {
		lines := m.terms(w)
		if lines == nil {
			return m.centred(w, h, m.theme.Faint, "The E-step estimates the bound at each of its updates.", m.awaited(views[indexOf("bound")]))
		}
		return append(lines, m.explained(w, h-len(lines))...)
	})
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

// boundTerms are the terms in the order in which they are added.
var boundTerms = []struct{ name, measure, formula, estimator string }{
	{"code", "bound_code", "E_q sum log pi(a_t|s_t,z)", "Monte-Carlo mean"},
	{"+ prior", "bound_prior", "E_q sum log p(u_t|z,s_t)", "Monte-Carlo mean"},
	{"+ entropy", "bound_entropy", "-E_q sum log q(u_t|x,a)", "Monte-Carlo mean"},
}

// terms are the lines of the terms' pane; nil before the first estimate.
func (m *boundPage) terms(w int) []string {
	bound, ok := m.value("bound")
	if !ok {
		return nil
	}
	t := m.theme
	rows := [][]cell{m.head(3, "term", "formula", "estimator", "nats/program", "95% t")}
	var sum float64
	for _, x := range boundTerms {
		v, _ := m.value(x.measure)
		sum += v
		rows = append(rows, m.termRow(x.name, x.formula, x.estimator, x.measure, v))
	}
	rows = append(rows, []cell{{"= sum", t.Strong, false}, {"", t.Text, false}, {"", t.Text, false}, {nats(sum), t.Strong, true}, {"", t.Text, true}})
	rows = append(rows, m.termRow("bound", "E_q of the samples' sums", "mean of rewards", "bound", bound))
	rows[len(rows)-1][0].style = t.Strong
	residual, _ := m.value("bound_residual")
	style, verdict := t.Good, m.marks.right+" adds up"
	if math.Abs(bound-sum) > 1e-6*math.Max(1, math.Abs(bound)) || math.IsNaN(residual) {
		style, verdict = t.Bad, m.marks.wrong+" DOES NOT ADD UP"
	}
	rows = append(rows, []cell{{"residual", t.Text, false}, {"bound - sum", t.Faint, false}, {verdict, style, false}, {small(residual), t.Text, true}, {"", t.Text, true}})
	if v, ok := m.value("bound_importance"); ok {
		rows = append(rows, m.termRow("importance", "at least the bound", "log-mean-exp", "bound_importance", v))
	}
	lines := m.table(rows)
	if width(lines[0]) > w { // the formulas are in the help
		for i := range rows {
			rows[i] = append(rows[i][:1:1], rows[i][2:]...)
		}
		lines = m.table(rows)
	}
	return lines
}

func (m *boundPage) termRow(name, formula, estimator, of string, v float64) []cell {
	t := m.theme
	return []cell{{name, t.Text, false}, {formula, t.Faint, false}, {estimator, t.Faint, false}, {nats(v), t.Text, true}, m.halfWidth(experiments.PhaseE, of, "bound_programs", v)}
}

// halfWidth is the 95% interval's half-width of a measure, from its standard
// error over programs; a dot where the log does not have one.
func (m *boundPage) halfWidth(phase, of, programs string, v float64) cell {
	se, ok := m.valueIn(phase, of+"_se")
	n, _ := m.valueIn(phase, programs)
	e := measure.ErrorInterval(v, se, int(n), 0.95)
	if !ok || math.IsNaN(e.Hi) {
		return cell{m.marks.dot, m.theme.Faint, true}
	}
	return cell{m.theme.Glyphs.PlusMinus + chart.Significant(e.Hi-e.Mean, 2), m.theme.Text, true}
}

// small writes a rounding error with its size alone.
func small(v float64) string {
	if v == 0 || math.Abs(v) >= 1e-3 {
		return chart.Significant(v, 2)
	}
	return strconv.FormatFloat(v, 'e', 0, 64)
}
