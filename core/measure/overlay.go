package measure

import "strings"

// OfBranch is a figure of one branch of a run.
type OfBranch struct {
	Branch string
	Figure Figure
}

// LaidOver draws the figures of several branches as one: the first as it is, the
// others' series dashed. Every series then carries its branch. Tables and maps
// stay the first's.
func LaidOver(first OfBranch, others ...OfBranch) Figure {
	out := first.Figure
	if len(others) == 0 || out.Kind == Tabular || out.Kind == Heat {
		return out
	}
	out.Series = nil
	var captions []string
	for i, part := range append([]OfBranch{first}, others...) {
		if part.Figure.Caption != out.Caption && len(captions) == 0 {
			captions = []string{first.Branch + ": " + out.Caption}
		}
		if len(captions) > 0 {
			captions = append(captions, part.Branch+": "+part.Figure.Caption)
		}
		for _, s := range part.Figure.Series {
			s.Branch, s.Dashed = part.Branch, s.Dashed || i > 0
			out.Series = append(out.Series, s)
		}
	}
	if len(captions) > 0 {
		out.Caption = strings.Join(captions, " ")
	}
	return out
}

// Title is a series' name, with its branch where it has one.
func (s Series) Title() string {
	if s.Branch == "" {
		return s.Name
	}
	return s.Name + " " + s.Branch
}
