package tui

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

// fake is an engine whose snapshots and events a test writes by hand.
type fake struct {
	mu     sync.Mutex
	plan   []experiments.Stage
	config experiments.Config
	dir    string
	world  *experiments.World
	sent   []experiments.Intent
	refuse bool
	record *experiments.Record
	latest chan experiments.Snapshot
	done   chan struct{}
	ended  bool
}

func newFake(t testing.TB) *fake {
	t.Helper()
	w, err := experiments.NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	c := experiments.Config{Preset: "quick", Seed: 1, Seeds: 1, Lanes: []string{"base", "ntp", "ra3"}}
	c.Base.Source = "embedded"
	c.Mid.Updates, c.Mid.Traces, c.Mid.ProbeEvery = 120, 2000, 20
	c.RA3.Warm, c.RA3.Iterations, c.RA3.EUpdates = 60, 2, 8
	c.RLVR.Updates, c.RLVR.EvalEvery = 6, 3
	c.Eval.Problems = 60
	f := &fake{plan: experiments.Plan(c), config: c, world: w, dir: t.TempDir(), latest: make(chan experiments.Snapshot, 1), done: make(chan struct{})}
	f.write(nil)
	return f
}

// write makes the log that the engine has written; nothing of it is on disk.
func (f *fake) write(events []store.Event) {
	r := experiments.RecordOf(f.config, events)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.record = r
}

// Send ends the engine on Stop, as a driver does.
func (f *fake) Send(i experiments.Intent) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.refuse {
		return false
	}
	f.sent = append(f.sent, i)
	if i.Kind == experiments.Stop && !f.ended {
		f.ended = true
		close(f.latest)
		close(f.done)
	}
	return true
}

func (f *fake) Snapshots() <-chan experiments.Snapshot { return f.latest }
func (f *fake) Done() <-chan struct{}                  { return f.done }
func (f *fake) Plan() []experiments.Stage              { return f.plan }
func (f *fake) Config() experiments.Config             { return f.config }
func (f *fake) Dir() string                            { return f.dir }
func (f *fake) World() *experiments.World              { return f.world }
func (f *fake) ReadOnly() bool                         { return false }

func (f *fake) Record() *experiments.Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.record
}

func (f *fake) Events(from, limit int) []store.Event {
	events := f.Record().History().Line(experiments.Branch, from, from+limit)
	return append([]store.Event(nil), events...)
}

// log makes the events of the plan's first n updates, with numbers that are
// all different.
func (f *fake) log(n int) []store.Event {
	var out []store.Event
	tokens := 0.0
	for _, s := range f.plan {
		for u := 1; u <= s.Updates && len(out) < n; u++ {
			x := float64(len(out) + 1)
			m := store.Measures{}
			switch s.Phase {
			case experiments.PhaseM:
				tokens += 2300
				m["loss_code"], m["tokens_trained"], m["tokens"] = 0.4/math.Sqrt(x), tokens, 2300
				if u%20 == 0 {
					m["probe_log_effective"], m["probe_log_effective_code"], m["probe_nats"] = 12-x/100, 9-x/100, 10-x/200
				}
			case experiments.PhaseE:
				m["bound"], m["bound_code"], m["bound_prior"], m["bound_entropy"], m["think_rate"] = -16+x/100, -8+x/200, -9, 1, 0.3
			case experiments.PhaseAnnotate:
				m["annotated"] = float64(250 * u)
				if u == s.Updates {
					m["nmi"], m["boundary_recall"], m["program_accuracy"] = 0.9+x/1e4, 0.95, 0.97
				}
			case experiments.PhaseEval:
				m["pass@1"], m["problems"] = 0.2+x/1e4, 30
			case experiments.PhaseRLVR:
				m["reward"], m["tokens_sampled"] = 0.3, 5000*float64(u)
				if u == 1 {
					m["heldout_start"] = 0.25
				}
				if u%3 == 0 {
					m["heldout_pass@1"] = 0.3 + x/1e4
				}
			}
			out = append(out, store.Event{Seq: int64(x), Branch: "main", Seed: s.Seed, Lane: s.Lane, Phase: s.Phase, Iteration: s.Iteration, Update: u, Kind: "update", Measures: m})
		}
	}
	return out
}

