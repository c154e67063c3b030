package verbs

import (
	"fmt"
	"slices"
	"strings"

	"ra3/core/trace"
	"ra3/experiments"
)

// evalJSON is the result as {lane: {task: {"pass@k": estimate, ..., "verdicts",
// "failures", "temperatures", "prompts"}}}; "prompts" holds the task's ceilings and
// nuisance, the same in every lane.
func evalJSON(res *experiments.EvalResult) map[string]map[string]map[string]any {
	out := map[string]map[string]map[string]any{}
	for lane, tasks := range res.Lanes {
		out[lane] = map[string]map[string]any{}
		for task, r := range tasks {
			cell := map[string]any{"verdicts": r.Verdicts, "failures": r.Failures, "temperatures": res.Settings[lane]}
			if p, ok := res.Prompts[task]; ok {
				cell["prompts"] = p
			}
			for k, m := range r.Pass {
				cell[fmt.Sprintf("pass@%d", k)] = m
			}
			out[lane][task] = cell
		}
	}
	return out
}

func evalTable(dir string, after bool, res *experiments.EvalResult) string {
	when := "after mid-training"
	if after {
		when = "after post-training"
	}
	families := map[string]bool{}
	var ks []int
	problems := 0
	for _, tasks := range res.Lanes {
		for task, r := range tasks {
			families[task], ks, problems = true, sortedKeys(r.Pass), r.Problems
		}
	}
	t := &columns{layout: "ll" + strings.Repeat("l", len(ks)) + "rl"}
	head := []string{"task", "lane"}
	for _, k := range ks {
		head = append(head, fmt.Sprintf("pass@%d", k))
	}
	t.row(append(head, "n", "verdicts")...)
	for _, task := range familiesOf(families) {
		for _, lane := range lanesOf(res.Lanes) {
			r, ok := res.Lanes[lane][task]
			if !ok {
				continue
			}
			cells := []string{task, lane}
			n := 0
			for _, k := range ks {
				cells, n = append(cells, interval("%.3f", r.Pass[k])), r.Pass[k].N
			}
			var kinds []string
			for _, k := range inOrder(r.Verdicts, "passed", "wrong", "error") {
				kinds = append(kinds, fmt.Sprintf("%d %s", r.Verdicts[k], k))
			}
			t.row(append(cells, fmt.Sprint(n), strings.Join(kinds, ", "))...)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, seed%s; intervals: %s\n", dir, seedsText(res.Seeds), res.Interval)
	basis := fmt.Sprintf("%d problems a task and seed, %d samples each, %s; n: %s.", problems, res.Config.Eval.Samples, settingsText(res.Settings), over(len(res.Seeds)))
	section(&b, "Held-out pass@k "+when, basis, t)
	settingsTable(&b, res.Settings)
	promptTable(&b, res.Prompts, len(res.Seeds))
	failures := map[string]map[string]map[string]int{}
	for lane, tasks := range res.Lanes {
		failures[lane] = map[string]map[string]int{}
		for task, r := range tasks {
			failures[lane][task] = r.Failures
		}
	}
	failureTable(&b, failures)
	return b.String()
}

// uniform is the setting that all lanes and seeds were sampled at, if it is one.
func uniform(lanes map[string][]experiments.EvalSetting) (t trace.Temperatures, ok bool) {
	for _, sets := range lanes {
		for _, s := range sets {
			if ok && s.Temperatures != t {
				return t, false
			}
			t, ok = s.Temperatures, true
		}
	}
	return t, ok
}

func settingsText(lanes map[string][]experiments.EvalSetting) string {
	if t, ok := uniform(lanes); ok {
		return temperaturesText(t)
	}
	return "temperatures as below"
}

// settingsTable shows temperatures that differ by lane, seed or k.
func settingsTable(b *strings.Builder, lanes map[string][]experiments.EvalSetting) {
	if _, ok := uniform(lanes); ok {
		return
	}
	t := &columns{layout: "lrlrrr"}
	t.row("lane", "seed", "for", "code", "decisions", "rationales")
	for _, lane := range lanesOf(lanes) {
		for _, s := range lanes[lane] {
			apart := slices.ContainsFunc(lanes[lane], func(x experiments.EvalSetting) bool { return x.Seed == s.Seed && x.Many })
			use := "every k"
			switch {
			case s.Many:
				use = "k above 1"
			case apart:
				use = "pass@1"
			}
			t.row(lane, fmt.Sprint(s.Seed), use, fmt.Sprint(s.Code), fmt.Sprint(s.Decision), fmt.Sprint(s.Rationale))
		}
	}
	section(b, "Temperatures", "Chosen on validation problems where none was asked for; long tasks are sampled once, at those for pass@1.", t)
}
