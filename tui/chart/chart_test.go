package chart

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

var (
	plainTheme = theme.New(theme.Options{Glyphs: theme.Braille})
	asciiTheme = theme.New(theme.Options{Glyphs: theme.ASCII})
	blockTheme = theme.New(theme.Options{Depth: theme.Colors16, Glyphs: theme.Block, Dark: true})
	colorTheme = theme.New(theme.Options{Depth: theme.TrueColor, Glyphs: theme.Braille, Dark: true})
	allThemes  = []theme.Theme{plainTheme, asciiTheme, blockTheme, colorTheme}
)

// checkSize fails unless out has h lines of w cells each.
func checkSize(t *testing.T, out string, w, h int, th theme.Theme) {
	t.Helper()
	rows := strings.Split(out, "\n")
	if h == 0 {
		if out != "" {
			t.Fatalf("%dx%d: %q is not empty", w, h, out)
		}
		return
	}
	if len(rows) != h {
		t.Fatalf("%dx%d: %d lines", w, h, len(rows))
	}
	for i, r := range rows {
		if got := ansi.StringWidth(r); got != w {
			t.Fatalf("%dx%d: line %d is %d wide: %q", w, h, i, got, r)
		}
		for _, b := range []byte(r) {
			if th.Options.Depth == theme.NoColor && b == 0x1b {
				t.Fatalf("escape without colour: %q", r)
			}
			if th.Glyphs.Set == theme.ASCII && (b < ' ' || b > '~') {
				t.Fatalf("byte %#x in ASCII output: %q", b, r)
			}
		}
	}
}

// learning is a figure as an experiment gives it: three lanes with bands and
// seeds behind them, one of them with a gap.
func learning() measure.Figure {
	rng := rand.New(rand.NewPCG(1, 2))
	f := measure.Figure{
		Title: "RLVR", YLabel: "success", XLabel: "sampled tokens", Kind: measure.Lines,
		Caption: "mean of 5 seeds, 95% t interval over seeds, n=400 problems",
	}
	var means []measure.Series
	for i, name := range []string{"base", "ntp", "ra3"} {
		m := measure.Series{Name: name, Lane: name}
		seed := measure.Series{Name: name, Lane: name, Thin: true}
		for k := range 120 {
			x := float64(k) * 20000
			y := (0.35 + 0.2*float64(i)) * (1 - math.Exp(-float64(k)/(60-15*float64(i))))
			m.X, m.Y = append(m.X, x), append(m.Y, y)
			m.Lo, m.Hi = append(m.Lo, y-0.04), append(m.Hi, y+0.04)
			seed.X, seed.Y = append(seed.X, x), append(seed.Y, y+0.06*rng.NormFloat64()*0.3)
		}
		means = append(means, m)
		f.Series = append(f.Series, seed)
	}
	for k := 40; k < 55; k++ {
		means[1].Y[k] = math.NaN()
	}
	f.Series = append(f.Series, means...)
	return f
}

func passk() measure.Figure {
	return measure.Figure{
		Title: "pass@k, held out", YLabel: "share", Kind: measure.Bars,
		Categories: []string{"pass@1", "pass@16"},
		Caption:    "T=0.8, n=400, 95% bootstrap over problems",
		Series: []measure.Series{
			{Name: "base", Lane: "base", X: []float64{0, 1}, Y: []float64{0.21, 0.48}, Lo: []float64{0.17, 0.44}, Hi: []float64{0.25, 0.52}},
			{Name: "ntp", Lane: "ntp", X: []float64{0, 1}, Y: []float64{0.689, 0.81}, Lo: []float64{0.64, 0.77}, Hi: []float64{0.73, 0.85}},
			{Name: "ra3", Lane: "ra3", X: []float64{0, 1}, Y: []float64{0.719, 0.88}, Lo: []float64{0.67, 0.84}, Hi: []float64{0.76, 0.91}},
		},
	}
}

// wild draws a value that a run might produce on its worst day.
func wild(rng *rand.Rand) float64 {
	switch rng.IntN(12) {
	case 0:
		return math.NaN()
	case 1:
		return math.Inf(1 - 2*rng.IntN(2))
	case 2:
		return 1e300 * (1 - 2*rng.Float64())
	case 3:
		return math.MaxFloat64
	case 4:
		return math.SmallestNonzeroFloat64
	case 5:
		return math.Float64frombits(rng.Uint64())
	case 6:
		return 0
	case 7:
		return 1e6 + rng.Float64()*1e-6
	default:
		return rng.NormFloat64()
	}
}

