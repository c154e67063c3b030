package keys

// Trace is the context of the page Trace.
const Trace Context = "trace"

// The actions of the page Trace.
const (
	NextProgram, PrevProgram Action = "next-program", "prev-program"
	Answer                   Action = "answer" // show or hide the hidden intents
)

var traceKeys = Table{
	{Keys: []string{"]", "right"}, Help: "next program", Context: Trace, Action: NextProgram},
	{Keys: []string{"a"}, Help: "answer key", Context: Trace, Action: Answer},
	{Keys: []string{"j", "down"}, Help: "next line", Context: Trace, Action: Down, Minor: true},
	{Keys: []string{"k", "up"}, Help: "previous line", Context: Trace, Action: Up, Minor: true},
	{Keys: []string{"[", "left"}, Help: "previous program", Context: Trace, Action: PrevProgram, Minor: true},
}
