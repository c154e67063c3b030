package keys

// Lab is the context of the page Lab.
const Lab Context = "lab"

// The actions of the page Lab.
const (
	NextChart, PrevChart Action = "next-chart", "prev-chart"
	Zoom                 Action = "zoom" // the chosen chart alone, and back
)

var labKeys = Table{
	{Keys: []string{"c", "right"}, Help: "next chart", Context: Lab, Action: NextChart},
	{Keys: []string{"f"}, Help: "full chart", Context: Lab, Action: Zoom},
	{Keys: []string{"C", "left"}, Help: "previous chart", Context: Lab, Action: PrevChart, Minor: true},
	{Keys: []string{"j", "down"}, Help: "scroll down", Context: Lab, Action: Down, Minor: true},
	{Keys: []string{"k", "up"}, Help: "scroll up", Context: Lab, Action: Up, Minor: true},
}
