package experiments

import (
	"math"

	"ra3/core/measure"
	"ra3/experiments/store"
)

// Why says where a number in the log comes from.
type Why struct {
	Formula
	Value    float64
	Err      float64 // standard error; NaN where none is logged
	Count    float64 // behind the estimate; NaN where none is logged
	ErrN     string  // what Err is over, where that is not N; ""
	ErrCount float64 // how many of them; NaN where none is logged
	Stage    Stage   // without its length
	Seq      int64   // of the record
	Position Position
	From     []Input // what it was computed from
}

// Input is a logged value that another was computed from.
type Input struct {
	Measure string
	Title   string
	Value   float64
	Seq     int64
}

// Why explains a measure as it stood at a position: its latest value there. ok is
// false where it had none.
func (h *History) Why(at Position, k Key) (w Why, ok bool) {
	p, ok := h.At(at).Value(k.Lane, k.Phase, k.Measure)
	if !ok {
		return w, false
	}
	return h.WhyRecord(p.Seq, k.Measure)
}

// WhyRecord explains a measure of one record of the log.
func (h *History) WhyRecord(seq int64, name string) (w Why, ok bool) {
	at, ok := h.PositionOf(seq)
	if !ok {
		return w, false
	}
	e, _ := h.Event(at)
	v, ok := e.Measures[name]
	if !ok {
		return w, false
	}
	f, known := FormulaOf(name)
	if !known {
		f = Formula{Measure: name, Title: name}
	}
	w = Why{Formula: f, Value: v, Err: math.NaN(), Count: math.NaN(), ErrCount: math.NaN(), Stage: stageOf(e), Seq: seq, Position: at}
	if x, ok := e.Measures[f.StdErr]; ok {
		w.Err = x
	}
	if x, ok := e.Measures[f.N]; ok {
		w.Count = x
	}
	if g := formulas[f.StdErr]; g.N != f.N {
		if x, ok := e.Measures[g.N]; ok {
			w.ErrN, w.ErrCount = g.N, x
		}
	}
	for _, in := range f.Inputs {
		if x, ok := e.Measures[in]; ok {
			g, _ := FormulaOf(in)
			w.From = append(w.From, Input{in, g.Title, x, seq})
		}
	}
	return w, true
}

// WhyPoint explains a point of a figure drawn from the log: the record behind it
// or, of a mean over seeds, one for each seed. None where the figure does not say.
func (h *History) WhyPoint(f measure.Figure, series, point int) []Why {
	if series < 0 || series >= len(f.Series) || point < 0 || point >= len(f.Series[series].X) {
		return nil
	}
	s := f.Series[series]
	var records []int64
	switch {
	case point < len(s.Records):
		records = s.Records[point]
	case point < len(s.Seq):
		records = s.Seq[point : point+1]
	}
	name := s.Measure
	if s.X[point] == 0 && name == "heldout_pass@1" { // the level before the first update
		name = "heldout_start"
	}
	return h.WhyRecords(records, name)
}

// WhyRecords explains a measure of several records of the log, such as one a seed.
func (h *History) WhyRecords(records []int64, name string) []Why {
	var out []Why
	for _, seq := range records {
		if w, ok := h.WhyRecord(seq, name); ok {
			out = append(out, w)
		}
	}
	return out
}

// eventsBehind lists the records of a branch's line that pass, as first and last
// number in the log and how many they are.
func (h *History) eventsBehind(branch string, keep func(*store.Event) bool) (first, last int64, n int) {
	line := h.Whole(branch)
	for i := range line {
		if e := &line[i]; keep(e) {
			if n++; n == 1 {
				first = e.Seq
			}
			last = e.Seq
		}
	}
	return first, last, n
}
