package experiments

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"ra3/core/measure"
	"ra3/experiments/store"
)

// logged is a measure of a record as a cell, with the interval of its standard
// error where the record has one.
func logged(e store.Event, name string) measure.Cell {
	c := measure.Value(math.NaN())
	c.Measure, c.Seq = name, []int64{e.Seq}
	v, ok := e.Measures[name]
	if !ok {
		return measure.Value(math.NaN())
	}
	c.Y = v
	f, _ := FormulaOf(name)
	if se, ok := e.Measures[f.StdErr]; ok && f.StdErr != "" {
		n := e.Measures["bound_programs"]
		if e.Phase == PhaseAnnotate {
			n = e.Measures["exact_programs"]
		}
		x := measure.ErrorInterval(v, se, int(n), level)
		c.Lo, c.Hi, c.N = x.Lo, x.Hi, x.N
	}
	return c
}

// newest is the last record that passes.
func newest(events []store.Event, keep func(*store.Event) bool) (store.Event, bool) {
	for i := len(events) - 1; i >= 0; i-- {
		if keep(&events[i]) {
			return events[i], true
		}
	}
	return store.Event{}, false
}

// isBound tells a record that has an estimate of the bound.
func isBound(e *store.Event) bool {
	if e.Phase != PhaseE {
		return false
	}
	_, ok := e.Measures["bound"]
	return ok
}

// Terms of the bound in the order in which they are added.
var boundTerms = []struct{ name, measure, formula, estimator string }{
	{"code", "bound_code", "E_q sum log pi(a_t|s_t,z)", "Monte-Carlo mean"},
	{"+ prior", "bound_prior", "E_q sum log p(u_t|z,s_t)", "Monte-Carlo mean"},
	{"+ entropy", "bound_entropy", "-E_q sum log q(u_t|x,a)", "Monte-Carlo mean"},
}

// Rows of BoundRows that are no term.
const (
	SumTerm        = "= sum"
	BoundTerm      = "bound"
	ResidualTerm   = "residual"
	ImportanceTerm = "importance"
)

// What BoundRows says of the residual.
const (
	AddsUp       = "adds up"
	DoesNotAddUp = "DOES NOT ADD UP"
)

// BoundRows is the newest estimate of the bound, term by term, with the residual
// that proves they add up; no rows before the first.
func BoundRows(events []store.Event) measure.Table {
	t := measure.Table{Name: "bound", Columns: []measure.Column{{Name: "term", Kind: measure.Words}, {Name: "formula", Kind: measure.Words}, {Name: "estimator", Kind: measure.Words},
		{Name: "estimate", Unit: "nats per program", Decimals: 2}}}
	e, ok := newest(events, isBound)
	if !ok {
		return t
	}
	row := func(name, formula, estimator string, c measure.Cell) {
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(name), measure.Text(formula), measure.Text(estimator), c})
	}
	sum := 0.0
	for _, x := range boundTerms {
		sum += e.Measures[x.measure]
		row(x.name, x.formula, x.estimator, logged(e, x.measure))
	}
	total := measure.Value(sum)
	total.Measure, total.Seq = "bound_residual", []int64{e.Seq} // whose inputs are the terms
	row(SumTerm, "", "", total)
	bound := e.Measures["bound"]
	row(BoundTerm, "E_q of the samples' sums", "mean of rewards", logged(e, "bound"))
	residual, verdict := logged(e, "bound_residual"), AddsUp
	if math.IsNaN(residual.Y) {
		residual.Y = 0
		if _, ok := e.Measures["bound_residual"]; ok {
			residual.Y = math.NaN()
		}
	}
	if math.Abs(bound-sum) > 1e-6*math.Max(1, math.Abs(bound)) || math.IsNaN(residual.Y) {
		verdict = DoesNotAddUp
	}
	if v := residual.Y; v != 0 && math.Abs(v) < 1e-3 {
		residual.Text = strconv.FormatFloat(v, 'e', 0, 64)
	}
	row(ResidualTerm, "bound - sum", verdict, residual)
	if _, ok := e.Measures["bound_importance"]; ok {
		row(ImportanceTerm, "at least the bound", "log-mean-exp", logged(e, "bound_importance"))
	}
	return t
}

func boundFigure(f measure.Figure, events []store.Event) measure.Figure {
	f.Title, f.Tables = "Terms of the variational bound", []measure.Table{BoundRows(events)}
	e, _ := newest(events, isBound)
	f.Caption = fmt.Sprintf("E-step update %d of EM iteration %d, seed %d: n = %.0f programs, %.0f annotations. Brackets: 95%% t over programs.",
		e.Update, e.Iteration, e.Seed, e.Measures["bound_programs"], e.Measures["bound_samples"])
	return f
}

