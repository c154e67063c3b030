package trace

import (
	"ra3/core/nn"
	"ra3/core/token"
)

// Part says which part of an annotated line a predicted token is.
type Part uint8

// The parts. Each has its own temperature and its own share in RL credit.
const (
	Code Part = iota
	Decision
	Rationale
)

func (p Part) String() string { return [...]string{"code", "decision", "rationale"}[p] }

// Classes of the policy's head.
const (
	classCode   = iota // program text
	classFirst         // think: the first slot cannot keep a latent
	classDecide        // act or think
	classWord          // a word of a rationale
	classAct           // act: every slot of the act-only format
	numClasses
)

// partOf maps classes to parts.
var partOf = [numClasses]Part{Code, Decision, Decision, Rationale, Decision}

// PartOfClass is the part that a class of the policy's head belongs to.
func PartOfClass(class int32) Part { return partOf[class] }

// Layout turns programs into token sequences: plain (prompt, code) or slotted
// (prompt, then before every line `act`, or `think` and the rationale's words).
type Layout struct {
	Act, Think, Rev, Newline, Return int32
	Rationales                       [][]int32 // tokens of each latent, all of one length
	code, word, first, decide, act   []bool
}

// NewLayout indexes a vocabulary for a set of latents. Rationales are written in
// tokens of one kind: words, or learned codes.
func NewLayout(v *token.Vocab, act, think, rev, newline, ret int32, rationales [][]int32) *Layout {
	l := &Layout{Act: act, Think: think, Rev: rev, Newline: newline, Return: ret, Rationales: rationales,
		code: v.Allowed(token.Code), word: v.Allowed(v.Kind(rationales[0][0])), decide: v.Allowed(token.Decision), first: make([]bool, v.Size()), act: make([]bool, v.Size())}
	l.first[think], l.act[act] = true, true
	return l
}

// Temperatures of the three parts; 1 leaves the model's own distribution.
type Temperatures struct {
	Code      float64 `toml:"code" json:"code"`
	Decision  float64 `toml:"decision" json:"decision"`
	Rationale float64 `toml:"rationale" json:"rationale"`
}

// Unit is temperature 1 everywhere.
func Unit() Temperatures { return Temperatures{1, 1, 1} }

// Classes of the policy's head at these temperatures.
func (l *Layout) Classes(t Temperatures) []nn.Class {
	inv := func(x float64) float32 { return float32(1 / x) }
	return []nn.Class{
		classCode:   {Allowed: l.code, InvTemp: inv(t.Code)},
		classFirst:  {Allowed: l.first, InvTemp: 1},
		classDecide: {Allowed: l.decide, InvTemp: inv(t.Decision)},
		classWord:   {Allowed: l.word, InvTemp: inv(t.Rationale)},
		classAct:    {Allowed: l.act, InvTemp: 1},
	}
}

// RowInfo says what a row of a batch predicts.
type RowInfo struct {
	Sequence int // index among the sequences appended through one Sequences value
	Line     int
	Part     Part
}

// Sequences collects laid-out programs into a batch with the meaning of its rows.
type Sequences struct {
	Batch nn.Batch
	Info  []RowInfo
	n     int
}

// Reset empties it, keeping storage, and sets the classes' temperatures.
func (s *Sequences) Reset(classes []nn.Class) {
	s.Batch.Reset()
	s.Batch.Classes = classes
	s.Info = s.Info[:0]
	s.n = 0
}

// Sequences appended since Reset.
func (s *Sequences) Len() int { return s.n }

