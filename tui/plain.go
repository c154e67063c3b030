package tui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/theme"
)

// narrator tells a run in sentences, one a line, in the order in which things
// happen and with nothing drawn: for screen readers, pipes and logs.
type narrator struct {
	m    *model // words and numbers as on the screen
	out  io.Writer
	err  error
	told int         // events
	tail store.Event // the last of them
	last experiments.Stage
	on   string // branch of the last of them
	said string // state
	// updates gives the number planned for an event's stage.
	updates func(store.Event) int
	orders
}

// eventChunk is how many events are taken from the log at a time.
const eventChunk = 1024

// plainHelp is what the narration understands.
const plainHelp = `Commands, a line each: run, pause, step N updates (or phases, or iterations; N may be left out), status, results, help, quit.`

// pipedHelp is what holds besides for commands that nobody types.
const pipedHelp = `They are carried out in their order, each when the one before it is done: run ends with the plan or at a pause behind it.`

// Plain narrates an engine on out and, where commands come line by line from in,
// obeys them in their order; those that are typed, on a terminal, are answered at
// once where they can be. Without in (nil) it runs the plan to its end. It ends
// when the engine does, in is at its end and obeyed, or ctx ends; the engine saves
// and stops.
func Plain(ctx context.Context, d Engine, in io.Reader, typed bool, out io.Writer) error {
	o := theme.Options{Depth: theme.NoColor, Glyphs: theme.ASCII}
	n := &narrator{m: newModel(d, Options{Theme: &o}), out: out, on: store.Main, updates: func(e store.Event) int { return planned(d.Record(), e) }}
	n.say("ra3 narrates %s: preset %s, lanes %s, %s planned.", n.m.name, n.m.config.Preset, lanesInWords(n.m.config.Lanes), count(totalOf(n.m.plan), "update"))
	n.typed = typed
	lines := make(chan string)
	if in != nil {
		n.say(plainHelp)
		if !typed {
			n.say(pipedHelp)
		}
		go func() {
			defer close(lines)
			for s := bufio.NewScanner(in); s.Scan(); {
				select {
				case lines <- s.Text():
				case <-d.Done():
					return
				}
			}
		}()
	} else {
		d.Send(experiments.Intent{Kind: experiments.Run})
	}
	for ended := false; !ended; {
		heard := lines
		if !n.m.heard || len(n.waiting) >= mostWaiting {
			heard = nil
		}
		select {
		case <-ctx.Done():
			ended = true
		case s, ok := <-d.Snapshots():
			if ended = !ok; ok {
				n.follow(d, s)
				ended = in == nil && (s.State == experiments.Finished || s.State == experiments.Failed || s.State == experiments.Viewing)
			}
		case line, ok := <-heard:
			if !ok {
				n.over, lines = true, nil
			} else {
				ended = n.hear(d, strings.Fields(strings.ToLower(line)))
			}
		}
		ended = ended || n.goOn(d) || n.err != nil
	}
	failed := n.m.snap.State == experiments.Failed
	if err := stop(d); err != nil {
		return err
	}
	if err := n.m.unsaved(d); err != nil {
		return err
	}
	if failed && n.m.snap.Err != nil {
		return fmt.Errorf("the engine failed: %s", firstLine(n.m.snap.Err.Error()))
	}
	if n.m.snap.State != experiments.Finished && !d.ReadOnly() {
		n.say("Saved.")
	}
	if n.err != nil {
		return fmt.Errorf("narration: %w", n.err)
	}
	return nil
}

// say writes a sentence in ASCII.
func (n *narrator) say(format string, args ...any) {
	if n.err == nil {
		_, n.err = fmt.Fprintln(n.out, n.m.plain(fmt.Sprintf(format, args...)))
	}
}

// follow tells what is new in a snapshot and in the log.
func (n *narrator) follow(d Engine, s experiments.Snapshot) {
	before := n.m.snap
	n.m.snap, n.m.heard = s, true
	if s.Epoch != before.Epoch { // the log was cut: what was told stays told
		n.told = min(n.told, int(s.Seq))
	}
	for {
		events := d.Events(n.told, eventChunk)
		for _, e := range events {
			n.event(e)
		}
		n.told += len(events)
		if len(events) < eventChunk {
			break
		}
	}
	if s.Err != nil && (before.Err == nil || before.Err.Error() != s.Err.Error()) {
		n.say("Error: %s.", firstLine(s.Err.Error()))
	}
	n.arrived(s)
	if state := string(s.State); state != n.said && state != "" && (!n.moving || s.State == experiments.Running) {
		n.said = state
		n.status()
		if s.State == experiments.Finished || s.State == experiments.Viewing {
			n.results()
		}
	}
}

