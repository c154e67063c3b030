package tui

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/tui/inline"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// model is the state of the screen. bubbletea calls it from one goroutine;
// commands get copies of what they need and never touch it.
type model struct {
	engine  Engine
	plan    []experiments.Stage
	config  experiments.Config
	name    string
	plots   string   // directory of pictures
	writing int      // pictures being written
	intent  []string // name of the intent that each latent's phrase words

	theme    theme.Theme
	pictures inline.Way
	raw      func(string) error // to the terminal, beside the frames; nil without one
	mux      string             // what stands between: tmux, screen or ""
	mouse    bool               // the screen has it
	rescue   *rescue            // nil without a terminal
	marks    marks
	keymap   keys.Table
	reader   *keys.Reader
	w, h     int

	snap  experiments.Snapshot
	heard bool // at least one snapshot is here
	ended bool
	epoch int                  // of the log that seen counts in
	seen  map[string]int       // updates of each branch's line that are known
	tip   experiments.Position // LIVE

	cursor    cursor
	sight     sight
	info      experiments.BranchInfo // of VIEW's branch
	past      past                   // what was last read from disk
	recalling bool
	over      map[string]bool // branches laid over the charts

	figures     map[figureKey]measure.Figure
	stale       map[figureKey]bool
	summaries   map[string]*experiments.Summary // of whole lines, by branch
	building    bool
	built       int
	took        time.Duration             // the last build
	pastFigures map[string]measure.Figure // as they stood at pastAt
	pastAt      experiments.Position
	pastSummary *experiments.Summary
	drawingPast bool
	redrawn     int  // counts changes of figures
	untimed     bool // nothing waits: tests pass the time themselves

	timeline []experiments.StageMark // of the branch that marked names
	marked   timelineKey

	asked    *experiments.Intent // sent, not yet acknowledged
	askedAt  int                 // updates made when it was sent
	askedOn  string              // the branch under way then
	askedNo  int
	suspend  bool // once the engine has paused and the ablation has stopped
	confirm  bool // q was pressed while running
	quitting bool
	forced   bool

	notice    string
	noticeBad bool
	noticeNo  int

	pages  []page
	views  []view // of all pages
	sheet  sheet  // over the page, nil
	desk   *Desk
	opened *Opened // another run to show after this one, nil
	cache  map[string]cached
}

// cached is a pane's text and what it was made from.
type cached struct {
	version, w, h int
	text          []string
}

// newModel returns the workbench's state, talking to d.
func newModel(d Engine, o Options) *model {
	if o.Theme == nil {
		o.Theme = &theme.Options{}
	}
	m := &model{
		engine: d, plan: d.Plan(), config: d.Config(), name: o.Name,
		theme: theme.New(*o.Theme), marks: marksFor(o.Theme.Glyphs), keymap: keys.Default(), reader: keys.NewReader(keys.Default(), keys.Pages()),
		figures: map[figureKey]measure.Figure{}, stale: map[figureKey]bool{}, summaries: map[string]*experiments.Summary{},
		desk: o.Desk, pastFigures: map[string]measure.Figure{}, seen: map[string]int{}, over: map[string]bool{}, cache: map[string]cached{},
	}
	dir := d.Dir()
	if o.Pictures != nil {
		m.pictures = *o.Pictures
	}
	if m.name == "" && dir != "" {
		m.name = filepath.Base(dir)
	}
	if dir != "" {
		m.plots = filepath.Join(dir, "plots")
	}
	if w := d.World(); w != nil && w.Worded() { // a code words nothing
		for _, p := range w.Domain.Phrases {
			m.intent = append(m.intent, w.Domain.Intents[p.Intent].Name)
		}
	}
	if m.desk == nil {
		m.desk = &Desk{Ctx: context.Background()}
	}
	m.addPages()
	return m
}

// Init starts listening to the engine.
func (m *model) Init() tea.Cmd { return m.begin() }