// Policy appends a program as the policy writes it: plain when a is nil,
// act-only when its first line acts, else slotted. gap is a distance in positions between prompt and body; weight is
// given to every row.
func (l *Layout) Policy(s *Sequences, p *Program, a Annotation, gap int, weight float32) {
	body := make([]int32, 0, 64)
	var info []RowInfo
	var classes []int32
	for t, line := range p.Lines {
		from := len(body)
		switch {
		case a == nil:
		case a[0] == Act:
			body, classes = append(body, l.Act), append(classes, classAct)
		default:
			body, classes = l.Slot(body, classes, t, a[t])
		}
		body = append(body, line...)
		for len(classes) < len(body) {
			classes = append(classes, classCode)
		}
		for _, c := range classes[from:] {
			info = append(info, RowInfo{Sequence: s.n, Line: t, Part: partOf[c]})
		}
	}
	l.append(s, p.Prompt, body, gap, classes, info, weight)
}

// Slot appends what stands before line t under decision u in the slotted format,
// with its classes.
func (l *Layout) Slot(tokens, classes []int32, t, u int) (longer, of []int32) {
	class := int32(classDecide)
	if t == 0 {
		class = classFirst
	}
	if u == Act {
		return append(tokens, l.Act), append(classes, class)
	}
	tokens, classes = append(append(tokens, l.Think), l.Rationales[u]...), append(classes, class)
	for range l.Rationales[u] {
		classes = append(classes, classWord)
	}
	return tokens, classes
}

// Tokens appends a prompt and a generated body whose classes are known.
func (l *Layout) Tokens(s *Sequences, prompt, body, classes []int32, weight float32) {
	info := make([]RowInfo, len(body))
	line := 0
	for i, id := range body {
		info[i] = RowInfo{Sequence: s.n, Line: line, Part: partOf[classes[i]]}
		if id == l.Newline {
			line++
		}
	}
	l.append(s, prompt, body, 0, classes, info, weight)
}

func (l *Layout) append(s *Sequences, prompt, body []int32, gap int, classes []int32, info []RowInfo, weight float32) {
	ids := append(append(make([]int32, 0, len(prompt)+len(body)), prompt...), body...)
	at := s.Batch.Append(ids[:len(ids)-1], 0) // the last token is only a target
	for i := at + len(prompt); i < len(s.Batch.Positions); i++ {
		s.Batch.Positions[i] += int32(gap)
	}
	for i, id := range body {
		s.Batch.Rows = append(s.Batch.Rows, nn.Row{Index: int32(at + len(prompt) - 1 + i), Target: id, Class: classes[i], Weight: weight})
	}
	s.Info = append(s.Info, info...)
	s.n++
}

// Hindsight appends a program as the sampler reads it, `<rev> prompt` and then
// the lines from last to first, with one row at each line's end where its
// decision is read off: class 0 where act is allowed, 1 where it is not (the
// first line). Targets come from a; nil leaves them 0. Outcome 0 is act, 1+k is
// latent k. Rows run from the last line to the first.
func (l *Layout) Hindsight(s *Sequences, p *Program, a Annotation, weight float32) {
	ids := append([]int32{l.Rev}, p.Prompt...)
	type end struct{ at, line int }
	var ends []end
	for t := len(p.Lines) - 1; t >= 0; t-- {
		ids = append(ids, p.Lines[t]...)
		ends = append(ends, end{len(ids) - 1, t})
	}
	at := s.Batch.Append(ids, 0)
	for _, e := range ends {
		row := nn.Row{Index: int32(at + e.at), Weight: weight}
		if a != nil && a[e.line] != Act {
			row.Target = int32(1 + a[e.line])
		}
		if e.line == 0 {
			row.Class = 1
		}
		s.Batch.Rows = append(s.Batch.Rows, row)
		s.Info = append(s.Info, RowInfo{Sequence: s.n, Line: e.line, Part: Decision})
	}
	s.n++
}

// HindsightClasses are the sampler's classes at an inverse temperature, for k latents.
func HindsightClasses(k int, invTemp float32) []nn.Class {
	think := make([]bool, 1+k)
	for i := range think {
		think[i] = i > 0
	}
	return []nn.Class{{InvTemp: invTemp}, {Allowed: think, InvTemp: invTemp}}
}
