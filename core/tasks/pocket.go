package tasks

import (
	"strings"

	"ra3/core/judge/pyvalue"
	"ra3/core/token"
	"ra3/core/trace"
)

// The function that every pocket program defines, and the line before its body:
// what a policy writes is the body, whatever its prompt.
const (
	pocketEntry = "f"
	pocketHead  = "def f(xs):\n"
)

// FromPocket is a problem of the pocket domain in the common form. code is its
// expert's body, or nil.
func FromPocket(v *token.Vocab, p *trace.Problem, code []int32) *Problem {
	c := &Calls{Oracle: StrictType}
	for _, t := range p.Tests {
		c.Args, c.Want = append(c.Args, []Value{numbers(t.In)}), append(c.Want, numbers(t.Want))
	}
	q := &Problem{ID: p.ID, Prompt: v.Decode(p.Prompt), Head: pocketHead, Entry: pocketEntry, Groups: []Group{{Name: "tests", Calls: c}}}
	if code != nil {
		q.Reference = q.Head + v.Decode(code)
	}
	return q
}

func numbers(xs []int64) Value {
	l := make(pyvalue.List, len(xs))
	for i, x := range xs {
		l[i] = pyvalue.MakeInt(x)
	}
	return l
}

// pocketRow is a line of a file of pocket problems, as Row writes it.
func pocketRow(r *row) (*Problem, error) {
	p, err := r.function("task_id")
	if err != nil {
		return nil, err
	}
	body := strings.TrimPrefix(p.Reference, p.Head)
	if p.Head, err = r.str("head"); err != nil {
		return nil, err
	}
	p.Head = lf(p.Head)
	p.Reference = p.Head + body
	list, err := r.list("tests")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, r.errorf("tests", "is empty: a problem without tests cannot be scored")
	}
	c := &Calls{Oracle: StrictType}
	for i, t := range list {
		o, ok := t.(*object)
		if !ok || len(o.keys) != 2 {
			return nil, r.errorf(element("tests", i), "want an object of input and output")
		}
		args, ok := o.values["input"].([]node)
		want, has := o.values["output"]
		if !ok || !has {
			return nil, r.errorf(element("tests", i), "want a list of arguments as input, and output")
		}
		a, err := valueOf(args)
		if err != nil {
			return nil, r.errorf(element("tests", i)+".input", "%s", err)
		}
		w, err := valueOf(want)
		if err != nil {
			return nil, r.errorf(element("tests", i)+".output", "%s", err)
		}
		c.Args, c.Want = append(c.Args, a.(pyvalue.List)), append(c.Want, w)
	}
	p.Groups = []Group{{Name: "tests", Calls: c}}
	return p, r.done(Pocket)
}

// Row is a line of a file of pocket problems.
type Row struct {
	ID        string    `json:"task_id"`
	Prompt    string    `json:"prompt"`
	Entry     string    `json:"entry_point"`
	Head      string    `json:"head"`               // stands before a completion
	Reference string    `json:"canonical_solution"` // goes on after the head
	Tests     []RowTest `json:"tests"`
}

// RowTest is a test of a Row.
type RowTest struct {
	Input  [][]int64 `json:"input"` // arguments
	Output []int64   `json:"output"`
}

// PocketRow is a pocket program's problem as a line of a file.
func PocketRow(v *token.Vocab, p *trace.Program) Row {
	r := Row{ID: p.ID, Prompt: v.Decode(p.Prompt), Entry: pocketEntry, Head: pocketHead, Reference: v.Decode(p.Code())}
	for _, t := range p.Tests {
		r.Tests = append(r.Tests, RowTest{[][]int64{t.In}, append([]int64{}, t.Want...)})
	}
	return r
}
