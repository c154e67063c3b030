package tui

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/keys"
)

// runsPage is page 7: all runs under one directory, by query and in an order,
// any number of them side by side, with what was written about them.
type runsPage struct {
	*model
	all      []storedRun
	looked   bool
	reading  bool
	polls    int
	query    string
	parsed   experiments.Query
	wrong    error // of the query as it is being written
	unknown  error // what it asks about, where no run can have that
	sort     int   // of runOrders
	reverse  bool
	row, top int
	marked   map[string]bool // by directory
	compare  bool
	across   int // first column of the comparison
}

func newRuns(m *model) page { return &runsPage{model: m, marked: map[string]bool{}} }

func (m *runsPage) context() keys.Context { return keys.Runs }
func (m *runsPage) title() string         { return "Runs" }
func (m *runsPage) views() []view         { return nil }

// unread says that what the page shows is not here yet.
func (m *runsPage) unread() bool { return !m.looked }

// shot is the comparison of the marked runs, or of all that are listed: the table
// where it is on the screen, else bars.
func (m *runsPage) shot() (v view, instead string) {
	name := experiments.RunsFigure
	if m.compare {
		name = experiments.RunsTable
	}
	for _, f := range experiments.CompareRuns(comparedRuns(m.chosen())) {
		if f.Name == name {
			v = view{name: f.Name, title: f.Title, figure: func([]store.Event, *experiments.Summary) measure.Figure { return f }}
		}
	}
	return v, ""
}

// regenerate is the listing, or the table of the comparison.
func (m *runsPage) regenerate() string {
	if m.compare {
		return m.drawn()
	}
	out := "ra3 runs ls --root " + experiments.ShellWord(m.root())
	if m.query != "" {
		out += " --where " + experiments.ShellWord(m.query)
	}
	return out
}

// drawn is the command that draws the page's figure.
func (m *runsPage) drawn() string {
	v, _ := m.shot()
	words := []string{"ra3", "plot"}
	for _, r := range m.chosen() {
		words = append(words, "--run", experiments.ShellWord(r.Dir))
	}
	return strings.Join(append(words, "--figure", v.name, "--out", v.name+".png"), " ")
}

// origin is the summary that a run's number comes from.
func (m *runsPage) origin(series string, x measure.Cell) string {
	for _, r := range m.chosen() {
		if series == r.Name || strings.HasSuffix(series, ": "+r.Name) {
			text := filepath.Join(r.Dir, "summary.json")
			if x.Path != "" {
				text += ", " + x.Path
			}
			if r.summary != nil {
				text += fmt.Sprintf("; seeds %s", strings.Trim(fmt.Sprint(r.summary.Seeds), "[]"))
			}
			return text
		}
	}
	return m.root()
}

func (m *runsPage) unable(a keys.Action) string {
	switch a {
	case keys.Open, keys.Note, keys.Delete, keys.Mark:
		if len(m.rows()) == 0 {
			return "no run is listed"
		}
	case keys.SideBySide:
		if !m.compare && len(m.rows()) == 0 {
			return "no run is listed"
		}
	case keys.Left, keys.Right:
		if !m.compare {
			return "it moves through the columns of a comparison: c shows one"
		}
	case keys.Show, keys.Picture, keys.Why:
		if v, _ := m.shot(); v.figure == nil {
			return "none of these runs has results yet"
		}
	}
	return ""
}

func (m *runsPage) act(e keys.Event) (tea.Cmd, bool) {
	switch e.Action {
	case keys.Up:
		m.row, m.top = max(0, m.row-1), max(0, m.top-1)
	case keys.Down:
		m.row, m.top = m.row+1, m.top+1
	case keys.Left:
		m.across = max(0, m.across-1)
	case keys.Right:
		m.across++
	case keys.Mark:
		r := m.selected()
		m.marked[r.Dir] = !m.marked[r.Dir]
		m.row++
	case keys.SideBySide:
		m.compare, m.top, m.across = !m.compare, 0, 0
	case keys.Sort:
		m.sort = (m.sort + 1) % len(runOrders)
	case keys.Reverse:
		m.reverse = !m.reverse
	case keys.Filter:
		m.prompt("query, as in preset=quick seed>3 ra3-ntp>0.02:", m.query, m.ask, nil)
	case keys.Open:
		r := m.selected()
		if sameDir(r.Dir, m.engine.Dir()) {
			m.turn(0)
			return nil, true
		}
		return m.leaveFor(Opened{Dir: r.Dir, ReadOnly: r.State != store.Stopped}), true
	case keys.Note:
		r := m.selected()
		m.prompt("note on "+m.plain(r.Name)+":", "", nil, func(text string) tea.Cmd { return m.note(r.Dir, text) })
	case keys.Delete:
		return m.delete(), true
	case keys.Picture:
		v, _ := m.shot()
		return m.writePicture(v, filepath.Join(m.root(), v.name+".png")), true
	case keys.Back:
		return nil, m.leave()
	default:
		return nil, false
	}
	return nil, true
}

// leave goes back by one: the comparison, the query, the marks.
func (m *runsPage) leave() bool {
	switch {
	case m.compare:
		m.compare = false
	case m.query != "":
		m.ask("")
	case len(m.marked) > 0:
		clear(m.marked)
	default:
		return false
	}
	return true
}

// ask takes a query as it is being written.
func (m *runsPage) ask(text string) {
	q, err := experiments.ParseQuery(text)
	m.query, m.wrong = text, err
	if err == nil {
		m.parsed = q
		m.check()
	}
}

// note appends a remark to a run.
func (m *runsPage) note(dir, text string) tea.Cmd {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	n := store.Note{At: time.Now().UTC().Format(time.RFC3339), Text: text}
	return func() tea.Msg {
		if err := store.AppendNote(dir, n); err != nil {
			return writtenMsg{err: err}
		}
		return effect(func() tea.Cmd { m.polls = 0; return tea.Batch(m.say("noted"), m.poll()) })
	}
}

// delete asks for the run's name before anything goes.
func (m *runsPage) delete() tea.Cmd {
	r := m.selected()
	if sameDir(r.Dir, m.engine.Dir()) {
		return m.complain("this run is on the screen: open another one first")
	}
	if r.State == store.Running {
		return m.complain("another process writes this run: stop that first")
	}
	label := fmt.Sprintf("delete %s for good (%s)? write its name:", m.plain(r.Name), bytesText(r.Size))
	m.prompt(label, "", nil, func(text string) tea.Cmd {
		if strings.TrimSpace(text) != r.Name {
			return m.say(r.Name + " is kept")
		}
		return func() tea.Msg {
			if err := store.Remove(r.Dir); err != nil {
				return writtenMsg{err: err}
			}
			return effect(func() tea.Cmd {
				m.polls = 0
				delete(m.marked, r.Dir)
				return tea.Batch(m.say(r.Name+" is deleted"), m.poll())
			})
		}
	})
	return nil
}

// looksEvery is how many polls there are to a look at the disk: a listing
// walks through every run.
const looksEvery = 3

// bytesText writes a size as people read it.
func bytesText(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.0f kB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.0f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
}
