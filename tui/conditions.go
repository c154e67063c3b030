package tui

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
)

// conditionForm asks until when to run, and for the breakpoints.
func (m *model) conditionForm() *form {
	f := &form{m: m, title: "Run until, and breakpoints",
		help: "The engine pauses after the update at which a condition comes true; several are separated by commas. " +
			"Examples: exact_gap<0.05, reward flat 200, nan, at 120, ra3 rlvr reward>0.8. Run until holds for one run, breakpoints until they are taken away."}
	judge := func(text string) (string, error) {
		cs, err := experiments.ParseConditions(text)
		if err != nil {
			return "", err
		}
		var says []string
		for _, c := range cs {
			says = append(says, m.conditionNow(c))
		}
		return strings.Join(says, "; "), nil
	}
	until := &field{label: "run until", judge: judge, offers: m.measuresLike}
	points := &field{label: "breakpoints", edit: editOf(m.snap.Breakpoints), judge: judge, offers: m.measuresLike}
	f.fields = []*field{until, points}
	f.submit = func() (tea.Cmd, error) {
		var cmds []tea.Cmd
		if now := strings.TrimSpace(points.String()); now != m.snap.Breakpoints {
			cmds = append(cmds, m.ask(experiments.Intent{Kind: experiments.Break, When: now}))
		}
		if when := strings.TrimSpace(until.String()); when != "" {
			cmds = append(cmds, m.ask(experiments.Intent{Kind: experiments.Until, When: when}))
		}
		return tea.Batch(cmds...), nil
	}
	f.below = func(w int) []string { return m.measureTable(f.fields[f.at].String(), w) }
	return f
}

// conditionNow words a condition with the measure's present value.
func (m *model) conditionNow(c experiments.Condition) string {
	switch c.Kind {
	case experiments.Reaches:
		return fmt.Sprintf("after update %d, this is %d", c.N, m.live().Update)
	case experiments.NotFinite:
		if c.Measure == "" {
			return "any measure that is not finite"
		}
	}
	var newest experiments.Point
	var of experiments.Key
	for k, p := range m.sight.Values {
		if k.Measure == c.Measure && (c.Lane == "" || c.Lane == k.Lane) && (c.Phase == "" || c.Phase == k.Phase) && p.Seq > newest.Seq {
			newest, of = p, k
		}
	}
	if newest.Seq == 0 {
		return c.Measure + ": no value yet"
	}
	return fmt.Sprintf("%s is %s (%s, %s)", c.Measure, number(newest.Value), laneName(of.Lane), phaseOf(experiments.Stage{Phase: of.Phase, Lane: of.Lane}).name)
}

// lastWord splits a list of conditions before the word being written.
func lastWord(text string) (before, word string) {
	at := strings.LastIndexAny(text, " ,") + 1
	return text[:at], text[at:]
}

// measuresLike completes the measure being named: those with a value at VIEW,
// whose names begin so, then those that contain it.
func (m *model) measuresLike(text string) []string {
	before, word := lastWord(text)
	if word == "" || strings.ContainsAny(word, "<>=") {
		return nil
	}
	var begin, contain []string
	for _, name := range m.measureNames() {
		switch {
		case strings.HasPrefix(name, word):
			begin = append(begin, before+name)
		case strings.Contains(name, word):
			contain = append(contain, before+name)
		}
	}
	return append(begin, contain...)
}

// measureNames are the measures with a value at VIEW.
func (m *model) measureNames() []string {
	seen := map[string]bool{}
	for k := range m.sight.Values {
		seen[k.Measure] = true
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// measureTable lists the measures that may be named, with their newest values.
func (m *model) measureTable(text string, w int) []string {
	_, word := lastWord(text)
	word = strings.TrimRight(word, "<>=0123456789.")
	var ks []experiments.Key
	for k := range m.sight.Values {
		if strings.Contains(k.Measure, word) {
			ks = append(ks, k)
		}
	}
	if len(ks) == 0 {
		return []string{m.theme.Faint.Render("Measures appear here once the engine has made updates.")}
	}
	slices.SortFunc(ks, func(a, b experiments.Key) int {
		if c := strings.Compare(a.Measure, b.Measure); c != 0 {
			return c
		}
		return strings.Compare(a.Lane+a.Phase, b.Lane+b.Phase)
	})
	rows := [][]cell{m.head(3, "measure", "lane", "phase", "value", "what it is")}
	rows[0][4].right = false
	for _, k := range ks {
		what := ""
		if formula, ok := experiments.FormulaOf(k.Measure); ok {
			what = formula.Title
			if formula.Unit != "" {
				what += ", " + formula.Unit
			}
		}
		rows = append(rows, []cell{{k.Measure, m.theme.Text, false}, m.laneCell(k.Lane), {phaseOf(experiments.Stage{Phase: k.Phase, Lane: k.Lane}).name, m.theme.Faint, false},
			m.numberCell(number(m.sight.Values[k].Value)), {m.plain(what), m.theme.Faint, false}})
	}
	return m.table(rows)
}
