package theory

import (
	"fmt"
	"math"

	"ra3/core/measure"
)

// FigureNames lists a report's figures in their order.
var FigureNames = []string{"decomposition", "pruning", "bound", "planning", "values", "qlearning", "kept", "duration", "discount", "gain", "where", "learned"}

// Figures draws what the report holds; a part not computed has none.
func (r Report) Figures() []measure.Figure {
	var out []measure.Figure
	if len(r.Regrets) > 0 {
		out = append(out, r.decomposition())
	}
	if len(r.Pruning) > 0 {
		out = append(out, r.pruning(), r.bound())
	}
	if len(r.Convergence) > 0 {
		out = append(out, r.planning(), r.values())
	}
	if len(r.Learning) > 0 {
		out = append(out, r.learning())
	}
	if t := r.TradeOff; t != nil {
		out = append(out, r.kept(), r.duration(), r.discount(), r.gain())
	}
	if len(r.Convergence) > 0 {
		out = append(out, r.where())
	}
	if r.Learned != nil {
		out = append(out, r.learned())
	}
	return out
}

// world words the setting for captions.
func (r Report) world() string {
	s := r.Settings
	return fmt.Sprintf("Family %s: %d states, %d actions, %d options of duration %d, discount %g, seed %d.", s.Family, r.World.States, r.World.Actions, len(r.World.Options), s.Duration, s.Discount, s.Seed)
}

// add appends a point with its interval to a series.
func add(s *measure.Series, x float64, e Estimate) {
	s.X, s.Y = append(s.X, x), append(s.Y, float64(e.Mean))
	s.Lo, s.Hi, s.N = append(s.Lo, float64(e.Lo)), append(s.Hi, float64(e.Hi)), append(s.N, e.N)
}

const tOver = "mean with 95%% t-interval over %d %s"

func (r Report) decomposition() measure.Figure {
	f := measure.Figure{Name: "decomposition", Title: "Regret = pruning error + planning error", XLabel: "decision space kept", YLabel: "value lost", Kind: measure.Bars,
		Caption: fmt.Sprintf("After %d demonstrations and %d iterations of value iteration; "+tOver+". The regret is measured apart from the two terms. %s", r.Settings.Demos, r.Settings.Iterations, r.Settings.Tasks, "fresh tasks", r.world())}
	series := []measure.Series{{Name: "pruning error"}, {Name: "planning error"}, {Name: "regret, measured"}}
	for i, d := range r.Regrets {
		f.Categories = append(f.Categories, d.Kept)
		for k, e := range []Estimate{d.Pruning, d.Planning, d.Regret} {
			add(&series[k], float64(i), e)
		}
	}
	f.Series = series
	return f
}

