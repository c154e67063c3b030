package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
)

// enter opens the ablation, or steps into the cell, under the cursor.
func (m *ablatePage) enter() tea.Cmd {
	if m.dir == "" {
		dir := m.selectedFound().dir
		*m.ablateLook = ablateLook{dir: dir, sort: m.sort}
		m.shown, m.notice = ablation{}, ""
		return m.poll()
	}
	rows := m.rows()
	p := rows[min(m.row, len(rows)-1)]
	switch {
	case p.State == grid.Waiting:
		return m.complain("this cell has not begun: g makes the cells that are left, in their order")
	case p.State == grid.Skipped:
		return m.complain("this cell was not made: its gate failed, and the grid's gate is skip")
	case p.Problem != "":
		return m.complain("this cell cannot be read: " + p.Problem)
	case m.here(p):
		m.turn(0)
		return m.lookAtSeed()
	}
	seed := m.seed
	// What others may have done to it since it was listed must not end the
	// workbench, so it is looked at before this run is left.
	readOnly := p.State != grid.Begun || m.desk.busy()
	return func() tea.Msg {
		_, err := store.View(p.Dir)
		return effect(func() tea.Cmd {
			if err != nil {
				return m.complain(err.Error())
			}
			m.seed = seed
			if m.desk.from == nil || !inside(m.engine.Dir(), m.dir) {
				m.desk.from = &Opened{Dir: m.engine.Dir(), ReadOnly: m.engine.ReadOnly()}
			}
			return m.leaveFor(Opened{Dir: p.Dir, ReadOnly: readOnly})
		})
	}
}

// here says whether a cell is the run on the screen.
func (m *ablatePage) here(p grid.Progress) bool {
	return m.engine.Dir() != "" && sameDir(p.Dir, m.engine.Dir())
}

// inside says whether a directory lies in another.
func inside(dir, of string) bool {
	rel, err := filepath.Rel(of, dir)
	return of != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// target is the ablation that g goes on with or stops: the one shown, or in the list
// the one under the cursor.
func (m *ablatePage) target() string {
	if m.dir == "" {
		return m.selectedFound().dir
	}
	return m.dir
}

// held is why g must not start: there is nothing to go on with, or a cell that is
// open here for writing could not be made; "".
func (m *ablatePage) held() string {
	switch f := m.selectedFound(); {
	case m.dir != "":
	case !m.looked:
		return "still looking for ablations"
	case f.dir == "":
		return "there is no ablation yet: n makes one"
	case f.problem != "":
		return "this ablation cannot be read: " + f.problem
	}
	if !m.desk.busy() && !m.engine.ReadOnly() && inside(m.engine.Dir(), m.target()) {
		return "the cell on the screen is being driven by hand: leave it first, R goes back, 7 opens another run"
	}
	return ""
}

// lookAtSeed moves VIEW to the end of the seed that the page shows alone, in a
// cell that was stepped into.
func (m *ablatePage) lookAtSeed() tea.Cmd {
	if m.seed == 0 {
		return nil
	}
	seed := m.config.Seed + m.seed - 1
	end, at, begun := 0, 0, false
	for _, s := range m.engine.Plan() {
		if s.Seed == seed && m.snap.Made > at {
			end, begun = min(m.snap.Made, at+s.Updates), true
		}
		at += s.Updates
	}
	if !begun {
		return m.complain(fmt.Sprintf("seed %d has not begun in this cell: VIEW is at its newest record", seed))
	}
	if end == m.snap.Made {
		return m.say(fmt.Sprintf("seed %d ends at the newest record; 5 goes back to the grid", seed))
	}
	return tea.Batch(m.goTo(experiments.Position{Branch: m.tip.Branch, Update: end}), m.say(fmt.Sprintf("the end of seed %d; L goes to the newest record, 5 back to the grid", seed)))
}

// arrived greets in a cell that was stepped into.
func (m *ablatePage) arrived() tea.Cmd {
	if !inside(m.engine.Dir(), m.dir) {
		return nil
	}
	if m.seed > 0 {
		return m.lookAtSeed()
	}
	return m.say("a cell of " + filepath.Base(m.dir) + ": 5 goes back to the grid, and there R to the run before")
}
