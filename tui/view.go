package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"ra3/experiments"
	"ra3/tui/keys"
)

// The smallest screen on which the pages are drawn.
const minW, minH = 60, 16

// View draws the screen: exactly w x h cells.
func (m *model) View() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	if m.ended || m.forced {
		// Some terminals show a remainder of the last frame after a resize.
		return strings.Join(m.block(nil, m.w, m.h), "\n")
	}
	if m.w < minW || m.h < minH {
		return strings.Join(m.block(m.tooSmall(), m.w, m.h), "\n")
	}
	w := m.w - 2 // a margin on either side
	lines := m.header(w)
	bodyH := m.h - len(lines) - footer
	body := m.page().draw
	if m.sheet != nil {
		body = m.sheet.draw
	}
	lines = append(lines, m.block(body(w, bodyH), w, bodyH)...)
	lines = append(lines, m.status(w), m.keyLine(w))
	var b strings.Builder
	for i, l := range m.block(lines, w, m.h) {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(" " + l + " ")
	}
	return b.String()
}

// footer is the height of status and keys.
const footer = 2

// body is the size that pages and sheets are drawn in.
func (m *model) body() (w, h int) {
	w = m.w - 2
	if m.w < minW || m.h < minH {
		return 0, 0
	}
	return w, m.h - len(m.header(w)) - footer
}

// tooSmall says which size is needed, in the longest words that fit.
func (m *model) tooSmall() []string {
	if m.quitting {
		return []string{"saving"}
	}
	if m.confirm {
		return []string{"running: q again quits"}
	}
	for _, s := range []string{
		fmt.Sprintf("ra3 needs %dx%d, this terminal is %dx%d; the engine goes on, q quits", minW, minH, m.w, m.h),
		fmt.Sprintf("needs %dx%d, is %dx%d; engine goes on", minW, minH, m.w, m.h),
		fmt.Sprintf("needs %dx%d, is %dx%d", minW, minH, m.w, m.h),
	} {
		if len(s) <= m.w {
			return []string{s}
		}
	}
	return []string{fmt.Sprintf("%dx%d", minW, minH)}
}

// status is one line: what is waited for, what was just done, what is wrong.
func (m *model) status(w int) string {
	t := m.theme
	dots := " " + string(t.Glyphs.Ellipsis)
	var text string
	style := t.Text
	switch {
	case m.quitting:
		text, style = "saving the run"+dots+" ctrl+c leaves at once", t.Warn
		if m.opened == nil && m.desk.busy() {
			text = "saving the run and the ablation" + dots + " ctrl+c leaves the run at once"
		}
	case m.confirm:
		text, style = "the engine is running: q again saves and quits, esc stays", t.Warn
		if !m.running() {
			text = "an ablation is at work: q again saves and quits, esc stays"
		}
	case m.reader.Pending() != "":
		text = fmt.Sprintf("%s_  then s update, S phase or I iteration; esc drops it", m.reader.Pending())
	case m.pending() != "":
		text = m.pending() + dots
	case m.snap.Pending != "":
		text = m.snap.Pending + ": waiting for the update under way" + dots
	case m.notice != "":
		text = m.notice
		if m.noticeBad {
			text, style = m.marks.failed+" "+text, t.Bad
		}
	case m.snap.Err != nil:
		text, style = m.marks.failed+" "+elided(firstLine(m.snap.Err.Error()), w-2, t.Glyphs.Ellipsis), t.Bad
	case m.following() && m.snap.Note == "":
		text, style = "only looked at: , . < > move VIEW, T shows branches, ? explains every key", t.Faint
	case m.heard && m.snap.Made == 0 && m.snap.Note == "":
		text, style = "ready: space runs the plan, s makes one update, ? explains the keys", t.Faint
	case m.snap.State == experiments.Running && m.sight.Event.Seq > 0:
		last := m.sight.Event
		text, style = tell(last, m.updatesOf(last)).fit(w), t.Faint
	case m.snap.State == experiments.Finished:
		text, style = m.snap.Note+": w writes the chart, tab shows the traces, q quits", t.Faint
	default:
		text, style = m.snap.Note, t.Faint
	}
	return style.Render(t.Glyphs.Fit(t.Glyphs.Text(text), w))
}

// elided leaves out of the middle what is too long: an error begins with what
// failed and ends with the cure.
func elided(text string, w int, mark rune) string {
	r := []rune(text)
	if len(r) <= w || w < 8 {
		return text
	}
	head := min(w/4, 14)
	return string(r[:head]) + string(mark) + string(r[len(r)-(w-head-1):])
}

// keyLine shows the keys that matter most here, of those that do something now.
func (m *model) keyLine(w int) string {
	var b strings.Builder
	entries := m.keymap.Short(m.reader.Context(), w, func(a keys.Action) bool { return m.amiss(a) == "" })
	if m.sheet != nil {
		entries = m.sheet.keys()
	}
	for i, e := range entries {
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(m.theme.Key.Render(e.Keys) + " " + m.theme.Faint.Render(e.Help))
	}
	return b.String()
}

// at returns a pane's text, drawn anew only when version or size changed.
func (m *model) at(name string, version, w, h int, draw func() []string) []string {
	c, ok := m.cache[name]
	if !ok || c.version != version || c.w != w || c.h != h {
		c = cached{version, w, h, draw()}
		m.cache[name] = c
	}
	return c.text
}

func width(s string) int { return ansi.StringWidth(s) }
