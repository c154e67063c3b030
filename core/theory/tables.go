package theory

import (
	"fmt"
	"math"
	"strconv"

	"ra3/core/measure"
)

// TableNames lists a report's tables in their order.
var TableNames = []string{"table-regret", "table-iterations", "table-qlearning", "table-demonstrations", "table-pruning", "table-kept", "table-duration", "table-discount", "table-learned", "table-run"}

// Tables are what the report holds as tables; a part not computed has none.
func (r Report) Tables() []measure.Figure {
	var out []measure.Figure
	for _, f := range []measure.Figure{r.regretTable(), r.iterationTable(), r.learningTable(), r.demonstrationTable(), r.pruningTable(), r.keptTable(), r.durationTable(), r.discountTable(), r.learnedTable(), r.runTable()} {
		if !f.Empty() {
			out = append(out, f)
		}
	}
	return out
}

// tabular is a figure of one table, with the world in its caption.
func (r Report) tabular(name, title, note string, t measure.Table) measure.Figure {
	t.Name = name
	return measure.Figure{Name: name, Title: title, Kind: measure.Tabular, Tables: []measure.Table{t},
		Caption: note + fmt.Sprintf("Brackets: 95%% t-interval over %d fresh tasks where nothing else is said. %s", r.Settings.Tasks, r.world())}
}

// cell is an estimate in a table.
func (e Estimate) cell() measure.Cell {
	if math.Abs(float64(e.Mean)) < 1e-9 {
		e.Mean = 0 // not -0.000
	}
	return measure.Cell{Y: float64(e.Mean), Lo: float64(e.Lo), Hi: float64(e.Hi), N: e.N}
}

func (x Number) cell() measure.Cell { return measure.Value(float64(x)) }

func count(n int) measure.Cell { return measure.Value(float64(n)) }

// columns make columns of numbers of so many decimals after one of words.
func columns(first string, numbers ...measure.Column) []measure.Column {
	return append([]measure.Column{{Name: first, Kind: measure.Words}}, numbers...)
}

func digits(n int, name string) measure.Column { return measure.Column{Name: name, Decimals: n} }

func (r Report) regretTable() measure.Figure {
	t := measure.Table{Columns: columns("kept", digits(0, "size"), digits(3, "pruning error"), digits(3, "planning error"), digits(3, "regret, measured"), digits(0, "largest |sum - regret|"))}
	for _, d := range r.Regrets {
		residual := measure.Value(d.Residual)
		residual.Text = fmt.Sprintf("%.1g", d.Residual)
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(d.Kept), count(d.Size), d.Pruning.cell(), d.Planning.cell(), d.Regret.cell(), residual})
	}
	return r.tabular("table-regret", fmt.Sprintf("Regret after %d demonstrations and %d iterations of value iteration", r.Settings.Demos, r.Settings.Iterations), "", t)
}

func (r Report) iterationTable() measure.Figure {
	t := measure.Table{Columns: columns("kept", digits(2, "tau"), digits(1, "horizon"), digits(3, "contraction"), digits(1, "policy within epsilon"), digits(1, "values within epsilon"), digits(1, "bound for values"))}
	for _, c := range r.Convergence {
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(c.Kept), c.Tau.cell(), c.Horizon.cell(), measure.Value(c.Contraction), c.PolicyIterations.cell(), c.Iterations.cell(), c.Bound.cell()})
	}
	return r.tabular("table-iterations", fmt.Sprintf("Iterations of value iteration (epsilon %g)", r.Settings.Epsilon), "Horizon: 1/(1 - gamma^tau). ", t)
}

func (r Report) learningTable() measure.Figure {
	t := measure.Table{Columns: columns("kept", digits(1, "episodes to epsilon"), digits(2, "tasks reached"), digits(3, "regret after all"))}
	for _, c := range r.Learning {
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(c.Kept), c.Reached.cell(), measure.Value(c.Share), c.Final.cell()})
	}
	return r.tabular("table-qlearning", fmt.Sprintf("Q-learning, %d episodes; epsilon from the best kept policy", r.Settings.Episodes), "", t)
}

func (r Report) demonstrationTable() measure.Figure {
	s := r.Settings
	t := measure.Table{Columns: append(columns("lane"), measure.Column{Name: "kept", Kind: measure.Words}, digits(0, "|Z|"), digits(0, "k"), digits(0, "bound"), digits(0, "measured"), digits(1, "ratio"))}
	for _, c := range r.Pruning {
		rule := string(c.Rule)
		if c.Exhaustive {
			rule = "smallest"
		}
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(c.Lane), measure.Text(rule), count(c.Decisions), count(c.K), c.Bound.cell(), c.Measured.cell(), c.Ratio.cell()})
	}
	return r.tabular("table-demonstrations", fmt.Sprintf("Demonstrations until less than %g%% of fresh tasks lose over %g, in %g%% of %d draws", 100*s.Sigma, s.Epsilon, 100*(1-s.Delta), s.Repeats),
		"The bound assumes "+r.Assumptions+". ", t)
}

