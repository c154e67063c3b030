package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/checkpoint/durable"
	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/plots"
)

// concludeRun writes a run's figures, then its report and summary, which marks
// it as finished.
func concludeRun(ctx context.Context, eng *experiments.Engine) error {
	events, _, err := eng.Run().Events()
	if err != nil {
		return err
	}
	if _, err := saveAll(ctx, experiments.Figures(events, eng.Summary()), eng.Run().PlotsDir()); err != nil {
		return err
	}
	_, err = eng.Finish()
	return err
}

// publishAblation writes an ablation's maps and results so far.
func publishAblation(ctx context.Context, a *grid.Ablation, r *grid.Result) error {
	names, err := saveAll(ctx, r.Figures(), a.PlotsDir())
	if err != nil {
		return err
	}
	return a.Write(r, names)
}

// saveAll writes figures as PNG and returns the files' names; those without a
// finite point are passed over.
func saveAll(ctx context.Context, figures []measure.Figure, dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain("create", dir, err)
	}
	var names []string
	for _, f := range figures {
		if err := ctx.Err(); err != nil {
			return names, err
		}
		err := plots.Save(f, filepath.Join(dir, f.Name+".png"), 0, 0)
		if errors.Is(err, plots.ErrEmpty) {
			continue
		}
		if err != nil {
			return names, err
		}
		names = append(names, f.Name+".png")
	}
	return names, nil
}

// writePicture saves a view's figure of the run as it stands at VIEW, and further
// views' beside it.
func (m *model) writePicture(v view, path string, more ...view) tea.Cmd {
	if v.figure == nil {
		return m.complain(errNoFigure.Error())
	}
	type picture struct {
		title, path string
		figure      func() measure.Figure
	}
	all := []picture{{v.title, path, m.paper(v)}}
	for _, x := range more {
		all = append(all, picture{x.title, filepath.Join(filepath.Dir(path), x.name+".png"), m.paper(x)})
	}
	m.notice = ""
	m.writing++
	save := func() writtenMsg {
		if err := durable.Explain("make the directory", filepath.Dir(path), os.MkdirAll(filepath.Dir(path), 0o777)); err != nil {
			return writtenMsg{err: fmt.Errorf("no picture written: %w", err)}
		}
		text := "wrote " + path
		for i, p := range all {
			err := plots.Save(p.figure(), p.path, 0, 0)
			switch {
			case errors.Is(err, plots.ErrEmpty):
				return writtenMsg{err: fmt.Errorf("no picture written: %q has no data yet; run more updates first", p.title)}
			case err != nil:
				return writtenMsg{err: err}
			}
			if i > 0 {
				text += " and " + filepath.Base(p.path)
			}
		}
		return writtenMsg{text: text}
	}
	return func() tea.Msg {
		done := save()
		done.picture = true
		return done
	}
}