func wildFigure(rng *rand.Rand) measure.Figure {
	words := []string{"", "ra3", "reward ± 1", "漢字の名前", "a\nb\x1b[31mc", "🇩🇪🇫🇷 e\u0301", strings.Repeat("long ", 40), "\xff\xfe"}
	word := func() string { return words[rng.IntN(len(words))] }
	tame := rng.IntN(3) == 0
	value := func() float64 {
		if tame {
			return rng.NormFloat64()
		}
		return wild(rng)
	}
	f := measure.Figure{Title: word(), XLabel: word(), YLabel: word(), Caption: word(), Kind: measure.Lines}
	if rng.IntN(2) == 0 {
		f.Kind = measure.Bars
	}
	for range rng.IntN(4) {
		f.Categories = append(f.Categories, word())
	}
	for range rng.IntN(6) {
		s := measure.Series{Name: word(), Lane: []string{"", "base", "ntp", "ra3", "odd"}[rng.IntN(5)], Thin: rng.IntN(4) == 0, Dashed: rng.IntN(3) == 0}
		n := []int{0, 1, 2, 5, 60}[rng.IntN(5)]
		for i := range n {
			x := float64(i)
			if rng.IntN(8) == 0 {
				x = value()
			}
			s.X = append(s.X, x)
			s.Y = append(s.Y, value())
		}
		if rng.IntN(2) == 0 {
			for range n - rng.IntN(2)*rng.IntN(2) {
				s.Lo, s.Hi = append(s.Lo, value()), append(s.Hi, value())
			}
		}
		if rng.IntN(8) == 0 && n > 0 {
			s.X = s.X[:n-1]
		}
		f.Series = append(f.Series, s)
	}
	return f
}

func TestEverySizeIsExact(t *testing.T) {
	figures := []measure.Figure{learning(), passk(), {}, {Title: "empty", Kind: measure.Bars}}
	for _, th := range allThemes {
		for i, f := range figures {
			for w := -1; w <= 130; w++ {
				for _, h := range []int{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 23, 40} {
					if w > 30 && w%10 != 0 || i == 0 && w%4 != 0 && w > 12 {
						continue
					}
					checkSize(t, Render(f, w, h, th), max(w, 0), max(h, 0), th)
				}
			}
		}
	}
}

func TestAnyDataIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		f := wildFigure(rng)
		w, h := rng.IntN(100), rng.IntN(30)
		th := allThemes[rng.IntN(len(allThemes))]
		checkSize(t, Render(f, w, h, th), w, h, th)
	}
}

func FuzzRender(f *testing.F) {
	f.Add(make([]byte, 64), 40, 10, "title", false)
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300)), 1, 1, "", true)
	f.Fuzz(func(t *testing.T, data []byte, w, h int, title string, asBars bool) {
		w, h = w%200, h%60
		var v []float64
		for ; len(data) >= 8; data = data[8:] {
			v = append(v, math.Float64frombits(binary.LittleEndian.Uint64(data)))
		}
		n := len(v) / 4
		fig := measure.Figure{Title: title, Kind: measure.Lines, Series: []measure.Series{
			{Name: title, Lane: "ra3", X: v[:n], Y: v[n : 2*n], Lo: v[2*n : 3*n], Hi: v[3*n : 4*n]},
			{Name: "seed", Thin: true, X: v[n : 2*n], Y: v[:n]},
		}}
		if asBars {
			fig.Kind = measure.Bars
		}
		for _, th := range allThemes {
			checkSize(t, Render(fig, w, h, th), max(w, 0), max(h, 0), th)
		}
	})
}

func BenchmarkRender3x100k(b *testing.B) {
	f := measure.Figure{Kind: measure.Lines, Title: "reward"}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, lane := range []string{"base", "ntp", "ra3"} {
		s := measure.Series{Name: lane, Lane: lane}
		for i := range 100_000 {
			y := rng.NormFloat64()
			s.X, s.Y = append(s.X, float64(i)), append(s.Y, y)
			s.Lo, s.Hi = append(s.Lo, y-1), append(s.Hi, y+1)
		}
		f.Series = append(f.Series, s)
	}
	for b.Loop() {
		Render(f, 120, 40, colorTheme)
	}
}

func BenchmarkRenderPane(b *testing.B) {
	f := learning()
	for b.Loop() {
		Render(f, 76, 14, colorTheme)
	}
}
