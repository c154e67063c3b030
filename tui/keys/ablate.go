package keys

// Ablate is the context of the page Ablate.
const Ablate Context = "ablate"

// The actions of the pages about many runs.
const (
	New     Action = "new"     // an ablation: choose factors and levels
	Open    Action = "open"    // step into a cell, or a run
	GoOn    Action = "go-on"   // make the cells that are left, or stop
	Sort    Action = "sort"    // by the next column
	Reverse Action = "reverse" // the order
	Filter  Action = "filter"
	Effects Action = "effects" // main effects instead of cells
	Return  Action = "return"  // from a cell to the run before it
)

var ablateKeys = Table{
	{Keys: []string{"n"}, Help: "new ablation", Context: Ablate, Action: New, First: true},
	{Keys: []string{"g"}, Help: "go on/stop", Context: Ablate, Action: GoOn, First: true},
	{Keys: []string{"enter"}, Help: "step into", Context: Ablate, Action: Open, First: true},
	{Keys: []string{"e"}, Help: "effects", Context: Ablate, Action: Effects, First: true},
	{Keys: []string{"o"}, Help: "sort by", Context: Ablate, Action: Sort, Minor: true},
	{Keys: []string{"O"}, Help: "other way round", Context: Ablate, Action: Reverse, Minor: true},
	{Keys: []string{"x"}, Help: "why this number", Context: Ablate, Action: Why, Minor: true},
	{Keys: []string{"l", "right"}, Help: "next seed alone", Context: Ablate, Action: Right, Minor: true},
	{Keys: []string{"h", "left"}, Help: "seed before alone", Context: Ablate, Action: Left, Minor: true},
	{Keys: []string{"R"}, Help: "back to the run before", Context: Ablate, Action: Return, Minor: true},
	{Keys: []string{"/"}, Help: "filter", Context: Ablate, Action: Filter, Minor: true},
	{Keys: []string{"j", "down"}, Help: "next row", Context: Ablate, Action: Down, Minor: true},
	{Keys: []string{"k", "up"}, Help: "previous row", Context: Ablate, Action: Up, Minor: true},
}
