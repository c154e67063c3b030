package plots

import (
	"errors"
	"fmt"
	"math"

	"ra3/core/measure"
)

// ErrEmpty says that a figure has no finite point to draw.
var ErrEmpty = errors.New("no finite point to draw; run more updates first")

// check reports what would make f undrawable or misleading.
func check(f measure.Figure) error {
	if f.Kind == measure.Tabular {
		return checkTables(f)
	}
	if f.Kind != measure.Lines && f.Kind != measure.Bars && f.Kind != measure.Heat {
		return fmt.Errorf("figure %q: unknown kind %q; use %q, %q, %q or %q", f.Name, f.Kind, measure.Lines, measure.Bars, measure.Heat, measure.Tabular)
	}
	drawable := false
	for i, s := range f.Series {
		if err := checkLengths(s); err != nil {
			return fmt.Errorf("figure %q: series %d %q: %w", f.Name, i, s.Name, err)
		}
		for j := range s.X {
			drawable = drawable || finite(s.X[j]) && finite(s.Y[j])
		}
	}
	if !drawable {
		return fmt.Errorf("figure %q: %w", f.Name, ErrEmpty)
	}
	return nil
}

// checkTables holds f's tables to the contract of measure.Table.
func checkTables(f measure.Figure) error {
	for _, t := range f.Tables {
		for i, row := range t.Rows {
			if len(row) != len(t.Columns) {
				return fmt.Errorf("table %q of %q: row %d has %d cells for %d columns", t.Name, f.Name, i, len(row), len(t.Columns))
			}
		}
	}
	if f.Empty() {
		return fmt.Errorf("table %q: %w", f.Name, ErrEmpty)
	}
	return nil
}

// checkLengths holds s to the contract of measure.Series.
func checkLengths(s measure.Series) error {
	n := len(s.X)
	switch {
	case len(s.Y) != n:
		return fmt.Errorf("%d x values but %d y values", n, len(s.Y))
	case len(s.Lo) != len(s.Hi):
		return fmt.Errorf("%d lower bounds but %d upper bounds; give both or neither", len(s.Lo), len(s.Hi))
	case len(s.Lo) != 0 && len(s.Lo) != n:
		return fmt.Errorf("%d points but %d interval bounds", n, len(s.Lo))
	case len(s.N) != 0 && len(s.N) != n:
		return fmt.Errorf("%d points but %d counts", n, len(s.N))
	}
	return nil
}

// finite tells a drawable number from NaN and infinities.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// interval returns point i's bounds in order, and whether both can be drawn.
func interval(s measure.Series, i int) (lo, hi float64, ok bool) {
	if len(s.Lo) == 0 || !finite(s.Lo[i]) || !finite(s.Hi[i]) {
		return 0, 0, false
	}
	return min(s.Lo[i], s.Hi[i]), max(s.Lo[i], s.Hi[i]), true
}

// bounds accumulates the smallest interval that holds the values added.
type bounds struct {
	lo, hi float64
	set    bool
}

func (b *bounds) add(v float64) {
	if !b.set {
		b.lo, b.hi, b.set = v, v, true
		return
	}
	b.lo, b.hi = min(b.lo, v), max(b.hi, v)
}

// dataBounds returns the ranges of all drawable points and intervals of ss.
func dataBounds(ss []measure.Series) (x, y bounds) {
	for _, s := range ss {
		for i := range s.X {
			if !finite(s.X[i]) || !finite(s.Y[i]) {
				continue
			}
			x.add(s.X[i])
			y.add(s.Y[i])
			if lo, hi, ok := interval(s, i); ok {
				y.add(lo)
				y.add(hi)
			}
		}
	}
	return x, y
}
