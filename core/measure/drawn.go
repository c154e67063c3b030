package measure

import (
	"math"
	"slices"
)

// Drawn is the figure as it is drawn: of shares, intervals end at 0 and 1, where a
// t-interval of few seeds may go on. Their numbers, in tables and CSV, stay.
func (f Figure) Drawn() Figure {
	if !f.Shares {
		return f
	}
	f.Series = slices.Clone(f.Series)
	for i, s := range f.Series {
		f.Series[i].Lo, f.Series[i].Hi = slices.Clone(s.Lo), slices.Clone(s.Hi)
		for k := range s.Lo {
			f.Series[i].Lo[k] = ShareBound(s.Lo[k])
		}
		for k := range s.Hi {
			f.Series[i].Hi[k] = ShareBound(s.Hi[k])
		}
	}
	return f
}

// ShareBound is where an end of a share's interval is drawn.
func ShareBound(v float64) float64 { return math.Min(math.Max(v, 0), 1) }
