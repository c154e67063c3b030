package chart

import (
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"ra3/tui/theme"
)

// item is a piece of a legend: a series' letter, and what follows it.
type item struct {
	letter string
	style  lipgloss.Style
	text   string
}

// legend is the longest form of the legend that fits, in lines of exactly w
// cells, most of them at most: names with values and intervals, with values,
// names, names of the first branch alone, names in several lines, letters.
func legend(lanes []lane, w, most int, values bool, th theme.Theme) []string {
	names := named(lanes, false, false)
	if len(names) == 0 {
		return nil
	}
	forms := [][]item{names, firstBranch(lanes)}
	if values {
		forms = append([][]item{named(lanes, true, true), named(lanes, true, false)}, forms...)
	}
	for _, form := range forms {
		if form != nil && itemsWidth(form) <= w {
			return []string{th.Glyphs.Fit(drawn(form), w)}
		}
	}
	if rows := wrapped(names, w); len(rows) <= most {
		var out []string
		for _, row := range rows {
			out = append(out, th.Glyphs.Fit(drawn(row), w))
		}
		return out
	}
	return []string{th.Glyphs.Fit(drawn(letters(lanes)), w)}
}

// drawn joins items, two blanks between.
func drawn(items []item) string {
	var b strings.Builder
	for i, x := range items {
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(x.style.Render(x.letter) + x.text)
	}
	return b.String()
}

// wrapped breaks items into rows of at most w cells where one item is not wider.
func wrapped(items []item, w int) [][]item {
	var rows [][]item
	for _, x := range items {
		if n := len(rows); n > 0 && itemsWidth(append(slices.Clip(rows[n-1]), x)) <= w {
			rows[n-1] = append(rows[n-1], x)
		} else {
			rows = append(rows, []item{x})
		}
	}
	return rows
}

func itemsWidth(items []item) int {
	n := -2
	for _, x := range items {
		n += ansi.StringWidth(x.letter) + ansi.StringWidth(x.text) + 2
	}
	return n
}

func named(lanes []lane, values, bands bool) []item {
	var out []item
	for _, l := range lanes {
		if !l.Thin {
			out = append(out, item{string(l.letter), l.style, l.label(values, bands)})
		}
	}
	return out
}

// label is what follows a series' letter.
func (l lane) label(values, bands bool) string {
	text := ""
	if l.name != "" && !strings.EqualFold(l.name, string(l.letter)) {
		text = " " + l.name
	}
	switch {
	case values && bands && l.band != "":
		text += " " + l.band
	case values && l.value != "":
		text += " " + l.value
	}
	return text
}

// firstBranch names the series of the first branch, then says whose the small
// letters are; nil where there is one branch.
func firstBranch(lanes []lane) []item {
	var out []item
	var branches []string
	for _, l := range lanes {
		if l.Branch != "" && (len(branches) == 0 || branches[len(branches)-1] != l.Branch) {
			branches = append(branches, l.Branch)
		}
		if !l.Thin && len(branches) == 1 {
			out = append(out, item{string(l.letter), l.style, strings.TrimSuffix(l.label(false, false), " "+l.Branch)})
		}
	}
	if len(branches) < 2 {
		return nil
	}
	return append(out, item{text: branches[0] + "; dashed " + strings.Join(branches[1:], ", ")})
}

func letters(lanes []lane) []item {
	var out []item
	for _, l := range lanes {
		if !l.Thin {
			out = append(out, item{string(l.letter), l.style, ""})
		}
	}
	return out
}
