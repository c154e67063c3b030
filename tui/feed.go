package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
)

// What reaches the model from outside.
type (
	snapshotMsg struct{ experiments.Snapshot }
	endedMsg    struct{} // the engine has ended
	eventsMsg   struct {
		from   int
		events []store.Event
		seq    int64 // of the snapshot that asked for them
	}
	figuresMsg map[string]measure.Figure
	writtenMsg struct {
		text string
		err  error
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
	redraw      = 200 * time.Millisecond // between builds of the figures
	eventChunk  = 1024
	digitPause  = 400 * time.Millisecond
	noticeStays = 10 * time.Second
	settleIn    = 3 * time.Second
)

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

// read fetches a chunk of the event log.
func read(d Engine, from int, seq int64) tea.Cmd {
	return func() tea.Msg { return eventsMsg{from, d.Events(from, eventChunk), seq} }
}

// takeEvents adds a chunk to the log and asks for the next where there is one.
func (m *model) takeEvents(msg eventsMsg) tea.Cmd {
	m.reading = false
	if msg.from != len(m.events) {
		return nil // not the chunk that is missing
	}
	m.events = append(m.events, msg.events...)
	for _, e := range msg.events {
		for _, v := range m.views {
			if v.feeds(e) {
				m.stale[v.name] = true
			}
		}
		m.latest.take(e)
	}
	if len(msg.events) < eventChunk {
		m.readTo = msg.seq
	}
	return tea.Batch(m.readMore(), m.drawFigures())
}

// readMore reads on if the log is known to be longer than what is here.
func (m *model) readMore() tea.Cmd {
	if m.reading || m.snap.Seq == m.readTo {
		return nil
	}
	m.reading = true
	return read(m.engine, len(m.events), m.snap.Seq)
}

// drawFigures builds the figures whose data have grown, away from the screen's
// goroutine. The log is only appended to, so sharing it is safe.
func (m *model) drawFigures() tea.Cmd {
	if m.building || len(m.stale) == 0 {
		return nil
	}
	m.building = true
	names := m.stale
	m.stale = map[string]bool{}
	events, summary, first, views := m.events[:len(m.events):len(m.events)], m.snap.Summary, m.built == 0, m.views
	m.built++
	return func() tea.Msg {
		if !first {
			time.Sleep(redraw)
		}
		out := figuresMsg{}
		for _, v := range views {
			if names[v.name] && v.figure != nil {
				out[v.name] = v.figure(events, summary)
			}
		}
		return out
	}
}
