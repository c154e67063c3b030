package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/experiments/store"
)

// Names of the tables that a summary and a log have; those of example traces are
// in LookNames.
const (
	FoundTable       = "table-found"       // all of a summary's, as the Lab page has them
	AfterTable       = "table-after"       // pass@k and differences before and after RLVR
	PassTable        = "table-passk"       //
	DifferenceTable  = "table-differences" //
	PruningTable     = "table-pruning"     //
	RLVRTable        = "table-rlvr"        // what post-training came to
	SpeedTable       = "table-speedup"     // against NTP
	LatentTable      = "table-latents"     //
	BoundTable       = "table-bound"       // the newest estimate of the bound, term by term
	ExactTable       = "table-exact"       // the gap to the exact reference
	ConvergenceTable = "table-convergence" // post-training as the log has it
	LossTable        = "table-losses"      // the newest training measures
)

// TableNames lists the tables a run has, in the order they are offered.
var TableNames = []string{FoundTable, AfterTable, PassTable, DifferenceTable, PruningTable, RLVRTable, SpeedTable, LatentTable, BoundTable, ExactTable, ConvergenceTable, LossTable}

// Tables builds every table from the event log and, where there is one, the
// summary. Screen, CSV and files are all drawn from these. Tables without rows are
// left out.
func Tables(events []store.Event, s *Summary, c Config) []measure.Figure {
	var out []measure.Figure
	for _, name := range TableNames {
		if f := TableFigure(name, events, s, c); !f.Empty() {
			out = append(out, f)
		}
	}
	return out
}

// TableFigure builds one of TableNames; it has no rows where there is nothing to
// tell yet.
func TableFigure(name string, events []store.Event, s *Summary, c Config) measure.Figure {
	f := measure.Figure{Name: name, Kind: measure.Tabular}
	switch name {
	case BoundTable:
		return boundFigure(f, events)
	case ExactTable:
		return exactFigure(f, events)
	case ConvergenceTable:
		return convergenceFigure(f, events, c)
	case LossTable:
		return lossFigure(f, events)
	}
	if s == nil || len(s.Lanes) == 0 {
		return f
	}
	held := "Held-out"
	if s.Split == "validate" {
		held = "Validation"
	}
	pass, after := PassRows(s, false), PassRows(s, true)
	differences, differencesAfter := DifferenceRows(s, false), DifferenceRows(s, true)
	switch name {
	case FoundTable:
		f.Title, f.Tables = "What the run found", []measure.Table{pass, differences.Where("k", 1), after, PruningRows(s), RLVRRows(s), LatentRows(s)}
		f.Caption = passCaption(s) + " " + intervalCaption(s) + " " + pairedCaption
	case AfterTable:
		f.Title, f.Tables = held+" pass@k and paired differences", []measure.Table{after, pass, differencesAfter, differences, SpeedRows(s)}
		f.Caption = passCaption(s) + " " + intervalCaption(s) + " " + pairedCaption
	case PassTable:
		f.Title, f.Tables = held+" pass@k", []measure.Table{pass, after}
		f.Caption = passCaption(s) + " " + intervalCaption(s) + " Nats per program: of RA3 minus the bound."
	case DifferenceTable:
		f.Title, f.Tables = "Paired differences of "+strings.ToLower(held)+" pass@k", []measure.Table{differences, differencesAfter}
		f.Caption = passCaption(s) + " " + intervalCaption(s) + " " + pairedCaption
	case PruningTable:
		f.Title, f.Tables = "Effective decision space and horizon", []measure.Table{PruningRows(s)}
		f.Caption = "Per " + strings.ToLower(held) + " expert program. log n95: log of the smallest numbers of actions that hold 95% of the policy's mass, summed over decisions; recall: share of decisions whose set holds the expert's action; horizon: decisions with entropy above 0.1 nats; tau: lines a span. " + intervalCaption(s)
	case RLVRTable:
		f.Title, f.Tables = "Post-training", []measure.Table{RLVRRows(s)}
		f.Caption = "Held-out pass@1; area: over the tokens that every lane of the seed sampled, divided by them. " + intervalCaption(s)
	case SpeedTable:
		f.Title, f.Tables = "Post-training against NTP", []measure.Table{SpeedRows(s)}
		f.Caption = "log2 of the tokens NTP samples to its own final level over those the lane needs to reach it; area and final level are differences at equal tokens, paired by seed. " + intervalCaption(s)
	case LatentTable:
		f.Title, f.Tables = "Latents against the hidden intents", []measure.Table{LatentRows(s)}
		f.Caption = "Greedy annotation of the mid-training corpus; iteration 0 is the initial sampler; no training sees the intents. " + intervalCaption(s)
	}
	if kept := withRows(f.Tables); len(kept) == 1 {
		kept[0].Title = "" // the figure's says it
		f.Tables = kept
		if name == PassTable || name == DifferenceTable {
			f.Title += " after mid-training"
		}
	} else {
		f.Tables = kept
	}
	return f
}

