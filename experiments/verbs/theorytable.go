package verbs

import (
	"fmt"
	"math"
	"strings"

	"ra3/core/theory"
	"ra3/experiments"
)

// theoryTable is a report for reading.
func theoryTable(r theory.Report) string {
	var b strings.Builder
	s := r.Settings
	fmt.Fprintf(&b, "Family %s: %d states, %d actions, %d options of duration %d, discount %g, seed %d\n", s.Family, r.World.States, r.World.Actions, len(r.World.Options), s.Duration, s.Discount, s.Seed)
	fmt.Fprintf(&b, "Best value of %d fresh tasks: %s. Intervals: 95%% t.\n", s.Tasks, estimate("%.3f", r.World.Best))
	section := func(title string, t *columns) { b.WriteString("\n" + title + "\n" + t.String()) }
	if len(r.Regrets) > 0 {
		t := &columns{layout: "lrlllr"}
		t.row("kept", "size", "pruning error", "planning error", "regret, measured", "largest |sum - regret|")
		for _, d := range r.Regrets {
			t.row(d.Kept, fmt.Sprint(d.Size), estimate("%.3f", d.Pruning), estimate("%.3f", d.Planning), estimate("%.3f", d.Regret), fmt.Sprintf("%.1g", d.Residual))
		}
		section(fmt.Sprintf("Regret after %d demonstrations and %d iterations of value iteration", s.Demos, s.Iterations), t)
	}
	if len(r.Convergence) > 0 {
		t := &columns{layout: "llrrlll"}
		t.row("kept", "tau", "horizon", "contraction", "policy within epsilon", "values within epsilon", "bound for values")
		for _, c := range r.Convergence {
			t.row(c.Kept, estimate("%.2f", c.Tau), plain("%.1f", c.Horizon), fmt.Sprintf("%.3f", c.Contraction), estimate("%.1f", c.PolicyIterations), estimate("%.1f", c.Iterations), estimate("%.1f", c.Bound))
		}
		section(fmt.Sprintf("Iterations of value iteration (epsilon %g)", s.Epsilon), t)
	}
	if len(r.Learning) > 0 {
		t := &columns{layout: "llrl"}
		t.row("kept", "episodes to epsilon", "tasks reached", "regret after all")
		for _, c := range r.Learning {
			t.row(c.Kept, estimate("%.1f", c.Reached), fmt.Sprintf("%.0f%%", 100*c.Share), estimate("%.3f", c.Final))
		}
		section(fmt.Sprintf("Q-learning, %d episodes; epsilon from the best kept policy", s.Episodes), t)
	}
	b.WriteString(theoryPruning(r) + theoryTrade(r) + theoryLearned(r))
	if len(r.Run) > 0 {
		t := &columns{layout: "lrrr"}
		t.row("lane", "effective actions", "tau, lines", fmt.Sprintf("horizon at %g", s.Discount))
		for _, m := range r.Run {
			t.row(m.Name, plain("%.2f", m.Actions), plain("%.2f", m.Duration), fmt.Sprintf("%.1f", theory.Horizon(s.Discount, float64(m.Duration))))
		}
		section("Where the run stands", t)
	}
	return b.String()
}

// plain prints a number of the lab.
func plain(format string, x theory.Number) string { return number(format, experiments.Number(x)) }

func theoryPruning(r theory.Report) string {
	if len(r.Pruning) == 0 {
		return ""
	}
	s := r.Settings
	t := &columns{layout: "llrrrrr"}
	t.row("lane", "kept", "|Z|", "k", "bound", "measured", "ratio")
	for _, c := range r.Pruning {
		rule := string(c.Rule)
		if c.Exhaustive {
			rule = "smallest"
		}
		t.row(c.Lane, rule, fmt.Sprint(c.Decisions), fmt.Sprint(c.K), plain("%.0f", c.Bound), plain("%.0f", c.Measured), plain("%.1f", c.Ratio))
	}
	text := fmt.Sprintf("\nDemonstrations until less than %g%% of fresh tasks lose over %g, in %g%% of %d draws\n", 100*s.Sigma, s.Epsilon, 100*(1-s.Delta), s.Repeats) + t.String()
	text += "The bound assumes " + r.Assumptions + ".\n"
	t = &columns{layout: "r" + strings.Repeat("l", len(r.Pruning))}
	head := []string{"demonstrations"}
	for _, c := range r.Pruning {
		head = append(head, c.Lane+", "+string(c.Rule))
	}
	t.row(head...)
	for i, p := range r.Pruning[0].Points {
		cells := []string{fmt.Sprint(p.Demos)}
		for _, c := range r.Pruning {
			cells = append(cells, estimate("%.3f", c.Points[i].Error))
		}
		t.row(cells...)
	}
	return text + "\nExpected pruning error on fresh tasks\n" + t.String()
}

