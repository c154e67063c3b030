package keys

// RLVR is the context of the page RLVR.
const RLVR Context = "rlvr"

var rlvrKeys = Table{
	{Keys: []string{"c", "right"}, Help: "next chart", Context: RLVR, Action: NextChart},
	{Keys: []string{"C", "left"}, Help: "previous chart", Context: RLVR, Action: PrevChart, Minor: true},
	{Keys: []string{"f"}, Help: "full chart", Context: RLVR, Action: Zoom},
	{Keys: []string{"j", "down"}, Help: "scroll tables down", Context: RLVR, Action: Down, Minor: true},
	{Keys: []string{"k", "up"}, Help: "scroll tables up", Context: RLVR, Action: Up, Minor: true},
}
