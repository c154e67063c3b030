package experiments

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reportTables writes the tables of a summary, over whatever lanes and families
// it holds.
func reportTables(b *strings.Builder, c Config, s *Summary) {
	section := func(title, basis string, t Table) {
		if len(t.Rows) == 0 {
			return
		}
		fmt.Fprintf(b, "\n## %s\n\n", title)
		if basis != "" {
			b.WriteString(basis + "\n\n")
		}
		t.Write(b)
	}
	intervals := "Means [" + s.Interval + "]."
	section("pass@k after mid-training", intervals, passRows(s.Lanes))
	after := intervals
	if len(c.Eval.Tune) > 0 {
		after += " At the temperatures that were chosen for the policies before RLVR, which RLVR may have made too low or too high."
	}
	section("pass@k after RLVR", after, passRows(s.AfterRLVR))
	paired := "Paired by seed and problem; " + s.Interval + "."
	section("Differences after mid-training", paired, differenceRows(s.Differences))
	section("Differences after RLVR", paired, differenceRows(s.DifferencesAfter))
	section("Pruning and horizon", "Per held-out expert program; log n95: effective decision space in nats; horizon: decisions whose entropy exceeds 0.1 nats.", pruningRows(s))
	section("RLVR", fmt.Sprintf("Held-out pass@1; threshold %g; area over the tokens that every lane sampled, final where each lane's own updates end: lanes sample more or fewer tokens in as many updates.", c.RLVR.Threshold), rlvrRows(s))
	section("RLVR against NTP", "Tokens to NTP's own final level; - where a seed never reaches it: its ratio is then at most (<=) NTP's tokens over all that the lane sampled, and its logarithm that of the bound. No ratio where NTP gained nothing over a start that the lane does not have. Area and level at equal tokens: those that every lane of the seed sampled.", speedRows(s))
	section("Latents by EM iteration", "Against the hidden intents, which no training sees; iteration 0 is the initial sampler.", latentRows(s))
	section("Temperatures chosen", "On validation problems, before RLVR.", temperatureRows(s))
	section("Budgets", "", budgetRows(s))
}

func nameOf(lane string) string { return laneNames([]string{lane})[0] }

func passRows(lanes map[string]LaneSummary) Table {
	t := Table{Head: []string{"family", "lane", "measure", "mean", "n", "by seed"}}
	families := map[string]bool{}
	for _, l := range lanes {
		for f := range l {
			families[f] = true
		}
	}
	for _, family := range familiesIn(families) {
		for _, lane := range lanesIn(lanes) {
			f, ok := lanes[lane][family]
			if !ok {
				continue
			}
			add := func(name, format string, m Measured) {
				if m.N > 0 {
					t.Row(family, nameOf(lane), name, m.Text(format), fmt.Sprint(m.N), m.BySeedText(format))
				}
			}
			add("pass@1", "%.3f", f.Pass1)
			add("pass@5", "%.3f", f.Pass5)
			add("pass@10", "%.3f", f.Pass10)
			if f.Nats != nil {
				add("nats/program", "%.2f", *f.Nats)
			}
		}
	}
	return t
}

// differenceRows lists differences by family and k, averages last.
func differenceRows(pairs map[string]map[string]map[string]Comparison) Table {
	t := Table{Head: []string{"difference", "family", "measure", "mean", "verdict", "n", "by seed"}}
	for _, pair := range pairsIn(pairs) {
		for _, family := range familiesIn(pairs[pair]) {
			for _, name := range inOrder(pairs[pair][family], []string{"pass@1", "pass@5", "pass@10"}, Average) {
				d := pairs[pair][family][name]
				t.Row(pairName(pair), family, name, d.Text("%+.3f"), d.Says(), fmt.Sprint(d.N), d.BySeedText("%+.3f"))
			}
		}
	}
	return t
}

func pruningRows(s *Summary) Table {
	t := Table{Head: []string{"lane", "measure", "mean", "n", "by seed"}}
	for _, lane := range lanesIn(s.Pruning) {
		p := s.Pruning[lane]
		add := func(name, format string, m *Measured) {
			if m != nil && m.N > 0 {
				t.Row(nameOf(lane), name, m.Text(format), fmt.Sprint(m.N), m.BySeedText(format))
			}
		}
		add("log n95", "%.2f", &p.LogEffective)
		add("of it code", "%.2f", &p.LogEffectiveCode)
		add("of it rationales", "%.2f", &p.LogEffectiveRationale)
		add("of log all", "%.1f", &p.LogAll)
		add("recall", "%.4f", &p.Recall)
		add(fmt.Sprintf("pruning error, pass@%d", p.PruningK), "%+.3f", p.PruningError)
		add("horizon", "%.2f", &p.Horizon)
		add("of it code", "%.2f", &p.HorizonCode)
		add("of it rationales", "%.2f", &p.HorizonRationale)
		add("tau, lines a span", "%.2f", p.Tau)
	}
	return t
}

