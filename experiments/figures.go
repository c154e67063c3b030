package experiments

import (
	"fmt"
	"slices"

	"ra3/core/measure"
	"ra3/experiments/store"
)

// FigureNames lists the figures a run has, in the order they are offered.
var FigureNames = []string{"loss", "bound", "pruning", "rlvr", "passk", "latents", "exact", "reward", "sharpening", "variance", "entropy"}

// Figures builds every figure from the event log and, where there is one, the
// summary. Screen, CSV and files are all drawn from these. Figures without
// data are left out.
func Figures(events []store.Event, s *Summary) []measure.Figure {
	var out []measure.Figure
	for _, f := range []measure.Figure{LossFigure(events), BoundFigure(events), PruningFigure(events), RLVRFigure(events), PassFigure(s), LatentFigure(events),
		ExactFigure(events), RewardFigure(events), SharpeningFigure(events), VarianceFigure(events), EntropyFigure(events)} {
		for _, series := range f.Series {
			if len(series.X) > 0 {
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// seedsOf lists the seeds with events of a phase, in order.
func seedsOf(events []store.Event, keep func(*store.Event) bool) []int {
	var seeds []int
	for i := range events {
		if e := &events[i]; keep(e) && !slices.Contains(seeds, e.Seed) {
			seeds = append(seeds, e.Seed)
		}
	}
	return seeds
}

// points are one measure along a curve, with the records they come from.
type points struct {
	measure string
	xs, ys  []float64
	seqs    []int64
}

// curve collects one measure of the events that pass, x by a function.
func curve(events []store.Event, keep func(*store.Event) bool, x func(*store.Event, int) float64, name string) points {
	p := points{measure: name}
	n := 0
	for i := range events {
		e := &events[i]
		if !keep(e) {
			continue
		}
		n++
		if y, ok := e.Measures[name]; ok {
			p.xs, p.ys, p.seqs = append(p.xs, x(e, n)), append(p.ys, y), append(p.seqs, e.Seq)
		}
	}
	return p
}

// overSeeds draws each seed faintly and, with several, their mean with a 95%
// t-interval; curves of seeds share their x to within what is averaged.
func overSeeds(name, lane string, seeds []int, of func(seed int) points) []measure.Series {
	var all []measure.Series
	var cols [][]float64
	var xcols [][]float64
	var records [][]int64
	for _, seed := range seeds {
		p := of(seed)
		xs, ys := p.xs, p.ys
		if len(xs) == 0 {
			continue
		}
		all = append(all, measure.Series{Name: fmt.Sprintf("%s seed %d", name, seed), Lane: lane, X: xs, Y: ys, Thin: true, Of: name, Measure: p.measure, Seq: p.seqs})
		for i := range ys {
			if i == len(cols) {
				cols, xcols, records = append(cols, nil), append(xcols, nil), append(records, nil)
			}
			records[i] = append(records[i], p.seqs[i])
			cols[i], xcols[i] = append(cols[i], ys[i]), append(xcols[i], xs[i])
		}
	}
	if len(all) == 0 {
		return nil
	}
	if len(all) == 1 {
		all[0].Name, all[0].Thin, all[0].Of = name, false, ""
		return all
	}
	mean := measure.Series{Name: name, Lane: lane, Measure: all[0].Measure, Records: records}
	for i := range cols {
		e := measure.TInterval(cols[i], level)
		mean.X = append(mean.X, measure.TInterval(xcols[i], level).Mean)
		mean.Y, mean.Lo, mean.Hi, mean.N = append(mean.Y, e.Mean), append(mean.Lo, e.Lo), append(mean.Hi, e.Hi), append(mean.N, e.N)
	}
	return append(all, mean)
}

func seedCaption(seeds []int, what string) string {
	switch len(seeds) {
	case 0:
		return what
	case 1:
		return fmt.Sprintf("%s Seed %d; no interval over seeds.", what, seeds[0])
	}
	return fmt.Sprintf("%s n = %d seeds (faint), mean with 95%% t-interval over seeds.", what, len(seeds))
}

// countOf words the largest value of a measure among events: the n of a caption.
func countOf(events []store.Event, keep func(*store.Event) bool, name, of string) string {
	n := 0.0
	for i := range events {
		if e := &events[i]; keep(e) {
			n = max(n, e.Measures[name])
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (n = %.0f %s)", n, of)
}

// LossFigure is the loss on code tokens over the tokens trained, by lane: in
// mid-training, and until that begins in pre-training. Both need not be equally
// long, so they are never on one axis.
func LossFigure(events []store.Event) measure.Figure {
	phase, during := PhasePretrain, "pre-training"
	if slices.ContainsFunc(events, func(e store.Event) bool { return e.Phase == PhaseM }) {
		phase, during = PhaseM, "mid-training"
	}
	keep := func(e *store.Event) bool { return e.Phase == phase }
	f := measure.Figure{Name: "loss", Title: "Training loss on code", XLabel: during + " tokens", YLabel: "nats per code token", Kind: measure.Lines,
		Caption: seedCaption(seedsOf(events, keep), "Each update's own batch"+countOf(events, keep, "tokens", "tokens an update at most")+"; RA3's code is given its rationales.")}
	for _, lane := range LaneNames() {
		of := func(e *store.Event) bool { return keep(e) && e.Lane == lane }
		seeds := seedsOf(events, of)
		if len(seeds) == 0 {
			continue // base is not mid-trained, the others are not pre-trained
		}
		f.Series = append(f.Series, overSeeds(LaneTitle(lane), lane, seeds, func(seed int) points {
			before := 0.0
			return curve(events, func(e *store.Event) bool { return of(e) && e.Seed == seed }, func(e *store.Event, _ int) float64 {
				before += e.Measures["tokens"]
				if trained, ok := e.Measures["tokens_trained"]; ok {
					return trained
				}
				return before
			}, "loss_code")
		})...)
	}
	return f
}

// BoundFigure is the E-step's bound and its terms over E-step updates.
func BoundFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { return e.Phase == PhaseE }
	seeds := seedsOf(events, keep)
	f := measure.Figure{Name: "bound", Title: "Variational bound and its terms", XLabel: "E-step update (all EM iterations)", YLabel: "nats per program", Kind: measure.Lines,
		Caption: seedCaption(seeds, "Monte-Carlo estimates on the E-step's own batches of mid-training traces"+countOf(events, keep, "bound_samples", "annotations an update")+".")}
	for _, t := range []struct{ name, measure string }{{"bound", "bound"}, {"code", "bound_code"}, {"prior", "bound_prior"}, {"entropy", "bound_entropy"}} {
		f.Series = append(f.Series, overSeeds(t.name, "", seeds, func(seed int) points {
			return curve(events, func(e *store.Event) bool { return keep(e) && e.Seed == seed }, func(_ *store.Event, n int) float64 { return float64(n) }, t.measure)
		})...)
	}
	return f
}

// PruningFigure is the effective decision space of each lane during
// mid-training, on validation traces.
func PruningFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { return e.Phase == PhaseM }
	seeds := seedsOf(events, keep)
	f := measure.Figure{Name: "pruning", Title: "Effective decision space", XLabel: "mid-training tokens", YLabel: "sum of log n95 per program (nats)", Kind: measure.Lines,
		Caption: seedCaption(seeds, "Smallest action sets holding 95% of the policy's mass, on 48 validation traces; RA3 with its rationales included, and its code alone dashed.")}
	for _, lane := range LaneNames() {
		of := func(name string) func(int) points {
			return func(seed int) points {
				return curve(events, func(e *store.Event) bool { return keep(e) && e.Seed == seed && e.Lane == lane },
					func(e *store.Event, _ int) float64 { return e.Measures["tokens_trained"] }, name)
			}
		}
		f.Series = append(f.Series, overSeeds(LaneTitle(lane), lane, seeds, of("probe_log_effective"))...)
		if lane == "ra3" {
			for _, s := range overSeeds("RA3, code alone", lane, seeds, of("probe_log_effective_code")) {
				s.Dashed = true
				f.Series = append(f.Series, s)
			}
		}
	}
	return f
}

// RLVRFigure is held-out success over sampled tokens of post-training, by lane.
func RLVRFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { return e.Phase == PhaseRLVR }
	seeds := seedsOf(events, keep)
	f := measure.Figure{Name: "rlvr", Title: "RLVR convergence", XLabel: "sampled tokens", YLabel: "held-out pass@1", Shares: true, Kind: measure.Lines,
		Caption: seedCaption(seeds, "Held-out problems of both families"+countOf(events, keep, "heldout_problems", "problems a seed")+", at the temperatures of post-training.")}
	for _, lane := range LaneNames() {
		f.Series = append(f.Series, overSeeds(LaneTitle(lane), lane, seeds, func(seed int) points {
			p := curve(events, func(e *store.Event) bool { return keep(e) && e.Seed == seed && e.Lane == lane },
				func(e *store.Event, _ int) float64 { return e.Measures["tokens_sampled"] }, "heldout_pass@1")
			// The first event also carries the level before any update.
			for i := range events {
				e := &events[i]
				if !keep(e) || e.Seed != seed || e.Lane != lane {
					continue
				}
				if y, ok := e.Measures["heldout_start"]; ok {
					p.xs, p.ys, p.seqs = append([]float64{0}, p.xs...), append([]float64{y}, p.ys...), append([]int64{e.Seq}, p.seqs...)
					break
				}
			}
			return p
		})...)
	}
	return f
}

// PassFigure is pass@k on held-out problems, by family and lane.
func PassFigure(s *Summary) measure.Figure {
	f := measure.Figure{Name: "passk", Title: "Held-out pass@k after mid-training", XLabel: "family and k", YLabel: "share of problems solved", Shares: true, Kind: measure.Bars}
	if s == nil {
		return f
	}
	families := map[string]bool{}
	var order []string
	for _, lane := range LaneNames() {
		for family := range s.Lanes[lane] {
			if !families[family] && !IsPlus(family) { // little differs from the family's own bars
				families[family] = true
				order = append(order, family)
			}
		}
	}
	slices.Sort(order)
	problems := 0
	for _, lane := range LaneNames() {
		if len(s.Lanes[lane]) == 0 {
			continue
		}
		series := measure.Series{Name: LaneTitle(lane), Lane: lane}
		for i, family := range order {
			r := s.Lanes[lane][family]
			problems = max(problems, r.Problems)
			for j, m := range []Measured{r.Pass1, r.Pass5, r.Pass10} {
				series.X = append(series.X, float64(3*i+j))
				series.Path = append(series.Path, fmt.Sprintf("lanes.%s.%s.%s", lane, family, []string{"pass@1", "pass@5", "pass@10"}[j]))
				series.Y, series.Lo, series.Hi, series.N = append(series.Y, float64(m.Mean)), append(series.Lo, float64(m.Lo)), append(series.Hi, float64(m.Hi)), append(series.N, m.N)
			}
		}
		f.Series = append(f.Series, series)
	}
	for _, family := range order {
		for _, k := range []string{"1", "5", "10"} {
			f.Categories = append(f.Categories, family+" @"+k)
		}
	}
	f.Caption = fmt.Sprintf("%d problems a family and seed, %s; whiskers: %s.", problems, countSeeds(s.Seeds), s.Interval)
	if s.Split == "validate" {
		f.Title = "Validation pass@k after mid-training"
	}
	return f
}

// LatentFigure holds the annotation of the corpus against the hidden intents,
// by EM iteration.
func LatentFigure(events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { return e.Phase == PhaseAnnotate }
	seeds := seedsOf(events, keep)
	f := measure.Figure{Name: "latents", Title: "Latents against the hidden intents", XLabel: "EM iteration (0: the initial sampler)", YLabel: "score", Shares: true, Kind: measure.Lines,
		Caption: seedCaption(seeds, "Greedy annotation of the mid-training corpus"+countOf(events, keep, "annotated", "traces a seed")+"; the answer key is for display only.")}
	for _, t := range []struct{ name, measure string }{{"NMI", "nmi"}, {"boundary recall", "boundary_recall"}, {"whole program right", "program_accuracy"}} {
		f.Series = append(f.Series, overSeeds(t.name, "", seeds, func(seed int) points {
			return curve(events, func(e *store.Event) bool { return keep(e) && e.Seed == seed }, func(e *store.Event, _ int) float64 { return float64(e.Iteration) }, t.measure)
		})...)
	}
	return f
}