// ExactRows is the gap to the exact reference after each annotation of the corpus,
// by seed.
func ExactRows(events []store.Event) measure.Table {
	t := measure.Table{Name: "exact", Columns: []measure.Column{{Name: "seed", Group: true}, {Name: "EM iteration"}, {Name: "reference", Unit: "nats per program", Decimals: 2},
		{Name: "certified", Unit: "nats", Decimals: 2}, {Name: "bound under q", Unit: "nats", Decimals: 2}, {Name: "gap", Unit: "nats", Decimals: 2}, {Name: "gap of it", Unit: "share", Decimals: 3}}}
	for i := range events {
		if events[i].Phase != PhaseAnnotate {
			continue
		}
		e := events[i]
		exact, ok := e.Measures["exact_bound"]
		if !ok {
			continue
		}
		relative := measure.Value(e.Measures["exact_gap"] / math.Abs(exact))
		relative.Measure, relative.Seq = "exact_gap_relative", []int64{e.Seq}
		t.Rows = append(t.Rows, []measure.Cell{whole(e.Seed), whole(e.Iteration), logged(e, "exact_bound"), logged(e, "exact_certified"), logged(e, "q_bound"), logged(e, "exact_gap"), relative})
	}
	return t
}

func exactFigure(f measure.Figure, events []store.Event) measure.Figure {
	keep := func(e *store.Event) bool { _, ok := e.Measures["exact_bound"]; return ok && e.Phase == PhaseAnnotate }
	f.Title, f.Tables = "Gap to the exact reference", []measure.Table{ExactRows(events)}
	f.Caption = "Validation traces" + countOf(events, keep, "exact_programs", "programs") + "; iteration 0 is the initial sampler. Reference: the best bound any posterior could reach under the same policy; certified: a lower bound of log p(a|x) whatever was pruned. Brackets: 95% t over programs."
	return f
}

// Climb is a lane's post-training as far as the log has it, a value a seed.
type Climb struct {
	Lane                     string
	K                        int // samples of a held-out look
	Start, Now, Many, Reward []float64
	Tokens, Updates          []float64 // to the threshold; NaN where it is not reached
	Sampled, Problems, Made  float64   // Made: updates, of the last seed
	starts, looks, rewards   []int64   // their records
}

// Climbs reads the records of post-training, of every lane that has any.
func Climbs(events []store.Event, threshold float64, k int) []Climb {
	type part struct{ lane, seed int }
	by := map[part][]*store.Event{}
	var seeds []int
	names := LaneNames()
	for i := range events {
		e := &events[i]
		if e.Phase != PhaseRLVR {
			continue
		}
		if !slices.Contains(seeds, e.Seed) {
			seeds = append(seeds, e.Seed)
		}
		p := part{slices.Index(names, e.Lane), e.Seed}
		by[p] = append(by[p], e)
	}
	var out []Climb
	for lane, name := range names {
		c := Climb{Lane: name, K: k}
		for _, seed := range seeds {
			if events := by[part{lane, seed}]; events != nil {
				c.add(events, threshold)
			}
		}
		if c.rewards != nil {
			out = append(out, c)
		}
	}
	return out
}

// add takes one seed's records.
func (c *Climb) add(events []*store.Event, threshold float64) {
	var x, u, y []float64
	many, reward := math.NaN(), math.NaN()
	var start, look, rewarded int64
	passMany := fmt.Sprintf("heldout_pass@%d", c.K)
	for _, e := range events {
		if v, ok := e.Measures["heldout_start"]; ok {
			x, u, y, start = append(x, 0), append(u, 0), append(y, v), e.Seq
		}
		if v, ok := e.Measures["heldout_pass@1"]; ok {
			x, u, y, look = append(x, e.Measures["tokens_sampled"]), append(u, float64(e.Update)), append(y, v), e.Seq
			c.Problems = e.Measures["heldout_problems"]
		}
		if v, ok := e.Measures[passMany]; ok && c.K > 1 {
			many = v
		}
		if v, ok := e.Measures["reward"]; ok {
			reward, rewarded = v, e.Seq
		}
		c.Sampled, c.Made = e.Measures["tokens_sampled"], float64(e.Update)
	}
	c.Many, c.Reward, c.rewards = append(c.Many, many), append(c.Reward, reward), append(c.rewards, rewarded)
	if len(y) == 0 {
		return
	}
	c.Start, c.Now, c.starts, c.looks = append(c.Start, y[0]), append(c.Now, y[len(y)-1]), append(c.starts, start), append(c.looks, look)
	reach := func(x []float64) float64 {
		if at, ok := measure.FirstReach(x, y, threshold, 1); ok {
			return at
		}
		return math.NaN()
	}
	c.Tokens, c.Updates = append(c.Tokens, reach(x)), append(c.Updates, reach(u))
}

// ClimbSeeds says how many of a run's seeds the rows are over: those whose held-out
// level is known, which lanes reach one after the other.
func ClimbSeeds(all []Climb, planned int) string {
	least, most := 0, 0
	for i, c := range all {
		n := len(c.Start)
		if i == 0 {
			least, most = n, n
		}
		least, most = min(least, n), max(most, n)
	}
	switch planned = max(planned, most); {
	case least < most:
		return fmt.Sprintf("%d to %d of %s", least, most, Plural(planned, "seed"))
	case most < planned:
		return fmt.Sprintf("%d of %s", most, Plural(planned, "seed"))
	}
	return Plural(most, "seed")
}