// snapshot stands after n updates.
func (f *fake) snapshot(n int, state experiments.DriverState) experiments.Snapshot {
	s := experiments.Snapshot{State: state, Branch: experiments.Branch, Made: n, Seq: int64(n), Rate: 4.74, Note: "stepped"}
	at := 0
	for i, st := range f.plan {
		s.Total += st.Updates
		if at+st.Updates > n && s.Stage.Updates == 0 {
			s.Stage, s.Index, s.Update = st, i, n-at
		}
		at += st.Updates
	}
	if s.Stage.Updates == 0 {
		s.Stage, s.Index = f.plan[len(f.plan)-1], len(f.plan)
		s.Update = s.Stage.Updates
	}
	s.Trace = exampleTrace(f.world)
	if n > 280 {
		s.Summary = exampleSummary()
	}
	return s
}

func exampleTrace(w *experiments.World) *experiments.TraceView {
	line := func(text string, z int, think bool, intent string, with, without float64) experiments.TraceLine {
		words := w.Inventory.Texts[z]
		return experiments.TraceLine{Text: text, Latent: z, Words: words, Think: think, Intent: intent, With: with, Without: without,
			Top: []experiments.Decision{{Text: "think " + words, P: 0.875}, {Text: "act", P: 0.0625}, {Text: "think " + w.Inventory.Texts[3], P: 0.03125}, {Text: "think " + w.Inventory.Texts[5], P: 0.0156}}}
	}
	intent := func(z int) string { return w.Domain.Intents[w.Domain.Phrases[z].Intent].Name }
	v := &experiments.TraceView{Policy: "ra3"}
	for k := range 3 {
		p := experiments.TraceProgram{ID: fmt.Sprintf("validate/doc/1/%05d", k), Prompt: "def f(xs):\n    \"\"\" running sum, but before that keep even, and then reverse order.\"\"\"\n", With: 8.91, Without: 17.35}
		p.Lines = append(p.Lines, line("    res = []", 7, true, intent(7), -1.43, -1.26), line("    for i in range(len(xs)):", 7, false, intent(7), -1.16, -1.09),
			line("        res.append(sum(xs[:i + 1]))", 7, false, intent(7), -3.24, -2.31), line("    xs = res", 7, false, "another", 0, 0),
			line("    xs = xs[::-1]", 20, true, intent(20), -0.7, -10.24), line("    return xs", 20, false, intent(20), 0, 0))
		v.Programs = append(v.Programs, p)
	}
	return v
}

func exampleSummary() *experiments.Summary {
	of := func(mean, half float64) experiments.Measured {
		return experiments.Measured{Mean: experiments.Number(mean), Lo: experiments.Number(mean - half), Hi: experiments.Number(mean + half), N: 60}
	}
	nan := experiments.Number(math.NaN())
	s := &experiments.Summary{Preset: "quick", Seeds: []int{1}, Interval: "95% bootstrap over problems", Lanes: map[string]experiments.LaneSummary{},
		Pruning: map[string]experiments.PruningSummary{}, RLVR: map[string]experiments.RLVRSummary{},
		Differences: map[string]map[string]map[string]experiments.Comparison{
			"ra3-ntp":  {"doc": {"pass@1": {Measured: of(-0.041, 0.09), Verdict: "not distinguishable"}}},
			"ra3-base": {"doc": {"pass@1": {Measured: of(0.132, 0.09), Verdict: "higher"}}},
		}}
	for i, lane := range laneOrder[:3] {
		x := float64(i) / 10
		n := of(29.1-x, 0)
		s.Lanes[lane] = experiments.LaneSummary{}
		for _, family := range []string{"doc", "ask"} {
			s.Lanes[lane][family] = experiments.FamilySummary{Pass1: of(0.2312+x, 0.102), Pass5: of(0.3412+x, 0.1), Pass10: of(0.4512+x, 0.1), Nats: &n, Problems: 60}
		}
		s.Pruning[lane] = experiments.PruningSummary{LogEffective: of(9.31+x, 0), LogAll: of(360, 0), Recall: of(0.997, 0), Horizon: of(11.2, 0)}
		s.RLVR[lane] = experiments.RLVRSummary{AUC: of(0.3, 0), Start: of(0.25, 0), Final: of(0.33, 0), Threshold: 0.5, TokensToThreshold: []experiments.Number{nan}}
	}
	s.Latents.Iterations = []map[string]experiments.Measured{{"nmi": of(0.989, 0), "boundary_recall": of(1, 0), "program_accuracy": of(0.98, 0)}}
	return s
}

