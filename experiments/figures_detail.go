package experiments

import (
	"fmt"
	"strconv"
	"strings"

	"ra3/core/measure"
	"ra3/experiments/store"
)

// ExactFigure holds the bound under q against the exact reference after each
// annotation of the corpus, with intervals over programs where there is one seed.
func ExactFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { _, ok := e.Measures["exact_bound"]; return ok && e.Phase == PhaseAnnotate }
	seeds := seedsOf(events, keep)
	f := measure.Figure{Name: "exact", Title: "Bound against the exact reference", XLabel: "EM iteration (0: the initial sampler)", YLabel: "nats per program", Kind: measure.Lines,
		Caption: "Validation traces" + countOf(events, keep, "exact_programs", "programs") + "; reference: best bound any posterior could reach"}
	if len(seeds) == 1 {
		f.Caption = seedCaption(seeds, f.Caption+", band: 95% t over programs.")
	} else {
		f.Caption = seedCaption(seeds, f.Caption+".")
	}
	for _, t := range []struct{ name, measure, err string }{{"exact reference", "exact_bound", "exact_bound_se"}, {"bound under q", "q_bound", "q_bound_se"}, {"certified", "exact_certified", ""}} {
		series := overSeeds(t.name, "", seeds, func(seed int) points {
			return curve(events, func(e *store.Event) bool { return keep(e) && e.Seed == seed }, func(e *store.Event, _ int) float64 { return float64(e.Iteration) }, t.measure)
		})
		if len(seeds) == 1 && t.err != "" && len(series) == 1 {
			withErrors(&series[0], events, keep, t.measure, t.err, "exact_programs")
		}
		if t.err == "" {
			for i := range series {
				series[i].Dashed = true
			}
		}
		f.Series = append(f.Series, series...)
	}
	return f
}

// withErrors gives a single seed's series the intervals that its records carry;
// where one lacks them, as in older logs, none gets any.
func withErrors(s *measure.Series, events []store.Event, keep func(*store.Event) bool, value, se, count string) {
	var lo, hi []float64
	var n []int
	for i := range events {
		e := &events[i]
		v, ok := e.Measures[value]
		if !ok || !keep(e) {
			continue
		}
		err, ok := e.Measures[se]
		if !ok {
			return
		}
		x := measure.ErrorInterval(v, err, int(e.Measures[count]), level)
		lo, hi, n = append(lo, x.Lo), append(hi, x.Hi), append(n, x.N)
	}
	if len(lo) == len(s.X) {
		s.Lo, s.Hi, s.N = lo, hi, n
	}
}

// rlMeasure draws one measure of post-training over sampled tokens, by lane.
func rlMeasure(events []store.Event, f measure.Figure, name, caption string) measure.Figure {
	keep := func(e *store.Event) bool { _, ok := e.Measures[name]; return ok && e.Phase == PhaseRLVR }
	seeds := seedsOf(events, keep)
	f.Kind, f.XLabel, f.Caption = measure.Lines, "sampled tokens", seedCaption(seeds, caption)
	for _, lane := range LaneNames() {
		f.Series = append(f.Series, overSeeds(LaneTitle(lane), lane, seeds, func(seed int) points {
			return curve(events, func(e *store.Event) bool { return keep(e) && e.Seed == seed && e.Lane == lane },
				func(e *store.Event, _ int) float64 { return e.Measures["tokens_sampled"] }, name)
		})...)
	}
	return f
}

// RewardFigure is the training reward of post-training, by lane.
func RewardFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { return e.Phase == PhaseRLVR }
	return rlMeasure(events, measure.Figure{Name: "reward", Title: "Training reward of RLVR", YLabel: "share of samples that pass", Shares: true}, "reward",
		"Each update's own samples"+countOf(events, keep, "groups", "problems an update at most")+".")
}

// VarianceFigure is the share of groups of post-training from which nothing can
// be learned, because all their rewards are equal.
func VarianceFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { return e.Phase == PhaseRLVR }
	return rlMeasure(events, measure.Figure{Name: "variance", Title: "Groups without variance in RLVR", YLabel: "share of groups", Shares: true}, "zero_variance",
		"Groups sampled in each update"+countOf(events, keep, "groups", "at most")+" whose rewards are all equal.")
}

// EntropyFigure is the policy's entropy on the code it samples in post-training.
func EntropyFigure(events []store.Event) measure.Figure {
	return rlMeasure(events, measure.Figure{Name: "entropy", Title: "Entropy of code in RLVR", YLabel: "nats per code token"}, "entropy_code",
		"Mean over the code tokens sampled in each update.")
}

// SharpeningFigure is held-out pass@k of post-training beside pass@1: what raises
// pass@1 alone is sharpening, not learning. k is the samples of a look.
func SharpeningFigure(events []store.Event) measure.Figure {
	k := samplesOfLooks(events)
	keep := func(e *store.Event) bool { return e.Phase == PhaseRLVR }
	name := fmt.Sprintf("heldout_pass@%d", k)
	return rlMeasure(events, measure.Figure{Name: "sharpening", Title: fmt.Sprintf("Held-out pass@%d in RLVR", k), YLabel: "share of problems solved", Shares: true}, name,
		fmt.Sprintf("Held-out problems of both families%s, %d samples each.", countOf(events, keep, "heldout_problems", "problems a seed"), k))
}

// samplesOfLooks is the k of the held-out looks in a log, 0 without any.
func samplesOfLooks(events []store.Event) int {
	most := 0
	for _, e := range events {
		if e.Phase != PhaseRLVR {
			continue
		}
		for name := range e.Measures {
			if text, ok := strings.CutPrefix(name, "heldout_pass@"); ok {
				if k, err := strconv.Atoi(text); err == nil {
					most = max(most, k)
				}
			}
		}
	}
	return most
}
