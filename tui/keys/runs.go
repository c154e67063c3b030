package keys

// Runs is the context of the page Runs.
const Runs Context = "runs"

// The actions of the page Runs.
const (
	Mark       Action = "mark"         // a run, to be compared
	SideBySide Action = "side-by-side" // the marked runs, side by side
	Note       Action = "note"
	Delete     Action = "delete"
	Left       Action = "left"
	Right      Action = "right"
)

var runsKeys = Table{
	{Keys: []string{"enter"}, Help: "open", Context: Runs, Action: Open},
	{Keys: []string{"x"}, Help: "mark", Context: Runs, Action: Mark},
	{Keys: []string{"c"}, Help: "compare", Context: Runs, Action: SideBySide},
	{Keys: []string{"/"}, Help: "query", Context: Runs, Action: Filter},
	{Keys: []string{"n"}, Help: "note", Context: Runs, Action: Note, Minor: true},
	{Keys: []string{"D"}, Help: "delete", Context: Runs, Action: Delete, Minor: true},
	{Keys: []string{"o"}, Help: "sort by", Context: Runs, Action: Sort, Minor: true},
	{Keys: []string{"O"}, Help: "other way round", Context: Runs, Action: Reverse, Minor: true},
	{Keys: []string{"j", "down"}, Help: "next row", Context: Runs, Action: Down, Minor: true},
	{Keys: []string{"k", "up"}, Help: "previous row", Context: Runs, Action: Up, Minor: true},
	{Keys: []string{"h", "left"}, Help: "columns to the left", Context: Runs, Action: Left, Minor: true},
	{Keys: []string{"l", "right"}, Help: "columns to the right", Context: Runs, Action: Right, Minor: true},
}
