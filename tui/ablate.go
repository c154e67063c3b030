package tui

import (
	"errors"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
	"ra3/tui/keys"
)

// ablatePage is page 5: grids of runs. Without one it lists those under the
// directory of runs; of one it shows the cells as they fill, or main effects.
type ablatePage struct {
	*model
	*ablateLook
	found   []foundAblation
	looked  bool // found is known
	reading bool
	polls   int
	hearing bool // of the session at work
	shown   ablation
	past    grid.Pace // of earlier runs, from disk
	pastOf  []string  // which runs those were
	asking  bool      // past is being read
}

// ablateLook is how the page is looked at; it outlives the run on the screen, so
// that one comes back from a cell to where one was.
type ablateLook struct {
	dir     string // of the ablation shown; "": the list
	row     int
	top     int
	level   int // row of the effects
	sort    int // 0: the grid's order; else a measure, counted from 1
	reverse bool
	filter  string
	effects bool
	seed    int // alone, counted from 1; 0: all
}

func newAblate(m *model) page { return &ablatePage{model: m, ablateLook: &m.desk.look} }

func (m *ablatePage) context() keys.Context { return keys.Ablate }
func (m *ablatePage) title() string         { return "Ablate" }
func (m *ablatePage) views() []view         { return nil }

// unread says that what the page shows is not here yet.
func (m *ablatePage) unread() bool {
	return m.asking || !m.looked || m.dir != "" && m.shown.tasks == nil && m.shown.err == nil
}

// measure is the column sorted by, the first without.
func (m *ablatePage) measure() grid.Measure {
	all := grid.Measures()
	return all[min(max(0, m.sort-1), len(all)-1)]
}

// errNoFigure says that a page has none to write.
var errNoFigure = errors.New("no picture written: there is no figure here yet")

// shot is the map of the measure that is sorted by, or its main effects where
// those stand on the screen.
func (m *ablatePage) shot() (v view, instead string) {
	if m.shown.result == nil {
		return v, ""
	}
	draw := m.shown.result.Map
	if m.effects {
		draw = m.shown.result.EffectFigure
	}
	f, ok := draw(m.measure())
	if !ok {
		return v, ""
	}
	return view{name: f.Name, title: f.Title, figure: func([]store.Event, *experiments.Summary) measure.Figure { return f }}, ""
}

// tableShot is the table on the screen, which w writes beside the map: the cells, or
// the effects on the measure.
func (m *ablatePage) tableShot() []view {
	name := grid.CellsTable
	if m.effects {
		name = grid.EffectsTableOf(m.measure().Name)
	}
	for _, f := range m.shown.result.Tables() {
		if f.Name == name {
			return []view{{name: f.Name, title: f.Title, figure: func([]store.Event, *experiments.Summary) measure.Figure { return f }}}
		}
	}
	return nil
}

func (m *ablatePage) regenerate() string {
	switch v, _ := m.shot(); {
	case v.name != "":
		text := ""
		for _, x := range append([]view{v}, m.tableShot()...) {
			text += " && ra3 plot --run " + experiments.ShellWord(m.dir) + " --figure " + x.name + " --out " + x.name + ".png"
		}
		return strings.TrimPrefix(text, " && ")
	case m.dir == "":
		return "ra3 ablate --resume " + experiments.ShellWord(m.selectedFound().dir)
	}
	return "ra3 ablate --resume " + experiments.ShellWord(m.dir)
}

// unable says why keys do nothing while there is nothing to do it to.
func (m *ablatePage) unable(a keys.Action) string {
	if a == keys.Return && m.desk.from == nil {
		return "no run was left for a cell"
	}
	if m.dir == "" {
		switch a {
		case keys.Open, keys.Copy:
			if !m.looked {
				return "still looking for ablations"
			}
			if len(m.found) == 0 {
				return "there is no ablation yet: n makes one"
			}
		case keys.GoOn:
			return m.held()
		case keys.Effects, keys.Sort, keys.Reverse, keys.Filter, keys.Picture, keys.Show, keys.Why, keys.Left, keys.Right:
			return "choose an ablation first: enter opens one, n makes one"
		}
		return ""
	}
	switch a {
	case keys.Open, keys.Why:
		switch {
		case m.effects && len(m.levels()) == 0:
			return "no effect is listed: o takes the next measure, / filters"
		case !m.effects && len(m.rows()) == 0:
			return "no cell matches the filter"
		}
	case keys.Picture, keys.Show:
		if v, _ := m.shot(); v.figure == nil {
			return "nothing of this measure is finished, so there is no figure yet: o takes the next one"
		}
	case keys.GoOn:
		return m.held()
	case keys.Left, keys.Right:
		if m.seeds() < 2 {
			return "every cell has a single seed"
		}
	}
	return ""
}

func (m *ablatePage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.move(-1)
	case keys.Down:
		m.move(+1)
	case keys.Left:
		m.seed = (m.seed + m.seeds()) % (m.seeds() + 1)
	case keys.Right:
		m.seed = (m.seed + 1) % (m.seeds() + 1)
	case keys.New:
		m.sheet = m.ablateForm()
		return m.readPast(), true
	case keys.Open:
		if m.effects && m.dir != "" {
			return m.why(), true
		}
		return m.enter(), true
	case keys.Why:
		return m.why(), true
	case keys.GoOn:
		return m.goOn(), true
	case keys.Return:
		o := *m.desk.from
		m.desk.from = nil
		return m.leaveFor(o), true
	case keys.Sort:
		m.sort, m.level = m.nextMeasure(), 0
	case keys.Reverse:
		m.reverse, m.level, m.top = !m.reverse, 0, 0
	case keys.Effects:
		m.effects, m.top, m.level = !m.effects, 0, 0
	case keys.Filter:
		what := "filter cells: words that stand in field=value or state"
		if m.effects {
			what = "filter levels: words that stand in field=value or in what they read"
		}
		m.prompt(what, m.filter, func(text string) { m.filter, m.row, m.level, m.top = text, 0, 0, 0 }, nil)
	case keys.Picture:
		v, _ := m.shot()
		return m.writePicture(v, filepath.Join(m.dir, "plots", v.name+".png"), m.tableShot()...), true
	case keys.Back:
		if !m.leave() {
			return nil, false
		}
		return m.poll(), true
	default:
		return nil, false
	}
	return nil, true
}

// move goes up or down in whatever has rows here.
func (m *ablatePage) move(by int) {
	if m.effects && m.dir != "" {
		m.level = min(max(0, m.level+by), max(0, len(m.levels())-1))
		return
	}
	n := len(m.found)
	if m.dir != "" {
		n = len(m.rows())
	}
	m.row = min(max(0, m.row+by), max(0, n-1))
}

// leave goes back by one: the filter, effects, the seed, the ablation.
func (m *ablatePage) leave() bool {
	switch {
	case m.dir == "":
		return false
	case m.filter != "":
		m.filter = ""
	case m.effects:
		m.effects = false
	case m.seed > 0:
		m.seed = 0
	default:
		left := m.dir
		*m.ablateLook = ablateLook{sort: m.sort}
		m.shown, m.polls, m.looked = ablation{}, 0, len(m.found) > 0
		for i, f := range m.found {
			if f.dir == left {
				m.row = i
			}
		}
	}
	return true
}
