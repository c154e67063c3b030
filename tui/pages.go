package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/tui/keys"
)

// page is one page of the workbench: a file and a struct of its own that
// embeds the model, which all pages share, and holds what only it needs. Its
// keys stand in the key table under its context.
type page interface {
	context() keys.Context
	title() string
	// draw returns its lines for w x h cells, at least 58 x 11; what is too
	// much is cut, what is missing is blank.
	draw(w, h int) []string
	// act carries out an action of its own or one that it takes from the
	// workbench, such as Back; false leaves that to the workbench.
	act(e keys.Event) (tea.Cmd, bool)
	// views are the figures it shows; they are kept up to date by their names,
	// so pages may share them.
	views() []view
	// shot is the figure that a picture of the page shows, and what is to be
	// said where that is not what stands on the screen.
	shot() (v view, instead string)
}

// pageList makes the pages, in their order; keys.Pages has the same.
var pageList = []func(*model) page{newLab, newTrace, newBound, newRLVR, newAblate, newRuns}

// sheet lies over the page and takes all keys until it is closed: a form, a
// list to choose from, a picture.
type sheet interface {
	draw(w, h int) []string
	// press takes a key; done closes the sheet. ctrl+c never comes here.
	press(k tea.KeyMsg) (cmd tea.Cmd, done bool)
	// keys are shown in the last line.
	keys() []keys.Entry
}

// effect is what a command found, to be taken into the model: it runs in
// Update, so it must not wait.
type effect func() tea.Cmd

// addPages makes the pages and gathers their figures.
func (m *model) addPages() {
	for _, make := range pageList {
		p := make(m)
		m.pages = append(m.pages, p)
		for _, v := range p.views() {
			if !slices.ContainsFunc(m.views, func(w view) bool { return w.name == v.name }) {
				m.views = append(m.views, v)
			}
		}
	}
}

// page is the one on the screen; pageAt its place.
func (m *model) page() page { return m.pages[m.pageAt()] }

func (m *model) pageAt() int {
	for i, p := range m.pages {
		if p.context() == m.reader.Context() {
			return i
		}
	}
	return 0
}

// turn shows another page, counted on from either end.
func (m *model) turn(to int) {
	n := len(m.pages)
	m.reader.Enter(m.pages[((to%n)+n)%n].context())
}
