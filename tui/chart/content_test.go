package chart

import (
	"math"
	"strings"
	"testing"

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
	return lines(f, lanes, w, h, plainTheme)
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

func TestNoiseOfSharesStaysSmall(t *testing.T) {
	f := measure.Figure{Series: []measure.Series{{Name: "x", X: []float64{0, 1, 2, 3}, Y: []float64{0.204, 0.208, 0.204, 0.208}}}}
	used := func() (n int) {
		for _, row := range dots(f, 60, 12)[:10] {
			if strings.ContainsFunc(row[strings.IndexAny(row, "│┤"):], func(r rune) bool { return r > 0x2800 && r <= 0x28ff }) {
				n++
			}
		}
		return n
	}
	if n := used(); n < 8 {
		t.Errorf("nats use %d rows of 10", n)
	}
	f.YLabel = "held-out pass@1"
	if n := used(); n > 2 {
		t.Errorf("shares that span 0.004 use %d rows of 10", n)
	}
}

// Intervals of shares end at 0 and 1 on the screen; the numbers say where they end.
func TestSharesStayInside(t *testing.T) {
	f := measure.Figure{Kind: measure.Bars, YLabel: "share of problems", Categories: []string{"doc"}, Shares: true,
		Series: []measure.Series{{Name: "RA3", Lane: "ra3", X: []float64{0}, Y: []float64{0.2}, Lo: []float64{-0.3}, Hi: []float64{0.7}}}}
	got := Render(f, 60, 4, plainTheme)
	if strings.Contains(got, string(plainTheme.Glyphs.AxisV)) || !strings.Contains(got, "0.20 ±0.50") {
		t.Errorf("bars:\n%s", got)
	}
	f.Kind, f.Categories = measure.Lines, nil
	for i := range f.Series {
		f.Series[i].X, f.Series[i].Y, f.Series[i].Lo, f.Series[i].Hi = []float64{0, 1}, []float64{0.2, 0.3}, []float64{-0.3, -0.2}, []float64{0.7, 0.8}
	}
	if got := Render(f, 60, 14, plainTheme); strings.Contains(got, "-0.") {
		t.Errorf("curves:\n%s", got)
	}
}
