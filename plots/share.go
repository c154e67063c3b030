package plots

import (
	"strings"

	"ra3/core/measure"
)

// leastShare is the least range of an axis of shares: on a narrower one the
// noise of a few problems looks like a trend.
const leastShare = 0.1

// IsShare tells by its label whether an axis is of shares, pass@k or scores,
// which lie between 0 and 1.
func IsShare(label string) bool {
	label = strings.ToLower(label)
	for _, word := range []string{"share", "pass@", "score"} {
		if strings.Contains(label, word) {
			return true
		}
	}
	return false
}

// ShareRange widens the range from lo to hi of shares to 0.1, about its middle
// but not beyond 0 and 1. Bounds of intervals that are outside stay inside.
func ShareRange(lo, hi float64) (float64, float64) {
	room := leastShare - (hi - lo)
	if !(room > 0) {
		return lo, hi
	}
	floor, ceiling := min(0, lo), max(1, hi)
	below := max(floor, min(lo-room/2, ceiling-leastShare))
	return below, below + leastShare
}

// withinUnit tells whether every drawable value lies in [0,1].
func withinUnit(ss []measure.Series) bool {
	for _, s := range ss {
		for i, y := range s.Y {
			if finite(s.X[i]) && finite(y) && (y < 0 || y > 1) {
				return false
			}
		}
	}
	return true
}
