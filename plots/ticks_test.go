package plots

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg/draw"

	"ra3/core/measure"
)

func TestRoundTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		target int
		whole  bool
		want   string
	}{
		{0, 1, 5, false, "0 0.2 0.4 0.6 0.8 1.0"},
		{0, 600, 7, true, "0 100 200 300 400 500 600"},
		{0, 2, 8, true, "0 1 2"},
		{-21.3, 64, 6, false, "−20 0 20 40 60"},
		{0, 600000, 3, false, "0 200k 400k 600k"},
		{0, 2.4e6, 5, false, "0 0.5M 1.0M 1.5M 2.0M"},
		{-1e300, 1e300, 4, false, "−1e300 −5e299 0 5e299 1e300"},
		{0, 3e-7, 3, false, "0 1e−7 2e−7 3e−7"},
	} {
		var got []string
		for _, tick := range (roundTicks{target: c.target, whole: c.whole}).Ticks(c.lo, c.hi) {
			got = append(got, tick.Label)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("[%g, %g]: %s, want %s", c.lo, c.hi, s, c.want)
		}
	}
}

func TestTicksAreDistinct(t *testing.T) {
	for _, b := range []bounds{{lo: 1, hi: 1 + 1e-11}, {lo: 1e15, hi: 1e15 + 1}, {lo: 1000001, hi: 1000005}, {lo: 5, hi: 5}, {lo: -math.MaxFloat64, hi: math.MaxFloat64}} {
		lo, hi := widen(b, 0, 0)
		ticks := roundTicks{target: 5}.Ticks(lo, hi)
		var labels []string
		for _, tick := range ticks {
			labels = append(labels, tick.Label)
			if !finite(tick.Value) || tick.Value < lo || tick.Value > hi {
				t.Errorf("%v: tick at %g", b, tick.Value)
			}
		}
		if n := len(slices.Compact(labels)); len(ticks) < 2 || n != len(ticks) {
			t.Errorf("%v: labels %q", b, labels)
		}
	}
}

func TestLooksDiffer(t *testing.T) {
	var ss []measure.Series
	for _, lane := range []string{"base", "ntp", "ra3", "", "", "oracle"} {
		ss = append(ss, measure.Series{Lane: lane}, measure.Series{Lane: lane, Dashed: true}, measure.Series{Lane: lane, Thin: true})
	}
	looks := assignLooks(ss)
	type mark struct {
		slot   int
		dashed bool
	}
	seen := map[mark]int{}
	for i, l := range looks {
		if lane, ok := lanes[ss[i].Lane]; ok && l.colour != lane.colour {
			t.Errorf("lane %s has colour %v", ss[i].Lane, l.colour)
		}
		if ss[i].Thin {
			continue
		}
		m := mark{l.slot, l.dashed}
		if j, ok := seen[m]; ok {
			t.Errorf("series %d and %d look alike without colour", i, j)
		}
		seen[m] = i
	}
}

func TestThinOutKeepsExtremes(t *testing.T) {
	f := line(nil, nil)
	for i := range 100_000 {
		y := math.Sin(float64(i))
		switch i {
		case 31_007:
			y = 40
		case 77_123:
			y = -50
		}
		f.Series[0].X, f.Series[0].Y = append(f.Series[0].X, float64(i)), append(f.Series[0].Y, y)
	}
	s, err := newPanel(f, newInk(""), defaultWidth, defaultHeight)
	if err != nil {
		t.Fatal(err)
	}
	p := s.plot
	if p.Y.Min > -50 || p.Y.Max < 40 {
		t.Errorf("axis %g to %g", p.Y.Min, p.Y.Max)
	}
	cv := draw.NewCanvas(nil, 400, 200)
	c := curve{series: f.Series[0], in: newInk("")}
	all := c.points(&cv, p, [2]int{0, len(f.Series[0].X)})
	kept := thinOut(all)
	if len(kept) > 4*1113 {
		t.Errorf("%d points kept", len(kept))
	}
	if all[0] != kept[0] || all[len(all)-1] != kept[len(kept)-1] {
		t.Error("an end of the curve is gone")
	}
	for _, i := range []int{31_007, 77_123} {
		if !slices.Contains(kept, all[i]) {
			t.Errorf("extreme point %d is gone", i)
		}
	}
}

func TestWrap(t *testing.T) {
	sty := newInk("").text(captionSize, regular)
	text := "words of a caption " + strings.Repeat("unbreakable", 20) + " é τ"
	lines := wrap(sty, text, 100)
	for _, l := range lines {
		if sty.Width(l) > 100 {
			t.Errorf("%q is wider than its line", l)
		}
	}
	if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(text, " ", "") {
		t.Errorf("text became %q", got)
	}
	if got := clean("a\x00\n\tb\xff\u202e c"); got != "a b? c" {
		t.Errorf("clean text %q", got)
	}
}
