package keys

// Bound is the context of the page Bound.
const Bound Context = "bound"

var boundKeys = Table{
	{Keys: []string{"c", "right"}, Help: "next chart", Context: Bound, Action: NextChart},
	{Keys: []string{"C", "left"}, Help: "previous chart", Context: Bound, Action: PrevChart, Minor: true},
	{Keys: []string{"f"}, Help: "full chart", Context: Bound, Action: Zoom},
}
