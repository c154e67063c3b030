package experiments

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ra3/core/measure"
)

// Names of the figures of example traces as they were read at a position, and of
// the annotated corpus there.
const (
	TracePicture   = "trace"           // a program with its latent spans
	TraceTable     = "table-traces"    // the programs, in nats
	PosteriorTable = "table-posterior" // decisions at a line, or at all of a program's
	UseTable       = "table-latent"    // where a latent is used
)

// LookNames lists the figures of example traces.
var LookNames = []string{TracePicture, TraceTable, PosteriorTable, OverTimeTable, UseTable}

// LookRequest says which figure of a look at traces is asked for.
type LookRequest struct {
	Name    string // of LookNames
	Program string // identifier, or number from 1; "": the first
	Line    int    // from 1; 0: all lines
	Answer  bool   // the hidden intents are shown
	Latent  string // rationale of UseTable; "": the most used
}

// LookFigure builds a figure of the example traces or of the annotated corpus as
// they stood at a position. It reads a file, and says in one line what is not there.
func (r *Record) LookFigure(q LookRequest, at Position) (measure.Figure, error) {
	if q.Name == UseTable {
		traces, where, err := r.Annotated(at)
		if err != nil {
			return measure.Figure{}, err
		}
		if traces == nil {
			return measure.Figure{}, fmt.Errorf("the corpus has not been annotated yet at %s", at)
		}
		all := LatentsIn(traces)
		if len(all) == 0 {
			return measure.Figure{}, fmt.Errorf("the corpus annotated at %s has no line", where)
		}
		words := q.Latent
		if words == "" {
			words = all[0].Text
		}
		if !slices.ContainsFunc(all, func(c Count) bool { return c.Text == words }) {
			return measure.Figure{}, fmt.Errorf("no line is annotated with %q at %s; the most used latent is %q", words, where, all[0].Text)
		}
		return UseFigure(UseOf(traces, words, 0), where), nil
	}
	if q.Name == OverTimeTable {
		looks, err := r.overTime(q, at)
		if err == nil && looks == nil {
			err = fmt.Errorf("no look at example traces is stored at or before %s: one is kept at the end of every phase", at)
		}
		return OverTimeFigure(looks), err
	}
	v, where, err := r.View(at)
	if err != nil {
		return measure.Figure{}, err
	}
	if v == nil || len(v.Programs) == 0 {
		return measure.Figure{}, fmt.Errorf("no look at example traces is stored at or before %s: one is kept at the end of every phase", at)
	}
	return v.Figure(q, where)
}

// Figure builds a figure of a look that was taken at a position.
func (v *TraceView) Figure(q LookRequest, at Position) (measure.Figure, error) {
	if q.Name == TraceTable {
		return v.programs(at), nil
	}
	i, err := v.program(q.Program, at)
	if err != nil {
		return measure.Figure{}, err
	}
	p := &v.Programs[i]
	if q.Line < 0 || q.Line > len(p.Lines) {
		return measure.Figure{}, fmt.Errorf("program %s has lines 1 to %d, no line %d", p.ID, len(p.Lines), q.Line)
	}
	switch q.Name {
	case TracePicture:
		return v.picture(p, q.Answer, at), nil
	case PosteriorTable:
		return v.posterior(p, q.Line, at), nil
	}
	return measure.Figure{}, fmt.Errorf("no figure of traces is called %q: choose one of %s", q.Name, strings.Join(LookNames, ", "))
}

// program is the place of a program named by its identifier or number.
func (v *TraceView) program(name string, at Position) (int, error) {
	i := slices.IndexFunc(v.Programs, func(p TraceProgram) bool { return p.ID == name })
	if n, err := strconv.Atoi(name); i < 0 && err == nil && n >= 1 && n <= len(v.Programs) {
		i = n - 1
	}
	if name == "" && len(v.Programs) > 0 {
		i = 0
	}
	if i < 0 {
		return 0, fmt.Errorf("no program %q in the look at %s: there are 1 to %d", name, at, len(v.Programs))
	}
	return i, nil
}

