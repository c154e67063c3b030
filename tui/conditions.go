package tui

import (
	"errors"
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
	until := &field{label: "run until", judge: m.judgeUntil, offers: m.measuresLike}
	points := &field{label: "breakpoints", edit: editOf(m.snap.Breakpoints), judge: m.judgeBreakpoints, offers: m.measuresLike}
	f.fields = []*field{until, points}
	f.submit = func() (tea.Cmd, error) {
		var cmds []tea.Cmd
		send := func(i experiments.Intent) error {
			cmd, err := m.send(i)
			cmds = append(cmds, cmd)
			return err
		}
		if now := strings.TrimSpace(points.String()); now != m.snap.Breakpoints {
			if err := send(experiments.Intent{Kind: experiments.Break, When: now}); err != nil {
				return nil, err
			}
		}
		if when := strings.TrimSpace(until.String()); when != "" {
			if err := send(experiments.Intent{Kind: experiments.Until, When: when}); err != nil {
				return nil, err
			}
		}
		return tea.Batch(cmds...), nil
	}
	f.below = func(w int) []string { return m.measureTable(f.fields[f.at].String(), w) }
	return f
}

// reopen shows the form again with what the engine refused, and why.
func (m *model) reopen(when, why string) tea.Cmd {
	if m.sheet != nil {
		return m.complain(why)
	}
	f := m.conditionForm()
	f.fields[0].set(when)
	f.failed = firstLine(why)
	m.sheet = f
	return nil
}

// judgeUntil says of conditions what the engine will say of them.
func (m *model) judgeUntil(text string) (string, error) {
	if strings.TrimSpace(text) == "" {
		return "", nil
	}
	if m.snap.State == experiments.Finished {
		return "", errors.New("the plan is done: nothing is left to run")
	}
	cs, err := experiments.ParseUntil(text, m.snap.Made, m.snap.Total)
	if err != nil {
		return "", err
	}
	return m.conditionsNow(cs), nil
}

// judgeBreakpoints is judgeUntil for those that stay: of updates that are past or
// beyond the plan other branches may come by.
func (m *model) judgeBreakpoints(text string) (string, error) {
	cs, err := experiments.ParseConditions(text)
	if err == nil && len(cs) == 0 && strings.TrimSpace(text) != "" {
		err = errors.New("there is no condition between the commas")
	}
	if err != nil {
		return "", err
	}
	return m.conditionsNow(cs), nil
}

func (m *model) conditionsNow(cs []experiments.Condition) string {
	var says []string
	for _, c := range cs {
		says = append(says, m.conditionNow(c))
	}
	return strings.Join(says, "; ")
}

// conditionNow words a condition with the measure's present value.
func (m *model) conditionNow(c experiments.Condition) string {
	switch c.Kind {
	case experiments.Reaches:
		switch {
		case c.N <= m.snap.Made:
			return fmt.Sprintf("after update %d, which is past on this branch (%d are made)", c.N, m.snap.Made)
		case c.N > m.snap.Total:
			return fmt.Sprintf("after update %d, but this branch's plan has %d", c.N, m.snap.Total)
		}
		return fmt.Sprintf("after update %d, this is %d", c.N, m.snap.Made)
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
	return fmt.Sprintf("%s is %s (%s, %s)", c.Measure, logNumber(c.Measure, newest.Value), laneName(of.Lane), phaseOf(experiments.Stage{Phase: of.Phase, Lane: of.Lane}).name)
}

// lastWord splits a list of conditions before the word being written.
func lastWord(text string) (before, word string) {
	at := strings.LastIndexAny(text, " ,") + 1
	return text[:at], text[at:]
}

// measureWord is what a measure's name is to contain: that of the condition being
// written, without lane, phase and what follows it.
func measureWord(text string) string {
	last := text[strings.LastIndex(text, ",")+1:]
	if at := strings.IndexAny(last, "<>="); at >= 0 {
		last = last[:at]
	}
	words := strings.Fields(last)
	for len(words) > 0 && (slices.Contains(experiments.LaneNames(), words[0]) || slices.Contains(experiments.Phases, words[0])) {
		words = words[1:]
	}
	if len(words) == 0 || words[0] == "at" || words[0] == "nan" {
		return ""
	}
	return words[0]
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
	word := measureWord(text)
	var ks []experiments.Key
	for k := range m.sight.Values {
		if strings.Contains(k.Measure, word) {
			ks = append(ks, k)
		}
	}
	switch {
	case len(m.sight.Values) == 0:
		return []string{m.theme.Faint.Render("Measures appear here once the engine has made updates.")}
	case len(ks) == 0:
		return []string{m.theme.Faint.Render(m.theme.Glyphs.Fit(fmt.Sprintf("None of the %s so far has %q in its name.", count(len(m.measureNames()), "measure"), m.plain(word)), w))}
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
			what = formula.Label()
		}
		rows = append(rows, []cell{{k.Measure, m.theme.Text, false}, m.laneCell(k.Lane), {phaseOf(experiments.Stage{Phase: k.Phase, Lane: k.Lane}).name, m.theme.Faint, false},
			m.numberCell(logNumber(k.Measure, m.sight.Values[k].Value)), {m.plain(what), m.theme.Faint, false}})
	}
	return m.table(rows)
}
