package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/tui/keys"
)

// whySheet explains the numbers of the page's figure or table: how one is
// computed, from what, on how many, for which seed, and which record holds it.
type whySheet struct {
	m             *model
	figure        measure.Figure
	series        []whySeries
	at            int // in series
	point         int
	top           int
	found         *experiments.WhySummary // of what comes from a summary
	asked         string
	failed        error
	branch, place string
	origin        func(series string, x measure.Cell) string // nil: the run's own log and summary
	command       string
}

// originator is a page whose numbers are not of the run's log and summary.
type originator interface {
	origin(series string, x measure.Cell) string
}

func (s *whySheet) keys() []keys.Entry {
	return []keys.Entry{{Keys: "left right", Help: "point"}, {Keys: "up down", Help: "series"}, {Keys: "pgdown", Help: "scroll"}, {Keys: "esc", Help: "close"}}
}

// why opens the sheet on the newest point of the page's figure.
func (m *model) why() tea.Cmd {
	v, _ := m.page().shot()
	return m.whyOf(v)
}

func (m *model) whyOf(v view) tea.Cmd {
	f, ok := m.figure(v.name)
	if !ok && v.figure != nil {
		f, ok = v.figure(m.sight.events, m.sight.summary), true
	}
	if !ok || f.Empty() {
		return m.complain("nothing is measured here yet, so there is no number to explain")
	}
	s := &whySheet{m: m, figure: f, branch: m.view().Branch, place: m.view().String(), command: m.command()}
	if p, ok := m.page().(originator); ok {
		s.origin, s.place = p.origin, ""
	}
	if p, ok := m.page().(interface{ drawn() string }); ok {
		s.command = p.drawn() // not that of the listing
	}
	h := m.history()
	if f.Kind == measure.Tabular {
		s.series = whyColumns(f, h)
	} else {
		s.series = whyCurves(f, h)
	}
	if len(s.series) == 0 {
		return m.complain("no number of this figure is known yet")
	}
	if f.Kind != measure.Tabular {
		s.point = len(s.current().points) - 1
	}
	m.sheet = s
	return s.look()
}

func (s *whySheet) current() *whySeries { return &s.series[s.at] }

func (s *whySheet) press(k tea.KeyMsg) (tea.Cmd, bool) {
	last := func() int { return len(s.current().points) - 1 }
	switch k.String() {
	case "esc", "q", "enter", "W":
		return nil, true
	case "left", "h":
		s.point = max(0, s.point-1)
	case "right", "l":
		s.point = min(last(), s.point+1)
	case "home":
		s.point = 0
	case "end":
		s.point = last()
	case "down", "j", "tab":
		s.at = (s.at + 1) % len(s.series)
	case "up", "k", "shift+tab":
		s.at = (s.at + len(s.series) - 1) % len(s.series)
	case "pgdown":
		s.top += 10
		return nil, false
	case "pgup":
		s.top = max(0, s.top-10)
		return nil, false
	}
	s.point, s.top = min(s.point, last()), 0
	return s.look(), false
}

// look asks the summary for what comes from there; the log's index is at hand.
func (s *whySheet) look() tea.Cmd {
	path := s.current().points[s.point].cell.Path
	if path == "" || s.origin != nil || s.m.sight.summary == nil {
		return nil
	}
	record, branch, summary := s.m.engine.Record(), s.branch, s.m.sight.summary
	if b := s.current().branch; b != "" && b != branch {
		branch, summary = b, nil // it is read
	}
	asked := branch + " " + path
	if s.asked == asked {
		return nil
	}
	s.asked, s.found, s.failed = asked, nil, nil
	return func() tea.Msg {
		w, err := record.WhySummary(branch, path, summary)
		return effect(func() tea.Cmd {
			if s.asked == asked {
				s.found, s.failed = w, err
			}
			return nil
		})
	}
}

func (s *whySheet) draw(w, h int) []string {
	m, x := s.m, s.current()
	note := fmt.Sprintf("point %d of %d, series %d of %d", s.point+1, len(x.points), s.at+1, len(s.series))
	return m.pane("Why this number: "+m.plain(x.name), note, w, h, true, func(w, h int) []string {
		return window(s.laidOut(s.rows(), w), &s.top, h)
	})
}

