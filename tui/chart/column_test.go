package chart

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// A column's points stand under each other, in one form.
func TestAligned(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		what   string
		signed bool
		most   int
		xs     []Estimate
		want   string
	}{
		{"half-widths of two sizes", false, 3, []Estimate{{0.228, 0.135, 0.321}, {0.31, 0.19, 0.43}}, "0.23 ±0.09|0.31 ±0.12"},
		{"wide ones", false, 2, []Estimate{{-20.25, -33.25, -7.25}, {-9.5, -21.5, 2.5}}, "-20 ±13|-10 ±12"},
		{"one lopsided", false, 3, []Estimate{{0.228, 0.135, 0.321}, {0.31, 0.19, 0.46}}, "0.23 [0.14, 0.32]|0.31 [0.19, 0.46]"},
		{"differences", true, 3, []Estimate{{0.165, 0.095, 0.235}, {-0.02, -0.10, 0.06}}, "+0.165 ±0.070|-0.020 ±0.080"},
		{"differences of nothing", true, 3, []Estimate{{1e-9, -0.05, 0.05}}, "0.000 ±0.050"},
		{"one without", false, 2, []Estimate{{10.5, 8.1, 12.9}, {2.72, nan, nan}}, "10.5 ±2.4| 2.7     "},
		{"none with", false, 0, []Estimate{{27.22, nan, nan}, {9.1, nan, nan}}, "27.2| 9.1"},
		{"no more than asked for", false, 3, []Estimate{{0.31251, nan, nan}, {0.02103, nan, nan}}, "0.313|0.021"},
		{"huge", false, 2, []Estimate{{2e7, 1.9e7, 2.1e7}, {5, nan, nan}}, "2e7 ±1e6|5.00"},
		{"none", false, 2, nil, ""},
	} {
		if got := strings.Join(Aligned(c.xs, c.signed, c.most, plainTheme.Glyphs), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5_000 {
		xs := make([]Estimate, 1+rng.IntN(5))
		for i := range xs {
			xs[i] = Estimate{wild(rng), wild(rng), wild(rng)}
		}
		for _, s := range Aligned(xs, rng.IntN(2) == 0, rng.IntN(4), asciiTheme.Glyphs) {
			if n := utf8.RuneCountInString(s); n == 0 || n > 80 {
				t.Fatalf("%v is written %q", xs, s)
			}
		}
	}
}