// hostile is what a diverged or broken run may show.
func hostile(f *fake) experiments.Snapshot {
	s := f.snapshot(290, experiments.Failed)
	s.Err = errors.New("engine: \x1b[31mnan\nwith a stack\n\tat 0x0")
	s.Note = "a\tb\nc"
	s.Rate = math.Inf(1)
	nan := experiments.Number(math.NaN())
	for _, lane := range laneOrder[:3] {
		s.Summary.Lanes[lane]["漢字 family \x1b[2J"] = experiments.FamilySummary{Pass1: experiments.Measured{Mean: nan, Lo: nan, Hi: nan}}
	}
	p := &s.Trace.Programs[0]
	p.Prompt = "def f(xs):\n\t\"\"\"\x1b[2J 漢字 " + fmt.Sprintf("%0200d", 1) + "\n"
	p.ID = "\n\x07漢字"
	p.Lines[0].Text, p.Lines[0].Words = fmt.Sprintf("%0300d", 1), "\x1b]0;title\x07"
	p.Lines[1].With, p.Lines[1].Latent = math.NaN(), -7
	p.Lines[2].Top[0].P, p.Lines[2].Top[1].P = math.NaN(), 1e300
	p.Lines[3].Latent, p.Lines[3].Top = 1<<30, nil
	return s
}

// screen is a model at a size, fed without a terminal.
func screen(f *fake, w, h int, o theme.Options) *model {
	m := newModel(f, Options{Theme: &o, Name: "base-s1"})
	m.untimed = true
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return m
}

// feed gives the model a snapshot and the events before it, as the commands
// would, and the figures drawn from them.
func (m *model) feed(f *fake, s experiments.Snapshot) {
	f.write(f.log(int(s.Seq)))
	m.settle(m.take(s))
}

// settle runs commands until nothing is left to do. Timers are not waited for.
func (m *model) settle(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			m.settle(c)
		}
	case nil, digitsMsg, noticeMsg, settleMsg, overdueMsg:
	default:
		_, next := m.Update(msg)
		m.settle(next)
	}
}

// key presses a key and returns the command without running it.
func (m *model) key(name string) tea.Cmd {
	k := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
	switch name {
	case " ":
		k = tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	case "tab":
		k = tea.KeyMsg{Type: tea.KeyTab}
	case "backspace":
		k = tea.KeyMsg{Type: tea.KeyBackspace}
	case "shift+tab":
		k = tea.KeyMsg{Type: tea.KeyShiftTab}
	case "esc":
		k = tea.KeyMsg{Type: tea.KeyEscape}
	case "enter":
		k = tea.KeyMsg{Type: tea.KeyEnter}
	case "up":
		k = tea.KeyMsg{Type: tea.KeyUp}
	case "down":
		k = tea.KeyMsg{Type: tea.KeyDown}
	case "left":
		k = tea.KeyMsg{Type: tea.KeyLeft}
	case "right":
		k = tea.KeyMsg{Type: tea.KeyRight}
	case "ctrl+c":
		k = tea.KeyMsg{Type: tea.KeyCtrlC}
	case "ctrl+z":
		k = tea.KeyMsg{Type: tea.KeyCtrlZ}
	}
	_, cmd := m.Update(k)
	return cmd
}

// pageOf is the page of a type.
func pageOf[P page](m *model) P {
	for _, p := range m.pages {
		if q, ok := p.(P); ok {
			return q
		}
	}
	panic("no such page")
}

func plainText(m *model) string { return ansi.Strip(m.View()) }
