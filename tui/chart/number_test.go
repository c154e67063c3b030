package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	g := plainTheme.Glyphs
	for _, c := range []struct{ got, want string }{
		{Significant(0, 3), "0"},
		{Significant(0.71949, 3), "0.719"},
		{Significant(0.7, 3), "0.700"},
		{Significant(-12.345, 3), "-12.3"},
		{Significant(9.996, 3), "10.0"},
		{Significant(999999.9, 3), "1e6"},
		{Significant(123456, 3), "123456"},
		{Significant(0.00003, 2), "3e-5"},
		{Significant(1.25e300, 3), "1.25e300"},
		{Significant(math.NaN(), 3), "nan"},
		{Significant(math.Inf(-1), 3), "-inf"},
		{Significant(5, 0), "5"},
		{SI(0), "0"}, {SI(7), "7"}, {SI(950), "950"}, {SI(999.9), "1k"}, {SI(1234), "1.2k"}, {SI(34567), "35k"},
		{SI(999499), "999k"}, {SI(999500), "1M"}, {SI(3.42e6), "3.4M"}, {SI(1.2e9), "1.2G"}, {SI(-2500), "-2.5k"},
		{SI(1e300), "1e300"}, {SI(math.NaN()), "nan"},
		{Interval(0.6123, 0.5813, 0.6433, g), "0.612 ±0.031"},
		{Interval(0.6, 0.5, 0.62, g), "0.600 [0.500, 0.620]"},
		{Interval(0.6, 0.5, 0.69, g), "0.600 [0.500, 0.690]"}, // by more than rounding
		{Interval(0.6, 0.5, 0.7003, g), "0.60 ±0.10"},
		{Interval(123.4, 111.4, 135.4, g), "123 ±12"},
		{Interval(2e7, 1.9e7, 2.1e7, g), "2e7 ±1e6"},
		{Interval(0.5, math.NaN(), 1, g), "0.500"},
		{Interval(0.5, 0.5, 0.5, g), "0.500"},
		{Interval(0.6123, 0.5813, 0.6433, asciiTheme.Glyphs), "0.612 +-0.031"},
		{Value(0.71949, 0.5), "0.719"}, {Value(123.456, 30), "123.5"}, {Value(2_400_000, 1e6), "2.4M"},
		{Value(412, 600), "412"}, {Value(3e-5, 1e-4), "3e-5"}, {Value(math.Inf(1), 1), "inf"}, {Value(0.5, 0), "0.500"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbersStayShort(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 20_000 {
		v, lo, hi := wild(rng), wild(rng), wild(rng)
		for _, s := range []string{Significant(v, rng.IntN(6)), SI(v), Value(v, lo)} {
			if s == "" || len(s) > 16 {
				t.Fatalf("%v is written %q", v, s)
			}
		}
		if s := Interval(v, lo, hi, asciiTheme.Glyphs); s == "" || len(s) > 72 {
			t.Fatalf("%v [%v, %v] is written %q", v, lo, hi, s)
		}
	}
}

func TestTicksOfRowsAreRoundAndEquallyFarApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 10_000 {
		e := emptyExtent()
		scale := math.Pow(10, rng.Float64()*40-20)
		e.add(rng.NormFloat64() * scale)
		e.add(rng.NormFloat64() * scale * math.Pow(10, rng.Float64()*6-3))
		e = e.opened()
		rows, dots := 3+rng.IntN(40), []int{1, 2, 4}[rng.IntN(3)]
		wide, values, step := e.inRows(rows, dots)
		if least := min(2, rows/4); len(values) < least || len(values) > mostTicks {
			t.Fatalf("%v in %d rows: %d ticks %v", e, rows, len(values), values)
		}
		p := plot{canvas: &canvas{dy: dots}, ph: rows, ys: wide}
		dot := (wide.hi - wide.lo) / float64(rows*dots-1)
		if most := 1.5*(e.hi-e.lo)*float64(rows)/float64(rows-2) + 2*dot; wide.lo > e.lo+dot || wide.hi < e.hi-dot || rows > 4 && wide.hi-wide.lo > most {
			t.Fatalf("%v grew to %v in %d rows", e, wide, rows)
		}
		if e.lo >= 0 && wide.lo < -float64(dots)*dot {
			t.Fatalf("%v grew to %v, below 0", e, wide)
		}
		seen := map[string]bool{}
		for i, label := range tickLabels(values, step) {
			if i > 1 && p.line(values[i-1])/dots-p.line(values[i])/dots != p.line(values[i-2])/dots-p.line(values[i-1])/dots {
				t.Fatalf("%v: ticks %v are unequal in %d rows of %d dots", wide, values, rows, dots)
			}
			if seen[label] {
				t.Fatalf("%v: ticks %v step %v share label %q", wide, values, step, label)
			}
			seen[label] = true
		}
	}
}

func TestLettersKeepTheOrderOfValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 10_000 {
		h := 1 + rng.IntN(12)
		ends := make([]end, 1+rng.IntN(h))
		wanted := make([]int, len(ends))
		for i := range wanted {
			wanted[i] = rng.IntN(h)
		}
		slices.Sort(wanted)
		apart := true
		for i, y := range wanted {
			ends[i].y = y
			apart = apart && (i == 0 || wanted[i-1] < y)
		}
		spread(ends, h)
		for i, e := range ends {
			if e.y < 0 || e.y >= h || i > 0 && e.y <= ends[i-1].y || apart && e.y != wanted[i] {
				t.Fatalf("letters wanted in rows %v of %d stand in %v", wanted, h, ends)
			}
		}
	}
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 1, "0 0.25 0.50 0.75 1.00"},
		{0, 600, "0 200 400 600"},
		{-3, -0.3, "-3 -2 -1"},
		{0, 2.4e6, "0 0.5M 1.0M 1.5M 2.0M"},
		{0, 45000, "0 10k 20k 30k 40k"},
		{0, 3e-4, "0 1e-4 2e-4 3e-4"},
		{12000, 12004, "12.000k 12.001k 12.002k 12.003k 12.004k"},
	} {
		values, step := extent{c.lo, c.hi}.ticks(5)
		if got := strings.Join(tickLabels(values, step), " "); got != c.want {
			t.Errorf("[%v, %v]: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}
