package tui

import (
	"fmt"
	"math"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/tui/keys"
)

// whySheet explains a point of the page's figure: how the number is computed,
// from what, on how many, for which seed, and which record of the log holds it.
type whySheet struct {
	m             *model
	figure        measure.Figure
	series        []int // of figure that can be explained
	at            int   // in series
	point         int
	top           int
	found         *experiments.WhySummary // of bars, which come from the summary
	asked         string
	failed        error
	h             *experiments.History
	branch, place string
}

func (s *whySheet) keys() []keys.Entry {
	return []keys.Entry{{Keys: "left right", Help: "point"}, {Keys: "up down", Help: "series"}, {Keys: "esc", Help: "close"}}
}

// why opens the sheet on the newest point of the page's figure.
func (m *model) why() tea.Cmd {
	v, _ := m.page().shot()
	f, ok := m.figure(v.name)
	if !ok {
		return m.complain("nothing is measured here yet, so there is no number to explain")
	}
	s := &whySheet{m: m, figure: f, h: m.history(), branch: m.view().Branch, place: m.view().String()}
	for i, x := range f.Series {
		if !x.Thin && len(x.X) > 0 && (f.Kind == measure.Bars || len(s.h.WhyPoint(f, i, len(x.X)-1)) > 0) {
			s.series = append(s.series, i)
		}
	}
	if len(s.series) == 0 {
		return m.complain("the figure " + v.name + " says nothing of where its numbers come from")
	}
	s.point = len(s.current().X) - 1
	m.sheet = s
	return s.look()
}

func (s *whySheet) current() measure.Series { return s.figure.Series[s.series[s.at]] }

func (s *whySheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "esc", "q", "enter":
		return nil, true
	case "left", "h":
		s.point = max(0, s.point-1)
	case "right", "l":
		s.point = min(len(s.current().X)-1, s.point+1)
	case "home":
		s.point = 0
	case "end":
		s.point = len(s.current().X) - 1
	case "down", "j", "tab":
		s.at = (s.at + 1) % len(s.series)
	case "up", "k", "shift+tab":
		s.at = (s.at + len(s.series) - 1) % len(s.series)
	}
	s.point, s.top = min(s.point, len(s.current().X)-1), 0
	return s.look(), false
}

// look asks the summary for a bar; points of curves are in the log's index.
func (s *whySheet) look() tea.Cmd {
	if s.figure.Kind != measure.Bars || s.m.sight.summary == nil {
		return nil
	}
	path, record, branch, summary := s.path(), s.m.engine.Record(), s.branch, s.m.sight.summary
	if s.asked == path {
		return nil
	}
	s.asked, s.found, s.failed = path, nil, nil
	return func() tea.Msg {
		w, err := record.WhySummary(branch, path, summary)
		return effect(func() tea.Cmd {
			if s.asked == path {
				s.found, s.failed = w, err
			}
			return nil
		})
	}
}

// path is where the summary holds the bar: its category is "family @k".
func (s *whySheet) path() string {
	x := s.current()
	category := ""
	if i := int(x.X[s.point]); i >= 0 && i < len(s.figure.Categories) {
		category = s.figure.Categories[i]
	}
	family, k, _ := strings.Cut(category, " @")
	return "lanes." + x.Lane + "." + family + ".pass@" + k
}

func (s *whySheet) draw(w, h int) []string {
	m, x := s.m, s.current()
	title := "Why this number: " + x.Name
	note := fmt.Sprintf("point %d of %d, series %d of %d", s.point+1, len(x.X), s.at+1, len(s.series))
	return m.pane(m.plain(title), note, w, h, true, func(w, h int) []string {
		rows := [][2]string{{"figure", s.figure.Title + ", at " + s.place}}
		value := number(x.Y[s.point])
		if s.point < len(x.Lo) && s.point < len(x.Hi) {
			value += fmt.Sprintf("  [%s, %s]", number(x.Lo[s.point]), number(x.Hi[s.point]))
		}
		rows = append(rows, [2]string{"value", value + " " + s.figure.YLabel})
		if s.figure.Kind == measure.Bars {
			rows = append(rows, s.bar()...)
		} else {
			rows = append(rows, [2]string{s.figure.XLabel, number(x.X[s.point])})
			why := s.h.WhyPoint(s.figure, s.series[s.at], s.point)
			if len(why) > 1 {
				rows = append(rows, [2]string{"mean over", fmt.Sprintf("%d seeds, with their 95%% t-interval", len(why))})
			}
			for _, y := range why {
				rows = append(rows, whyRows(y)...)
			}
		}
		return window(s.laidOut(rows, w), &s.top, h)
	})
}

// whyRows explain a record's measure.
func whyRows(y experiments.Why) [][2]string {
	rows := [][2]string{{"", ""},
		{"record", fmt.Sprintf("%d of the log: %s, seed %d, %s, %s", y.Seq, y.Position, y.Stage.Seed, laneName(y.Stage.Lane), phaseName(y.Stage))},
		{y.Measure, fmt.Sprintf("%.6g %s", y.Value, y.Unit)}}
	if y.Text != "" {
		rows = append(rows, [2]string{"formula", y.Text})
	}
	if y.Estimator != "" {
		rows = append(rows, [2]string{"estimator", y.Estimator})
	}
	if !math.IsNaN(y.Count) {
		rows = append(rows, [2]string{"n", fmt.Sprintf("%.0f (%s)", y.Count, y.N)})
	}
	if !math.IsNaN(y.Err) {
		rows = append(rows, [2]string{"standard error", fmt.Sprintf("%.3g (%s)", y.Err, y.StdErr)})
	}
	for _, in := range y.From {
		rows = append(rows, [2]string{"  from " + in.Measure, fmt.Sprintf("%.6g, %s, record %d", in.Value, in.Title, in.Seq)})
	}
	return rows
}

// bar explains a value of the summary.
func (s *whySheet) bar() [][2]string {
	rows := [][2]string{{"summary.json", s.path()}}
	switch {
	case s.failed != nil:
		return append(rows, [2]string{"", firstLine(s.failed.Error())})
	case s.found == nil:
		return append(rows, [2]string{"", "reading"})
	}
	f := s.found
	rows = append(rows, [2]string{"formula", f.Text}, [2]string{"interval", f.Interval},
		[2]string{"n", fmt.Sprint(f.N)}, [2]string{"seeds", strings.Trim(fmt.Sprint(f.Seeds), "[]")}, [2]string{"by seed", f.BySeedText("%.4f")})
	if f.Records > 0 {
		rows = append(rows, [2]string{"records", fmt.Sprintf("%d of the log, from %d to %d", f.Records, f.First, f.Last)})
	}
	return rows
}

// laidOut writes names beside their wrapped texts.
func (s *whySheet) laidOut(rows [][2]string, w int) []string {
	m := s.m
	nameW := 0
	for _, r := range rows {
		nameW = max(nameW, width(m.plain(r[0])))
	}
	nameW = min(nameW, w/3)
	var lines []string
	for _, r := range rows {
		if r[0] == "" && r[1] == "" {
			lines = append(lines, "")
			continue
		}
		for i, l := range wrap(m.plain(r[1]), w-nameW-2) {
			name := ""
			if i == 0 {
				name = m.plain(r[0])
			}
			lines = append(lines, m.theme.Faint.Render(m.theme.Glyphs.Fit(name, nameW))+"  "+l)
		}
	}
	return lines
}
