package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/tui/keys"
)

// helpSheet lists every key of the page from the live key table, says why one
// does nothing now, and explains the words of the screen; typing after / keeps
// what matches.
type helpSheet struct {
	m      *model
	top    int
	filter string
	typing bool
}

func (s *helpSheet) keys() []keys.Entry {
	if s.typing {
		return []keys.Entry{{Keys: "enter", Help: "keep the filter"}, {Keys: "esc", Help: "drop it"}}
	}
	return []keys.Entry{{Keys: "j k", Help: "scroll"}, {Keys: "/", Help: "search"}, {Keys: "esc", Help: "close"}}
}

func (s *helpSheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	if s.typing {
		switch k.String() {
		case "enter":
			s.typing = false
		case "esc":
			s.typing, s.filter = false, ""
		default:
			s.filter, s.top = typed(s.filter, k), 0
		}
		return nil, false
	}
	switch k.String() {
	case "j", "down":
		s.top++
	case "k", "up":
		s.top = max(0, s.top-1)
	case "pgdown", "d":
		s.top += 10
	case "pgup", "u":
		s.top = max(0, s.top-10)
	case "/":
		s.typing = true
	case "esc":
		if s.filter == "" {
			return nil, true
		}
		s.filter = ""
	case "?", "q":
		return nil, true
	}
	return nil, false
}

// typed is text after a key that edits its end.
func typed(text string, k tea.KeyMsg) string {
	switch k.Type {
	case tea.KeyBackspace:
		r := []rune(text)
		return string(r[:max(0, len(r)-1)])
	case tea.KeyCtrlU:
		return ""
	case tea.KeySpace:
		return text + " "
	case tea.KeyRunes:
		return text + string(k.Runes)
	}
	return text
}

func (s *helpSheet) draw(w, h int) []string {
	m := s.m
	lines := s.lines(w)
	title, note := "Keys on this page, and the words it uses", "esc closes, / searches"
	if s.typing || s.filter != "" {
		title = "Help for /" + m.plain(s.filter)
		if s.typing {
			title += "_"
		}
		note = count(len(lines), "line")
	}
	return m.pane(title, note, w, h, true, func(_, h int) []string {
		if len(lines) == 0 {
			return m.centred(w, h, m.theme.Faint, "Nothing here matches; esc shows all.")
		}
		if len(lines) <= h {
			s.top = 0
			return lines
		}
		shown := append([]string(nil), window(lines, &s.top, h-1)...)
		return append(shown, m.theme.Faint.Render(fmt.Sprintf("  j k scroll: %d to %d of %d", s.top+1, s.top+len(shown), len(lines))))
	})
}

// lines are the keys, then the words, that match the filter.
func (s *helpSheet) lines(w int) []string {
	m, t, g := s.m, s.m.theme, s.m.theme.Glyphs
	want := strings.ToLower(s.filter)
	match := func(texts ...string) bool {
		return strings.Contains(strings.ToLower(strings.Join(texts, " ")), want)
	}
	live := m.keymap.Live(m.reader.Context())
	keyW, helpW := 0, 0
	for _, b := range live {
		e := b.Entry()
		keyW, helpW = max(keyW, len(e.Keys)), max(helpW, len(e.Help))
	}
	var lines []string
	for _, b := range live {
		e, why := b.Entry(), m.disabled(b.Action)
		if !match(e.Keys, e.Help, why) {
			continue
		}
		if why == "" {
			lines = append(lines, "  "+t.Key.Render(g.Fit(e.Keys, keyW))+"  "+e.Help)
		} else {
			lines = append(lines, "  "+t.Faint.Render(g.Fit(e.Keys, keyW)+"  "+g.Fit(e.Help, helpW)+"  not now: "+why))
		}
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	termW := 0
	meanings := m.meanings()
	for _, d := range meanings {
		termW = max(termW, width(d.term))
	}
	words := false
	for _, d := range meanings {
		if !match(d.term, d.text) {
			continue
		}
		words = true
		for i, part := range wrap(m.plain(d.text), w-termW-5) {
			term := ""
			if i == 0 {
				term = d.term
			}
			lines = append(lines, "  "+t.Strong.Render(g.Fit(term, termW))+"  "+part)
		}
	}
	if !words && len(lines) > 0 {
		lines = lines[:len(lines)-1] // the blank between
	}
	return lines
}

// meaning is a word of the screen and what it means.
type meaning struct{ term, text string }

// speaker is a page with words of its own.
type speaker interface{ speaks() []meaning }

// meanings are the page's own words, then those of all pages.
func (m *model) meanings() []meaning {
	if p, ok := m.page().(speaker); ok {
		return append(p.speaks(), glossary...)
	}
	return glossary
}

// glossary explains the words of the screen in a line or two each.
var glossary = []meaning{
	{"lane", "a treatment of the same base model: Base (none), NTP (plain traces), RA3 (traces annotated with latents)."},
	{"latent", "a short rationale in force over a span of lines; at each line the sampler decides to act (keep it) or think (choose one)."},
	{"phase", "what S steps over: one kind of work on one lane, such as an E-step, the annotation of the corpus or an evaluation; states to fork from are kept at its end."},
	{"E, a, M", "the EM loop: E-step (latent discovery by RL), annotate the corpus, M-step (model update). Heavy bar: done."},
	{"bound", "what the E-step raises: code + prior + entropy, in nats per program; never above the traces' log-likelihood."},
	{"effective space", "sum over a program's decisions of log n95, the smallest number of actions that hold 95% of the policy's mass."},
	{"horizon", "decisions per program whose entropy exceeds 0.1 nats."},
	{"pass@k", "chance that one of k samples passes every hidden test; held-out problems, 95% intervals."},
	{"RLVR", "post-training with verifiable rewards: 1 if a sampled program passes its tests."},
	{"NMI", "agreement of latents and hidden intents, 0 to 1. The intents are an answer key: no training sees those of these programs."},
}
