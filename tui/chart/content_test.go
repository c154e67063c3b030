package chart

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

func TestLanesAreToldApartWithoutColour(t *testing.T) {
	for _, th := range []theme.Theme{plainTheme, asciiTheme} {
		f := learning()
		f.Title, f.YLabel, f.XLabel, f.Caption = "", "", "", ""
		rows := strings.Split(Render(f, 76, 14, th), "\n")
		for _, name := range []string{"B base", "N ntp", "R ra3"} {
			if !strings.Contains(rows[0], name) {
				t.Errorf("legend %q lacks %q", rows[0], name)
			}
		}
		ends := ""
		for _, r := range rows[1:] {
			if last := r[len(r)-1]; last != ' ' {
				ends += string(last)
			}
		}
		// ra3 ends highest, base lowest.
		if ends != "RNB" {
			t.Errorf("letters at the ends are %q, want RNB", ends)
		}
	}
}

func TestLettersAreUnique(t *testing.T) {
	series := []measure.Series{
		{Name: "recon"}, {Name: "ra3 again", Lane: "ra3"}, {Name: "ra3 branch", Lane: "ra3"},
		{Name: "recon"}, {Name: "漢字"}, {Name: ""}, {Name: "seed", Thin: true}, {Name: "Bound"},
	}
	seen := map[rune]bool{}
	lanes := lanesOf(series, plainTheme)
	for _, l := range lanes {
		if l.Thin {
			if l.letter != 0 {
				t.Error("a thin series has a letter")
			}
			continue
		}
		if seen[l.letter] || l.letter > 'z' {
			t.Errorf("letter %q of %q is taken or not ASCII", l.letter, l.name)
		}
		seen[l.letter] = true
	}
	if lanes[1].letter != 'R' || lanes[0].letter == 'R' {
		t.Error("a lane lost its letter to another series")
	}
	// More series than letters must still end.
	if got := len(lanesOf(make([]measure.Series, 200), plainTheme)); got != 200 {
		t.Errorf("%d lanes", got)
	}
}

// dots returns the plot rows of a chart without header and axes.
func dots(f measure.Figure, w, h int) []string {
	lanes := lanesOf(f.Series, plainTheme)
	return lines(f, lanes, w, h, plainTheme, nil)
}

func TestGapsStayOpen(t *testing.T) {
	s := measure.Series{Name: "x"}
	for k := range 100 {
		y := 1.0
		if k >= 40 && k < 60 {
			y = math.NaN()
		}
		s.X, s.Y = append(s.X, float64(k)), append(s.Y, y)
	}
	out := strings.Join(dots(measure.Figure{Series: []measure.Series{s}}, 101, 4), "\n")
	if got := strings.Count(out, "⠉") + strings.Count(out, "⣀") + strings.Count(out, "⠤") + strings.Count(out, "⠒"); got < 76 || got > 82 {
		t.Errorf("%d cells of line, want about 80 of 100:\n%s", got, out)
	}
}

func TestExtremesSurviveDecimation(t *testing.T) {
	s := measure.Series{Name: "x"}
	for k := range 100_000 {
		y := 0.0
		if k == 54_321 {
			y = 1
		}
		s.X, s.Y = append(s.X, float64(k)), append(s.Y, y)
	}
	top := []rune(dots(measure.Figure{Series: []measure.Series{s}}, 11, 4)[0])
	if strings.TrimSpace(string(top)) == "" || top[5] == ' ' {
		t.Errorf("the spike is lost: %q", string(top))
	}
}

func TestDivergedRunSaysSo(t *testing.T) {
	f := measure.Figure{Series: []measure.Series{{Name: "loss", X: []float64{0, 1, 2}, Y: []float64{1, 2, math.Inf(1)}}}}
	if out := Render(f, 40, 8, plainTheme); !strings.Contains(out, "loss inf") {
		t.Errorf("no inf in the legend:\n%s", out)
	}
}

func TestBarsThatDoNotFitAreCounted(t *testing.T) {
	f := measure.Figure{Kind: measure.Bars, Series: []measure.Series{{Name: "n"}}}
	for k := range 30 {
		f.Series[0].X = append(f.Series[0].X, float64(k))
		f.Series[0].Y = append(f.Series[0].Y, float64(k))
	}
	out := Render(f, 40, 9, plainTheme)
	if !strings.Contains(out, "… 23 more") {
		t.Errorf("hidden bars are not counted:\n%s", out)
	}
}

func TestEmptySaysSo(t *testing.T) {
	for _, kind := range []measure.FigureKind{measure.Lines, measure.Bars} {
		f := measure.Figure{Kind: kind, Series: []measure.Series{{Name: "x", X: []float64{1}, Y: []float64{math.NaN()}}}}
		if out := Render(f, 30, 6, plainTheme); !strings.Contains(out, "no data yet") {
			t.Errorf("%s:\n%s", kind, out)
		}
	}
}

func TestSmallChartsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 1000 {
		w, h := rng.IntN(60)-1, rng.IntN(12)-1
		th := allThemes[rng.IntN(len(allThemes))]
		values := make([]float64, rng.IntN(200))
		m := HeatMap{Rows: []string{"a", "漢字漢字"}, Columns: []string{"long", "", "漢"}, Values: make([][]float64, rng.IntN(8))}
		for i := range values {
			values[i] = wild(rng)
		}
		for i := range m.Values {
			m.Values[i] = values[:rng.IntN(len(values)+1)]
		}
		if rng.IntN(2) == 0 {
			m.Lo, m.Hi = wild(rng), wild(rng)
		}
		checkSize(t, RenderHeat(m, w, h, th), max(w, 0), max(h, 0), th)
		for _, out := range []string{Sparkline(values, w, th), Gauge(wild(rng), w, th)} {
			if got := ansi.StringWidth(out); got != max(w, 0) {
				t.Fatalf("%q is %d wide, want %d", out, got, w)
			}
		}
		if got := ansi.StringWidth(Heat(wild(rng), wild(rng), wild(rng), th)); got != 1 {
			t.Fatalf("heat cell is %d wide", got)
		}
	}
}

func TestGauge(t *testing.T) {
	for _, c := range []struct {
		fraction float64
		w        int
		want     string
	}{
		{0, 10, ".....   0%"}, {1, 10, "##### 100%"}, {0.999, 10, "####.  99%"},
		{2, 4, "####"}, {-1, 4, "...."}, {0.5, 4, "##.."}, {math.NaN(), 12, ".......  --%"}, {0.29, 104, strings.Repeat("#", 28) + strings.Repeat(".", 71) + "  29%"},
	} {
		if got := Gauge(c.fraction, c.w, asciiTheme); got != c.want {
			t.Errorf("Gauge(%v, %d) = %q, want %q", c.fraction, c.w, got, c.want)
		}
	}
}

func TestHeatIsOrderedWithoutColour(t *testing.T) {
	got := ""
	for k := range 6 {
		got += Heat(float64(k), 0, 5, plainTheme)
	}
	if want := " ·░▒▓█"; got != want {
		t.Errorf("ramp %q, want %q", got, want)
	}
	if Heat(math.NaN(), 0, 1, plainTheme) == Heat(0, 0, 1, plainTheme) {
		t.Error("a missing value looks like the lowest")
	}
}
