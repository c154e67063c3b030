package experiments

import (
	"context"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"ra3/core/judge"
	"ra3/experiments/store"
)

func TestMain(m *testing.M) { judge.ServeIfChild(); os.Exit(m.Run()) }

func TestTry(t *testing.T) {
	preset := os.Getenv("TRY")
	if preset == "" {
		t.Skip()
	}
	os.RemoveAll(os.Getenv("TRYDIR"))
	c, err := Resolve(preset, nil, strings.Fields(os.Getenv("TRYSET")))
	if err != nil {
		t.Fatal(err)
	}
	e, err := Create(context.Background(), os.Getenv("TRYDIR"), c, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	start := time.Now()
	last := ""
	n := 0
	var stageStart time.Time
	for {
		ev, err := e.Step(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		key := ev.Lane + "/" + ev.Phase + fmt.Sprint(ev.Iteration)
		n++
		if key != last {
			stageStart = time.Now()
			n = 0
		}
		every := 50
		if ev.Phase == "E" || ev.Phase == "rlvr" {
			every = 4
		}
		if ev.Phase == "eval" || key != last || ev.Update%every == 0 || ev.Measures["nmi"] > 0 {
			var ks []string
			for k := range ev.Measures {
				ks = append(ks, k)
			}
			sort.Strings(ks)
			s := ""
			for _, k := range ks {
				s += fmt.Sprintf(" %s=%.3g", k, ev.Measures[k])
			}
			fmt.Printf("%6.1fs %5.2f/s %s %d:%s\n", time.Since(start).Seconds(), float64(n)/time.Since(stageStart).Seconds(), key, ev.Update, s)
		}
		last = key
	}
	e.Save()
	sum, err := e.Finish()
	if err != nil {
		t.Fatal(err)
	}
	for lane, f := range sum.Lanes {
		for fam, x := range f {
			fmt.Printf("%s %s p1 %.3f [%.3f %.3f] p5 %.3f p10 %.3f nats %.2f\n", lane, fam, x.Pass1.Mean, x.Pass1.Lo, x.Pass1.Hi, x.Pass5.Mean, x.Pass10.Mean, x.Nats.Mean)
		}
	}
	fmt.Println("done", time.Since(start))
}

func TestExport(t *testing.T) {
	if os.Getenv("TRYOUT") == "" {
		t.Skip()
	}
	r, err := store.View(os.Getenv("TRYDIR"))
	if err != nil {
		t.Fatal(err)
	}
	if err := ExportBase(r, os.Getenv("TRYOUT")); err != nil {
		t.Fatal(err)
	}
}
