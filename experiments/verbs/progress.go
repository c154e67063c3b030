package verbs

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"ra3/experiments"
	"ra3/experiments/store"
)

// progress shows on standard error how far something is: a bar on a terminal,
// lines elsewhere.
type progress struct {
	env   *Env
	begun time.Time
	drawn time.Time
	open  bool // a bar stands on the line
}

// redraw is the least time between two pictures of the bar.
const redraw = 100 * time.Millisecond

func (e *Env) newProgress() *progress { return &progress{env: e, begun: time.Now()} }

// bar draws made of total with a text, on a terminal only.
func (p *progress) bar(made, total int, text string) {
	if !p.env.StderrTTY || time.Since(p.drawn) < redraw && made < total {
		return
	}
	p.drawn, p.open = time.Now(), true
	width := 80
	if w, _, ok := p.env.Size(); ok {
		width = w
	}
	fmt.Fprint(p.env.Stderr, "\r\x1b[K"+barLine(made, total, text, time.Since(p.begun), width))
}

// barLine is the bar with its text, at most width-3 columns: the terminal may
// write ^C behind it.
func barLine(made, total int, text string, since time.Duration, width int) string {
	const cells = 20
	full := cells * made / max(1, total)
	line := fmt.Sprintf("[%s%s] %3d%% %s  %s", strings.Repeat("#", full), strings.Repeat(".", cells-full), 100*made/max(1, total), clock(since), text)
	if n := max(0, width-3); utf8.RuneCountInString(line) > n {
		line = string([]rune(line)[:n])
	}
	return line
}

// line prints a finished step, above the bar if there is one.
func (p *progress) line(format string, args ...any) {
	p.close()
	p.env.note("%8s  %s", clock(time.Since(p.begun)), fmt.Sprintf(format, args...))
}

// close takes the bar off the terminal.
func (p *progress) close() {
	if p.open {
		fmt.Fprint(p.env.Stderr, "\r\x1b[K")
		p.open = false
	}
}

func clock(d time.Duration) string {
	s := int(d.Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// watch reports a run's stages as they pass.
type watch struct {
	*progress
	label string // of the run, where there are several
	stage experiments.Stage
	first store.Measures // of the stage
}

func (e *Env) newWatch(eng *experiments.Engine, label string) *watch {
	w := &watch{progress: e.newProgress(), label: label}
	s, _, update, ok := eng.Position()
	w.stage = s
	if ok {
		made, total := eng.Updates()
		w.bar(made, total, fmt.Sprintf("%s %d/%d", w.name(eng, s), update, s.Updates))
	}
	return w
}

// stepped shows an event.
func (w *watch) stepped(eng *experiments.Engine, ev store.Event) {
	if w.first == nil {
		w.first = ev.Measures
	}
	stage := w.stage
	if ev.Text != "" {
		w.line("%s update %d: %s", w.name(eng, stage), ev.Update, ev.Text)
	}
	made, total := eng.Updates()
	next, _, _, ok := eng.Position()
	if ok && next == stage {
		w.bar(made, total, fmt.Sprintf("%s %d/%d  %s", w.name(eng, stage), ev.Update, stage.Updates, keyMeasures(ev, w.first)))
		return
	}
	text := keyMeasures(ev, w.first)
	if stage.Phase == experiments.PhaseEval || stage.Phase == experiments.PhaseEvalRL {
		text = evaluated(eng, stage)
	}
	if !w.env.StderrTTY {
		w.line("%-26s %4d/%d updates  %s", w.name(eng, stage), made, total, text)
	} else {
		w.bar(made, total, w.name(eng, stage)+"  "+text)
	}
	w.stage, w.first = next, nil
}

// name is a stage in words, after the run's label.
func (w *watch) name(eng *experiments.Engine, s experiments.Stage) string {
	if w.label == "" {
		return stageName(eng, s)
	}
	return w.label + ": " + stageName(eng, s)
}

// stageName is a stage in words, with its seed where there are several.
func stageName(eng *experiments.Engine, s experiments.Stage) string {
	name := s.Lane + " " + s.Phase
	if s.Iteration > 0 {
		name += fmt.Sprintf(" (EM %d)", s.Iteration)
	}
	if eng.Config.Seeds > 1 {
		name = fmt.Sprintf("seed %d: %s", s.Seed, name)
	}
	return name
}

// keyMeasures picks what an event of a phase is read for; first is the stage's
// first event.
func keyMeasures(ev store.Event, first store.Measures) string {
	var parts []string
	show := func(name, text, format string) {
		if v, ok := ev.Measures[name]; ok {
			parts = append(parts, fmt.Sprintf("%s "+format, text, v))
		}
	}
	switch ev.Phase {
	case experiments.PhasePretrain, experiments.PhaseM:
		show("loss_code", "code loss", "%.3f nats/token")
		show("loss_rationale", "rationale", "%.3f")
		show("probe_nats", "validation", "%.2f nats/program")
	case experiments.PhaseSampler:
		show("loss_decision", "decision loss", "%.3f nats")
	case experiments.PhaseE:
		show("bound", "bound", "%.2f nats")
		show("think_rate", "think rate", "%.2f")
		show("q_entropy", "q entropy", "%.2f")
	case experiments.PhaseAnnotate:
		show("nmi", "NMI", "%.3f")
		show("program_accuracy", "whole program right", "%.3f")
		show("think_rate", "think rate", "%.2f")
	case experiments.PhaseRLVR:
		show("reward", "reward", "%.2f")
		if v, ok := first["heldout_start"]; ok {
			parts = append(parts, fmt.Sprintf("held-out pass@1 %.3f", v))
		}
		show("heldout_pass@1", "->", "%.3f")
	case experiments.PhaseEval, experiments.PhaseEvalRL:
		show("pass@1", "pass@1", "%.3f")
	}
	return strings.Join(parts, ", ")
}

// evaluated is a lane's pass@k by family, of the latest seed.
func evaluated(eng *experiments.Engine, s experiments.Stage) string {
	sum := eng.Summary()
	lanes := sum.Lanes
	if s.Phase == experiments.PhaseEvalRL {
		lanes = sum.AfterRLVR
	}
	var parts []string
	for _, f := range familiesOf(lanes[s.Lane]) {
		r := lanes[s.Lane][f]
		var ks []string
		for _, k := range []struct {
			name string
			m    experiments.Measured
		}{{"pass@1", r.Pass1}, {"pass@10", r.Pass10}} {
			if n := len(k.m.BySeed); n > 0 {
				ks = append(ks, fmt.Sprintf("%s %.3f", k.name, k.m.BySeed[n-1]))
			}
		}
		parts = append(parts, f+" "+strings.Join(ks, ", "))
	}
	return strings.Join(parts, "; ")
}