func withRows(tables []measure.Table) []measure.Table {
	return slices.DeleteFunc(slices.Clone(tables), func(t measure.Table) bool { return len(t.Rows) == 0 })
}

const pairedCaption = "Differences are paired by seed and problem; not distinguishable: the interval holds 0."

func passCaption(s *Summary) string {
	problems := 0
	for _, families := range s.Lanes {
		for _, r := range families {
			problems = max(problems, r.Problems)
		}
	}
	return fmt.Sprintf("%d problems a family and seed, %s.", problems, countSeeds(s.Seeds))
}

func countSeeds(seeds []int) string {
	if len(seeds) == 1 {
		return fmt.Sprintf("n = 1 seed (%d)", seeds[0])
	}
	return fmt.Sprintf("n = %d seeds", len(seeds))
}

// intervalCaption names the interval and what it is over.
func intervalCaption(s *Summary) string {
	if len(s.Seeds) == 1 {
		return "Brackets: " + s.Interval + "; where there are none, one seed has no interval."
	}
	return fmt.Sprintf("Brackets: %s (n = %d).", s.Interval, len(s.Seeds))
}

// laneCell names a lane.
func laneCell(lane string) measure.Cell {
	c := measure.Text(LaneTitle(lane))
	c.Lane = lane
	return c
}

// cell is a measured value; path is where a summary holds it.
func (m Measured) cell(path string) measure.Cell {
	return measure.Cell{Y: float64(m.Mean), Lo: float64(m.Lo), Hi: float64(m.Hi), N: m.N, Path: path}
}

func optional(m *Measured, path string) measure.Cell {
	if m == nil {
		return measure.Value(math.NaN())
	}
	return m.cell(path)
}

func whole(n int) measure.Cell { return measure.Value(float64(n)) }

// Columns that several tables have.
var (
	familyColumn  = measure.Column{Name: "family", Kind: measure.Words, Group: true}
	laneColumn    = measure.Column{Name: "lane", Kind: measure.Words}
	verdictColumn = measure.Column{Name: "verdict", Kind: measure.Words}
	countColumn   = measure.Column{Name: "n"}
)

