package tui

import (
	"fmt"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
)

// view is something the Lab page can show large.
type view struct {
	name   string
	title  string
	unit   string // of y, short
	x      string // short label of x
	phases []string
	figure func([]store.Event, *experiments.Summary) measure.Figure // nil: a table, by its name
	stands string                                                   // what will stand there
	flags  []string                                                 // of the command that draws it, beside its name
	file   string                                                   // its file's name; "": the view's
	tabled bool                                                     // one of a run's tables, by its name
}

// views in the order in which c goes through them.
var views = []view{
	{name: "loss", title: "Training loss", unit: "nats per code token", x: "tokens trained", phases: []string{experiments.PhaseM, experiments.PhasePretrain},
		figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return experiments.LossFigure(es) },
		stands: "The loss of each lane on code: a point per update of mid-training."},
	{name: "bound", title: "Bound and its terms", unit: "nats per program", x: "E-step update", phases: []string{experiments.PhaseE},
		figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return experiments.BoundFigure(es) },
		stands: "The variational bound = code + prior + entropy: a point per E-step update."},
	{name: "pruning", title: "Effective decision space", unit: "nats per program", x: "tokens trained", phases: []string{experiments.PhaseM},
		figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return experiments.PruningFigure(es) },
		stands: "How many choices each lane leaves open: sum of log n95 over a program."},
	{name: "latents", title: "Latents against the hidden intents", unit: "score", x: "EM iteration", phases: []string{experiments.PhaseAnnotate},
		figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return experiments.LatentFigure(es) },
		stands: "How well the latents match the answer key: a point per annotation of the corpus."},
	{name: "passk", title: "Held-out pass@k", unit: "share solved", x: "", phases: []string{experiments.PhaseEval, experiments.PhaseEvalRL},
		figure: func(_ []store.Event, s *experiments.Summary) measure.Figure { return experiments.PassFigure(s) },
		stands: "Share of held-out problems solved in k tries, by family and lane."},
	{name: "rlvr", title: "RLVR convergence", unit: "held-out pass@1", x: "tokens sampled", phases: []string{experiments.PhaseRLVR},
		figure: func(es []store.Event, _ *experiments.Summary) measure.Figure { return experiments.RLVRFigure(es) },
		stands: "Held-out success of each lane as post-training samples more tokens."},
	{name: "found", title: "Found so far", phases: nil},
}

// feeds says whether an event changes the view's figure.
func (v view) feeds(e store.Event) bool {
	for _, p := range v.phases {
		if p == e.Phase {
			return true
		}
	}
	return false
}

// shown is the view in focus: the one chosen, or the one that the phase last
// at work feeds.
func (m *labPage) shown() int {
	if m.chosen >= 0 {
		return m.chosen
	}
	if m.snap.State == experiments.Finished && !m.cursor.held {
		return indexOf("passk")
	}
	if m.sight.Event.Seq > 0 {
		for i, v := range views {
			if v.feeds(m.sight.Event) {
				return i
			}
		}
	}
	return 0
}

func indexOf(name string) int {
	for i, v := range views {
		if v.name == name {
			return i
		}
	}
	return 0
}

// awaited says why a view is empty and how to get there.
func (m *model) awaited(v view) string {
	for i, s := range m.plan {
		if !v.feeds(store.Event{Phase: s.Phase}) {
			continue
		}
		switch {
		case i > m.snap.Index:
			return fmt.Sprintf("%s %s is phase %d of %d, this is %d. S makes one phase, space runs on.",
				laneName(s.Lane), phaseOf(s).name, i+1, len(m.plan), m.snap.Index+1)
		case v.name == "pruning":
			return fmt.Sprintf("Measured every %d updates of mid-training.", m.config.Mid.ProbeEvery)
		case v.name == "rlvr":
			return fmt.Sprintf("Measured every %d updates of post-training.", m.config.RLVR.EvalEvery)
		case v.name == "passk":
			return "The table and the bars come when a lane's evaluation is complete."
		case v.name == "latents":
			return "Measured when the whole corpus is annotated."
		}
		return "Press s for one update, or space to run."
	}
	return "This run's plan has no such phase."
}
