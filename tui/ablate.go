package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	found   []string // directories of ablations
	looked  bool     // found is known
	reading bool
	shown   ablation
	row     int
	top     int
	sort    int // 0: the grid's order; else a column of measures
	reverse bool
	filter  string
	effects bool
}

// ablation is what was read of one, or what the session at work says of it.
type ablation struct {
	dir     string
	factors []grid.Factor
	tasks   []grid.Progress
	result  *grid.Result
	command string
	err     error
}

func newAblate(m *model) page { return &ablatePage{model: m} }

func (m *ablatePage) context() keys.Context { return keys.Ablate }
func (m *ablatePage) title() string         { return "Ablate" }
func (m *ablatePage) views() []view         { return nil }

// unread says that what the page shows is not here yet.
func (m *ablatePage) unread() bool {
	return !m.looked || m.desk.ablation != "" && m.shown.tasks == nil && m.shown.err == nil
}

// shot is the map of the measure that is sorted by, or the first there is.
func (m *ablatePage) shot() (v view, instead string) {
	if m.shown.result == nil {
		return v, ""
	}
	for _, f := range m.shown.result.Figures() {
		if v.name == "" || f.Name == m.measure().name {
			f := f
			v = view{name: f.Name, title: f.Title, figure: func([]store.Event, *experiments.Summary) measure.Figure { return f }}
		}
	}
	return v, ""
}

func (m *ablatePage) regenerate() string {
	if v, _ := m.shot(); v.name != "" {
		return "ra3 plot --run " + experiments.ShellWord(m.desk.ablation) + " --figure " + v.name + " --out " + v.name + ".png"
	}
	if m.shown.command != "" {
		return m.shown.command
	}
	return "ra3 ablate --resume " + experiments.ShellWord(m.desk.ablation)
}

// unable says why keys do nothing while there is nothing to do it to.
func (m *ablatePage) unable(a keys.Action) string {
	if m.desk.ablation != "" {
		switch {
		case a == keys.Open && len(m.rows()) == 0:
			return "no cell matches the filter"
		case (a == keys.Picture || a == keys.Show) && (m.shown.result == nil || len(m.shown.result.Figures()) == 0):
			return "no cell is finished, so there is no map yet"
		}
		return ""
	}
	switch a {
	case keys.Open:
		if len(m.found) == 0 {
			return "there is no ablation yet: n makes one"
		}
	case keys.GoOn, keys.Effects, keys.Sort, keys.Reverse, keys.Filter, keys.Copy, keys.Picture, keys.Show:
		return "choose an ablation first: enter opens one, n makes one"
	}
	return ""
}

func (m *ablatePage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.row = max(0, m.row-1)
	case keys.Down:
		m.row++
	case keys.New:
		m.sheet = m.ablateForm()
	case keys.Open:
		return m.enter(), true
	case keys.GoOn:
		return m.goOn(), true
	case keys.Sort:
		m.sort = (m.sort + 1) % (len(ablateMeasures) + 1)
	case keys.Reverse:
		m.reverse = !m.reverse
	case keys.Effects:
		m.effects, m.top = !m.effects, 0
	case keys.Filter:
		m.prompt("filter cells: words that stand in field=value or state", m.filter, func(text string) { m.filter, m.row = text, 0 }, nil)
	case keys.Picture:
		v, _ := m.shot()
		return m.writePicture(v, filepath.Join(m.desk.ablation, "plots", v.name+".png")), true
	case keys.Back:
		return nil, m.leave()
	default:
		return nil, false
	}
	return nil, true
}

// leave goes back by one: effects, filter, the ablation.
func (m *ablatePage) leave() bool {
	switch {
	case m.effects:
		m.effects = false
	case m.filter != "":
		m.filter = ""
	case m.desk.ablation != "":
		m.desk.ablation, m.shown, m.row = "", ablation{}, 0
	default:
		return false
	}
	return true
}

// enter opens the ablation, or steps into the cell, under the cursor.
func (m *ablatePage) enter() tea.Cmd {
	if m.desk.ablation == "" {
		m.desk.ablation = m.found[min(m.row, len(m.found)-1)]
		m.row, m.shown = 0, ablation{}
		return m.poll()
	}
	rows := m.rows()
	p := rows[min(m.row, len(rows)-1)]
	if p.State == grid.Waiting || p.State == grid.Skipped {
		return m.complain("this cell has not begun: g makes the cells that are left, in their order")
	}
	// A finished cell, and one that another makes, can only be looked at.
	return m.leaveFor(Opened{Dir: p.Dir, ReadOnly: p.State != grid.Begun})
}

// goOn starts the session for the ablation shown, or stops it.
func (m *ablatePage) goOn() tea.Cmd {
	if m.desk.busy() {
		if m.desk.working != m.desk.ablation {
			return m.complain("another ablation is at work: " + m.desk.working)
		}
		m.desk.session.Stop()
		return m.say("stopping before the next update; g goes on later")
	}
	dir := m.desk.ablation
	return func() tea.Msg {
		a, err := grid.Resume(dir)
		return effect(func() tea.Cmd { return m.begin(a, err) })
	}
}

