package trace

import "ra3/core/nn"

// Grammar states of generation.
const (
	stateFirst  = iota // first slot
	stateAct           // slot of the act-only format
	stateDecide        // slot before a later line
	stateLine          // within a line, slotted or act-only
	stateReturn        // within the line that ends the program
	statePlain         // within a line, without slots
	stateWord          // stateWord+i: i words of the rationale are written
)

// Format is how a policy writes a body.
type Format uint8

// The formats.
const (
	Plain   Format = iota // code alone
	Slotted               // a decision slot before every line, rationales where it thinks
	ActOnly               // slots that can only act: the format without its content
)

// Grammar is what a policy may write: the body of a function in a format, up to
// the end of its return line.
type Grammar struct {
	l       *Layout
	classes []nn.Class
	width   int // words of a rationale
	format  Format
}

// Grammar of generation in a format at the given temperatures.
func (l *Layout) Grammar(f Format, t Temperatures) *Grammar {
	return &Grammar{l: l, classes: l.Classes(t), width: len(l.Rationales[0]), format: f}
}

// Start is the state of the first generated token.
func (g *Grammar) Start() int {
	return [...]int{Plain: statePlain, Slotted: stateFirst, ActOnly: stateAct}[g.format]
}

// Classes implements nn.Grammar.
func (g *Grammar) Classes() []nn.Class { return g.classes }

// Class implements nn.Grammar.
func (g *Grammar) Class(state int) int {
	switch {
	case state == stateFirst:
		return classFirst
	case state == stateAct:
		return classAct
	case state == stateDecide:
		return classDecide
	case state >= stateWord:
		return classWord
	}
	return classCode
}

// Next implements nn.Grammar.
func (g *Grammar) Next(state int, id int32) int {
	switch {
	case state == stateFirst || state == stateDecide || state == stateAct:
		if id == g.l.Think {
			return stateWord
		}
		return stateLine
	case state >= stateWord:
		if state-stateWord+1 < g.width {
			return state + 1
		}
		return stateLine
	case id == g.l.Return && state != stateReturn:
		return stateReturn
	case id == g.l.Newline:
		switch state {
		case stateReturn:
			return -1
		case stateLine:
			if g.format == ActOnly {
				return stateAct
			}
			return stateDecide
		}
	}
	return state
}

// Written is a generated body taken apart.
type Written struct {
	Code    []int32   // code tokens only
	Lines   [][]int32 // the same by line
	Phrases [][]int32 // per line: its rationale's words, nil where it acts
}

// Parse takes a generated body apart.
func (l *Layout) Parse(body, classes []int32) Written {
	var w Written
	var line, words []int32
	flush := func() {
		w.Lines, w.Phrases = append(w.Lines, line), append(w.Phrases, words)
		line, words = nil, nil
	}
	for i, id := range body {
		switch partOf[classes[i]] {
		case Decision:
			// Words follow where it thinks.
		case Rationale:
			words = append(words, id)
		default:
			w.Code, line = append(w.Code, id), append(line, id)
			if id == l.Newline {
				flush()
			}
		}
	}
	if len(line) > 0 {
		flush()
	}
	return w
}
