package verbs

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"ra3/core/bench"
	"ra3/core/simd"
)

func benchVerb() *verb {
	return &verb{name: "bench", summary: "speed of the core here, as numbers and shares of the peak", run: runBench,
		usage: "bench [--only PARTS] [--config LIST] [--threads LIST] [--precision LIST]\n    [--rounds N] [--budget SECONDS] [--quick] [--json]",
		detail: `Each case runs in several short rounds, in turn with the others, and each round
between two probes of the arithmetic units' peak on as many threads. Rates and
shares of the peak are medians over the rounds. Without --rounds there are up to
5, as many as fit the budget; cases too long for it, or for which no time is
left, are left out and named, unless --config or --rounds asks for them.

Sizes: A d=128 L=4, B d=256 L=6, C d=512 L=8. FLOPs of a training token are
6 P_mm + 12 L d S/2, with P_mm the parameters of all matrices but the embedding.`}
}

// benchConfigs are the sizes there are; tests put small ones in.
var benchConfigs = bench.Standard

func runBench(ctx context.Context, e *Env, v *verb, args []string) error {
	f := newFlags(v)
	only := f.String("only", "", "only these `PARTS` of gemm,train,generate,judge,screen (default: all)")
	configs := f.String("config", "", "only the sizes in `LIST` of A,B,C (default: all)")
	threads := f.String("threads", "", "`LIST` of thread counts to train and generate with, as in 1,all (default)")
	precisions := f.String("precision", "", "`LIST` of fp32,bf16 (default: what this machine has)")
	rounds := f.Int("rounds", 0, "exactly `N` rounds of each case, however long they take")
	budget := f.Float64("budget", 0, "about how many `SECONDS` to take (default 90)")
	quick := f.Bool("quick", false, "size A alone, in about 10 seconds")
	asJSON := f.Bool("json", false, "print the report as JSON")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	o := bench.Options{Rounds: *rounds, Budget: time.Duration(*budget * float64(time.Second)), All: f.given("config")}
	switch {
	case f.given("rounds") && *rounds < 1:
		return usagef("bench: --rounds %d does not fit: want 1 or more", *rounds)
	case f.given("budget") && !(*budget > 0 && *budget < 1e6):
		return usagef("bench: --budget %g does not fit: want seconds above 0, as in --budget 90", *budget)
	case *quick && f.given("config"):
		return usagef("bench: --quick measures size A alone: leave --config away, or --quick")
	}
	if *quick {
		*configs = benchConfigs()[0].Name
		if o.Rounds == 0 && o.Budget == 0 {
			o.Budget = 10 * time.Second
		}
	}
	if err := benchLists(f, &o, e.benchParts(), *only, *configs, *threads, *precisions); err != nil {
		return err
	}
	if err := instructionSet(); err != nil {
		return err
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	p := e.newProgress()
	o.Progress = func(at bench.Progress) {
		if at.Finished && !e.StderrTTY {
			p.line("%s", at.Text)
		} else if !at.Finished {
			p.bar(at.Done, at.Total, at.Text)
		}
	}
	all := len(o.Parts) == 0
	screen := e.ScreenBench != nil && (all || slices.Contains(o.Parts, partScreen))
	o.Parts = slices.DeleteFunc(o.Parts, func(s string) bool { return s == partScreen })
	out := benched{Report: &bench.Report{}}
	var err error
	if all || len(o.Parts) > 0 {
		out.Report, err = bench.Run(ctx, o)
	}
	if screen && err == nil {
		out.Screen, err = e.ScreenBench(ctx, *quick, func(text string) { p.bar(0, 1, text) })
	}
	p.close()
	if err != nil && !(ctx.Err() != nil && errors.Is(err, context.Canceled)) {
		return err
	}
	if *asJSON {
		err = e.printJSON(out)
	} else {
		text := ""
		if out.Report.ISA != "" {
			text = benchTable(out.Report, o.Configs)
		}
		if out.Screen != nil {
			text += screenTable(out.Screen)
		}
		err = e.print(text)
	}
	if err == nil && ctx.Err() != nil {
		return &interrupted{"interrupted; what was measured until then is printed"}
	}
	return err
}

// benchLists reads the flags that are lists.
func benchLists(f *flags, o *bench.Options, parts []string, only, configs, threads, precisions string) error {
	var names []string
	for _, c := range benchConfigs() {
		names = append(names, c.Name)
	}
	for _, l := range []struct {
		flag, value string
		allowed     []string
		add         func(string)
	}{
		{"only", only, parts, func(s string) { o.Parts = append(o.Parts, s) }},
		{"config", configs, names, func(s string) { o.Configs = append(o.Configs, benchConfigs()[slices.Index(names, s)]) }},
		{"precision", precisions, []string{string(bench.FP32), string(bench.BF16)}, func(s string) { o.Precisions = append(o.Precisions, bench.Precision(s)) }},
	} {
		var seen []string
		for part := range strings.SplitSeq(l.value, ",") {
			part = strings.TrimSpace(part)
			if l.value == "" && !f.given(l.flag) || slices.Contains(seen, part) {
				continue
			}
			if err := f.choice(l.flag, part, l.allowed...); err != nil {
				return err
			}
			l.add(part)
			seen = append(seen, part)
		}
	}
	if len(o.Configs) == 0 {
		o.Configs = benchConfigs()
	}
	for _, p := range o.Precisions {
		if !slices.Contains(bench.Precisions(), p) {
			return usagef("bench: --precision %s is not available here: %w: choose fp32", p, simd.BF16Error())
		}
	}
	return benchThreads(f, o, threads)
}

func benchThreads(f *flags, o *bench.Options, value string) error {
	if !f.given("threads") {
		return nil
	}
	all := runtime.GOMAXPROCS(0)
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		n, err := strconv.Atoi(part)
		switch {
		case part == "all":
			n = all
		case err != nil || n < 1:
			return usagef("bench: --threads %q does not fit: want counts from 1 up or all, as in 1,all", value)
		case n > all:
			return usagef("bench: --threads %d is more than the %d of this machine: lower it, or say all", n, all)
		}
		if !slices.Contains(o.Threads, n) {
			o.Threads = append(o.Threads, n)
		}
	}
	return nil
}
