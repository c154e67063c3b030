package verbs

import (
	"fmt"
	"slices"
	"strings"

	"ra3/core/bench"
	"ra3/core/judge/python"
)

// benchTable is the report for reading, in 80 columns.
func benchTable(r *bench.Report, configs []bench.Config) string {
	var b strings.Builder
	t := &columns{layout: "lrrl"}
	t.row("GFLOP/s, peak", "fp32", "bf16")
	t.row("one thread", figure(r.Peak.FP32), figure(r.Peak.BF16))
	if r.Threads > 1 {
		t.row(fmt.Sprintf("all %d threads", r.Threads), figure(r.PeakAll.FP32), figure(r.PeakAll.BF16))
	}
	fmt.Fprintf(&b, "%s kernels, %s, measured in %.0f s; medians over rounds\n\n%s", r.ISA, count(r.Threads, "thread"), r.Seconds, t)
	gemmTable(&b, r.Gemm)
	trainTable(&b, r.Train, configs)
	generateTable(&b, r.Generate)
	judgeTable(&b, r.Judge)
	if len(r.Skipped) > 0 {
		fmt.Fprintf(&b, "\nLeft out, too long for the budget (--config runs them all the same) or not possible here:\n")
		for _, s := range r.Skipped {
			b.WriteString("  " + s + "\n")
		}
	}
	return b.String()
}

// figure prints a rate with three digits or all before the point.
func figure(x float64) string {
	switch {
	case x == 0:
		return "-"
	case x < 10:
		return fmt.Sprintf("%.2f", x)
	case x < 100:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func percent(x float64) string { return fmt.Sprintf("%.0f%%", 100*x) }

// gemmTable has a line a shape, a column a kind.
func gemmTable(b *strings.Builder, rows []bench.Gemm) {
	type line struct {
		config  string
		m, k, n int
	}
	var lines []line
	var kinds []string
	cells := map[line]map[string]string{}
	for _, g := range rows {
		l := line{g.Config, g.M, g.K, g.N}
		if cells[l] == nil {
			cells[l] = map[string]string{}
			lines = append(lines, l)
		}
		if !slices.Contains(kinds, g.Kind) {
			kinds = append(kinds, g.Kind)
		}
		cells[l][g.Kind] = fmt.Sprintf("%s %4s", figure(g.Gflops), percent(g.Share))
	}
	t := &columns{layout: "lrrr" + strings.Repeat("r", len(kinds))}
	t.row(append([]string{"", "rows", "k", "n"}, kinds...)...)
	last := ""
	for _, l := range lines {
		row := []string{"", fmt.Sprint(l.m), fmt.Sprint(l.k), fmt.Sprint(l.n)}
		if l.config != last {
			row[0], last = l.config, l.config
		}
		for _, k := range kinds {
			row = append(row, cells[l][k])
		}
		t.row(row...)
	}
	section(b, "GEMM: GFLOP/s and share of the peak, one thread",
		"X [rows, k], W [k, n]; nn: X W; nt: dY W^T; tn: dW += X^T dY.", t)
}

// trainTable has the arithmetic first, then a line a case.
func trainTable(b *strings.Builder, rows []bench.Train, configs []bench.Config) {
	var work []string
	t := &columns{layout: "llrrrrrr"}
	t.row("size", "precision", "threads", "tokens/s", "GFLOP/s", "share", "spread", "rounds")
	for _, r := range rows {
		i := slices.IndexFunc(configs, func(c bench.Config) bool { return c.Name == r.Config })
		if i >= 0 {
			if text := arithmetic(configs[i]); !slices.Contains(work, text) {
				work = append(work, text)
			}
		}
		t.row(r.Config, string(r.Precision), fmt.Sprint(r.Threads), fmt.Sprintf("%.0f", r.TokensPerS), figure(r.Gflops), percent(r.Share), percent(r.Spread), fmt.Sprint(r.Rounds))
	}
	section(b, "TRAIN: forward, backward, AdamW, repacking", strings.Join(work, "\n"), t)
}

// arithmetic shows where a size's FLOPs a token come from.
func arithmetic(c bench.Config) string {
	return fmt.Sprintf("%s: 6 x %.2fM + attention %.2fM = %.1f MFLOP/token; %d x %d tokens a step", c.Name,
		float64(c.MatmulParams())/1e6, c.AttentionFlops()/1e6, c.FlopsPerToken()/1e6, c.Batch, c.Seq)
}

func generateTable(b *strings.Builder, rows []bench.Generate) {
	t := &columns{layout: "llrrrrrr"}
	t.row("size", "precision", "batch", "new", "threads", "tokens/s", "spread", "rounds")
	for _, r := range rows {
		t.row(r.Config, string(r.Precision), fmt.Sprint(r.Batch), fmt.Sprint(r.NewTokens), fmt.Sprint(r.Threads), fmt.Sprintf("%.0f", r.TokensPerS), percent(r.Spread), fmt.Sprint(r.Rounds))
	}
	section(b, "GENERATE: a batch of sequences from one token each", "Tokens/s of the whole batch; new: tokens a sequence.", t)
}

// judgeTable has a line for each way of executing programs.
func judgeTable(b *strings.Builder, rows []python.Rate) {
	if len(rows) == 0 {
		return
	}
	t := &columns{layout: "lrr"}
	t.row("judging Python", "programs/s", "workers")
	for _, r := range rows {
		t.row(string(r.Mode), figure(r.PerSecond), fmt.Sprint(r.Workers))
	}
	fmt.Fprintf(b, "\n%sPrograms of a few lines with %d tests each.\n", t, rows[0].Tests)
}
