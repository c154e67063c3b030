package chart

import (
	"math"
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"

	"ra3/core/measure"
	"ra3/tui/theme"
)

// lane is a series with what tells it from the others: a letter, and a colour
// where there are colours.
type lane struct {
	measure.Series
	n      int  // points: the shorter of X and Y
	shares bool // intervals are drawn between 0 and 1
	letter rune // 0 for thin series
	name   string
	style  lipgloss.Style
	value  string // the last value
	band   string // the last value with its interval
}

var laneLetters = map[string]rune{"base": 'B', "ntp": 'N', "ra3": 'R'}

// lanesOf names and colours the series, keeping their order. Known lanes
// choose their letters before the others do.
func lanesOf(series []measure.Series, th theme.Theme) []lane {
	lanes := make([]lane, len(series))
	taken := map[rune]bool{}
	// One scale for all: values that share a chart share their decimals.
	e := emptyExtent()
	for _, s := range series {
		if s.Thin {
			continue
		}
		for _, y := range s.Y[:min(len(s.X), len(s.Y))] {
			e.add(y)
		}
	}
	span := 0.0
	if !e.empty() {
		span = e.hi - e.lo
	}
	twins, hues := twinsOf(series), measure.Hues(series)
	for i, s := range series {
		l := lane{Series: s, n: min(len(s.X), len(s.Y)), name: th.Glyphs.Text(s.Title())}
		if l.name == "" {
			l.name = th.Glyphs.Text(s.Lane)
		}
		style, known := th.Lane(s.Lane)
		if !known {
			style = th.Hue(hues[i])
		}
		l.style = style
		if known && !s.Thin && twins[i] == i && !taken[laneLetters[s.Lane]] {
			l.letter = laneLetters[s.Lane]
			taken[l.letter] = true
		}
		if !s.Thin {
			l.value, l.band = l.last(span, th.Glyphs)
		}
		lanes[i] = l
	}
	for i := range lanes {
		if !lanes[i].Thin && lanes[i].letter == 0 && twins[i] == i {
			lanes[i].letter = freeLetter(lanes[i].name, taken)
			taken[lanes[i].letter] = true
		}
	}
	for i, twin := range twins {
		if lanes[i].Thin || twin == i {
			continue
		}
		if lanes[i].letter = unicode.ToLower(lanes[twin].letter); taken[lanes[i].letter] {
			lanes[i].letter = freeLetter(lanes[i].name, taken)
		}
		taken[lanes[i].letter] = true
		lanes[i].style = lanes[twin].style
	}
	for i := range lanes { // seeds look like their mean
		for j := range lanes {
			if lanes[i].Thin && lanes[i].Of != "" && !lanes[j].Thin && lanes[j].Name == lanes[i].Of && lanes[j].Lane == lanes[i].Lane {
				lanes[i].style = lanes[j].style
				break
			}
		}
	}
	return lanes
}

// twinsOf gives each series the first of its name and lane: of several branches'
// series they share a colour and a letter, small for the later ones.
func twinsOf(series []measure.Series) []int {
	type key struct {
		name, lane string
		thin       bool
	}
	first := map[key]int{}
	out := make([]int, len(series))
	for i, s := range series {
		k := key{s.Name, s.Lane, s.Thin}
		at, known := first[k]
		if !known || s.Branch == series[at].Branch {
			at, first[k] = i, i
		}
		out[i] = at
	}
	return out
}

// freeLetter is the first ASCII letter or digit of the name that no other
// series has, then any, then '*'.
func freeLetter(name string, taken map[rune]bool) rune {
	const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"
	for _, r := range name + all {
		upper := unicode.ToUpper(r)
		if strings.ContainsRune(all, upper) && !taken[upper] {
			return upper
		}
		if strings.ContainsRune(all, r) && !taken[r] {
			return r
		}
	}
	return '*'
}

// interval returns the bounds at point i, NaN where there are none.
func (l lane) interval(i int) (lo, hi float64) {
	if i >= len(l.Lo) || i >= len(l.Hi) || !finite(l.Lo[i]) || !finite(l.Hi[i]) {
		return math.NaN(), math.NaN()
	}
	return math.Min(l.Lo[i], l.Hi[i]), math.Max(l.Lo[i], l.Hi[i])
}

// drawn is the interval at point i as far as it is drawn.
func (l lane) drawn(i int) (lo, hi float64) {
	if lo, hi = l.interval(i); l.shares {
		return measure.ShareBound(lo), measure.ShareBound(hi)
	}
	return lo, hi
}

// last writes the last value that is not a gap, without and with its interval;
// span is the range of the chart's values. An infinity is no gap: a run that
// diverged must not look well.
func (l lane) last(span float64, g theme.Glyphs) (value, band string) {
	at := -1
	for i, y := range l.Y[:l.n] {
		if !math.IsNaN(y) {
			at = i
		}
	}
	if at < 0 {
		return "", ""
	}
	value = Value(l.Y[at], span)
	if lo, hi := l.interval(at); !math.IsNaN(lo) {
		return value, Interval(l.Y[at], lo, hi, g)
	}
	return value, value
}