// begin starts the session of an ablation that was opened.
func (m *ablatePage) begin(a *grid.Ablation, err error) tea.Cmd {
	if err != nil {
		return m.complain(err.Error())
	}
	d := m.desk
	d.ablation, d.working = a.Dir, a.Dir
	d.session = grid.Start(d.Ctx, a, d.Threads, sessionHooks())
	m.row, m.shown = 0, ablation{dir: a.Dir, factors: a.Factors, command: a.Command()}
	return tea.Batch(m.say("the cells are being made; g stops"), m.hear())
}

// hear waits for the session's newest state.
func (m *ablatePage) hear() tea.Cmd {
	s := m.desk.session
	if s == nil {
		return nil
	}
	return func() tea.Msg {
		st, ok := <-s.States()
		return effect(func() tea.Cmd {
			if !ok {
				return m.poll()
			}
			m.desk.state = st
			if m.shown.dir == m.desk.working {
				m.shown.tasks, m.shown.result, m.shown.err = st.Tasks, st.Result, st.Err
			}
			return m.hear()
		})
	}
}

// start takes up a session that was begun before this run was opened.
func (m *ablatePage) start() tea.Cmd {
	if m.desk.busy() {
		return m.hear()
	}
	return nil
}

// poll reads what the disk says, where no session here knows better.
func (m *ablatePage) poll() tea.Cmd {
	if m.reading || m.desk.busy() && m.desk.working == m.desk.ablation && m.shown.factors != nil {
		return nil
	}
	m.reading = true
	dir, root := m.desk.ablation, m.root()
	return func() tea.Msg {
		found, err := grid.Found(root)
		shown := ablation{dir: dir}
		if dir != "" {
			shown = readAblation(dir)
		}
		return effect(func() tea.Cmd {
			m.reading, m.looked = false, true
			m.found = found
			if dir == m.desk.ablation && dir != "" {
				m.shown = shown
			}
			if err != nil {
				return m.complain(err.Error())
			}
			return nil
		})
	}
}

// readAblation reads one from its directory, also while another writes it.
func readAblation(dir string) ablation {
	out := ablation{dir: dir}
	a, err := grid.View(dir)
	if err == nil {
		out.factors, out.command = a.Factors, a.Command()
		if out.tasks, err = a.Progress(); err == nil {
			out.result, err = a.Result()
		}
	}
	out.err = err
	return out
}

// root is the directory of runs.
func (m *model) root() string {
	if m.desk.Root != "" {
		return m.desk.Root
	}
	return "runs"
}

// cells are the tasks that are no gates.
func (a *ablation) cells() []grid.Progress {
	return slices.DeleteFunc(slices.Clone(a.tasks), func(p grid.Progress) bool { return p.Gate })
}

// value is a cell's measure, nil where it has none.
func (a *ablation) value(p grid.Progress, name string) *experiments.Measured {
	if a.result == nil || p.Index < 1 || p.Index > len(a.result.Cells) {
		return nil
	}
	return grid.Value(name, &a.result.Cells[p.Index-1])
}

// rows are the cells that match the filter, in the order asked for.
func (m *ablatePage) rows() []grid.Progress {
	out := slices.DeleteFunc(m.shown.cells(), func(p grid.Progress) bool { return !m.matches(p) })
	if m.sort > 0 {
		name := ablateMeasures[m.sort-1].name
		slices.SortStableFunc(out, func(a, b grid.Progress) int {
			return compareMeasured(m.shown.value(a, name), m.shown.value(b, name))
		})
	}
	if m.reverse {
		slices.Reverse(out)
	}
	return out
}

// compareMeasured puts the largest mean first and what has none last.
func compareMeasured(a, b *experiments.Measured) int {
	known := func(x *experiments.Measured) bool { return x != nil && x.Mean == x.Mean }
	switch {
	case !known(a) && !known(b):
		return 0
	case !known(a):
		return 1
	case !known(b):
		return -1
	}
	switch {
	case a.Mean > b.Mean:
		return -1
	case a.Mean < b.Mean:
		return 1
	}
	return 0
}

func (m *ablatePage) matches(p grid.Progress) bool {
	text := p.State
	for i, f := range m.shown.factors {
		if i < len(p.Values) {
			text += " " + f.Field + "=" + p.Values[i]
		}
	}
	for _, word := range strings.Fields(strings.ToLower(m.filter)) {
		if !strings.Contains(strings.ToLower(text), word) {
			return false
		}
	}
	return true
}

// errNoFigure says that a page has none to write.
var errNoFigure = errors.New("no picture written: there is no figure here yet")

// sessionHooks draw what ra3 ablate draws.
func sessionHooks() grid.Hooks {
	return grid.Hooks{Conclude: concludeRun, Publish: publishAblation}
}

// begun makes a new ablation in its directory.
func (m *ablatePage) begun(spec grid.Spec) tea.Cmd {
	root := m.root()
	return func() tea.Msg {
		a, err := openAblation(root, spec)
		return effect(func() tea.Cmd { return m.begin(a, err) })
	}
}

// openAblation opens a spec in its directory, by default the one that bears the
// same name for the same ablation.
func openAblation(root string, spec grid.Spec) (*grid.Ablation, error) {
	dir := spec.Out
	if dir == "" {
		name, err := spec.DirName()
		if err != nil {
			return nil, err
		}
		dir = filepath.Join(root, name)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return nil, fmt.Errorf("make the directory of runs: %w", err)
	}
	return grid.Open(dir, spec)
}
