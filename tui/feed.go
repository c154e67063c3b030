package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
)

// What reaches the model from outside.
type (
	snapshotMsg struct{ experiments.Snapshot }
	endedMsg    struct{} // the engine has ended
	figuresMsg  struct { // of whole lines
		figures []drawn
		took    time.Duration
	}
	pastMsg struct { // of the line up to a position
		at      experiments.Position
		figures []drawn
	}
	writtenMsg struct {
		text    string
		err     error
		picture bool
	}
	digitsMsg  int      // the pause after a digit is over: its ticket
	noticeMsg  int      // a notice has been read long enough: its number
	quitMsg    struct{} // somebody outside wants an end
	stopMsg    struct{} // ask the engine again to stop
	overdueMsg struct{} // the engine did not stop in time
	settleMsg  int      // an intent's acknowledgement is overdue: its number
)

const (
	frame       = time.Second / 30       // between snapshots drawn
	redraw      = 200 * time.Millisecond // between builds of the figures, at least
	digitPause  = 400 * time.Millisecond
	noticeStays = 10 * time.Second
	settleIn    = 3 * time.Second

	pausePerBuild = 50 // times as long as the last build took
)

// figureKey names a figure of a branch's line.
type figureKey struct{ name, branch string }

type drawn struct {
	figureKey
	figure measure.Figure
}

// await waits for the newest snapshot, at most one a frame. Exactly one such
// command is under way at any time.
func await(d Engine, first bool) tea.Cmd {
	return func() tea.Msg {
		if !first {
			time.Sleep(frame)
		}
		s, ok := <-d.Snapshots()
		if !ok {
			return endedMsg{}
		}
		return snapshotMsg{s}
	}
}

// after sends a message when a time has passed, unless the engine ends first:
// no timer outlives the screen.
func (m *model) after(d time.Duration, msg tea.Msg) tea.Cmd {
	if m.untimed {
		return nil
	}
	done := m.engine.Done()
	return func() tea.Msg {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return msg
		case <-done:
			return nil
		}
	}
}

// advance takes LIVE to where the log now ends.
func (m *model) advance(branch string) {
	if m.epoch != m.snap.Epoch {
		m.epoch = m.snap.Epoch
		clear(m.seen)
	}
	m.tip = m.mark(branch)
}

// want asks for the figures of a branch that is not under way.
func (m *model) want(branch string) tea.Cmd {
	if _, known := m.seen[branch]; known {
		return nil
	}
	m.mark(branch)
	record := m.engine.Record()
	return tea.Batch(m.drawFigures(), func() tea.Msg {
		s, err := record.Summary(branch)
		return effect(func() tea.Cmd {
			if err != nil {
				return m.complain(err.Error())
			}
			m.summaries[branch] = s
			m.stale[figureKey{"passk", branch}] = true
			return m.drawFigures()
		})
	})
}

// mark notes which figures of a branch's line have grown, and returns its end.
func (m *model) mark(branch string) experiments.Position {
	h := m.history()
	head := h.Head(branch)
	seen, known := m.seen[branch]
	if !known || head.Update < seen {
		seen = 0
	}
	for _, e := range h.Line(branch, seen, head.Update) {
		for _, v := range m.views {
			if v.feeds(e) {
				m.stale[figureKey{v.name, branch}] = true
			}
		}
	}
	m.seen[branch] = head.Update
	return head
}

// drawFigures builds the figures whose data have grown, away from the screen's
// goroutine and not too often: long logs take longer, and must not take the
// engine's time.
func (m *model) drawFigures() tea.Cmd {
	if m.building || len(m.stale) == 0 {
		return nil
	}
	m.building = true
	stale := m.stale
	m.stale = map[figureKey]bool{}
	summaries := map[string]*experiments.Summary{}
	for b, s := range m.summaries {
		summaries[b] = s
	}
	h, pause, views := m.history(), redraw, m.views
	switch {
	case m.built == 0 || m.untimed:
		pause = 0
	case m.snap.State == experiments.Running:
		pause = max(pause, pausePerBuild*m.took)
	}
	m.built++
	return func() tea.Msg {
		time.Sleep(pause)
		var out figuresMsg
		begun := time.Now()
		for _, v := range views {
			for key := range stale {
				if key.name == v.name && v.figure != nil {
					out.figures = append(out.figures, drawn{key, v.figure(h.Line(key.branch, 0, h.Head(key.branch).Update), summaries[key.branch])})
				}
			}
		}
		out.took = time.Since(begun)
		return out
	}
}

// drawPast builds the page's figures as they stood at VIEW, one position at a
// time.
func (m *model) drawPast() tea.Cmd {
	if !m.cursor.held || m.drawingPast || m.pastAt == m.cursor.at && m.pastSummary == m.sight.summary {
		return nil
	}
	m.drawingPast = true
	at, events, summary, views := m.cursor.at, m.sight.events, m.sight.summary, m.views
	m.pastSummary = summary
	return func() tea.Msg {
		out := pastMsg{at: at}
		for _, v := range views {
			if v.figure != nil {
				out.figures = append(out.figures, drawn{figureKey{v.name, at.Branch}, v.figure(events, summary)})
			}
		}
		return out
	}
}

// takePast adopts figures of the past, and asks for more where VIEW has moved.
func (m *model) takePast(msg pastMsg) tea.Cmd {
	m.drawingPast = false
	if !m.cursor.held {
		return nil
	}
	m.pastAt = msg.at
	clear(m.pastFigures)
	for _, d := range msg.figures {
		m.pastFigures[d.name] = d.figure
	}
	m.redrawn++
	return m.drawPast()
}