// rows say what the number is, then where it comes from.
func (s *whySheet) rows() [][2]string {
	x := s.current()
	p := x.points[s.point]
	title := s.figure.Title
	if s.place != "" {
		title += ", at " + s.place
	}
	value := logNumber(p.cell.Measure, p.cell.Y)
	if p.cell.Bounded() {
		value += fmt.Sprintf("  [%s, %s]", number(p.cell.Lo), number(p.cell.Hi))
	}
	along := x.along
	if along == "" {
		along = "of"
	}
	rows := [][2]string{{"figure", title}, {"value", strings.TrimSpace(value + " " + x.unit)}, {along, p.label}}
	why := p.why()
	switch {
	case s.origin != nil:
		return append(rows, s.elsewhere(x.name, p.cell)...)
	case p.cell.Path != "":
		rows = append(rows, s.summary(p.cell.Path)...)
	case len(why) == 0:
		return append(rows, s.elsewhere(x.name, p.cell)...)
	case len(why) > 1:
		rows = append(rows, [2]string{"n", fmt.Sprintf("%d seeds: their mean, with its 95%% t-interval", len(why))})
	}
	for _, y := range why {
		rows = append(rows, whyRows(y)...)
	}
	if len(why) == 1 && p.cell.Path == "" && p.cell.Bounded() && !math.IsNaN(why[0].Err) {
		of, count := why[0].N, why[0].Count
		if why[0].ErrN != "" {
			of, count = why[0].ErrN, why[0].ErrCount
		}
		rows = append(rows, [2]string{"interval", "95% t from that standard error, n = " + counts(count, of)})
	}
	if s.figure.Caption != "" {
		rows = append(rows, [2]string{"", ""}, [2]string{"figure says", s.figure.Caption})
	}
	return rows
}

// unread says that what the sheet tells is not here yet.
func (s *whySheet) unread() bool {
	path := s.current().points[s.point].cell.Path
	return path != "" && s.origin == nil && s.m.sight.summary != nil && s.failed == nil && (s.found == nil || s.found.Path != path)
}

// elsewhere explains what is not of the run's log: by the figure's own words and
// the command that computes it.
func (s *whySheet) elsewhere(series string, x measure.Cell) [][2]string {
	var rows [][2]string
	if s.figure.Caption != "" {
		rows = append(rows, [2]string{"what it is", s.figure.Caption})
	}
	if x.N > 0 {
		rows = append(rows, [2]string{"n", fmt.Sprint(x.N)})
	}
	if s.origin != nil {
		rows = append(rows, [2]string{"record", s.origin(series, x)})
	}
	return append(rows, [2]string{"computed by", s.command})
}

// whyRows explain a record's measure.
func whyRows(y experiments.Why) [][2]string {
	rows := [][2]string{{"", ""},
		{"record", fmt.Sprintf("%d of the log: %s, seed %d, %s, %s", y.Seq, y.Position, y.Stage.Seed, laneName(y.Stage.Lane), phaseName(y.Stage))},
		{y.Measure, strings.TrimSpace(fmt.Sprintf("%.6g %s", y.Value, y.Unit))}}
	if y.Text != "" {
		rows = append(rows, [2]string{"formula", y.Text})
	}
	if y.Estimator != "" {
		rows = append(rows, [2]string{"estimator", y.Estimator})
	}
	if !math.IsNaN(y.Count) {
		rows = append(rows, [2]string{"n", counts(y.Count, y.N)})
	}
	if !math.IsNaN(y.Err) {
		text := fmt.Sprintf("%.3g (%s)", y.Err, y.StdErr)
		if y.ErrN != "" {
			text += ", over n = " + counts(y.ErrCount, y.ErrN)
		}
		rows = append(rows, [2]string{"standard error", text})
	}
	for _, in := range y.From {
		rows = append(rows, [2]string{"  from " + in.Measure, fmt.Sprintf("%.6g, %s, record %d", in.Value, in.Title, in.Seq)})
	}
	return rows
}

// counts is a logged number of things: 16 programs (bound_programs).
func counts(n float64, measure string) string {
	f, _ := experiments.FormulaOf(measure)
	return strings.Join(strings.Fields(fmt.Sprintf("%.0f %s (%s)", n, f.Title, measure)), " ")
}

// summary explains a value of the summary.
func (s *whySheet) summary(path string) [][2]string {
	rows := [][2]string{{"summary.json", path}}
	switch {
	case s.failed != nil:
		return append(rows, [2]string{"", firstLine(s.failed.Error())})
	case s.found == nil || s.found.Path != path:
		return append(rows, [2]string{"", "reading"})
	}
	f := s.found
	rows = append(rows, [2]string{"formula", f.Text})
	if f.Verdict != "" {
		rows = append(rows, [2]string{"verdict", f.Verdict})
	}
	if f.Interval != "" {
		rows = append(rows, [2]string{"interval", f.Interval})
	}
	if f.N > 0 {
		rows = append(rows, [2]string{"n", fmt.Sprint(f.N)})
	}
	rows = append(rows, [2]string{"seeds", strings.Trim(fmt.Sprint(f.Seeds), "[]")})
	if len(f.BySeed) > 0 {
		rows = append(rows, [2]string{"by seed", f.BySeedText("%.4f")})
	}
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
	return slices.Clip(lines)
}
