package measure

import "strings"

// OfBranch is a figure of one branch of a run.
type OfBranch struct {
	Branch string
	Figure Figure
}

// LaidOver draws the figures of several branches as one: the first as it is, the
// others' series dashed. Every series then carries its branch. Tables stand below
// one another, each under its branch's name. A map stays the first's. What a branch
// has not got yet is left out.
func LaidOver(first OfBranch, others ...OfBranch) Figure {
	out := first.Figure
	if len(others) == 0 || out.Kind == Heat {
		return out
	}
	parts := append([]OfBranch{first}, others...)
	for _, part := range parts {
		if !part.Figure.Empty() {
			out = part.Figure // its title and axes
			break
		}
	}
	title := out.Title
	out.Series, out.Tables = nil, nil
	var captions []string
	same := true
	for i, part := range parts {
		if part.Figure.Empty() {
			continue
		}
		captions = append(captions, part.Branch+": "+part.Figure.Caption)
		same = same && part.Figure.Caption == out.Caption
		for _, s := range part.Figure.Series {
			s.Branch, s.Dashed = part.Branch, s.Dashed || i > 0
			out.Series = append(out.Series, s)
		}
		for _, t := range part.Figure.Tables {
			if t.Title == "" && part.Figure.Title != title {
				t.Title = part.Figure.Title
			}
			out.Tables = append(out.Tables, t.of(part.Branch))
		}
	}
	if !same {
		out.Caption = strings.Join(captions, " ")
	}
	return out
}

// of names a table after its branch.
func (t Table) of(branch string) Table {
	t.Name += " " + branch
	if t.Title == "" {
		t.Title = branch
	} else {
		t.Title = branch + ": " + t.Title
	}
	return t
}

// Title is a series' name, with its branch where it has one.
func (s Series) Title() string {
	if s.Branch == "" {
		return s.Name
	}
	return s.Name + " " + s.Branch
}