func (r Report) pruning() measure.Figure {
	f := measure.Figure{Name: "pruning", Title: "Pruning error on fresh tasks", XLabel: "demonstrations (log2)", YLabel: "value lost by pruning", Kind: measure.Lines,
		Caption: fmt.Sprintf("Expected over fresh tasks: "+tOver+", each measured on %d fresh tasks. Used: all that experts used; minimal: what of it loses at most %g on their tasks. %s", r.Settings.Repeats, "draws of the demonstrations", r.Settings.Tasks, r.Settings.Epsilon, r.world())}
	for _, c := range r.Pruning {
		s := measure.Series{Name: c.Lane + ", " + string(c.Rule), Dashed: c.Rule == KeepMinimal}
		for _, p := range c.Points {
			add(&s, math.Log2(float64(p.Demos)), p.Error)
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// bound puts the union bound and what was measured into one chart, far enough
// for the bound to mean something.
func (r Report) bound() measure.Figure {
	s := r.Settings
	f := measure.Figure{Name: "bound", Title: "Union bound and measurement", XLabel: "demonstrations (log2)", YLabel: "share of tasks losing over epsilon", Shares: true, Kind: measure.Lines,
		Caption: fmt.Sprintf("Share of %d fresh tasks that lose more than %g, which %g%% of %d draws stay within; dashed: what the bound (k log|Z| + log 1/delta)/n promises at delta %g. Assumes: %s. %s",
			s.Tasks, s.Epsilon, 100*(1-s.Delta), s.Repeats, s.Delta, Assumptions, r.world())}
	for _, c := range r.Pruning {
		if c.Rule != KeepUsed {
			continue
		}
		measured, promised := measure.Series{Name: c.Lane + ", measured"}, measure.Series{Name: c.Lane + fmt.Sprintf(", bound (k=%d, |Z|=%d)", c.K, c.Decisions), Dashed: true}
		for _, p := range c.Points {
			measured.X, measured.Y = append(measured.X, math.Log2(float64(p.Demos))), append(measured.Y, p.Quantile)
		}
		for n := 1.0; n <= 2*float64(c.Bound) || n < 2; n *= math.Sqrt2 {
			promised.X, promised.Y = append(promised.X, math.Log2(n)), append(promised.Y, min(1, s.Sigma*float64(c.Bound)/n))
		}
		f.Series = append(f.Series, measured, promised)
	}
	return f
}

func (r Report) planning() measure.Figure {
	n := 0
	f := measure.Figure{Name: "planning", Title: "Planning error by iterations", XLabel: "iterations of value iteration", YLabel: "value lost by planning", Kind: measure.Lines}
	for _, c := range r.Convergence {
		s := measure.Series{Name: fmt.Sprintf("%s (tau %.1f)", c.Kept, float64(c.Tau.Mean))}
		for i, e := range c.Planning {
			add(&s, c.At[i], e)
			n = e.N
		}
		f.Series = append(f.Series, s)
	}
	f.Caption = fmt.Sprintf("V*(kept) less the value of the greedy policy, from the start; "+tOver+". %s", n, "fresh tasks", r.world())
	return f
}

// values are the errors of value iteration beside the contraction bounds.
func (r Report) values() measure.Figure {
	f := measure.Figure{Name: "values", Title: "Error of values and contraction bounds", XLabel: "iterations of value iteration", YLabel: "largest error of a value", Kind: measure.Lines,
		Caption: "Mean over fresh tasks. Dashed: gamma^(tau N) with the mean tau of the best policy's decisions, which bounds the error only where all decisions last so long; the certain bound takes the shortest decision, so that it is gamma^N wherever one lasts a step. " + r.world()}
	for i, c := range r.Convergence {
		if c.Kept == "everything" {
			continue
		}
		measured, tau := measure.Series{Name: c.Kept}, measure.Series{Name: c.Kept + ", gamma^(tau N)", Dashed: true}
		for n := range c.Errors {
			x := float64(n)
			measured.X, measured.Y = append(measured.X, x), append(measured.Y, float64(c.Errors[n]))
			tau.X, tau.Y = append(tau.X, x), append(tau.Y, float64(c.Typical[n]))
		}
		if i == 0 {
			tau.Name = "certain bound, gamma^N"
		}
		f.Series = append(f.Series, measured, tau)
	}
	return f
}

func (r Report) learning() measure.Figure {
	n := 0
	f := measure.Figure{Name: "qlearning", Title: "Regret by episodes of Q-learning", XLabel: "episodes", YLabel: "value lost", Kind: measure.Lines}
	for _, c := range r.Learning {
		s := measure.Series{Name: c.Kept}
		for i, e := range c.Regret {
			add(&s, c.Episodes[i], e)
			n = e.N
		}
		f.Series = append(f.Series, s)
	}
	f.Caption = fmt.Sprintf("V*(all) less the value of the greedy policy, evaluated exactly; "+tOver+"; SMDP Q-learning, step size 0.5, exploration 0.1. %s", n, "fresh tasks", r.world())
	return f
}

func (r Report) kept() measure.Figure {
	f := measure.Figure{Name: "kept", Title: "Total regret by options kept", XLabel: "options kept, most used first", YLabel: "value lost", Kind: measure.Lines,
		Caption: fmt.Sprintf("At fixed budgets: %d iterations of value iteration on %d fresh tasks, %d episodes of Q-learning on %d; mean with 95%% t-interval over tasks. %s", r.Settings.Iterations, r.Settings.Tasks, r.Settings.Episodes, min(few, r.Settings.Tasks), r.world())}
	with, alone, learned := measure.Series{Name: "with all actions"}, measure.Series{Name: "without actions"}, measure.Series{Name: "with all actions, Q-learning", Dashed: true}
	for _, p := range r.TradeOff.Kept {
		x := float64(p.Options)
		add(&with, x, p.With.Total)
		add(&learned, x, p.Learned)
		if p.Alone != nil {
			add(&alone, x, p.Alone.Total)
		}
	}
	f.Series = []measure.Series{with, alone, learned}
	return f
}

// cutName words how options are cut.
func cutName(steps int) string {
	if steps == 0 {
		return "whole"
	}
	return fmt.Sprintf("%d", steps)
}

func (r Report) duration() measure.Figure {
	f := measure.Figure{Name: "duration", Title: "Iterations to epsilon by duration of options", XLabel: "options cut every so many steps", YLabel: "iterations until within epsilon", Kind: measure.Bars,
		Caption: fmt.Sprintf("Epsilon %g; up to %d fresh tasks, mean with 95%% t-interval. Values: all of them; policy: the greedy one from the start. The bound is what the certain contraction asks for. %s", r.Settings.Epsilon, few, r.world())}
	s := []measure.Series{{Name: "policy, with actions"}, {Name: "values, with actions"}, {Name: "values, options only"}, {Name: "bound, options only"}}
	for i, p := range r.TradeOff.Durations {
		f.Categories = append(f.Categories, cutName(p.Steps))
		for k, e := range []Estimate{p.With.PolicyIterations, p.With.Iterations, p.Alone.Iterations, p.Alone.Bound} {
			add(&s[k], float64(i), e)
		}
	}
	f.Series = s
	return f
}

func (r Report) discount() measure.Figure {
	f := measure.Figure{Name: "discount", Title: "Iterations to epsilon by discount", XLabel: "discount", YLabel: "iterations until within epsilon", Kind: measure.Lines,
		Caption: fmt.Sprintf("Epsilon %g; up to %d fresh tasks, mean with 95%% t-interval. Values: all of them; policy: the greedy one from the start. %s", r.Settings.Epsilon, few, r.world())}
	s := []measure.Series{{Name: "values, actions"}, {Name: "values, actions and options"}, {Name: "policy, actions"}, {Name: "policy, actions and options"}, {Name: "contraction bound", Dashed: true}}
	for _, p := range r.TradeOff.Discounts {
		for k, e := range []Estimate{p.Primitives.Iterations, p.Everything.Iterations, p.Primitives.PolicyIterations, p.Everything.PolicyIterations, p.Primitives.Bound} {
			add(&s[k], p.Discount, e)
		}
	}
	f.Series = s
	return f
}

func (r Report) gain() measure.Figure {
	f := measure.Figure{Name: "gain", Title: "What options change at a fixed budget", XLabel: "options kept, most used first, with all actions", YLabel: "cut every so many steps", Kind: measure.Heat, ZLabel: "regret with less regret without options",
		Caption: fmt.Sprintf("After %d iterations of value iteration; negative: abstraction helps. Paired over up to %d fresh tasks, 95%% t-interval. %s", r.Settings.Iterations, few, r.world())}
	for _, m := range r.TradeOff.GainKept {
		f.Categories = append(f.Categories, fmt.Sprint(m))
	}
	for i, row := range r.TradeOff.Gain {
		s := measure.Series{Name: "cut: " + cutName(r.TradeOff.Durations[i].Steps)}
		for k, e := range row {
			add(&s, float64(k), e)
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// where is the effective horizon against duration, with the decision spaces of
// this world and the lanes of a run on the curve of this discount.
func (r Report) where() measure.Figure {
	f := measure.Figure{Name: "where", Title: "Effective horizon by duration", XLabel: "duration tau of a decision", YLabel: "effective horizon", Kind: measure.Lines,
		Caption: "1/(1-gamma^tau), in decisions; points: mean duration of the best policy's decisions here"}
	curve := measure.Series{Name: fmt.Sprintf("discount %g", r.Settings.Discount)}
	most := 2.0
	var points []measure.Series
	point := func(name, lane string, tau float64) {
		if tau >= 1 && !math.IsInf(tau, 1) {
			points = append(points, measure.Series{Name: name, Lane: lane, X: []float64{tau}, Y: []float64{Horizon(r.Settings.Discount, tau)}})
			most = max(most, tau)
		}
	}
	for _, c := range r.Convergence {
		point(c.Kept, "", float64(c.Tau.Mean))
	}
	for _, m := range r.Run {
		name := "run: " + m.Name
		if a := float64(m.Actions); !math.IsNaN(a) {
			name += fmt.Sprintf(", %.2g actions", a)
		}
		point(name, m.Lane, float64(m.Duration))
	}
	if len(r.Run) > 0 {
		f.Caption += ", and spans of lines in the run, whose effective actions a decision are named"
	}
	f.Caption += ". " + r.world()
	for x := 1.0; x <= most*1.1; x += most / 100 {
		curve.X, curve.Y = append(curve.X, x), append(curve.Y, Horizon(r.Settings.Discount, x))
	}
	f.Series = append([]measure.Series{curve}, points...)
	return f
}

func (r Report) learned() measure.Figure {
	l := r.Learned
	f := measure.Figure{Name: "learned", Title: "Latents learned by EM against planted options", XLabel: "", YLabel: "agreement", Shares: true, Kind: measure.Bars, Categories: []string{"NMI", "purity", "boundary precision", "boundary recall", "explained given place"},
		Caption: fmt.Sprintf("%d latents, %d expert trajectories, %d steps, %.0f%% of them under one of %d options; log p %.3f nats a step before, %.3f after EM, %.3f without latents. Place: which options can be under way. One world, no interval. %s",
			l.Latents, l.Trajectories, l.Steps, 100*l.Planted, l.Used, l.LogP[0], l.LogP[len(l.LogP)-1], l.Alone, r.world())}
	for _, a := range []struct {
		name string
		Agreement
	}{{"before EM", l.Begin}, {"after EM", l.End}} {
		s := measure.Series{Name: a.name}
		for i, v := range []Number{a.NMI, a.Purity, a.Precision, a.Recall, a.Given} {
			s.X, s.Y = append(s.X, float64(i)), append(s.Y, float64(v))
		}
		f.Series = append(f.Series, s)
	}
	return f
}