// TraceRows are the programs of a look with the nats of each.
func (v *TraceView) TraceRows() measure.Table {
	nats := func(name string) measure.Column { return measure.Column{Name: name, Unit: "nats", Decimals: 2} }
	t := measure.Table{Name: "traces", Columns: []measure.Column{{Name: "program", Kind: measure.Words}, {Name: "lines"}, {Name: "spans"}, nats("code"), nats("rationales"), nats("plain"),
		{Name: "net gain", Unit: "nats", Decimals: 2, Signed: true}}}
	for _, p := range v.Programs {
		spans := 0
		for _, l := range p.Lines {
			spans = max(spans, l.Span+1)
		}
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(p.ID), whole(len(p.Lines)), whole(spans), measure.Value(p.With), measure.Value(p.Rationale), measure.Value(p.Without), measure.Value(p.Without - p.With - p.Rationale)})
	}
	return t
}

func (v *TraceView) programs(at Position) measure.Figure {
	return measure.Figure{Name: TraceTable, Title: "Example programs under the sampler", Kind: measure.Tabular, Tables: []measure.Table{v.TraceRows()},
		Caption: fmt.Sprintf("As read at %s, n = %d validation programs. Code: -log p of the lines given their rationales, by %s; plain: of the lines alone, by %s; net gain: plain less code and rationales.", at, len(v.Programs), LaneTitle(v.Policy), LaneTitle(v.Plain))}
}

// spanLetters names a program's latents by first appearance: A, B, C.
func spanLetters(p *TraceProgram) map[int]int {
	out := map[int]int{}
	for _, l := range p.Lines {
		if _, ok := out[l.Latent]; !ok {
			out[l.Latent] = len(out)
		}
	}
	return out
}

func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return strconv.Itoa(i + 1)
}

