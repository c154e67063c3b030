package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/store"
)

// cursor is VIEW, where the eye is in the run. It follows LIVE, where the
// engine is, until it is moved.
type cursor struct {
	at   experiments.Position
	held bool
}

// sight is the run as it stood at VIEW: all that pages draw.
type sight struct {
	experiments.Moment
	info    experiments.BranchInfo // of its branch
	stage   experiments.Stage      // of the update that led there
	index   int                    // of stage in the plan
	update  int                    // made within stage
	events  []store.Event          // of the branch's line up to there
	summary *experiments.Summary   // of what was evaluated by then, nil
	trace   *experiments.TraceView // nil
	traceAt experiments.Position   // what trace shows
}

// past is what was read from disk about a position.
type past struct {
	at      experiments.Position // asked for
	summary *experiments.Summary
	trace   *experiments.TraceView
	traceAt experiments.Position
	err     error
}

// live is where the engine is, as far as the screen knows.
func (m *model) live() experiments.Position { return m.tip }

// view is where the eye is.
func (m *model) view() experiments.Position {
	if m.cursor.held {
		return m.cursor.at
	}
	return m.tip
}

func (m *model) history() *experiments.History { return m.engine.Record().History() }

// look makes the sight anew: in memory at once, and what lies on disk as soon
// as it is read.
func (m *model) look() tea.Cmd {
	at := m.view()
	h := m.history()
	s := sight{Moment: h.At(at), events: h.Line(at.Branch, 0, at.Update)}
	at = s.Position
	if m.info.Name != at.Branch || m.info.Plan == nil {
		m.info, _ = m.engine.Record().Branch(at.Branch)
	}
	s.info = m.info
	if s.stage, s.index, s.update = ended(s.info.Plan, at.Update); s.Event.Update > 0 && stageOf(s.Event) != stageOf(store.Event{
		Seed: s.stage.Seed, Lane: s.stage.Lane, Phase: s.stage.Phase, Iteration: s.stage.Iteration}) {
		s.stage, s.update = stageOf(s.Event), s.Event.Update // of a plan that was changed
	}
	var cmd tea.Cmd
	switch {
	case !m.cursor.held:
		s.summary, s.trace, s.traceAt = m.snap.Summary, m.snap.Trace, m.snap.TraceAt
	case m.past.at == at:
		s.summary, s.trace, s.traceAt = m.past.summary, m.past.trace, m.past.traceAt
	default:
		// Until it is read, what stood there before stands.
		s.summary, s.trace, s.traceAt = m.sight.summary, m.sight.trace, m.sight.traceAt
		cmd = m.recall()
	}
	m.sight = s
	return cmd
}

// recall reads what is stored about VIEW, one position at a time.
func (m *model) recall() tea.Cmd {
	if m.recalling {
		return nil
	}
	m.recalling = true
	at, record := m.cursor.at, m.engine.Record()
	return func() tea.Msg {
		p := past{at: at}
		p.trace, p.traceAt, p.err = record.View(at)
		if s, err := record.SummaryAt(at); err == nil {
			p.summary = s
		} else if p.err == nil {
			p.err = err
		}
		return effect(func() tea.Cmd { return m.remember(p) })
	}
}

// remember takes what recall read; where VIEW has moved on, it reads again.
func (m *model) remember(p past) tea.Cmd {
	m.recalling = false
	m.past = p
	cmds := []tea.Cmd{m.look(), m.drawPast()}
	if p.err != nil && m.cursor.held && m.cursor.at == p.at {
		cmds = append(cmds, m.complain(p.err.Error()))
	}
	return tea.Batch(cmds...)
}

// scrub moves VIEW by n units; at the line's end, forwards, it follows LIVE
// again where that is the engine's branch.
func (m *model) scrub(by experiments.Granularity, n int) tea.Cmd {
	to := m.history().Seek(m.view(), by, n)
	if n > 0 && to.Branch == m.tip.Branch && to.Update >= m.tip.Update {
		return m.follow()
	}
	if n < 0 && to == m.view() {
		return m.say("this is the beginning of the run")
	}
	return m.goTo(to)
}

// goTo puts VIEW at a position.
func (m *model) goTo(to experiments.Position) tea.Cmd {
	m.cursor = cursor{m.history().Clamp(to), true}
	m.notice = ""
	return tea.Batch(m.look(), m.drawPast())
}

// follow puts VIEW back on LIVE.
func (m *model) follow() tea.Cmd {
	m.cursor = cursor{}
	m.notice = ""
	clear(m.pastFigures)
	m.pastAt = experiments.Position{}
	m.redrawn++
	return tea.Batch(m.look(), m.drawFigures())
}

// ended is the stage whose update a position followed, its place in the plan
// and the updates made of it; at the beginning the first with none.
func ended(plan []experiments.Stage, made int) (s experiments.Stage, index, update int) {
	for i, stage := range plan {
		if made <= stage.Updates {
			return stage, i, made
		}
		made -= stage.Updates
		s, index = stage, i
	}
	return s, index, s.Updates
}

// latest is a lane's newest value of a measure at VIEW, whatever its phase.
func (s *sight) latest(lane, measure string) (v float64, ok bool) {
	var seq int64
	for _, phase := range experiments.Phases {
		if p, found := s.Value(lane, phase, measure); found && p.Seq > seq {
			v, seq, ok = p.Value, p.Seq, true
		}
	}
	return v, ok
}
