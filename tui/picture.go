package tui

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/checkpoint/durable"
	"ra3/experiments"
	"ra3/plots"
)

// picture writes the page's figure as a PNG; the status says so where that is
// not what stands on the screen. The name carries the position, so that
// pictures of one run do not replace each other.
func (m *model) picture() tea.Cmd {
	v, instead := m.page().shot()
	if m.plots == "" {
		return m.complain("this run has no directory to write pictures to; start ra3 with --run DIR")
	}
	path := filepath.Join(m.plots, m.fileName(v.name)+".png")
	events, summary := m.sight.events, m.sight.summary
	m.notice = ""
	return func() tea.Msg {
		f := v.figure(events, summary)
		if err := durable.Explain("make the directory", filepath.Dir(path), os.MkdirAll(filepath.Dir(path), 0o755)); err != nil {
			return writtenMsg{err: fmt.Errorf("no picture written: %w", err)}
		}
		if err := plots.Save(f, path, 0, 0); err != nil {
			if errors.Is(err, plots.ErrEmpty) {
				err = fmt.Errorf("no picture written: %q has no data yet; run more updates first", v.title)
			}
			return writtenMsg{err: err}
		}
		if instead != "" {
			return writtenMsg{text: fmt.Sprintf("wrote the figure %s (%s): %s", v.name, instead, path)}
		}
		return writtenMsg{text: "wrote " + path}
	}
}

// fileName is a figure's name with VIEW's position, so that pictures of one run
// do not replace each other.
func (m *model) fileName(figure string) string {
	at := m.view()
	if at.Branch == experiments.Branch {
		return fmt.Sprintf("%s-%d", figure, at.Update)
	}
	return fmt.Sprintf("%s-%s-%d", figure, at.Branch, at.Update)
}
