package experiments

import (
	"cmp"
	"math"
	"slices"
)

// TypicalLine is a line that stands under a latent more often than elsewhere.
type TypicalLine struct {
	Count
	Share  float64 // of the latent's lines
	Corpus float64 // of all lines
	Lift   float64 // Share / Corpus
	odds   float64
}

// leastTypical is how often a line must stand under a latent to be typical of it,
// and the share of the latent's lines that it must be.
const (
	leastTypical      = 3
	leastTypicalShare = 0.01
)

// telling ranks the lines under a latent by how much they tell of it: by the log
// odds of the line there against everywhere else, one line added to each count, so
// that what is rare needs more than chance. Lines that are everywhere as frequent
// are none, however often they occur. Where nothing is frequent enough, all that
// is more frequent than elsewhere counts.
func (u LatentUse) telling(here, corpus counter) []TypicalLine {
	var out, rare []TypicalLine
	least := max(leastTypical, int(math.Ceil(leastTypicalShare*float64(u.Lines))))
	for _, c := range here.sorted() {
		all := corpus[c.Text]
		x := TypicalLine{Count: c, Share: float64(c.N) / float64(u.Lines), Corpus: float64(all) / float64(u.AllLines)}
		x.Lift = x.Share / x.Corpus
		x.odds = logOdds(c.N, u.Lines) - logOdds(all-c.N, u.AllLines-u.Lines)
		switch {
		case !(x.Lift > 1):
		case c.N >= least:
			out = append(out, x)
		default:
			rare = append(rare, x)
		}
	}
	if out == nil {
		out = rare
	}
	slices.SortStableFunc(out, func(a, b TypicalLine) int { return cmp.Compare(b.odds, a.odds) })
	return out
}

// logOdds is of n of all, one added to both sides.
func logOdds(n, all int) float64 { return math.Log(float64(n+1) / float64(all-n+1)) }
