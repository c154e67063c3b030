package verbs

import (
	"fmt"
	"slices"
	"strings"

	"ra3/core/pocket"
	"ra3/experiments"
)

// promptTable shows what could be scored, and what in a program no test sees.
func promptTable(b *strings.Builder, families map[string]experiments.PromptSummary, seeds int) {
	var ks []string
	for _, p := range families {
		ks = sortedKeys(p.Ceiling)
	}
	// By k, not by text: pass@5 comes before pass@10.
	slices.SortStableFunc(ks, func(a, b string) int { return len(a) - len(b) })
	t := &columns{layout: "l" + strings.Repeat("l", len(ks)) + "lrr"}
	t.row(slices.Concat([]string{"family"}, ks, []string{"nuisance, nats", "read", "n"})...)
	for _, family := range familiesOf(families) {
		p := families[family]
		cells := []string{family}
		for _, k := range ks {
			cells = append(cells, interval("%.3f", p.Ceiling[k]))
		}
		t.row(append(cells, interval("%.2f", p.Nuisance), fmt.Sprintf("%d/%d", p.Read, p.Problems), fmt.Sprint(p.Nuisance.N))...)
	}
	section(b, "Ceilings of pass@k and nuisance", fmt.Sprintf("What a perfect reader of the prompts could score; choices in a program that no test sees; n: %s.", over(seeds)), t)
}

// failureTable shows how bodies failed, as shares of those that did.
func failureTable(b *strings.Builder, lanes map[string]map[string]map[string]int) {
	classes := make([]string, len(pocket.Failures))
	head := []string{"family", "lane", "failed"}
	for i, c := range pocket.Failures {
		classes[i] = string(c)
		head = append(head, strings.ReplaceAll(classes[i], "_", " "))
	}
	t := &columns{layout: "ll" + strings.Repeat("r", len(head)-2)}
	t.row(head...)
	families := map[string]bool{}
	for _, fs := range lanes {
		for f := range fs {
			families[f] = true
		}
	}
	for _, family := range familiesOf(families) {
		for _, lane := range lanesOf(lanes) {
			counts, failed := lanes[lane][family], 0
			for _, n := range counts {
				failed += n
			}
			if failed == 0 {
				continue
			}
			cells := []string{family, lane, fmt.Sprint(failed)}
			for _, c := range classes {
				cells = append(cells, fmt.Sprintf("%.2f", float64(counts[c])/float64(failed)))
			}
			t.row(cells...)
		}
	}
	section(b, "How bodies failed", "Shares of the bodies that did not pass, by what their code and rationales spell out against the plan.", t)
}
