package measure

import "math"

// Table is rows of words and numbers under one head, free of any drawing library.
// Every row has one cell a column.
type Table struct {
	Name    string
	Title   string
	Columns []Column
	Rows    [][]Cell
}

// Column is what the cells below it hold.
type Column struct {
	Name string
	Unit string
	Kind ColumnKind
	// Of numbers: digits after the point, and whether they are differences, which
	// are written with their sign.
	Decimals int
	Signed   bool
	// Group blanks what the row above has as well and sets the groups apart.
	Group bool
}

// ColumnKind says how a column's cells are set.
type ColumnKind string

const (
	Numbers ColumnKind = ""      // aligned at the decimal point, with intervals where there are any
	Words   ColumnKind = "words" // at the left
	Code    ColumnKind = "code"  // at the left in one width, blanks kept
)

// Cell is one entry: a text, or a number with its interval and the number of
// observations behind it. NaN is no value.
type Cell struct {
	Text      string // of words and code; of numbers what stands in the number's place
	Y, Lo, Hi float64
	N         int
	Lane      string // base, ntp, ra3 or ""
	Tint      int    // 1, 2, ...: the ground's colour, for what the text says as well; 0 none
	// Where the number comes from: the measure's name in the log with its records
	// there, one a seed, or its path in a summary.
	Measure string
	Seq     []int64
	Path    string
}

// Text is a cell of words.
func Text(s string) Cell { return Cell{Text: s, Y: math.NaN(), Lo: math.NaN(), Hi: math.NaN()} }

// Value is a cell with a number that has no interval.
func Value(y float64) Cell { return Cell{Y: y, Lo: math.NaN(), Hi: math.NaN()} }

// Bounded tells whether the cell has an interval.
func (c Cell) Bounded() bool { return isFinite(c.Y) && isFinite(c.Lo) && isFinite(c.Hi) }

// Column is the place of a column by its name, -1 without.
func (t Table) Column(name string) int {
	for i, c := range t.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// Cell is the entry of a row under a column's name; false where there is none.
func (t Table) Cell(row int, column string) (Cell, bool) {
	i := t.Column(column)
	if i < 0 || row < 0 || row >= len(t.Rows) || i >= len(t.Rows[row]) {
		return Cell{}, false
	}
	return t.Rows[row][i], true
}

// Where is the table of the rows whose number in a column is value.
func (t Table) Where(column string, value float64) Table {
	i := t.Column(column)
	rows := t.Rows
	t.Rows = nil
	for _, row := range rows {
		if i >= 0 && i < len(row) && row[i].Y == value {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// Empty tells that a figure has nothing to show yet.
func (f Figure) Empty() bool {
	for _, t := range f.Tables {
		if len(t.Rows) > 0 {
			return false
		}
	}
	for _, s := range f.Series {
		if len(s.X) > 0 {
			return false
		}
	}
	return true
}
