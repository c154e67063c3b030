package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/tui/keys"
)

// measureSheet explains a number of the Ablate page: formula, interval, n,
// seeds and the files it was read from.
type measureSheet struct {
	m     *model
	title string
	rows  [][2]string
	top   int
}

func (s *measureSheet) keys() []keys.Entry {
	return []keys.Entry{{Keys: "j k", Help: "scroll"}, {Keys: "esc", Help: "close"}}
}

func (s *measureSheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc", "q", "enter", "x":
		return nil, true
	case "j", "down":
		s.top++
	case "k", "up":
		s.top = max(0, s.top-1)
	}
	return nil, false
}

func (s *measureSheet) draw(w, h int) []string {
	return s.m.pane(s.m.plain(s.title), "", w, h, true, func(w, h int) []string {
		return window((&whySheet{m: s.m}).laidOut(s.rows, w), &s.top, h)
	})
}

// why opens the sheet on the selected cell's measure, or on the selected effect.
func (m *ablatePage) why() tea.Cmd {
	x, r := m.measure(), m.shown.result
	if r == nil {
		return m.complain("nothing is measured here yet, so there is no number to explain")
	}
	if m.effects {
		m.sheet = &measureSheet{m: m.model, title: "Why this number: main effect on " + x.Short, rows: m.whyLevel(x, r)}
		return nil
	}
	rows := m.rows()
	p := rows[min(m.row, len(rows)-1)]
	v := m.shown.value(p, x)
	if v == nil {
		return m.complain("this cell has no " + x.Short + " yet: o takes the next measure")
	}
	m.sheet = &measureSheet{m: m.model, title: "Why this number: " + x.Short + " of cell " + fmt.Sprint(p.Index), rows: m.whyCell(x, r, p, v)}
	return nil
}

// whyCell explains a cell's own value.
func (m *ablatePage) whyCell(x grid.Measure, r *grid.Result, p grid.Progress, v *experiments.Measured) [][2]string {
	file := m.shown.of.File(x, m.shown.cell(p))
	rows := [][2]string{{"measure", x.Title}, {"cell", m.setting(p.Values)}, {"value", m.measured(x, *v) + " " + x.Unit}}
	if x.Difference {
		rows = append(rows, [2]string{"reads", reads(x, v) + ", as " + x.Better.String() + " and 0 is no difference"})
	} else {
		rows = append(rows, [2]string{"reads", x.Better.String() + "; a size, not a difference, so its interval is held against no zero"})
	}
	return append(rows, [2]string{"formula", x.Note}, [2]string{"", ""}, [2]string{"interval", r.Interval}, [2]string{"n", m.nText(*v)},
		[2]string{"seeds", strings.Trim(fmt.Sprint(r.Seeds), "[]")}, [2]string{"by seed", v.BySeedText(x.Format(4))}, [2]string{"problems", r.Split},
		[2]string{"", ""}, [2]string{"file", file}, [2]string{"  in it", x.From}, [2]string{"log", filepath.Join(filepath.Dir(file), "events.jsonl")},
		[2]string{"as a command", "ra3 runs show " + experiments.ShellWord(filepath.Dir(file))})
}

// whyLevel explains a main effect.
func (m *ablatePage) whyLevel(x grid.Measure, r *grid.Result) [][2]string {
	levels := m.levels()
	l := levels[min(m.level, len(levels)-1)]
	v, first := l.level(), l.effect.Levels[0]
	rows := [][2]string{{"measure", x.Title}, {"level", l.effect.Field + "=" + v.Value}, {"mean", m.measured(x, v.Mean) + " " + x.Unit}}
	if v.Change != nil {
		rows = append(rows, [2]string{"change", m.signedInterval(*v.Change) + " from " + l.effect.Field + "=" + first.Value + ": " + readsChange(x, v.Change) + ", as " + x.Better.String()},
			[2]string{"by seed", v.Change.BySeedText("%+.4f")})
	}
	rows = append(rows, [2]string{"formula", "every seed's mean over the cells below, then the mean over seeds; the change is that minus the same at the first level, seed by seed. " + x.Note},
		[2]string{"interval", "95% t-interval over seeds, not corrected for the number of intervals"},
		[2]string{"n", fmt.Sprintf("%s, %s", count(v.Mean.N, "seed"), strings.Trim(fmt.Sprint(r.Seeds), "[]"))}, [2]string{"means by seed", v.Mean.BySeedText(x.Format(4))}, [2]string{"problems", r.Split},
		[2]string{"", ""})
	for i, c := range r.Averaged(l.effect, l.at) {
		name := ""
		if i == 0 {
			name = "mean of " + count(v.Cells, "cell")
		}
		rows = append(rows, [2]string{name, m.measured(x, *x.Of(c)) + "  " + m.shown.of.File(x, c)})
	}
	return append(rows, [2]string{"  in them", x.From}, [2]string{"also in", filepath.Join(m.dir, grid.JSONFile) + ", effects"})
}

// nText is what an interval is over: seeds, or the problems of a single one.
func (m *ablatePage) nText(v experiments.Measured) string {
	if m.seeds() == 1 && v.N > 1 {
		return fmt.Sprintf("%d problems of 1 seed", v.N)
	}
	return fmt.Sprintf("%d of %s", v.N, count(m.seeds(), "seed"))
}

// setting is a cell in words.
func (m *ablatePage) setting(values []string) string {
	var words []string
	for i, f := range m.shown.factors() {
		if i < len(values) {
			words = append(words, f.Field+"="+values[i])
		}
	}
	return strings.Join(words, "  ")
}
