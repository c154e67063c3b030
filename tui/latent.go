package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
	"ra3/tui/keys"
)

// latentSheet is a latent's own page: where it is used in the annotated corpus,
// its most typical lines, how long it lasts, and what comes before and after it.
type latentSheet struct {
	m      *tracePage
	all    []experiments.Count // latents of the corpus, by use
	traces []experiments.AnnotatedTrace
	at     experiments.Position // of the annotation
	use    experiments.LatentUse
	top    int
	failed string
}

// places bounds how many uses are listed.
const places = 200

// openLatent opens the page of the latent in force at the cursor.
func (m *tracePage) openLatent() tea.Cmd {
	p := m.current()
	if p == nil || len(p.Lines) == 0 {
		return m.complain("no line is selected yet")
	}
	words := p.Lines[min(m.line, len(p.Lines)-1)].Words
	s := &latentSheet{m: m}
	s.use.Words = words
	m.sheet = s
	record, at := m.engine.Record(), m.view()
	return func() tea.Msg {
		traces, where, err := record.Annotated(at)
		all, use := experiments.LatentsIn(traces), experiments.UseOf(traces, words, places)
		return effect(func() tea.Cmd {
			s.traces, s.at, s.all, s.use = traces, where, all, use
			switch {
			case err != nil:
				s.failed = firstLine(err.Error())
			case traces == nil:
				s.failed = "The corpus has not been annotated yet at this position."
			}
			return nil
		})
	}
}

// turn goes to the next latent by use; the counting is done aside.
func (s *latentSheet) turn(by int) tea.Cmd {
	n := len(s.all)
	if n == 0 {
		return nil
	}
	i := slices.IndexFunc(s.all, func(c experiments.Count) bool { return c.Text == s.use.Words })
	words, traces := s.all[((i+by)%n+n)%n].Text, s.traces
	return func() tea.Msg {
		use := experiments.UseOf(traces, words, places)
		return effect(func() tea.Cmd { s.use, s.top = use, 0; return nil })
	}
}

// unread says that the corpus is not read yet.
func (s *latentSheet) unread() bool { return s.traces == nil && s.failed == "" }

func (s *latentSheet) keys() []keys.Entry {
	return []keys.Entry{{Keys: "[ ]", Help: "latent"}, {Keys: "j k", Help: "scroll"}, {Keys: "w", Help: "write PNG"}, {Keys: "y", Help: "copy as a command"}, {Keys: "esc", Help: "close"}}
}

func (s *latentSheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc", "enter", "q":
		return nil, true
	case "]", "right":
		return s.turn(1), false
	case "[", "left":
		return s.turn(-1), false
	case "w", "y":
		if s.traces == nil {
			return s.m.complain("nothing is read of this latent yet"), false
		}
		if k.String() == "y" {
			return s.m.copyText(s.m.plotCommand(s.shot())), false
		}
		return s.m.pictureOf(s.shot()), false
	case "j", "down":
		s.top++
	case "k", "up":
		s.top = max(0, s.top-1)
	case "pgdown":
		s.top += 10
	case "pgup":
		s.top = max(0, s.top-10)
	}
	return nil, false
}

// shot is the latent's use as tables.
func (s *latentSheet) shot() view {
	use, at := s.use, s.at
	return view{name: experiments.UseTable, title: "Latent " + use.Words, flags: []string{"--latent", use.Words}, file: experiments.UseTable + "-" + use.Words,
		figure: func([]store.Event, *experiments.Summary) measure.Figure { return experiments.UseFigure(use, at) }}
}

func (s *latentSheet) draw(w, h int) []string {
	m := s.m
	title, note := "Latent # "+m.plain(s.use.Words), ""
	if s.at.Branch != "" && s.failed == "" {
		note = fmt.Sprintf("corpus as annotated at %s, n = %s", s.at, count(s.use.Of, "trace"))
	}
	return m.pane(title, note, w, h, true, func(w, h int) []string {
		switch {
		case s.failed != "":
			return m.centred(w, h, m.theme.Faint, s.failed)
		case s.traces == nil:
			return m.centred(w, h, m.theme.Faint, "reading the annotated corpus")
		}
		lines := s.lines(w)
		return window(lines, &s.top, h)
	})
}

