package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
)

// ablation is what was read of one, or what the session at work says of it.
type ablation struct {
	of      *grid.Ablation // as it was opened for reading
	tasks   []grid.Progress
	result  *grid.Result
	writer  *store.HeldError // who makes cells, nil for nobody
	stage   experiments.Stage
	update  int     // of stage
	rate    float64 // updates a second
	left    float64 // seconds
	read    time.Time
	err     error
	known   []grid.Measure // that cells of knownOf have
	knownOf *grid.Result
}

// goOn starts the session for the ablation shown, or stops it.
func (m *ablatePage) goOn() tea.Cmd {
	dir := m.target()
	if m.desk.busy() {
		if !m.desk.at(dir) {
			working, _ := m.desk.latest()
			return m.complain("another ablation is at work: " + working)
		}
		m.desk.stop()
		return m.say("stopping before the next update")
	}
	return m.begin(func() (*grid.Ablation, error) { return grid.Resume(dir) })
}

// begin opens an ablation and starts its session.
func (m *ablatePage) begin(open func() (*grid.Ablation, error)) tea.Cmd {
	desk := m.desk
	return func() tea.Msg {
		a, err := desk.run(open)
		return effect(func() tea.Cmd {
			if err != nil {
				return m.complain(err.Error())
			}
			before := m.shown // stands until the session has looked
			if m.dir != a.Dir {
				*m.ablateLook, before = ablateLook{dir: a.Dir, sort: m.sort}, ablation{}
			}
			m.shown = ablation{of: a, tasks: before.tasks, result: before.result}
			m.take()
			return tea.Batch(m.say("the cells are being made; g stops"), m.hear())
		})
	}
}

// begun makes a new ablation in its directory.
func (m *ablatePage) begun(spec grid.Spec) tea.Cmd {
	root := m.root()
	return m.begin(func() (*grid.Ablation, error) { return openAblation(root, spec) })
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

// sessionHooks draw what ra3 ablate draws.
func sessionHooks() grid.Hooks {
	return grid.Hooks{Conclude: concludeRun, Publish: publishAblation}
}

// start takes up a session that was begun before this run was opened.
func (m *ablatePage) start() tea.Cmd {
	if !m.desk.busy() {
		return nil // how it ended was said then
	}
	return m.hear()
}

// hear waits for the session's newest state, in one command at a time.
func (m *ablatePage) hear() tea.Cmd {
	m.desk.mu.Lock()
	s := m.desk.session
	m.desk.mu.Unlock()
	if s == nil || m.hearing {
		return nil
	}
	m.hearing = true
	return func() tea.Msg {
		_, more := <-s.Changed()
		return effect(func() tea.Cmd {
			m.hearing = false
			m.take()
			if more {
				return m.hear()
			}
			m.polls = 0
			return tea.Batch(m.over(s.Latest()), m.poll(), m.sleep(m.snap.State))
		})
	}
}

// take adopts the session's newest state where its ablation is shown.
func (m *ablatePage) take() {
	dir, st := m.desk.latest()
	if dir != m.dir || m.shown.of == nil || st.Tasks == nil {
		return
	}
	a := &m.shown
	a.tasks, a.result, a.err = st.Tasks, st.Result, st.Err
	a.stage, a.update, a.rate, a.left = st.Stage, st.Update, st.Rate, st.Left
}

// over says how a session ended.
func (m *ablatePage) over(st grid.State) tea.Cmd {
	done, cells, made := counted(st.Tasks)
	switch {
	case st.Err != nil:
		return m.complain("the ablation ended: " + st.Err.Error())
	case done == cells:
		return m.say(fmt.Sprintf("all %d cells are done; report.md and ablation.json stand in %s", cells, m.desk.working))
	}
	return m.say(fmt.Sprintf("stopped and saved after %d updates; g or ra3 ablate --resume %s goes on", made, experiments.ShellWord(m.desk.working)))
}

// root is the directory of runs.
func (m *model) root() string {
	if m.desk.Root != "" {
		return m.desk.Root
	}
	return "runs"
}
