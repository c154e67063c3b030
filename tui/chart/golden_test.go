package chart

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/measure"
	"ra3/tui/theme"
)

var update = flag.Bool("update", false, "write the golden files anew")

// terms is a figure without lanes, on a large x scale, with a dashed series.
func terms() measure.Figure {
	f := measure.Figure{Title: "bound", XLabel: "update", YLabel: "nats/program"}
	for i, name := range []string{"bound", "recon", "kl"} {
		s := measure.Series{Name: name, Dashed: i == 2}
		for k := range 400 {
			x := float64(k) / 400
			s.X = append(s.X, float64(k))
			s.Y = append(s.Y, []float64{-31 + 14*x, -24 + 9*math.Sqrt(x), -7 + 3*math.Sin(9*x)}[i])
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// effects are differences, some negative.
func effects() measure.Figure {
	return measure.Figure{
		Title: "RA3 minus NTP", YLabel: "pass@1", Kind: measure.Bars,
		Categories: []string{"300 traces", "6000 traces", "vague"},
		Series: []measure.Series{{Name: "difference", Lane: "ra3",
			X: []float64{0, 1, 2}, Y: []float64{-0.04, 0.09, 0.03},
			Lo: []float64{-0.09, 0.02, -0.02}, Hi: []float64{0.01, 0.16, 0.08}}},
	}
}

func sheet(th theme.Theme) string {
	l := learning()
	var b strings.Builder
	add := func(s string) { b.WriteString(s + "\n\n") }
	add(Render(l, 76, 14, th))
	add(Render(l, 40, 8, th))
	add(Render(terms(), 60, 12, th))
	add(Render(passk(), 60, 11, th))
	add(Render(effects(), 60, 5, th))
	return b.String()
}

func TestGolden(t *testing.T) {
	for name, th := range map[string]theme.Theme{"plain": plainTheme, "ascii": asciiTheme, "block": blockTheme, "color": colorTheme} {
		path := filepath.Join("testdata", name+".txt")
		got := sheet(th)
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("read golden (go test -update writes it): %v", err)
		}
		if got != string(want) {
			t.Errorf("%s differs from its golden; got:\n%s", name, got)
		}
	}
}
