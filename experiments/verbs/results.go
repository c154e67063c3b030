package verbs

import (
	"fmt"
	"maps"
	"strings"

	"ra3/core/trace"
	"ra3/experiments"
)

// resultTable is what a run found, for reading.
func resultTable(c experiments.Config, s *experiments.Summary) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, seed%s; intervals: %s; %.1f s\n", s.Preset, seedsText(s.Seeds), s.Interval, s.WallSeconds)
	if len(s.Seeds) == 1 {
		b.WriteString("One seed: nats, pruning, RLVR and latents have no interval, which would be over seeds.\n")
	}
	if s.Split != "" && s.Split != "heldout" {
		fmt.Fprintf(&b, "Problems of the %s split, for choosing settings: \"held-out\" below means these.\n", s.Split)
	}
	passTable(&b, "Held-out pass@k after mid-training", c, s.Lanes, len(s.Seeds))
	passTable(&b, "Held-out pass@k after post-training", c, s.AfterRLVR, len(s.Seeds))
	differenceTable(&b, s, "Paired differences after mid-training", s.Differences)
	differenceTable(&b, s, "Paired differences after post-training", s.DifferencesAfter)
	pruningTable(&b, s)
	rlvrTable(&b, c, s)
	latentTable(&b, s)
	promptTable(&b, s.Prompts, len(s.Seeds))
	// The bodies of plus families are those of the families themselves.
	failures := map[string]map[string]map[string]int{}
	for lane, families := range s.Failures {
		failures[lane] = maps.Clone(families)
		maps.DeleteFunc(failures[lane], func(f string, _ map[string]int) bool { return experiments.IsPlus(f) })
	}
	failureTable(&b, failures)
	budgetTable(&b, s)
	return b.String()
}

func seedsText(seeds []int) string {
	text := ""
	if len(seeds) > 1 {
		text = "s"
	}
	for i, n := range seeds {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %d", n)
	}
	return text
}

func temperaturesText(t trace.Temperatures) string {
	return fmt.Sprintf("temperatures: code %g, decisions %g, rationales %g", t.Code, t.Decision, t.Rationale)
}

