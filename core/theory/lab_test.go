package theory

import (
"syscall"

	"context"
	"testing"
	"fmt"
	"time"
)

func TestTry(t *testing.T) {
	for _, fam := range []string{"rooms", "phrases", "random"} {
		s := Default()
		s.Family = fam
		t0 := cpu()
		w, err := New(context.Background(), s, 2)
		if err != nil { t.Fatal(err) }
		fmt.Println(fam, w.Model.States, w.Model.Rows(), "new", cpu()-t0); t0 = cpu()
		ks, err := w.KeptSets(t.Context())
		if err != nil { t.Fatal(err) }
		for _, k := range ks {
			d, err := w.Decompose(t.Context(), k, s.Iterations)
			if err != nil { t.Fatal(err) }
			fmt.Printf("%-14s %2d %v prune %.4f plan %.4f regret %.4f res %.2g\n", k.Name, d.Size, len(d.Decisions), d.Pruning.Mean, d.Planning.Mean, d.Regret.Mean, d.Residual)
		}
		fmt.Println("decompose", cpu()-t0); t0 = cpu()
		cs, err := w.Pruning(t.Context())
		if err != nil { t.Fatal(err) }
		for _, c := range cs {
			fmt.Println(c.Lane, c.Rule, "Z", c.Decisions, "k", c.K, "bound", c.Bound, "measured", c.Measured, c.Ratio)
			for _, p := range c.Points { fmt.Printf("  n=%d err %.4f size %.2f bad %.3f q %.3f g %.3f\n", p.Demos, p.Error.Mean, p.Size.Mean, p.Bad.Mean, p.Quantile, p.Guarantee) }
		}
		fmt.Println("pruning", cpu()-t0); t0 = cpu()
		for _, k := range ks {
			c, err := w.Converge(t.Context(), k)
			if err != nil { t.Fatal(err) }
			fmt.Printf("%-14s tau %.2f hor %.2f contr %.3f iters %.1f bound %.1f  e5 %.3f\n", k.Name, c.Tau.Mean, c.Horizon, c.Contraction, c.Iterations.Mean, c.Bound.Mean, c.Errors[5])
		}
		fmt.Println("converge", cpu()-t0); t0 = cpu()
		for _, k := range ks {
			c, err := w.Learn(t.Context(), k)
			if err != nil { t.Fatal(err) }
			fmt.Printf("%-14s reached %.1f share %.2f final %.3f\n", k.Name, c.Reached.Mean, c.Share, c.Final.Mean)
		}
		fmt.Println("learn", cpu()-t0); t0 = cpu()
		tr, err := w.Trade(t.Context(), nil)
		if err != nil { t.Fatal(err) }
		for _, k := range tr.Kept { a := Regret{}; if k.Alone != nil { a = *k.Alone }; fmt.Printf("  kept %d with %.3f alone %.3f ql %.3f\n", k.Options, k.With.Total.Mean, a.Total.Mean, k.Learned.Mean) }
		for i, k := range tr.Durations { fmt.Printf("  cut %d tau %.2f/%.2f it %.1f/%.1f pol %.1f/%.1f regret %.3f episodes %.1f (%.2f) gain", k.Steps, k.With.Tau.Mean, k.Alone.Tau.Mean, k.With.Iterations.Mean, k.Alone.Iterations.Mean, k.With.PolicyIterations.Mean, k.Alone.PolicyIterations.Mean, k.Total.Total.Mean, k.Learn.Reached.Mean, k.Learn.Share); for _, g := range tr.Gain[i] { fmt.Printf(" %.3f", g.Mean) }; fmt.Println(tr.GainKept) }
		for _, k := range tr.Discounts { fmt.Printf("  gamma %g it %.1f (bound %.1f) pol %.1f all %.1f pol %.1f\n", k.Discount, k.Primitives.Iterations.Mean, k.Primitives.Bound.Mean, k.Primitives.PolicyIterations.Mean, k.Everything.Iterations.Mean, k.Everything.PolicyIterations.Mean) }
		fmt.Println("trade", cpu()-t0); t0 = cpu()
		l, err := w.Discover(t.Context())
		if err != nil { t.Fatal(err) }
		fmt.Printf("  %d steps planted %.2f used %d nats %.3f -> %.3f bound %.3f alone %.3f rho %.2f tau %.2f/%.2f\n", l.Steps, l.Planted, l.Used, l.LogP[0], l.LogP[40], l.Bound, l.Alone, l.Rho, l.Tau, l.TauPlanted)
		fmt.Printf("  %+v\n  %+v\n", l.Begin, l.End)
		fmt.Println("discover", cpu()-t0); t0 = cpu()
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano()+u.Stime.Nano())
}
