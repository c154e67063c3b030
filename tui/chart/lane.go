package chart

import (
	"math"
	"strings"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"ra3/core/measure"
	"ra3/tui/theme"
)

// lane is a series with what tells it from the others: a letter, and a colour
// where there are colours.
type lane struct {
	measure.Series
	n      int  // points: the shorter of X and Y
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
	others := 0
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
	for i, s := range series {
		l := lane{Series: s, n: min(len(s.X), len(s.Y)), name: th.Glyphs.Text(s.Name)}
		if l.name == "" {
			l.name = th.Glyphs.Text(s.Lane)
		}
		style, known := th.Lane(s.Lane)
		if !known && !s.Thin {
			style = th.Latent(others)
			others++
		}
		l.style = style
		if known && !s.Thin && !taken[laneLetters[s.Lane]] {
			l.letter = laneLetters[s.Lane]
			taken[l.letter] = true
		}
		if !s.Thin {
			l.value, l.band = l.last(span, th.Glyphs)
		}
		lanes[i] = l
	}
	for i := range lanes {
		if !lanes[i].Thin && lanes[i].letter == 0 {
			lanes[i].letter = freeLetter(lanes[i].name, taken)
			taken[lanes[i].letter] = true
		}
	}
	return lanes
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

// legendText is the legend in one line without styles: letters with names,
// and with values, and with intervals.
func legendText(lanes []lane, values, bands bool) string {
	var items []string
	for _, l := range lanes {
		if !l.Thin {
			items = append(items, l.label(values, bands))
		}
	}
	return strings.Join(items, "  ")
}

func (l lane) label(values, bands bool) string {
	text := string(l.letter)
	if l.name != "" && !strings.EqualFold(l.name, text) {
		text += " " + l.name
	}
	switch {
	case values && bands && l.band != "":
		text += " " + l.band
	case values && l.value != "":
		text += " " + l.value
	}
	return text
}

// legend is the longest form of the legend that fits, exactly w cells wide.
func legend(lanes []lane, w int, values bool, th theme.Theme) string {
	bands := values
	if ansi.StringWidth(legendText(lanes, values, bands)) > w {
		bands = false
	}
	if ansi.StringWidth(legendText(lanes, values, bands)) > w {
		values = false
	}
	letters := ansi.StringWidth(legendText(lanes, values, bands)) > w
	var b strings.Builder
	for _, l := range lanes {
		if l.Thin {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("  ")
		}
		b.WriteString(l.style.Render(string(l.letter)))
		if !letters {
			b.WriteString(l.label(values, bands)[1:]) // letters are ASCII
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return th.Glyphs.Fit(b.String(), w)
}
