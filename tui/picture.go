package tui

import (
	"fmt"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
)

// picture writes the page's figure or table as a PNG. The name carries the
// position, so that pictures of one run do not replace each other.
func (m *model) picture() tea.Cmd {
	v, _ := m.page().shot()
	return m.pictureOf(v)
}

func (m *model) pictureOf(v view) tea.Cmd {
	if m.plots == "" {
		return m.complain("this run has no directory to write pictures to; start ra3 with --run DIR")
	}
	return m.writePicture(v, filepath.Join(m.plots, m.fileName(v)+".png"))
}

// fileName is a view's name with VIEW's position, so that pictures of one run do
// not replace each other.
func (m *model) fileName(v view) string {
	name := v.name
	if v.file != "" {
		name = strings.NewReplacer("/", "-", " ", "-").Replace(v.file)
	}
	at := m.view()
	if at.Branch != experiments.Branch {
		name += "-" + at.Branch
	}
	name += fmt.Sprintf("-%d", at.Update)
	for _, b := range m.overOf(v) {
		name += "-" + b
	}
	return name
}