func theoryTrade(r theory.Report) string {
	if r.TradeOff == nil {
		return ""
	}
	t := &columns{layout: "rlll"}
	t.row("options kept", "with all actions", "without actions", "with actions, Q-learning")
	for _, p := range r.TradeOff.Kept {
		alone := "-"
		if p.Alone != nil {
			alone = estimate("%.3f", p.Alone.Total)
		}
		t.row(fmt.Sprint(p.Options), estimate("%.3f", p.With.Total), alone, estimate("%.3f", p.Learned))
	}
	text := fmt.Sprintf("\nTotal regret after %d iterations, or %d episodes\n", r.Settings.Iterations, r.Settings.Episodes) + t.String()
	t = &columns{layout: "rllllr"}
	t.row("options cut every", "tau, alone", "policy within epsilon", "values, options alone", "bound, options alone", "tasks reached by Q-learning")
	for _, p := range r.TradeOff.Durations {
		name := "whole"
		if p.Steps > 0 {
			name = fmt.Sprint(p.Steps)
		}
		t.row(name, estimate("%.2f", p.Alone.Tau), estimate("%.1f", p.With.PolicyIterations), estimate("%.1f", p.Alone.Iterations), estimate("%.1f", p.Alone.Bound), fmt.Sprintf("%.0f%%", 100*p.Learn.Share))
	}
	text += "\nBy duration of all options\n" + t.String()
	t = &columns{layout: "rllll"}
	t.row("discount", "values, actions", "bound", "values, with options", "policy, actions / with options")
	for _, p := range r.TradeOff.Discounts {
		t.row(fmt.Sprint(p.Discount), estimate("%.1f", p.Primitives.Iterations), estimate("%.1f", p.Primitives.Bound), estimate("%.1f", p.Everything.Iterations),
			plain("%.1f", p.Primitives.PolicyIterations.Mean)+" / "+plain("%.1f", p.Everything.PolicyIterations.Mean))
	}
	return text + "\nIterations to epsilon by discount\n" + t.String()
}

func theoryLearned(r theory.Report) string {
	l := r.Learned
	if l == nil {
		return ""
	}
	t := &columns{layout: "lrrrrr"}
	t.row("", "NMI", "purity", "boundary precision", "recall", "explained given place")
	for _, a := range []struct {
		name string
		theory.Agreement
	}{{"before EM", l.Begin}, {"after EM", l.End}} {
		t.row(a.name, plain("%.3f", a.NMI), plain("%.3f", a.Purity), plain("%.3f", a.Precision), plain("%.3f", a.Recall), plain("%.3f", a.Given))
	}
	text := fmt.Sprintf("\n%d latents learned by EM from %d expert trajectories (%d steps, %.0f%% under %d planted options)\n", l.Latents, l.Trajectories, l.Steps, 100*l.Planted, l.Used) + t.String()
	residual := l.Bound - l.LogP[len(l.LogP)-1]
	if math.Abs(residual) < 1e-9 {
		residual = 0
	}
	return text + fmt.Sprintf("log p a step: %.3f before, %.3f after (bound less log p: %.1g), %.3f without latents; rho %.3f; tau %.2f, planted %.2f\n",
		l.LogP[0], l.LogP[len(l.LogP)-1], residual, l.Alone, l.Rho, l.Tau, l.TauPlanted)
}