// section writes a heading, what it rests on, and aligned rows.
func section(b *strings.Builder, title, basis string, c *columns) {
	if len(c.rows) < 2 { // a head alone
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	if basis != "" {
		fmt.Fprintf(b, "%s\n", basis)
	}
	for line := range strings.Lines(c.String()) {
		b.WriteString("  " + line)
	}
}

func passTable(b *strings.Builder, title string, c experiments.Config, lanes map[string]experiments.LaneSummary, seeds int) {
	t := &columns{layout: "llllllr"}
	t.row("family", "lane", "pass@1", "pass@5", "pass@10", "nats/program", "n")
	families := map[string]bool{}
	problems := 0
	for _, fs := range lanes {
		for f, r := range fs {
			families[f], problems = true, max(problems, r.Problems)
		}
	}
	for _, f := range familiesOf(families) {
		for _, lane := range lanesOf(lanes) {
			r, ok := lanes[lane][f]
			if !ok {
				continue
			}
			nats := "-"
			if r.Nats != nil {
				nats = interval("%.2f", *r.Nats)
			}
			t.row(f, lane, interval("%.3f", r.Pass1), interval("%.3f", r.Pass5), interval("%.3f", r.Pass10), nats, fmt.Sprint(r.Pass1.N))
		}
	}
	at := temperaturesText(c.Eval.Temperatures)
	if len(c.Eval.Tune) > 0 {
		at = "temperatures chosen on validation problems, lane by lane"
	}
	basis := fmt.Sprintf("%d problems a family and seed, %d samples each, %s; n: %s.", problems, c.Eval.Samples, at, over(seeds))
	section(b, title, basis, t)
}

func count(n int, thing string) string { return experiments.Plural(n, thing) }

// over says what an interval's n counts.
func over(seeds int) string {
	if seeds > 1 {
		return "seeds"
	}
	return "problems"
}

func differenceTable(b *strings.Builder, s *experiments.Summary, title string, pairs map[string]map[string]map[string]experiments.Comparison) {
	t := &columns{layout: "lllllr"}
	t.row("difference", "family", "k", "mean", "verdict", "n")
	for _, pair := range experiments.Pairs(experiments.LaneNames()) {
		families := pairs[pair.Key]
		for _, f := range familiesOf(families) {
			if experiments.IsPlus(f) {
				continue // in summary.json
			}
			for _, k := range inOrder(families[f], "pass@1", "pass@5", "pass@10") {
				d := families[f][k]
				t.row(pair.A+" - "+pair.B, f, k, interval("%+.3f", d.Measured), d.Says(), fmt.Sprint(d.N))
			}
		}
	}
	section(b, title, fmt.Sprintf("Same seeds and problems on both sides; %s; n: %s.", s.Interval, over(len(s.Seeds))), t)
}

func pruningTable(b *strings.Builder, s *experiments.Summary) {
	t := &columns{layout: "llllllllr"}
	t.row("lane", "log n95", "code", "rationale", "of log all", "kept", "recall", "horizon", "tau")
	for _, lane := range lanesOf(s.Pruning) {
		p := s.Pruning[lane]
		tau := "-"
		if p.Tau != nil {
			tau = interval("%.2f", *p.Tau)
		}
		t.row(lane, interval("%.2f", p.LogEffective), interval("%.2f", p.LogEffectiveCode), interval("%.2f", p.LogEffectiveRationale), interval("%.1f", p.LogAll),
			interval("%.4f", p.KeptShare), interval("%.4f", p.Recall), interval("%.2f", p.Horizon), tau)
	}
	section(b, "Pruning, per held-out expert program",
		"log n95: effective decision space in nats; horizon: decisions above 0.1 nats; tau: lines a span.", t)
	e := &columns{layout: "llr"}
	e.row("lane", "pruning error", "n")
	k := 0
	for _, lane := range lanesOf(s.Pruning) {
		if p := s.Pruning[lane]; p.PruningError != nil {
			k = p.PruningK
			e.row(lane, interval("%+.3f", *p.PruningError), fmt.Sprint(p.PruningError.N))
		}
	}
	section(b, "Pruning error", fmt.Sprintf("pass@%d of the whole policy minus that of its n95 sets, temperature 1; %s.", k, s.Interval), e)
}

func rlvrTable(b *strings.Builder, c experiments.Config, s *experiments.Summary) {
	t := &columns{layout: "llllllll"}
	t.row("lane", "start", "final", "area", fmt.Sprintf("pass@%d start", c.RLVR.EvalSamples), fmt.Sprintf("pass@%d final", c.RLVR.EvalSamples), "updates", "tokens to threshold")
	threshold := 0.0
	for _, lane := range lanesOf(s.RLVR) {
		r := s.RLVR[lane]
		threshold = r.Threshold
		var to []string
		for _, x := range r.TokensToThreshold {
			text := number("%.0f", x)
			if text == "-" {
				text = "not reached"
			}
			to = append(to, text)
		}
		updates := 0
		if n := len(r.Curve); n > 0 {
			updates = r.Curve[n-1].Update
		}
		t.row(lane, interval("%.3f", r.Start), interval("%.3f", r.Final), interval("%.3f", r.AUC), interval("%.3f", r.StartPassK), interval("%.3f", r.FinalPassK), fmt.Sprint(updates), strings.Join(to, ", "))
	}
	section(b, "RLVR, held-out pass@1", fmt.Sprintf("%d problems a family, %d samples each, %s; threshold %g; area: over the tokens all lanes sampled; n: %s.",
		c.RLVR.EvalProblems, c.RLVR.EvalSamples, temperaturesText(c.RLVR.Temperatures), threshold, count(len(s.Seeds), "seed")), t)
}

func latentTable(b *strings.Builder, s *experiments.Summary) {
	t := &columns{layout: "llllllllll"}
	t.row("EM", "NMI", "line right", "program right", "boundary P", "boundary R", "think rate", "tau", "exact", "gap")
	for i, m := range s.Latents.Iterations {
		cells := []string{fmt.Sprint(i)}
		for _, name := range []string{"nmi", "line_accuracy", "program_accuracy", "boundary_precision", "boundary_recall", "think_rate", "tau", "exact_bound", "exact_gap"} {
			format := "%.3f"
			if name == "tau" || strings.HasPrefix(name, "exact") {
				format = "%.2f"
			}
			cell := "-"
			if x, ok := m[name]; ok {
				cell = interval(format, x)
			}
			cells = append(cells, cell)
		}
		t.row(cells...)
	}
	section(b, "Latents of the mid-training corpus, against the hidden intents", "EM 0 is the initial annotation; no training sees the intents of these programs. exact: the best bound any q could reach, nats per validation program; gap: q below it.", t)
}

// budgetTable shows that lanes were trained alike, and how programs failed.
func budgetTable(b *strings.Builder, s *experiments.Summary) {
	t := &columns{layout: "lll"}
	t.row("lane", "tokens of mid-training", "verdicts after it")
	lanes := map[string]bool{}
	for lane := range s.Verdicts {
		lanes[lane] = true
	}
	for lane := range s.TokensTrained {
		lanes[lane] = true
	}
	for _, lane := range lanesOf(lanes) {
		total := map[string]int{}
		for family, kinds := range s.Verdicts[lane] {
			if experiments.IsPlus(family) {
				continue // the same samples
			}
			for k, n := range kinds {
				total[k] += n
			}
		}
		var kinds, tokens []string
		for _, k := range inOrder(total, "passed", "wrong", "error") {
			kinds = append(kinds, fmt.Sprintf("%d %s", total[k], k))
		}
		for _, n := range s.TokensTrained[lane] {
			tokens = append(tokens, fmt.Sprintf("%.0f", n))
		}
		if len(tokens) == 0 {
			tokens = []string{"none"}
		}
		if len(kinds) == 0 {
			kinds = []string{"none"}
		}
		t.row(lane, strings.Join(tokens, ", "), strings.Join(kinds, ", "))
	}
	section(b, "Budget and verdicts", "", t)
}