// ConvergenceRows is where post-training of every lane stands.
func ConvergenceRows(all []Climb, threshold float64) measure.Table {
	t := measure.Table{Name: "convergence", Columns: []measure.Column{laneColumn, {Name: "start", Decimals: 3}, {Name: "now", Decimals: 3}, {Name: "pass@k", Decimals: 3}, {Name: "reward", Decimals: 3},
		{Name: fmt.Sprintf("updates to %g", threshold)}, {Name: fmt.Sprintf("tokens to %g", threshold)}, {Name: "updates made"}, {Name: "tokens sampled"}}}
	for _, c := range all {
		t.Columns[3].Name = fmt.Sprintf("pass@%d", c.K)
		over := func(values []float64, name string, seqs []int64) measure.Cell {
			e := measure.TInterval(values, level)
			return measure.Cell{Y: e.Mean, Lo: e.Lo, Hi: e.Hi, N: e.N, Measure: name, Seq: seqs}
		}
		reached := func(values []float64) measure.Cell {
			e := measure.TInterval(values, level) // NaN are gaps
			x := measure.Cell{Y: e.Mean, Lo: math.NaN(), Hi: math.NaN(), N: e.N}
			switch {
			case len(values) == 0:
			case e.N == 0:
				x.Text = "not reached"
			case e.N < len(values):
				x.Text = fmt.Sprintf("%.0f (%d of %d)", e.Mean, e.N, len(values))
			}
			return x
		}
		t.Rows = append(t.Rows, []measure.Cell{laneCell(c.Lane), over(c.Start, "heldout_start", c.starts), over(c.Now, "heldout_pass@1", c.looks), over(c.Many, fmt.Sprintf("heldout_pass@%d", c.K), c.looks),
			over(c.Reward, "reward", c.rewards), reached(c.Updates), reached(c.Tokens), measure.Value(c.Made), measure.Value(c.Sampled)})
	}
	return t
}

func convergenceFigure(f measure.Figure, events []store.Event, c Config) measure.Figure {
	all := Climbs(events, c.RLVR.Threshold, c.RLVR.EvalSamples)
	f.Title, f.Tables = "Convergence of post-training", []measure.Table{ConvergenceRows(all, c.RLVR.Threshold)}
	keep := func(e *store.Event) bool { return e.Phase == PhaseRLVR }
	seeds := seedsOf(events, keep)
	f.Caption = "Held-out pass@1 on problems of both families" + countOf(events, keep, "heldout_problems", "problems a seed") + "; reward: of the newest update's own samples. "
	if len(seeds) == 1 {
		f.Caption += fmt.Sprintf("Seed %d; no interval over seeds.", seeds[0])
	} else {
		f.Caption += fmt.Sprintf("Brackets: 95%% t over seeds (n = %s); counts are means of the seeds that came there.", ClimbSeeds(all, c.Seeds))
	}
	return f
}

// LossRows is the newest value of each lane's training measures.
func LossRows(events []store.Event) measure.Table {
	columns := []struct {
		measure string
		column  measure.Column
	}{{"loss_code", measure.Column{Name: "loss on code", Unit: "nats per token", Decimals: 3}}, {"probe_nats", measure.Column{Name: "validation nats", Unit: "nats per program", Decimals: 2}},
		{"probe_log_effective", measure.Column{Name: "effective space", Unit: "nats per program", Decimals: 2}}, {"bound", measure.Column{Name: "bound", Unit: "nats per program", Decimals: 2}}}
	t := measure.Table{Name: "losses", Columns: []measure.Column{laneColumn}}
	for _, c := range columns {
		t.Columns = append(t.Columns, c.column)
	}
	names := LaneNames()
	last := make([][]*store.Event, len(names)) // by lane and column
	for lane := range names {
		last[lane] = make([]*store.Event, len(columns))
	}
	for i := len(events) - 1; i >= 0; i-- {
		e := &events[i]
		lane := slices.Index(names, e.Lane)
		if lane < 0 {
			continue
		}
		for k, c := range columns {
			if last[lane][k] != nil {
				continue
			}
			if _, ok := e.Measures[c.measure]; ok {
				last[lane][k] = e
			}
		}
	}
	for lane, name := range names {
		row, any := []measure.Cell{laneCell(name)}, false
		for k, c := range columns {
			x := measure.Value(math.NaN())
			if e := last[lane][k]; e != nil {
				x, any = logged(*e, c.measure), true
			}
			row = append(row, x)
		}
		if any {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func lossFigure(f measure.Figure, events []store.Event) measure.Figure {
	f.Title, f.Tables = "Newest training measures", []measure.Table{LossRows(events)}
	seeds := seedsOf(events, func(e *store.Event) bool { return slices.Contains([]string{PhasePretrain, PhaseM, PhaseE}, e.Phase) })
	what := "of the only seed"
	if n := len(seeds); n > 1 {
		what = fmt.Sprintf("of seed %d, the newest of n = %d", seeds[n-1], n)
	}
	f.Caption = "Each lane's newest records, " + what + ": the loss of the last update's own batch, validation traces as last looked at" +
		"; the bound on the last E-step's batch, brackets: 95% t over its programs."
	return f
}
