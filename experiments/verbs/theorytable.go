package verbs

import (
	"fmt"
	"math"
	"strings"

	"ra3/core/measure"
	"ra3/core/theory"
	"ra3/plots"
)

// theoryTable is a report for reading: the same tables as the files'.
func theoryTable(r theory.Report) string {
	var b strings.Builder
	s := r.Settings
	fmt.Fprintf(&b, "Family %s: %d states, %d actions, %d options of duration %d, discount %g, seed %d\n", s.Family, r.World.States, r.World.Actions, len(r.World.Options), s.Duration, s.Discount, s.Seed)
	fmt.Fprintf(&b, "Best value of %d fresh tasks: %s. Intervals: 95%% t.\n", s.Tasks, plots.CellText(measure.Column{Decimals: 3}, measure.Cell{Y: float64(r.World.Best.Mean), Lo: float64(r.World.Best.Lo), Hi: float64(r.World.Best.Hi)}))
	for _, f := range r.Tables() {
		title := f.Title
		if l := r.Learned; l != nil && f.Name == "table-learned" {
			title = fmt.Sprintf("%d latents learned by EM from %d expert trajectories (%d steps, %.0f%% under %d planted options)", l.Latents, l.Trajectories, l.Steps, 100*l.Planted, l.Used)
		}
		b.WriteString("\n" + title + "\n" + tableText(f.Tables[0]))
		switch f.Name {
		case "table-demonstrations":
			b.WriteString("The bound assumes " + r.Assumptions + ".\n")
		case "table-learned":
			b.WriteString(learnedLine(*r.Learned))
		}
	}
	return b.String()
}

// learnedLine is what EM found of the likelihood.
func learnedLine(l theory.Learned) string {
	residual := l.Bound - l.LogP[len(l.LogP)-1]
	if math.Abs(residual) < 1e-9 {
		residual = 0
	}
	return fmt.Sprintf("log p a step: %.3f before, %.3f after (bound less log p: %.1g), %.3f without latents; rho %.3f; tau %.2f, planted %.2f\n",
		l.LogP[0], l.LogP[len(l.LogP)-1], residual, l.Alone, l.Rho, l.Tau, l.TauPlanted)
}

// tableText writes a table in columns: numbers at the right, with intervals at the
// left, under which they begin alike.
func tableText(t measure.Table) string {
	c := &columns{}
	var head []string
	for i, column := range t.Columns {
		side := "l"
		if column.Kind == measure.Numbers {
			side = "r"
			for _, row := range t.Rows {
				if row[i].Bounded() {
					side = "l"
				}
			}
		}
		c.layout += side
		head = append(head, column.Name)
	}
	c.row(head...)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, x := range row {
			cells[i] = plots.CellText(t.Columns[i], x)
		}
		c.row(cells...)
	}
	return c.String()
}