// ShownFamilies lists the families of lanes; plus families are the same samples.
func ShownFamilies(lanes map[string]LaneSummary) []string {
	var out []string
	for _, families := range lanes {
		for name := range families {
			if !slices.Contains(out, name) && !IsPlus(name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// PassRows is pass@k and the nats a program by family and lane, after mid-training
// or after post-training.
func PassRows(s *Summary, after bool) measure.Table {
	lanes, root, title := s.Lanes, "lanes", "After mid-training"
	if after {
		lanes, root, title = s.AfterRLVR, "after_rlvr", "After RLVR"
	}
	t := measure.Table{Name: root, Title: title, Columns: []measure.Column{familyColumn, laneColumn,
		{Name: "pass@1", Decimals: 3}, {Name: "pass@5", Decimals: 3}, {Name: "pass@10", Decimals: 3}, {Name: "nats", Unit: "per program", Decimals: 2}, countColumn}}
	natsKnown := false
	for _, family := range ShownFamilies(lanes) {
		for _, lane := range LaneNames() {
			r, ok := lanes[lane][family]
			if !ok {
				continue
			}
			path := root + "." + lane + "." + family + "."
			natsKnown = natsKnown || r.Nats != nil
			t.Rows = append(t.Rows, []measure.Cell{measure.Text(family), laneCell(lane), r.Pass1.cell(path + "pass@1"), r.Pass5.cell(path + "pass@5"),
				r.Pass10.cell(path + "pass@10"), optional(r.Nats, path+"nats"), whole(r.Pass1.N)})
		}
	}
	if !natsKnown {
		return without(t, "nats")
	}
	return t
}

// without is the table without a column.
func without(t measure.Table, column string) measure.Table {
	i := t.Column(column)
	if i < 0 {
		return t
	}
	t.Columns = slices.Delete(slices.Clone(t.Columns), i, i+1)
	rows := make([][]measure.Cell, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = slices.Delete(slices.Clone(row), i, i+1)
	}
	t.Rows = rows
	return t
}

// DifferenceRows are the lanes' paired differences by family and k, what a run is
// about first.
func DifferenceRows(s *Summary, after bool) measure.Table {
	of, root, title := s.Differences, "differences", "Differences after mid-training"
	if after {
		of, root, title = s.DifferencesAfter, "differences_after_rlvr", "Differences after RLVR"
	}
	t := measure.Table{Name: root, Title: title, Columns: []measure.Column{{Name: "lanes", Kind: measure.Words, Group: true}, familyColumn,
		{Name: "k"}, {Name: "difference of pass@k", Decimals: 3, Signed: true}, countColumn, verdictColumn}}
	for _, pair := range Pairs(LaneNames()) {
		for _, family := range Compared(of[pair.Key]) {
			for _, k := range []int{1, 5, 10} {
				name := fmt.Sprintf("pass@%d", k)
				d, ok := of[pair.Key][family][name]
				if !ok {
					continue
				}
				label := measure.Text(LaneTitle(pair.A) + " - " + LaneTitle(pair.B))
				label.Path = pair.Key
				t.Rows = append(t.Rows, []measure.Cell{label, measure.Text(family), whole(k),
					d.cell(root + "." + pair.Key + "." + family + "." + name), whole(d.N), measure.Text(d.Says())})
			}
		}
	}
	return t
}

// PruningRows is the effective decision space and the horizon by lane.
func PruningRows(s *Summary) measure.Table {
	t := measure.Table{Name: "pruning", Title: "Effective decision space and horizon", Columns: []measure.Column{laneColumn, {Name: "log n95", Unit: "nats", Decimals: 2},
		{Name: "of log all", Unit: "nats", Decimals: 1}, {Name: "recall", Decimals: 4}, {Name: "horizon", Unit: "decisions", Decimals: 2}, {Name: "tau", Unit: "lines", Decimals: 2}}}
	for _, lane := range LaneNames() {
		p, ok := s.Pruning[lane]
		if !ok {
			continue
		}
		path := "pruning." + lane + "."
		t.Rows = append(t.Rows, []measure.Cell{laneCell(lane), p.LogEffective.cell(path + "log_effective"), p.LogAll.cell(path + "log_all"),
			p.Recall.cell(path + "recall"), p.Horizon.cell(path + "horizon"), optional(p.Tau, path+"tau")})
	}
	return t
}

// RLVRRows is what post-training came to, by lane.
func RLVRRows(s *Summary) measure.Table {
	t := measure.Table{Name: "rlvr", Title: "Post-training", Columns: []measure.Column{laneColumn, {Name: "start", Decimals: 3}, {Name: "final", Decimals: 3}, {Name: "area", Decimals: 3},
		{Name: "tokens to the threshold"}}}
	for _, lane := range LaneNames() {
		r, ok := s.RLVR[lane]
		if !ok {
			continue
		}
		t.Columns[4].Name = fmt.Sprintf("tokens to %g", r.Threshold)
		path := "rlvr." + lane + "."
		t.Rows = append(t.Rows, []measure.Cell{laneCell(lane), r.Start.cell(path + "start"), r.Final.cell(path + "final"), r.AUC.cell(path + "auc"), reachCell(r, path)})
	}
	return t
}

// reachCell is the number of tokens that one seed needed, or how many seeds came
// to the threshold.
func reachCell(r RLVRSummary, path string) measure.Cell {
	n := 0
	for _, x := range r.TokensToThreshold {
		if x == x { // a number
			n++
		}
	}
	c := measure.Value(math.NaN())
	switch {
	case len(r.TokensToThreshold) == 0:
	case len(r.TokensToThreshold) > 1:
		c.Text = fmt.Sprintf("%d of %d seeds", n, len(r.TokensToThreshold))
	case n == 0:
		c.Text = "not reached"
	default:
		c.Y, c.N, c.Path = float64(r.TokensToThreshold[0]), 1, path+"tokens_to_threshold.0"
	}
	return c
}

// SpeedRows compares how many sampled tokens lanes need to NTP's final level.
func SpeedRows(s *Summary) measure.Table {
	t := measure.Table{Name: "speed_ups", Title: "Post-training against NTP", Columns: []measure.Column{laneColumn, {Name: "log2 of tokens saved", Decimals: 2, Signed: true},
		{Name: "area", Decimals: 3, Signed: true}, {Name: "verdict on the area", Kind: measure.Words}, {Name: "final", Decimals: 3, Signed: true}, {Name: "verdict on the final level", Kind: measure.Words}}}
	for _, lane := range LaneNames() {
		x, ok := s.SpeedUps[lane+"-ntp"]
		if !ok {
			continue
		}
		path := "speed_ups." + lane + "-ntp."
		saved := x.Log2.cell(path + "log2")
		switch {
		case x.Log2.N == 0:
			saved.Text = "no ratio"
		case x.AtMost():
			saved.Text = "at most " + x.Log2.Text("%+.2f")
		}
		t.Rows = append(t.Rows, []measure.Cell{laneCell(lane), saved, x.AUC.cell(path + "auc"), measure.Text(x.AUC.Says()), x.Final.cell(path + "final"), measure.Text(x.Final.Says())})
	}
	return t
}

// LatentRows is the quality of the annotation by EM iteration.
func LatentRows(s *Summary) measure.Table {
	measures := []string{"nmi", "boundary_recall", "program_accuracy", "think_rate"}
	t := measure.Table{Name: "latents", Title: "Latents against the hidden intents", Columns: []measure.Column{{Name: "EM iteration"}, {Name: "NMI", Decimals: 3}, {Name: "boundary recall", Decimals: 3},
		{Name: "programs right", Decimals: 3}, {Name: "think rate", Decimals: 3}}}
	for i, it := range s.Latents.Iterations {
		row := []measure.Cell{whole(i)}
		for _, name := range measures {
			if x, ok := it[name]; ok {
				row = append(row, x.cell(fmt.Sprintf("latents.iterations.%d.%s", i, name)))
			} else {
				row = append(row, measure.Value(math.NaN()))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