// SpanRows are a program's lines with the latent in force and what it is worth.
func SpanRows(p *TraceProgram, answer bool) measure.Table {
	t := measure.Table{Name: "spans", Columns: []measure.Column{{Name: "span", Kind: measure.Words}, {Name: "rationale", Kind: measure.Words}, {Name: "line", Kind: measure.Code},
		{Name: "gain", Unit: "nats", Decimals: 2, Signed: true}}}
	if answer {
		t.Columns = append(t.Columns, measure.Column{Name: "hidden intent", Kind: measure.Words})
	}
	names := spanLetters(p)
	for i, l := range p.Lines {
		tint := names[l.Latent] + 1
		words := measure.Text("")
		if l.Think || i == 0 {
			words.Text = l.Words
		}
		name, line := measure.Text(letter(names[l.Latent])), measure.Text(l.Text)
		name.Tint, words.Tint, line.Tint = tint, tint, tint
		row := []measure.Cell{name, words, line, measure.Value(l.With - l.Without)}
		if answer {
			row = append(row, measure.Text(l.Intent))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v *TraceView) picture(p *TraceProgram, answer bool, at Position) measure.Figure {
	prompt := measure.Table{Name: "prompt", Columns: []measure.Column{{Name: "prompt", Kind: measure.Code}}}
	for line := range strings.SplitSeq(strings.TrimRight(p.Prompt, "\n"), "\n") {
		prompt.Rows = append(prompt.Rows, []measure.Cell{measure.Text(line)})
	}
	return measure.Figure{Name: TracePicture, Title: "Latent spans of " + p.ID, Kind: measure.Tabular, Tables: []measure.Table{prompt, SpanRows(p, answer)},
		Caption: fmt.Sprintf("Greedy annotation at %s; n = 1 program of %d lines. Gain: log-likelihood of the line given the rationales so far, by %s, less that of the line written plainly, by %s. "+
			"Program: %s nats of code and %s of rationales against %s plain.", at, len(p.Lines), LaneTitle(v.Policy), LaneTitle(v.Plain), hundredths(p.With), hundredths(p.Rationale), hundredths(p.Without))}
}

// PosteriorRows are the most probable decisions at a line (from 1), or at all.
func PosteriorRows(p *TraceProgram, line int) measure.Table {
	t := measure.Table{Name: "posterior", Columns: []measure.Column{{Name: "no.", Kind: measure.Words, Group: true}, {Name: "line", Kind: measure.Code, Group: true}, {Name: "decision", Kind: measure.Words},
		{Name: "probability", Decimals: 3}, {Name: "against the one taken", Unit: "nats", Decimals: 2, Signed: true}, {Name: "", Kind: measure.Words}}}
	for i, l := range p.Lines {
		if line > 0 && i != line-1 {
			continue
		}
		taken, of := "act", math.NaN()
		if l.Think {
			taken = "think " + l.Words
		}
		for _, d := range l.Top {
			if d.Text == taken {
				of = d.P
			}
		}
		for _, d := range l.Top {
			mark, than := measure.Text(""), measure.Value(math.NaN())
			switch {
			case d.Text == taken:
				mark.Text = "taken"
			case of > 0 && d.P > 0:
				than.Y = math.Log(d.P / of)
			}
			t.Rows = append(t.Rows, []measure.Cell{measure.Text(strconv.Itoa(i + 1)), measure.Text(strings.TrimLeft(l.Text, " ")), measure.Text(d.Text), measure.Value(d.P), than, mark})
		}
	}
	return t
}

func (v *TraceView) posterior(p *TraceProgram, line int, at Position) measure.Figure {
	f := measure.Figure{Name: PosteriorTable, Title: "Posterior over decisions, " + p.ID, Kind: measure.Tabular, Tables: []measure.Table{PosteriorRows(p, line)},
		Caption: fmt.Sprintf("q(u | x, a) of the most probable decisions, as read at %s.", at)}
	if line > 0 {
		l := p.Lines[line-1]
		f.Title += fmt.Sprintf(", line %d", line)
		f.Caption += fmt.Sprintf(" Log-likelihood of the line: %s nats given the latents so far (%s), %s plain (%s).", hundredths(l.With), LaneTitle(v.Policy), hundredths(l.Without), LaneTitle(v.Plain))
	}
	return f
}

// typicalRows are the lines that tell most of a latent.
func typicalRows(lines []TypicalLine) measure.Table {
	t := measure.Table{Name: "typical", Columns: []measure.Column{{Name: "typical lines", Kind: measure.Code}, {Name: "count"}, {Name: "share", Decimals: 3},
		{Name: "in the corpus", Decimals: 3}, {Name: "lift", Decimals: 1}}}
	for _, x := range lines {
		t.Rows = append(t.Rows, []measure.Cell{measure.Text(x.Text), whole(x.N), measure.Value(x.Share), measure.Value(x.Corpus), measure.Value(x.Lift)})
	}
	return t
}

// UseFigure is where a latent is used in the annotated corpus, as of a position.
func UseFigure(u LatentUse, at Position) measure.Figure {
	facts := measure.Table{Name: "use", Columns: []measure.Column{{Name: "", Kind: measure.Words}, {Name: "count"}, {Name: "of"}, {Name: "share", Decimals: 3}}}
	fact := func(name string, n, of int) {
		share := math.NaN()
		if of > 0 {
			share = float64(n) / float64(of)
		}
		facts.Rows = append(facts.Rows, []measure.Cell{measure.Text(name), whole(n), whole(of), measure.Value(share)})
	}
	fact("programs that use it", u.Programs, u.Of)
	fact("spans", u.Spans, u.AllSpans)
	fact("lines", u.Lines, u.AllLines)
	tables := []measure.Table{facts}
	const most = 8
	for _, x := range []struct {
		name, title string
		counts      []Count
		of          int
		kind        measure.ColumnKind
	}{{"before", "Comes after", u.Before, u.Spans, measure.Words}, {"after", "Is followed by", u.After, u.Spans, measure.Words}, {"openings", "Begins with the line", u.Openings, u.Spans, measure.Code},
		{"durations", "Duration of its spans", u.Durations, u.Spans, measure.Words}} {
		t := measure.Table{Name: x.name, Columns: []measure.Column{{Name: strings.ToLower(x.title), Kind: x.kind}, {Name: "count"}, {Name: "share", Decimals: 3}}}
		for _, c := range x.counts[:min(most, len(x.counts))] {
			t.Rows = append(t.Rows, []measure.Cell{measure.Text(c.Text), whole(c.N), measure.Value(float64(c.N) / float64(max(1, x.of)))})
		}
		tables = append(tables, t)
	}
	tables = append(tables, typicalRows(u.Typical[:min(most, len(u.Typical))]))
	return measure.Figure{Name: UseTable, Title: "Latent: " + u.Words, Kind: measure.Tabular, Tables: tables,
		Caption: fmt.Sprintf("Mid-training corpus as annotated at %s, n = %d traces; mean duration %.2f lines a span; of each list the %d most frequent. Shares are of the latent's spans, or of its lines. Typical lines: by the log odds against all other lines; lift: share over the share of all lines.", at, u.Of, u.Tau, most)}
}

// hundredths writes nats, never as -0.00.
func hundredths(v float64) string {
	if s := fmt.Sprintf("%.2f", v); s != "-0.00" {
		return s
	}
	return "0.00"
}