// event tells an update where it begins or ends a stage, or is a quarter of a
// long one; in steps, the last one is told by status.
func (n *narrator) event(e store.Event) {
	n.tail = e
	stage, total := stageOf(e), n.updates(e)
	if e.Branch != n.on {
		n.on = e.Branch
		n.say("On branch %s.", e.Branch)
	}
	if stage != n.last {
		n.last = stage
		s := stage
		s.Updates = total
		n.say("Seed %d, lane %s%s: %s, %s.", e.Seed, laneName(e.Lane), iterationInWords(e), phaseName(s), count(total, "update"))
	}
	quarter := total >= 40 && e.Update%(total/4) == 0
	if e.Update == total || quarter || e.Measures["alarm"] > 0 {
		n.say("%s.", n.words(e))
	}
}

// words is an event as a sentence.
func (n *narrator) words(e store.Event) string {
	return tell(e, n.updates(e)).fit(1 << 12)
}

// planned is the number of updates planned for an event's stage on its branch.
func planned(r *experiments.Record, e store.Event) int {
	info, _ := r.Branch(e.Branch)
	return stageUpdates(info.Plan, e)
}

func iterationInWords(e store.Event) string {
	if e.Iteration == 0 {
		return ""
	}
	return fmt.Sprintf(", EM iteration %d", e.Iteration)
}

func lanesInWords(lanes []string) string {
	names := make([]string, len(lanes))
	for i, l := range lanes {
		names[i] = laneName(l)
	}
	return strings.Join(names, ", ")
}

func totalOf(plan []experiments.Stage) int {
	n := 0
	for _, s := range plan {
		n += s.Updates
	}
	return n
}

// status tells where the engine stands.
func (n *narrator) status() {
	s := n.m.snap
	state := "is " + string(s.State)
	switch s.State {
	case experiments.Failed, experiments.Finished:
		state = "has " + string(s.State)
	case experiments.Following:
		state = "is elsewhere: another process writes this run,"
	case experiments.Viewing:
		state = "rests: nobody writes this run,"
	}
	n.say("The engine %s after %d of %d updates.", state, s.Made, s.Total)
	if n.tail.Seq > 0 && s.State == experiments.Paused {
		n.say("Last: %s.", n.words(n.tail))
	}
}

// results tells the table of what was found, a number with its interval a line.
func (n *narrator) results() {
	s := n.m.snap.Summary
	if s == nil || len(s.Lanes) == 0 {
		n.say("Nothing is measured on held-out problems yet.")
		return
	}
	of := func(x experiments.Measured) string {
		return fmt.Sprintf("%s, from %s to %s, n %d", number(float64(x.Mean)), number(float64(x.Lo)), number(float64(x.Hi)), x.N)
	}
	n.say("Intervals: %s.", s.Interval)
	for _, stage := range []struct {
		name  string
		lanes map[string]experiments.LaneSummary
	}{{"Held out", s.Lanes}, {"After RLVR", s.AfterRLVR}} {
		for _, family := range experiments.ShownFamilies(stage.lanes) {
			for _, lane := range laneOrder {
				if f, ok := stage.lanes[lane][family]; ok {
					n.say("%s, %s, %s: pass at 1 %s; pass at 10 %s.", stage.name, family, laneName(lane), of(f.Pass1), of(f.Pass10))
				}
			}
		}
	}
	for _, pair := range experiments.Pairs(laneOrder) {
		for _, family := range experiments.Compared(s.Differences[pair.Key]) {
			if d, ok := s.Differences[pair.Key][family]["pass@1"]; ok {
				n.say("Paired, %s, %s minus %s, pass at 1: %s; %s.", family, laneName(pair.A), laneName(pair.B), of(d.Measured), d.Verdict)
			}
		}
	}
}
