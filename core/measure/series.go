// Package measure holds the statistics ra3 reports: pass@k, intervals, pruning
// efficiency, effective horizon, latent quality, convergence; and the Series
// and Figure values from which every chart on screen and on paper is drawn.
package measure

// Series is one curve or one group of bars with its uncertainty. Lo and Hi are
// either empty or of X's length; N is the number of observations behind each
// point (empty where it does not apply). NaN marks a gap.
type Series struct {
	Name   string    `json:"name"`
	X      []float64 `json:"x"`
	Y      []float64 `json:"y"`
	Lo     []float64 `json:"lo,omitempty"`
	Hi     []float64 `json:"hi,omitempty"`
	N      []int     `json:"n,omitempty"`
	Lane   string    `json:"lane,omitempty"` // base, ntp, ra3 or "": gives the colour
	Thin   bool      `json:"thin,omitempty"` // one seed behind a mean: drawn faintly, not in the legend
	Of     string    `json:"of,omitempty"`   // of a thin series: the name of the mean
	Dashed bool      `json:"dashed,omitempty"`
	Branch string    `json:"branch,omitempty"` // whose line it is, where several are drawn together
	// Where the points come from, for who asks: the measure's name in the log with
	// each point's record there (of a mean each point's records, one a seed), or
	// each point's path in a summary.
	Measure string    `json:"-"`
	Seq     []int64   `json:"-"`
	Records [][]int64 `json:"-"`
	Path    []string  `json:"-"`
}

// FigureKind says how a figure's series are drawn.
type FigureKind string

const (
	Lines FigureKind = "lines" // curves over X, bands where Lo and Hi are given
	Bars  FigureKind = "bars"  // grouped bars: series are groups' members, X indexes Categories
	// Heat is a map of signed values: a series is a row, X indexes Categories, the
	// columns. A cell without a point was not computed; one whose Y is NaN was,
	// and has no value.
	Heat FigureKind = "heat"
	// Tabular has tables, one below the other, and no series.
	Tabular FigureKind = "table"
)

// Figure is the content of a chart or of tables, free of any drawing library.
type Figure struct {
	Name       string     `json:"name"` // file-name friendly: "bound", "pruning", "rlvr", "passk"
	Title      string     `json:"title"`
	XLabel     string     `json:"xlabel"`
	YLabel     string     `json:"ylabel"`
	ZLabel     string     `json:"zlabel,omitempty"` // what the cells of Heat hold, with its unit
	Kind       FigureKind `json:"kind"`
	Shares     bool       `json:"-"`                    // values cannot lie outside 0 and 1
	Categories []string   `json:"categories,omitempty"` // labels of X = 0, 1, ... for Bars and Heat
	Series     []Series   `json:"series"`
	Tables     []Table    `json:"-"`
	Caption    string     `json:"caption"` // n, seeds and the interval's name
}
