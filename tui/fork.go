package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/store"
)

// forking is the form that asks for a branch, with what was found out about
// what is written in it.
type forking struct {
	*form
	m                        *model
	from, random, name, note *field
	checked                  string // what verdict is about
	verdict                  verdict
}

type verdict struct {
	branch  store.Branch
	changes []experiments.Change
	before  experiments.Config
	after   experiments.Config
	mixed   []string
	err     error
}

// forkForm asks where a branch is to leave and what it changes; it is proposed to
// leave at VIEW, or at the last state kept before it.
func (m *model) forkForm() sheet {
	record := m.engine.Record()
	at := m.view()
	if m.cursor.held || m.running() {
		at = record.NearestKept(at)
	}
	f := &forking{m: m,
		from:   &field{label: "leaves at", edit: editOf(at.String())},
		random: &field{label: "random numbers", choices: []string{string(store.Common), string(store.Fresh)}, edit: editOf(string(store.Common))},
		name:   &field{label: "name", judge: nil},
		note:   &field{label: "note"}}
	f.from.judge = f.judgeFrom
	f.from.offers = func(text string) []string { return m.keptLike(text) }
	f.random.judge = func(text string) (string, error) {
		if text == string(store.Fresh) {
			return "drawn anew: the branch differs from its parent by chance as well; problems and traces stay", nil
		}
		return "the parent's own, so that the branch differs by its settings only", nil
	}
	f.form = &form{m: m, title: "Fork: a branch with changed settings", below: f.below, fault: f.fault, submit: f.submit,
		help: "The branch begins with the state kept there and goes on with its own settings; nothing that was recorded changes. A setting is written as field=value; tab completes its name."}
	f.fields = []*field{f.from, f.change(), f.random, f.name, f.note}
	f.at = 1
	return f
}

// change is an empty field for a setting.
func (f *forking) change() *field {
	return &field{label: "change", judge: f.judgeChange, offers: f.settingsLike}
}

// press adds a field for a setting as soon as the last one is used.
func (f *forking) press(k tea.KeyMsg) (tea.Cmd, bool) {
	cmd, done := f.form.press(k)
	last := len(f.fields) - 4
	if f.fields[last].String() != "" {
		f.fields = append(f.fields[:last+1:last+1], append([]*field{f.change()}, f.fields[last+1:]...)...)
	}
	return cmd, done
}

func (f *forking) request() (q experiments.ForkRequest, err error) {
	q = experiments.ForkRequest{Name: strings.TrimSpace(f.name.String()), Random: store.Random(f.random.String()), Note: strings.TrimSpace(f.note.String())}
	for _, in := range f.fields[1 : len(f.fields)-3] {
		if s := strings.TrimSpace(in.String()); s != "" {
			q.Overrides = append(q.Overrides, s)
		}
	}
	q.From, err = experiments.ParsePosition(strings.TrimSpace(f.from.String()))
	return q, err
}

// check asks the record about what is written now, once for each text.
func (f *forking) check() verdict {
	var all []string
	for _, in := range f.fields {
		all = append(all, in.String())
	}
	key := strings.Join(all, "\x00")
	if key == f.checked {
		return f.verdict
	}
	f.checked, f.verdict = key, verdict{}
	q, err := f.request()
	if err != nil {
		f.verdict.err = err
		return f.verdict
	}
	v := &f.verdict
	record := f.m.engine.Record()
	v.branch, v.after, v.err = record.CheckFork(q)
	if parent, ok := record.Branch(v.branch.Parent); ok && v.after.Preset != "" {
		v.before = parent.Config
		changes, err := experiments.ConfigDiff(parent.Config, v.after)
		if v.err == nil {
			v.err = err
		}
		v.changes = changes
		if v.err == nil {
			v.mixed, v.err = experiments.Mixed(parent.Config, v.after, v.branch.Update)
		}
	}
	return *v
}

func (f *forking) fault() error { return f.check().err }

func (f *forking) judgeFrom(text string) (string, error) {
	at, err := experiments.ParsePosition(strings.TrimSpace(text))
	if err != nil {
		return "", err
	}
	info, ok := f.m.engine.Record().Branch(at.Branch)
	if !ok {
		return "", nil // the form's own fault says so
	}
	if at.Update == 0 {
		return "the beginning of the run", nil
	}
	s, _, made := ended(info.Plan, at.Update)
	return fmt.Sprintf("after update %d of %d of %s %s%s, seed %d", made, s.Updates, laneName(s.Lane), phaseOf(s).name, emOf(s), s.Seed), nil
}