// Update takes one message. It does no input or output and never waits.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		if s, ok := m.sheet.(*pictureSheet); ok {
			return m, s.fit()
		}
	case tea.MouseMsg:
		return m, m.click(msg)
	case tea.ResumeMsg:
		m.rescue.tell(rescueAgain)
		if m.mouse { // suspending gave it back to the terminal
			return m, tea.EnableMouseCellMotion
		}
	case tea.KeyMsg:
		before := m.pageAt()
		return m, m.turned(before, m.press(msg))
	case pollMsg:
		return m, tea.Batch(m.pollPage(), m.after(pollEvery, pollMsg{}))
	case snapshotMsg:
		return m, tea.Batch(m.take(msg.Snapshot), await(m.engine, false))
	case endedMsg:
		m.ended = true
		return m, tea.Quit
	case figuresMsg:
		for _, d := range msg.figures {
			m.figures[d.figureKey] = d.figure
		}
		m.took = msg.took
		m.building = false
		m.redrawn++
		return m, m.drawFigures()
	case pastMsg:
		return m, m.takePast(msg)
	case effect:
		return m, msg()
	case writtenMsg:
		if msg.picture {
			m.writing--
		}
		if msg.err != nil {
			return m, m.complain(msg.err.Error())
		}
		return m, m.say(msg.text)
	case digitsMsg:
		before := m.pageAt()
		return m, m.turned(before, m.doAll(m.reader.Expire(int(msg))))
	case noticeMsg:
		if int(msg) == m.noticeNo {
			m.notice = ""
		}
	case settleMsg:
		if int(msg) == m.askedNo && m.snap.Pending == "" {
			m.asked = nil
		}
	case quitMsg:
		return m, m.quit()
	case stopMsg:
		return m, m.sendStop()
	case overdueMsg:
		m.forced = !m.ended
		return m, tea.Quit
	}
	return m, nil
}

// take adopts a snapshot.
func (m *model) take(s experiments.Snapshot) tea.Cmd {
	if s.Branch == "" {
		s.Branch = experiments.Branch
	}
	if s.Summary != m.snap.Summary || s.Branch != m.snap.Branch {
		m.summaries[s.Branch] = s.Summary
		m.stale[figureKey{"passk", s.Branch}] = true
	}
	first := !m.heard
	m.snap, m.heard = s, true
	m.advance(s.Branch)
	var cmds []tea.Cmd
	if m.asked != nil && m.acknowledged(s) {
		cmds = append(cmds, m.settled(s))
	}
	cmds = append(cmds, m.look(), m.drawFigures())
	if first {
		cmds = append(cmds, m.arrive())
	}
	cmds = append(cmds, m.sleep(s.State))
	if s.State != experiments.Running && !m.desk.busy() {
		m.confirm = false
	}
	return tea.Batch(cmds...)
}

// acknowledged says whether a snapshot shows the effect of the intent asked.
func (m *model) acknowledged(s experiments.Snapshot) bool {
	if s.Pending != "" {
		return false
	}
	switch m.asked.Kind {
	case experiments.Run:
		return s.State != experiments.Paused || s.Made > m.askedAt
	case experiments.Pause:
		return s.State != experiments.Running
	case experiments.Fork, experiments.Switch:
		return s.Branch != m.askedOn || s.Refused != ""
	case experiments.Break:
		return s.Breakpoints == m.asked.When || strings.HasPrefix(s.Note, "breakpoints") || strings.HasPrefix(s.Note, "condition")
	case experiments.Until:
		return s.State == experiments.Finished || s.State == experiments.Failed || s.Fired != nil || s.Made > m.askedAt || strings.Contains(s.Note, "until") || strings.HasPrefix(s.Note, "condition")
	case experiments.Step:
		return s.State == experiments.Finished || s.State == experiments.Failed || s.Note == stepNote(*m.asked) || s.Made > m.askedAt
	}
	return false
}

// settled ends the wait for an intent: VIEW goes where the engine was sent.
func (m *model) settled(s experiments.Snapshot) tea.Cmd {
	kind, when := m.asked.Kind, m.asked.When
	m.asked = nil
	if kind == experiments.Until && (strings.HasPrefix(s.Note, "condition") || strings.HasPrefix(s.Note, "until what")) {
		return m.reopen(when, s.Note) // the engine went on while it was written
	}
	if kind != experiments.Fork && kind != experiments.Switch {
		return nil
	}
	if s.Refused != "" {
		return m.complain(string(kind) + " refused: " + s.Refused)
	}
	m.plan, m.config = m.engine.Plan(), m.engine.Config()
	return tea.Batch(m.follow(), m.say(s.Note))
}

// say shows a line in the status row for a while; complain does so as an error.
func (m *model) say(text string) tea.Cmd {
	m.notice, m.noticeBad = firstLine(text), false
	m.noticeNo++
	no := m.noticeNo
	return m.after(noticeStays, noticeMsg(no))
}

func (m *model) complain(text string) tea.Cmd {
	cmd := m.say(text)
	m.noticeBad = true
	return cmd
}