func rlvrRows(s *Summary) Table {
	t := Table{Head: []string{"lane", "measure", "mean", "n", "by seed"}}
	for _, lane := range lanesIn(s.RLVR) {
		r := s.RLVR[lane]
		add := func(name string, m Measured) {
			if m.N > 0 {
				t.Row(nameOf(lane), name, m.Text("%.3f"), fmt.Sprint(m.N), m.BySeedText("%.3f"))
			}
		}
		if r.Tokens.N > 0 {
			t.Row(nameOf(lane), "tokens sampled", r.Tokens.Text("%.0f"), fmt.Sprint(r.Tokens.N), r.Tokens.BySeedText("%.0f"))
		}
		add("start", r.Start)
		add("final", r.Final)
		add("area", r.AUC)
		add(fmt.Sprintf("pass@%d, start", r.PassK), r.StartPassK)
		add(fmt.Sprintf("pass@%d, final", r.PassK), r.FinalPassK)
		t.Row(nameOf(lane), "tokens to the threshold", "", "", Measured{BySeed: r.TokensToThreshold}.BySeedText("%.0f"))
	}
	return t
}

func speedRows(s *Summary) Table {
	t := Table{Head: []string{"lane", "measure", "mean", "n", "by seed"}}
	for _, lane := range LaneNames() {
		x, ok := s.SpeedUps[lane+"-ntp"]
		if !ok {
			continue
		}
		name := nameOf(lane)
		for _, l := range []struct {
			name, format string
			values       []Number
		}{{"NTP's final level", "%.3f", x.Level}, {"NTP's tokens to it", "%.0f", x.ReferenceTokens}, {"the lane's tokens to it", "%.0f", x.Tokens}} {
			t.Row(name, l.name, "", "", Measured{BySeed: l.values}.BySeedText(l.format))
		}
		ratios := make([]string, len(x.Ratio))
		for i, ratio := range x.Ratio {
			ratios[i] = ratio.Text("%.2f")
			if i < len(x.Censored) && x.Censored[i] {
				ratios[i] = "<= " + ratios[i]
			}
		}
		t.Row(name, "ratio", "", "", strings.Join(ratios, ", "))
		for _, m := range []struct {
			name string
			m    Measured
		}{{"log2 of the ratio", x.Log2}, {"area, difference", x.AUC.Measured}, {"level at equal tokens, difference", x.Final.Measured}} {
			t.Row(name, m.name, m.m.Text("%+.3f"), fmt.Sprint(m.m.N), m.m.BySeedText("%+.3f"))
		}
	}
	return t
}

func latentRows(s *Summary) Table {
	t := Table{Head: []string{"EM iteration", "measure", "mean", "n", "by seed"}}
	for i, m := range s.Latents.Iterations {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			t.Row(fmt.Sprint(i), name, m[name].Text("%.4g"), fmt.Sprint(m[name].N), m[name].BySeedText("%.4g"))
		}
	}
	return t
}

// budgetRows shows whether lanes trained on as many tokens, how much of that
// their policies are of, and how programs failed.
func budgetRows(s *Summary) Table {
	t := Table{Head: []string{"lane", "tokens of mid-training, by seed", "its policy is that of update, by seed", "verdicts after it"}}
	lanes := map[string]bool{}
	for lane := range s.TokensTrained {
		lanes[lane] = true
	}
	for lane := range s.Verdicts {
		lanes[lane] = true
	}
	for _, lane := range lanesIn(lanes) {
		total := map[string]int{}
		for _, kinds := range s.Verdicts[lane] {
			for k, n := range kinds {
				total[k] += n
			}
		}
		var kinds, tokens, stops []string
		for _, k := range slices.Sorted(maps.Keys(total)) {
			kinds = append(kinds, fmt.Sprintf("%d %s", total[k], k))
		}
		for _, n := range s.TokensTrained[lane] {
			tokens = append(tokens, fmt.Sprintf("%.0f", n))
		}
		for _, c := range s.Choices[lane] {
			if c.StopUpdate > 0 {
				stops = append(stops, fmt.Sprint(c.StopUpdate))
			}
		}
		if len(stops) == 0 && len(tokens) > 0 {
			stops = []string{"the last"}
		}
		t.Row(nameOf(lane), strings.Join(tokens, ", "), strings.Join(stops, ", "), strings.Join(kinds, ", "))
	}
	return t
}

// familiesIn lists the families of m: those of trained lengths, others by name,
// the average over families last.
func familiesIn[V any](m map[string]V) []string {
	return inOrder(m, append(slices.Clone(Families), "doc-long", "ask-long"), Average)
}

// inOrder lists the keys of m, those of first in their order, last at the end.
func inOrder[V any](m map[string]V, first []string, last string) []string {
	rank := map[string]int{last: len(first) + 1}
	for i, k := range first {
		rank[k] = i - len(first)
	}
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, func(a, b string) int { return rank[a] - rank[b] })
	return keys
}