func emOf(s experiments.Stage) string {
	if s.Iteration == 0 {
		return ""
	}
	return fmt.Sprintf(" of EM %d", s.Iteration)
}

// judgeChange says what a setting is now; whether the new value is possible the
// whole form's check says.
func (f *forking) judgeChange(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	name, _, ok := strings.Cut(text, "=")
	for _, s := range f.settings() {
		if s.Field == strings.TrimSpace(name) {
			return "now " + s.Value, nil
		}
	}
	if !ok {
		return "write field=value", nil
	}
	return "", fmt.Errorf("there is no setting %q; tab completes names", strings.TrimSpace(name))
}

func (f *forking) settings() []experiments.Setting {
	info := f.m.sight.info
	if at, err := experiments.ParsePosition(strings.TrimSpace(f.from.String())); err == nil {
		if i, ok := f.m.engine.Record().Branch(at.Branch); ok {
			info = i
		}
	}
	all, err := info.Config.Settings()
	if err != nil {
		return nil // the check of the whole form reports it
	}
	return all
}

// settingsLike completes a setting's name: those that begin so, then those that
// contain it.
func (f *forking) settingsLike(text string) []string {
	word := strings.TrimSpace(text)
	if strings.Contains(word, "=") {
		return nil
	}
	var begin, contain []string
	for _, s := range f.settings() {
		switch {
		case strings.HasPrefix(s.Field, word):
			begin = append(begin, s.Field+"=")
		case strings.Contains(s.Field, word):
			contain = append(contain, s.Field+"=")
		}
	}
	return append(begin, contain...)
}

// below shows what the branch would differ by.
func (f *forking) below(w int) []string {
	m, v := f.m, f.check()
	t := m.theme
	lines := []string{m.rule("The difference", "", w, false)}
	if len(v.changes) == 0 {
		lines = append(lines, t.Faint.Render("no setting differs yet"))
	} else {
		rows := [][]cell{m.head(1, "setting", v.branch.Parent, "", "branch")}
		for _, c := range v.changes {
			rows = append(rows, []cell{{m.plain(c.Field), t.Text, false}, m.numberCell(c.From), {t.Glyphs.Text("→"), t.Faint, false}, {m.plain(c.To), t.Strong, true}})
		}
		lines = append(lines, m.table(rows)...)
	}
	if v.err == nil {
		was, is := updatesIn(experiments.Plan(v.before)), updatesIn(experiments.Plan(v.after))
		text := fmt.Sprintf("branch %s leaves %s at update %d; its plan has %d updates", v.branch.Name, v.branch.Parent, v.branch.Update, is)
		if was != is {
			text += fmt.Sprintf(" instead of %d", was)
		}
		lines = append(lines, "", text)
	}
	return append(lines, m.mixedLines(v.mixed, w)...)
}

// mixedLines warns of settings that hold for some lanes or seeds only.
func (m *model) mixedLines(mixed []string, w int) []string {
	var out []string
	for _, text := range mixed {
		for _, l := range wrap(m.plain("! lanes mixed: "+text), w) {
			out = append(out, m.theme.Warn.Render(l))
		}
	}
	return out
}

func updatesIn(plan []experiments.Stage) int {
	n := 0
	for _, s := range plan {
		n += s.Updates
	}
	return n
}

// submit asks the engine for the branch; LIVE goes there, and VIEW with it.
func (f *forking) submit() (tea.Cmd, error) {
	q, err := f.request()
	if err != nil {
		return nil, err
	}
	return f.m.ask(experiments.Intent{Kind: experiments.Fork, Fork: &q}), nil
}

// keptLike lists positions from which a branch can leave, VIEW's branch first
// and late ones first, whose text contains what is written.
func (m *model) keptLike(text string) []string {
	var out []string
	text = strings.TrimSpace(text)
	record := m.engine.Record()
	add := func(p experiments.Position) {
		if s := p.String(); strings.HasPrefix(s, text) && s != text {
			out = append(out, s)
		}
	}
	names := []string{m.view().Branch}
	for _, b := range m.history().Branches() {
		if b.Name != names[0] {
			names = append(names, b.Name)
		}
	}
	for _, name := range names {
		marks := record.Timeline(name)
		for i := len(marks) - 1; i >= 0; i-- {
			if marks[i].State {
				add(experiments.Position{Branch: name, Update: marks[i].To})
			}
		}
	}
	return out
}
