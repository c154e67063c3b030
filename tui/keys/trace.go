package keys

// Trace is the context of the page Trace.
const Trace Context = "trace"

// The actions of the page Trace.
const (
	NextProgram, PrevProgram Action = "next-program", "prev-program"
	Answer                   Action = "answer"  // show or hide the hidden intents
	Compare                  Action = "compare" // another iteration beside this one
	CompareEarlier           Action = "compare-earlier"
	CompareLater             Action = "compare-later"
	NextChange, PrevChange   Action = "next-change", "prev-change" // line whose latent differs there
	Find                     Action = "find"
	FindNext, FindPrev       Action = "find-next", "find-prev"
	Latent                   Action = "latent" // the page of the latent in force
)

var traceKeys = Table{
	{Keys: []string{"]", "right"}, Help: "next program", Context: Trace, Action: NextProgram},
	{Keys: []string{"v"}, Help: "compare", Context: Trace, Action: Compare},
	{Keys: []string{"enter"}, Help: "its latent", Context: Trace, Action: Latent},
	{Keys: []string{"a"}, Help: "answer key", Context: Trace, Action: Answer},
	{Keys: []string{"/"}, Help: "find", Context: Trace, Action: Find},
	{Keys: []string{"c"}, Help: "next pane", Context: Trace, Action: NextChart, Minor: true},
	{Keys: []string{"{"}, Help: "compare with earlier", Context: Trace, Action: CompareEarlier, Minor: true},
	{Keys: []string{"}"}, Help: "compare with later", Context: Trace, Action: CompareLater, Minor: true},
	{Keys: []string{"d"}, Help: "next changed line", Context: Trace, Action: NextChange, Minor: true},
	{Keys: []string{"D"}, Help: "previous changed line", Context: Trace, Action: PrevChange, Minor: true},
	{Keys: []string{"n"}, Help: "find next", Context: Trace, Action: FindNext, Minor: true},
	{Keys: []string{"N"}, Help: "find previous", Context: Trace, Action: FindPrev, Minor: true},
	{Keys: []string{"j", "down"}, Help: "next line", Context: Trace, Action: Down, Minor: true},
	{Keys: []string{"k", "up"}, Help: "previous line", Context: Trace, Action: Up, Minor: true},
	{Keys: []string{"[", "left"}, Help: "previous program", Context: Trace, Action: PrevProgram, Minor: true},
}
