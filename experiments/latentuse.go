package experiments

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Count is how often something occurs.
type Count struct {
	Text string
	N    int
}

// Use is a span of a latent in an annotated program: Line is 0-based.
type Use struct {
	Program string
	Line    int
	Lines   []string
}

// LatentUse says where a latent is used in an annotated corpus.
type LatentUse struct {
	Words                              string
	Programs                           int // that have it, of Of
	Of                                 int
	Spans                              int // chosen so often, of AllSpans
	AllSpans                           int
	Lines                              int           // it is in force at, of AllLines
	AllLines                           int           //
	Tau                                float64       // lines a span
	Durations, Openings, Before, After []Count       // the most frequent first
	Typical                            []TypicalLine // the most telling first
	Uses                               []Use
}

// The ends of a program among what comes before and after a latent.
const (
	ProgramBegins = "(program begins)"
	ProgramEnds   = "(program ends)"
)

// UseOf collects the uses of the latent with a rationale; at most places of them
// are listed. Lines are compared without indentation, because the same step
// stands at different depths.
func UseOf(traces []AnnotatedTrace, words string, places int) LatentUse {
	u := LatentUse{Words: words, Of: len(traces)}
	durations, openings, before, after := counter{}, counter{}, counter{}, counter{}
	typical, corpus := counter{}, counter{}
	for _, t := range traces {
		spans := spansOf(t)
		has := false
		u.AllSpans += len(spans)
		u.AllLines += len(t.Lines)
		for _, line := range t.Lines {
			corpus.add(strings.TrimSpace(line))
		}
		for i, s := range spans {
			if s.words != words {
				continue
			}
			has = true
			u.Spans++
			u.Lines += s.to - s.from
			durations.add(countOfLines(s.to - s.from))
			for j := s.from; j < s.to; j++ {
				line := strings.TrimSpace(t.Lines[j])
				typical.add(line)
				if j == s.from {
					openings.add(line)
				}
			}
			last, next := ProgramBegins, ProgramEnds
			if i > 0 {
				last = spans[i-1].words
			}
			if i+1 < len(spans) {
				next = spans[i+1].words
			}
			before.add(last)
			after.add(next)
			if len(u.Uses) < places {
				u.Uses = append(u.Uses, Use{t.ID, s.from, t.Lines[s.from:s.to]})
			}
		}
		if has {
			u.Programs++
		}
	}
	if u.Spans > 0 {
		u.Tau = float64(u.Lines) / float64(u.Spans)
	}
	u.Durations, u.Openings, u.Typical, u.Before, u.After = durations.sorted(), openings.sorted(), u.telling(typical, corpus), before.sorted(), after.sorted()
	return u
}

func countOfLines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return strconv.Itoa(n) + " lines"
}

// LatentsIn lists the rationales of an annotated corpus with how often each is
// chosen.
func LatentsIn(traces []AnnotatedTrace) []Count {
	all := counter{}
	for _, t := range traces {
		for _, s := range spansOf(t) {
			all.add(s.words)
		}
	}
	return all.sorted()
}

type wordSpan struct {
	words    string
	from, to int
}

func spansOf(t AnnotatedTrace) []wordSpan {
	var spans []wordSpan
	for i, words := range t.Latents[:min(len(t.Latents), len(t.Lines))] {
		if words != "" || len(spans) == 0 {
			spans = append(spans, wordSpan{words, i, i})
		}
		spans[len(spans)-1].to = i + 1
	}
	return spans
}

type counter map[string]int

func (c counter) add(text string) { c[text]++ }

func (c counter) sorted() []Count {
	out := make([]Count, 0, len(c))
	for text, n := range c {
		out = append(out, Count{text, n})
	}
	slices.SortFunc(out, func(a, b Count) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return cmp.Compare(a.Text, b.Text)
	})
	return out
}
