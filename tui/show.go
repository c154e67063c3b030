package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/plots"
	"ra3/tui/chart"
	"ra3/tui/inline"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// pictureID names the one picture that the terminal holds at a time.
const pictureID = 211

// Pixels of a cell that pictures are drawn for; the terminal scales.
const cellW, cellH = 10, 20

// pictureSheet shows a figure over the page as it will be on paper: in pixels
// where the terminal can, in half blocks where it has colours, as a chart
// otherwise.
type pictureSheet struct {
	m        *model
	view     view
	make     func() measure.Figure // nil once figure is there
	figure   measure.Figure
	w, h     int // of the picture that is drawn or sent
	lines    []string
	drawing  bool
	uploaded bool
}

func (s *pictureSheet) keys() []keys.Entry {
	return []keys.Entry{{Keys: "esc", Help: "close"}, {Keys: "w", Help: "write PNG"}, {Keys: "y", Help: "copy as a command"}}
}

// show opens the page's figure as a picture.
func (m *model) show() tea.Cmd {
	v, instead := m.page().shot()
	if v.figure == nil {
		return m.complain("this page has no figure")
	}
	s := &pictureSheet{m: m, view: v, make: m.paper(v)}
	s.figure.Title = v.title
	m.sheet = s
	if instead != "" {
		return tea.Batch(m.say(instead+": this is the figure "+v.name), s.fit())
	}
	return s.fit()
}

func (s *pictureSheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc", "q", "v", "V", "enter":
		if s.uploaded {
			raw := s.m.raw
			return func() tea.Msg {
				if err := raw(inline.Forget(pictureID)); err != nil {
					return writtenMsg{err: err}
				}
				return nil
			}, true
		}
		return nil, true
	case "w":
		// As the page writes it: some are about other directories than the run's.
		if cmd, taken := s.m.page().act(keys.Event{Action: keys.Picture}); taken {
			return cmd, false
		}
		return s.m.picture(), false
	case "y":
		return s.m.copyCommand(), false
	}
	return nil, false
}

// fit draws the picture for the size of the screen, away from it.
func (s *pictureSheet) fit() tea.Cmd {
	w, h := s.m.body()
	h-- // the rule
	if s.drawing || s.w == w && s.h == h || w < 1 || h < 1 {
		return nil
	}
	s.drawing = true
	f, build, way, raw, th := s.figure, s.make, s.m.pictures, s.m.raw, s.m.theme
	return func() tea.Msg {
		if build != nil {
			f = build()
		}
		lines, sent, err := drawPicture(f, w, h, way, raw, th)
		return effect(func() tea.Cmd {
			s.figure, s.make = f, nil
			s.drawing, s.w, s.h, s.lines, s.uploaded = false, w, h, lines, s.uploaded || sent
			if err != nil {
				return s.m.complain(err.Error())
			}
			return s.fit() // the size may have changed meanwhile
		})
	}
}

func (s *pictureSheet) draw(w, h int) []string {
	m := s.m
	how := map[inline.Way]string{inline.Kitty: "pixels", inline.Blocks: "half blocks"}[m.pictures]
	return m.pane(m.plain(s.figure.Title), how, w, h, true, func(w, h int) []string {
		if s.w != w || s.h != h {
			return m.centred(w, h, m.theme.Faint, "drawing")
		}
		return s.lines
	})
}

// drawPicture is a figure in w x h cells by the best way that works, and
// whether the terminal was sent a picture.
func drawPicture(f measure.Figure, w, h int, way inline.Way, raw func(string) error, th theme.Theme) ([]string, bool, error) {
	if way == inline.Kitty && raw != nil {
		img, err := plots.Picture(f, w*cellW, h*cellH)
		if err == nil {
			var upload string
			if upload, err = inline.Upload(img, pictureID, w, h); err == nil {
				err = raw(upload)
			}
			if err == nil {
				return inline.Placeholders(pictureID, w, h), true, nil
			}
		}
	}
	switch f.Kind {
	case measure.Heat:
		return inline.Map(f, w, h, th), false, nil
	case measure.Tabular:
		return inline.Tables(f, w, h, th), false, nil
	}
	if way != inline.None {
		if lines, err := inline.Figure(f, w, h, th); err == nil {
			return lines, false, nil
		}
	}
	f.Title = "" // the rule has it
	return strings.Split(chart.Render(f, w, h, th), "\n"), false, nil
}
