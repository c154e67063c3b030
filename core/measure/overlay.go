package measure

// OfBranch is a figure of one branch of a run.
type OfBranch struct {
	Branch string
	Figure Figure
}

// LaidOver draws the figures of several branches as one: the first as it is, the
// others' series dashed. Every series then carries its branch.
func LaidOver(first OfBranch, others ...OfBranch) Figure {
	out := first.Figure
	if len(others) == 0 {
		return out
	}
	out.Series = nil
	for i, part := range append([]OfBranch{first}, others...) {
		for _, s := range part.Figure.Series {
			s.Branch, s.Dashed = part.Branch, s.Dashed || i > 0
			out.Series = append(out.Series, s)
		}
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