// lines are the numbers, then the lists, in columns where there is room.
func (s *latentSheet) lines(w int) []string {
	m, u := s.m, s.use
	t := m.theme
	of := func(n, all int) string { return fmt.Sprintf("%d of %d (%s)", n, all, share(ratio(n, all))) }
	rank := slices.IndexFunc(s.all, func(c experiments.Count) bool { return c.Text == u.Words }) + 1
	facts := m.table([][]cell{
		{{"programs that use it", t.Faint, false}, {of(u.Programs, u.Of), t.Text, false}, {"mean duration", t.Faint, false}, {fmt.Sprintf("%.2f lines a span", u.Tau), t.Text, false}},
		{{"spans", t.Faint, false}, {of(u.Spans, u.AllSpans), t.Text, false}, {"rank by use", t.Faint, false}, {fmt.Sprintf("%d of %d latents", rank, len(s.all)), t.Text, false}},
		{{"lines", t.Faint, false}, {of(u.Lines, u.AllLines), t.Text, false}, {"", t.Faint, false}, {"", t.Text, false}},
	})
	if !fits(facts, w) {
		facts = m.table([][]cell{
			{{"programs", t.Faint, false}, {of(u.Programs, u.Of), t.Text, false}}, {{"spans", t.Faint, false}, {of(u.Spans, u.AllSpans), t.Text, false}},
			{{"lines", t.Faint, false}, {of(u.Lines, u.AllLines), t.Text, false}}, {{"duration", t.Faint, false}, {fmt.Sprintf("%.2f lines a span", u.Tau), t.Text, false}}})
	}
	out := append(facts, "")
	half := (w - 2) / 2
	pair := func(a, b []string) {
		for len(a) < len(b) {
			a = append(a, "")
		}
		out = append(append(out, beside(m.block(a, half, len(a)), m.block(b, w-half-2, len(a)))...), "")
	}
	pair(s.counts("Comes after", u.Before, u.Spans, half, 6), s.counts("Is followed by", u.After, u.Spans, w-half-2, 6))
	pair(s.counts("Begins with the line", u.Openings, u.Spans, half, 6), s.typical(w-half-2, 6))
	pair(s.counts("Duration", u.Durations, u.Spans, half, 6), nil)
	out = append(out, m.rule("Where it is used", fmt.Sprintf("%d of %d shown", len(u.Uses), u.Spans), w, false))
	for _, x := range u.Uses {
		text := make([]string, len(x.Lines))
		for i, l := range x.Lines {
			text[i] = strings.TrimSpace(l)
		}
		place := fmt.Sprintf("%s:%d", x.Program, x.Line+1)
		out = append(out, t.Faint.Render(t.Glyphs.Fit(m.plain(place), min(28, w/3)))+"  "+t.Glyphs.Fit(m.plain(strings.Join(text, "; ")), max(1, w-min(28, w/3)-2)))
	}
	return out
}

// typical lists the lines that tell most of the latent, with how often they stand
// under it and how much more often than elsewhere.
func (s *latentSheet) typical(w, most int) []string {
	m, lines := s.m, s.use.Typical
	g := m.theme.Glyphs
	const head = "count share   lift"
	out := []string{m.theme.Strong.Render(g.Fit("Typical lines", max(1, w-len(head)-1))) + " " + m.theme.Faint.Render(head)}
	for _, x := range lines[:min(most, len(lines))] {
		n := fmt.Sprintf("%5d %5s %6s", x.N, share(x.Share), "x"+chart.Significant(x.Lift, 2))
		out = append(out, g.Fit(m.plain(x.Text), max(1, w-len(n)-1))+" "+m.theme.Faint.Render(n))
	}
	if len(lines) > most {
		out = append(out, m.theme.Faint.Render(fmt.Sprintf("%c %d more", g.Ellipsis, len(lines)-most)))
	}
	if len(lines) == 0 {
		out = append(out, m.theme.Faint.Render(g.Fit("none is more frequent here than elsewhere", w)))
	}
	return out
}

// counts lists the most frequent with their shares.
func (s *latentSheet) counts(title string, cs []experiments.Count, all, w, most int) []string {
	m := s.m
	out := []string{m.theme.Strong.Render(m.theme.Glyphs.Fit(title, w))}
	for _, c := range cs[:min(most, len(cs))] {
		text := c.Text
		if !strings.HasPrefix(text, "(") && (title == "Comes after" || title == "Is followed by") {
			text = "# " + text
		}
		n := fmt.Sprintf("%5d %5s", c.N, share(ratio(c.N, all)))
		out = append(out, m.theme.Glyphs.Fit(m.plain(text), max(1, w-len(n)-1))+" "+m.theme.Faint.Render(n))
	}
	if len(cs) > most {
		out = append(out, m.theme.Faint.Render(fmt.Sprintf("%c %d more", m.theme.Glyphs.Ellipsis, len(cs)-most)))
	}
	return out
}

func ratio(n, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(n) / float64(all)
}
