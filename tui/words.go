package tui

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
	"ra3/tui/theme"
)

// marks are the characters of states and findings; each stands beside a word
// or a number, never alone for a colour.
type marks struct{ running, paused, finished, failed, right, wrong, dot string }

func marksFor(set theme.GlyphSet) marks {
	switch set {
	case theme.Braille:
		return marks{"●", "‖", "✓", "✗", "✓", "✗", "·"}
	case theme.Block:
		return marks{"■", "║", "√", "×", "√", "×", "·"}
	}
	return marks{"*", "=", "+", "x", "+", "x", "-"}
}

// phaseWord names a stage's phase, meaning says what it does and letter stands
// for it on the timeline.
type phaseWord struct{ name, meaning, letter string }

func phaseOf(s experiments.Stage) phaseWord {
	switch s.Phase {
	case experiments.PhasePretrain:
		return phaseWord{"pretrain", "single steps of language", "P"}
	case experiments.PhaseSampler:
		return phaseWord{"sampler", "learns to name lines", "S"}
	case experiments.PhaseAnnotate:
		return phaseWord{"annotate", "latents into the corpus", "a"}
	case experiments.PhaseE:
		return phaseWord{"E-step", "latent discovery", "E"}
	case experiments.PhaseM:
		if s.Lane != "ntp" && s.Lane != "ntp-compute" {
			return phaseWord{"M-step", "model update", "M"}
		}
		return phaseWord{"mid-train", "on plain traces", "M"}
	case experiments.PhaseTune:
		return phaseWord{"tune", "temperatures, on validation problems", "t"}
	case experiments.PhaseEval:
		return phaseWord{"eval", "held-out problems", "v"}
	case experiments.PhaseRLVR:
		return phaseWord{"rlvr", "learning from verdicts", "r"}
	case experiments.PhaseEvalRL:
		return phaseWord{"eval", "after RLVR", "w"}
	}
	return phaseWord{s.Phase, "", "?"}
}

func phaseName(s experiments.Stage) string {
	p := phaseOf(s)
	if p.meaning == "" {
		return p.name
	}
	return p.name + ": " + p.meaning
}

func laneName(lane string) string {
	return experiments.LaneTitle(lane)
}

// number writes a measure as every pane does: three significant digits.
func number(v float64) string { return chart.Significant(v, 3) }

// wholeOr writes a whole number, as along an axis of updates or tokens, as such.
func wholeOr(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v+0, 'f', 0, 64)
	}
	return number(v)
}

// logNumber writes a value of a logged measure; counts are whole.
func logNumber(measure string, v float64) string {
	if experiments.Counted(measure) {
		return wholeOr(v)
	}
	return number(v)
}

// told is an event in words: where it stands, then what it measured, the most
// telling first, so that a narrow pane leaves out whole parts.
type told struct {
	place string
	parts []said
	alarm bool
}

// said is one measure; a narrow pane drops the unit first.
type said struct{ text, unit string }

// tell words an event; total is the number of updates of its stage.
func tell(e store.Event, total int) told {
	t := told{place: laneName(e.Lane)}
	if e.Iteration > 0 {
		t.place += fmt.Sprintf(" EM%d", e.Iteration)
	}
	name := e.Phase
	if name == experiments.PhaseEvalRL {
		name = "eval after"
	}
	t.place += fmt.Sprintf(" %s %d/%d", name, e.Update, total)
	say := func(text, measure, unit string) {
		if v, ok := e.Measures[measure]; ok {
			t.parts = append(t.parts, said{fmt.Sprintf(text, logNumber(measure, v)), unit})
		}
	}
	tokens := func(measure, unit string) {
		if v, ok := e.Measures[measure]; ok {
			t.parts = append(t.parts, said{chart.SI(v) + " tokens", unit})
		}
	}
	if e.Measures["alarm"] > 0 {
		t.alarm = true
		t.parts = append(t.parts, said{"ALARM: latents collapse", ""})
	}
	switch e.Phase {
	case experiments.PhaseM, experiments.PhasePretrain, experiments.PhaseSampler:
		say("loss %s", "loss_code", " nats/token")
		say("eff. space %s", "probe_log_effective", " nats")
		say("rationale %s", "loss_rationale", "")
		say("decision %s", "loss_decision", "")
		tokens("tokens_trained", "")
		say("validation %s", "probe_nats", " nats/program")
	case experiments.PhaseE:
		say("bound %s", "bound", " nats")
		say("code %s", "bound_code", "")
		say("prior %s", "bound_prior", "")
		say("entropy %s", "bound_entropy", "")
		say("think rate %s", "think_rate", "")
	case experiments.PhaseAnnotate:
		say("NMI %s", "nmi", "")
		say("right %s", "program_accuracy", " of programs")
		say("%s traces", "annotated", "")
	case experiments.PhaseEval, experiments.PhaseEvalRL:
		say("pass@1 %s", "pass@1", "")
		say("%s problems", "problems", "")
		say("%s nats", "nats", "/program")
		say("eff. space %s", "log_effective", " nats")
		say("whole policy %s", "pass@1_full", "")
		say("cut to n95 %s", "pass@1_cut", "")
	case experiments.PhaseRLVR:
		say("held-out %s", "heldout_pass@1", "")
		say("reward %s", "reward", "")
		tokens("tokens_sampled", " sampled")
		say("at start %s", "heldout_start", "")
		say("no variance %s", "zero_variance", "")
	}
	if e.Text != "" {
		t.parts = append(t.parts, said{e.Text, ""})
	}
	return t
}

// fit joins as many parts as w cells hold.
func (t told) fit(w int) string {
	line, sep := t.place, "  "
	for _, p := range t.parts {
		add := sep + p.text + p.unit
		if len(line)+len(add) > w {
			add = sep + p.text
		}
		if len(line)+len(add) > w {
			break
		}
		line += add
		sep = ", "
	}
	return line
}

// plain puts outside text on one line.
func (m *model) plain(s string) string {
	return strings.TrimRight(m.theme.Glyphs.Text(s), " ")
}
