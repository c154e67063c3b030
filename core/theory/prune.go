package theory

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Lane is a decision space that experts demonstrate in.
type Lane struct {
	Name       string
	Candidates Set
}

// Names of the lanes.
const (
	Primitives   = "primitives"
	Abstractions = "abstractions"
	OptionsOnly  = "options only"
)

// lanes is how many there are.
const lanes = 2

// Lanes are actions alone, and actions with options, where experts take the
// longest of equally good decisions.
func (w *World) Lanes() [lanes]Lane {
	return [lanes]Lane{{Primitives, w.Actions()}, {Abstractions, w.Everything()}}
}

// Rule says what is kept of demonstrations.
type Rule string

const (
	KeepUsed    Rule = "used"    // all that the experts used
	KeepMinimal Rule = "minimal" // a subset consistent with them up to epsilon from which nothing can go
)

// PruneCurve is what pruning by a rule costs on fresh tasks, by demonstrations.
type PruneCurve struct {
	Lane       string       `json:"lane"`
	Rule       Rule         `json:"rule"`
	Decisions  int          `json:"decisions"` // |Z|
	Exhaustive bool         `json:"exhaustive"`
	Points     []PrunePoint `json:"points"`
	// K is the largest kept set met at any number of demonstrations; the bound is
	// stated for sets of up to so many.
	K int `json:"k"`
	// Bound is the union bound's number of demonstrations; Measured the smallest
	// number tried from which on at least 1-delta of the repeats lost more than
	// epsilon on less than a share sigma of the tasks; null if none did.
	Bound    Number `json:"bound"`
	Measured Number `json:"measured"`
	Ratio    Number `json:"ratio"` // bound/measured
}

// PrunePoint is one number of demonstrations.
type PrunePoint struct {
	Demos int      `json:"demos"`
	Error Estimate `json:"error"` // expected pruning error, over repeats
	Size  Estimate `json:"size"`  // of the kept set
	Bad   Estimate `json:"bad"`   // share of tasks that lose more than epsilon
	// Quantile is the share of such tasks that a share 1-delta of repeats stays
	// at or below; Guarantee is what the bound promises for it.
	Quantile  float64 `json:"quantile"`
	Guarantee float64 `json:"guarantee"`
	Good      float64 `json:"good"` // share of repeats with less than sigma of such tasks
}

// demoCounts are the numbers of demonstrations that curves go through, up to
// four times those of the settings.
func (w *World) demoCounts() []int {
	out := []int{w.Settings.Demos}
	for n := 1; n <= max(16, 4*w.Settings.Demos); n *= 2 {
		if n != w.Settings.Demos {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// Pruning measures every lane under both rules.
func (w *World) Pruning(ctx context.Context) ([]PruneCurve, error) {
	counts, repeats := w.demoCounts(), w.Settings.Repeats
	rules := []Rule{KeepUsed, KeepMinimal}
	all := w.Lanes()
	var kept [lanes][2][][]Set // by lane, rule, repeat, count
	for l := range kept {
		kept[l] = [2][][]Set{make([][]Set, repeats), make([][]Set, repeats)}
	}
	err := w.each(repeats, func(r int) error {
		demos, err := w.demos(ctx, r, counts[len(counts)-1])
		if err != nil {
			return err
		}
		for l, ds := range demos {
			for _, n := range counts {
				small, err := w.pruned(ctx, ds[:n], all[l].Candidates.Size(), len(ds))
				if err != nil {
					return err
				}
				kept[l][0][r], kept[l][1][r] = append(kept[l][0][r], union(ds[:n])), append(kept[l][1][r], small)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("pruning from demonstrations: %w", err)
	}
	var out []PruneCurve
	for l := range kept {
		for i, rule := range rules {
			n := all[l].Candidates.Size()
			c := PruneCurve{Lane: all[l].Name, Rule: rule, Decisions: n, Exhaustive: exhaustive(n, counts[len(counts)-1]) && rule == KeepMinimal}
			if err := w.points(ctx, &c, counts, kept[l][i]); err != nil {
				return nil, fmt.Errorf("pruning from demonstrations: %w", err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// pruned is the rule KeepMinimal; most is the largest number of demonstrations
// that it is asked for.
func (w *World) pruned(ctx context.Context, ds []Demonstration, candidates, most int) (Set, error) {
	if exhaustive(candidates, most) {
		return w.smallest(ctx, ds, candidates, w.Settings.Epsilon)
	}
	return w.minimal(ctx, ds, w.Settings.Epsilon)
}

// points evaluates kept sets [repeat][count].
func (w *World) points(ctx context.Context, c *PruneCurve, counts []int, kept [][]Set) error {
	s := w.Settings
	for i := range counts {
		for r := range kept {
			c.K = max(c.K, kept[r][i].Size())
		}
	}
	c.Bound = Number(Enough(c.K, c.Decisions, s.Sigma, s.Delta))
	c.Measured = Number(math.NaN())
	for i, n := range counts {
		var losses, sizes, bad []float64
		good := 0
		for r := range kept {
			lost, err := w.PruningError(ctx, kept[r][i])
			if err != nil {
				return err
			}
			total, over := 0.0, 0
			for _, x := range lost {
				total += x
				if x > s.Epsilon {
					over++
				}
			}
			share := float64(over) / float64(len(lost))
			if share < s.Sigma {
				good++
			}
			losses, sizes, bad = append(losses, total/float64(len(lost))), append(sizes, float64(kept[r][i].Size())), append(bad, share)
		}
		p := PrunePoint{Demos: n, Error: over(losses), Size: over(sizes), Bad: over(bad), Good: float64(good) / float64(len(kept)),
			Guarantee: Share(c.K, c.Decisions, n, s.Delta)}
		slices.Sort(bad)
		p.Quantile = bad[min(len(bad)-1, int(math.Ceil((1-s.Delta)*float64(len(bad))))-1)]
		switch ok := p.Good >= 1-s.Delta; {
		case !ok:
			c.Measured = Number(math.NaN())
		case math.IsNaN(float64(c.Measured)):
			c.Measured = Number(n)
		}
		c.Points = append(c.Points, p)
	}
	c.Ratio = c.Bound / c.Measured
	return nil
}
