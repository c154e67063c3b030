package tui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments/grid"
)

// poll reads what the disk says, where no session here knows better.
func (m *ablatePage) poll() tea.Cmd {
	m.polls++
	known := m.dir == "" && m.looked || m.dir != "" && m.shown.of != nil
	switch {
	case m.reading, m.dir != "" && known && m.desk.at(m.dir):
		return nil
	case known && m.shown.writer == nil && m.polls%looksEvery != 1:
		return nil // nobody writes, or a list: less often
	}
	m.reading = true
	dir, root, listed, before := m.dir, m.root(), m.found, m.shown
	return func() tea.Msg {
		var found []foundAblation
		var shown ablation
		var err error
		if dir == "" {
			found, err = findAblations(root, listed)
		} else {
			shown = readAblation(dir, before)
		}
		return effect(func() tea.Cmd {
			m.reading = false
			switch {
			case dir == "":
				m.looked, m.found = true, found
			case dir == m.dir && m.desk.at(dir):
				m.looked, m.shown = true, shown
				m.take() // it knows better
			case dir == m.dir:
				m.looked, m.shown = true, shown
				// What the disk does not say of a session that failed here.
				if last, st := m.desk.latest(); last == dir && st.Err != nil {
					m.shown.err = st.Err
					if i := st.At; i >= 0 && i < len(m.shown.tasks) && m.shown.tasks[i].State != grid.Finished {
						m.shown.tasks[i].State = grid.Failed
					}
				}
			}
			if err != nil {
				return m.complain(err.Error())
			}
			return nil
		})
	}
}

// readAblation reads one from its directory, also while another writes it; from
// what was read before follows how fast that is.
func readAblation(dir string, before ablation) ablation {
	out := ablation{read: time.Now(), of: before.of}
	if out.of == nil || out.of.Dir != dir { // a grid never changes
		if out.of, out.err = grid.View(dir); out.err != nil {
			return out
		}
	}
	if out.tasks, out.err = out.of.Progress(); out.err != nil {
		return out
	}
	out.result = before.result
	if before.of != out.of || before.result == nil || !sameStates(before.tasks, out.tasks) {
		if out.result, out.err = out.of.Result(); out.err != nil {
			return out
		}
	}
	out.writer, out.err = out.of.Writer()
	if out.writer == nil || before.of == nil || before.of.Dir != dir {
		return out
	}
	_, _, made := counted(out.tasks)
	_, _, was := counted(before.tasks)
	if d := out.read.Sub(before.read).Seconds(); d > 0 && made >= was {
		// Smoothed: between two looks few updates are made.
		out.rate = float64(made-was) / d
		if before.rate > 0 {
			out.rate = 0.8*before.rate + 0.2*out.rate
		}
	}
	left := 0
	for _, n := range out.of.Left(out.tasks) {
		left += n
	}
	if out.rate > 0 {
		out.left = float64(left) / out.rate
	}
	return out
}

// sameStates says whether the same tasks are finished: results change with that
// alone.
func sameStates(a, b []grid.Progress) bool {
	return slices.EqualFunc(a, b, func(x, y grid.Progress) bool {
		return x.Name == y.Name && (x.State == grid.Finished) == (y.State == grid.Finished) && (x.State == grid.Skipped) == (y.State == grid.Skipped)
	})
}