func (r Report) pruningTable() measure.Figure {
	t := measure.Table{Columns: []measure.Column{{Name: "demonstrations"}}}
	for _, c := range r.Pruning {
		t.Columns = append(t.Columns, digits(3, c.Lane+", "+string(c.Rule)))
	}
	if len(r.Pruning) > 0 {
		for i, p := range r.Pruning[0].Points {
			row := []measure.Cell{count(p.Demos)}
			for _, c := range r.Pruning {
				row = append(row, c.Points[i].Error.cell())
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return r.tabular("table-pruning", "Expected pruning error on fresh tasks", fmt.Sprintf("Intervals here are over n = %d draws. ", r.Settings.Repeats), t)
}

func (r Report) keptTable() measure.Figure {
	t := measure.Table{Columns: []measure.Column{{Name: "options kept"}, digits(3, "with all actions"), digits(3, "without actions"), digits(3, "with actions, Q-learning")}}
	if r.TradeOff != nil {
		for _, p := range r.TradeOff.Kept {
			alone := measure.Value(math.NaN())
			if p.Alone != nil {
				alone = p.Alone.Total.cell()
			}
			t.Rows = append(t.Rows, []measure.Cell{count(p.Options), p.With.Total.cell(), alone, p.Learned.cell()})
		}
	}
	return r.tabular("table-kept", fmt.Sprintf("Total regret after %d iterations, or %d episodes", r.Settings.Iterations, r.Settings.Episodes), "", t)
}

func (r Report) durationTable() measure.Figure {
	t := measure.Table{Columns: columns("options cut every", digits(2, "tau, alone"), digits(1, "policy within epsilon"), digits(1, "values, options alone"), digits(1, "bound, options alone"), digits(2, "tasks reached by Q-learning"))}
	if r.TradeOff != nil {
		for _, p := range r.TradeOff.Durations {
			name := "whole"
			if p.Steps > 0 {
				name = strconv.Itoa(p.Steps)
			}
			t.Rows = append(t.Rows, []measure.Cell{measure.Text(name), p.Alone.Tau.cell(), p.With.PolicyIterations.cell(), p.Alone.Iterations.cell(), p.Alone.Bound.cell(), measure.Value(p.Learn.Share)})
		}
	}
	return r.tabular("table-duration", "By duration of all options", "", t)
}

func (r Report) discountTable() measure.Figure {
	t := measure.Table{Columns: []measure.Column{digits(2, "discount"), digits(1, "values, actions"), digits(1, "bound"), digits(1, "values, with options"), digits(1, "policy, actions"), digits(1, "policy, with options")}}
	if r.TradeOff != nil {
		for _, p := range r.TradeOff.Discounts {
			t.Rows = append(t.Rows, []measure.Cell{measure.Value(p.Discount), p.Primitives.Iterations.cell(), p.Primitives.Bound.cell(), p.Everything.Iterations.cell(),
				p.Primitives.PolicyIterations.cell(), p.Everything.PolicyIterations.cell()})
		}
	}
	return r.tabular("table-discount", "Iterations to epsilon by discount", "", t)
}

func (r Report) learnedTable() measure.Figure {
	l := r.Learned
	t := measure.Table{Columns: columns("", digits(3, "NMI"), digits(3, "purity"), digits(3, "boundary precision"), digits(3, "recall"), digits(3, "explained given place"))}
	if l == nil {
		return measure.Figure{Kind: measure.Tabular}
	}
	for _, a := range []struct {
		name string
		Agreement
	}{{"before EM", l.Begin}, {"after EM", l.End}} {
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(a.name), a.NMI.cell(), a.Purity.cell(), a.Precision.cell(), a.Recall.cell(), a.Given.cell()})
	}
	return r.tabular("table-learned", "Latents learned against planted options",
		fmt.Sprintf("%d latents learned by EM from n = %d expert trajectories (%d steps, %.0f%% under %d planted options); no intervals. ", l.Latents, l.Trajectories, l.Steps, 100*l.Planted, l.Used), t)
}

func (r Report) runTable() measure.Figure {
	t := measure.Table{Columns: columns("lane", digits(2, "effective actions"), digits(2, "tau, lines"), digits(1, fmt.Sprintf("horizon at %g", r.Settings.Discount)))}
	for _, m := range r.Run {
		lane := measure.Text(m.Name)
		lane.Lane = m.Lane
		t.Rows = append(t.Rows, []measure.Cell{lane, m.Actions.cell(), m.Duration.cell(), measure.Value(Horizon(r.Settings.Discount, float64(m.Duration)))})
	}
	return r.tabular("table-run", "Where the run stands", "", t)
}
