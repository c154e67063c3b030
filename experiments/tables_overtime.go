package experiments

import (
	"fmt"
	"math"

	"ra3/core/measure"
)

// OverTimeTable is how one program's annotation came to be, look by look.
const OverTimeTable = "table-program"

// ProgramLook is a program as it was read at a position, at the end of a stage.
type ProgramLook struct {
	At    Position
	Stage Stage
	*TraceProgram
}

// Differs says whether two looks at a program differ in a latent or, to what is
// shown of them, in nats.
func (p ProgramLook) Differs(q ProgramLook) bool {
	if len(p.Lines) != len(q.Lines) {
		return true
	}
	for i := range p.Lines {
		if p.Lines[i].Latent != q.Lines[i].Latent {
			return true
		}
	}
	rounded := func(v float64) float64 { return math.Round(100 * v) }
	return rounded(p.With) != rounded(q.With) || rounded(p.Rationale) != rounded(q.Rationale) || rounded(p.Without) != rounded(q.Without)
}

// overTime reads the looks at a program on a branch's line up to a position, of
// the seed in view there, at which something about it changed.
func (r *Record) overTime(q LookRequest, at Position) ([]ProgramLook, error) {
	v, _, err := r.View(at)
	if err != nil || v == nil {
		return nil, err
	}
	i, err := v.program(q.Program, at)
	if err != nil {
		return nil, err
	}
	p := v.Programs[i]
	seed := 0
	if e, ok := r.History().Event(r.History().Clamp(at)); ok {
		seed = e.Seed
	}
	var out []ProgramLook
	for _, m := range r.Timeline(at.Branch) {
		if !m.View || m.To > at.Update || m.Seed != seed {
			continue
		}
		where := Position{Branch: at.Branch, Update: m.To}
		v, _, err := r.View(where)
		if err != nil {
			return nil, err
		}
		for i := range v.Programs {
			if x := (ProgramLook{where, m.Stage, &v.Programs[i]}); x.ID == p.ID && len(x.Lines) == len(p.Lines) && (len(out) == 0 || x.Differs(out[len(out)-1])) {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// OverTimeFigure has a row a look: the latent of each line by its letter, and the
// program's nats then.
func OverTimeFigure(looks []ProgramLook) measure.Figure {
	t := measure.Table{Name: "over_time", Columns: []measure.Column{{Name: "after", Kind: measure.Words}, {Name: "update"}, {Name: "lines", Kind: measure.Code},
		{Name: "code", Unit: "nats", Decimals: 2}, {Name: "rationales", Unit: "nats", Decimals: 2}, {Name: "plain", Unit: "nats", Decimals: 2}, {Name: "net gain", Unit: "nats", Decimals: 2, Signed: true}}}
	f := measure.Figure{Name: OverTimeTable, Title: "A program over time", Kind: measure.Tabular}
	letters := map[int]int{}
	words := map[int]string{}
	var order []int
	for _, x := range looks {
		text := ""
		for _, l := range x.Lines {
			if _, ok := letters[l.Latent]; !ok {
				letters[l.Latent], words[l.Latent] = len(letters), l.Words
				order = append(order, l.Latent)
			}
			text += letter(letters[l.Latent])
		}
		after := LaneTitle(x.Stage.Lane) + ", " + x.Stage.Phase
		if x.Stage.Iteration > 0 {
			after += fmt.Sprintf(" (EM %d)", x.Stage.Iteration)
		}
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(after), whole(x.At.Update), measure.Text(text), measure.Value(x.With), measure.Value(x.Rationale),
			measure.Value(x.Without), measure.Value(x.Without - x.With - x.Rationale)})
	}
	f.Tables = []measure.Table{t}
	if len(looks) == 0 {
		return f
	}
	last := looks[len(looks)-1]
	f.Title = last.ID + " over time"
	f.Caption = fmt.Sprintf("n = 1 program of %s, seed %d; the looks at which something changed. Latents:", Plural(len(last.Lines), "line"), last.Stage.Seed)
	for _, z := range order {
		f.Caption += fmt.Sprintf(" %s %s;", letter(letters[z]), words[z])
	}
	f.Caption += " net gain: plain less code and rationales."
	return f
}
