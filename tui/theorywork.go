package tui

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/core/measure"
	"ra3/core/theory"
)

// lab is what has been computed: figures of an earlier setting stand until those
// of the present one replace them, part by part.
type lab struct {
	world   *theory.World
	report  theory.Report
	kept    []theory.Kept
	scene   theory.Scene
	figures map[string]measure.Figure
	fresh   map[string]bool // parts computed for the settings of the report
	fault   string          // why the present settings give nothing
}

// work is a computation under way. Its command alone computes; the screen reads
// how far it is and may cancel it.
type work struct {
	ctx         context.Context
	cancel      context.CancelFunc
	begun       time.Time
	settings    theory.Settings
	part        string        // being computed
	done, parts int           // parts
	step        atomic.Uint64 // of the part: steps done << 32 | steps
}

// workFrame is the time between two looks at how far the work is.
const workFrame = 150 * time.Millisecond

// unread says that what the page shows is not computed yet.
func (m *theoryPage) unread() bool { return m.work != nil }

// compute begins anew with the settings on the screen; what was under way is
// given up.
func (m *theoryPage) compute() tea.Cmd {
	if m.work != nil {
		m.work.cancel()
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &work{ctx: ctx, cancel: cancel, begun: time.Now(), settings: m.settings, part: "world", parts: 1 + len(theory.Parts())}
	m.work, m.lab.fault = w, ""
	task, space, option := m.task, m.space, m.option
	build := func() tea.Msg {
		world, err := theory.New(ctx, w.settings, runtime.GOMAXPROCS(0))
		var kept []theory.Kept
		var scene theory.Scene
		if err == nil {
			kept, err = world.KeptSets(ctx)
		}
		if err == nil {
			scene, err = sceneOf(ctx, world, kept, task, space, option)
		}
		return m.found(w, err, func() {
			old := m.lab.figures
			if old == nil {
				old = map[string]measure.Figure{}
			}
			m.lab = lab{world: world, report: world.Report(), kept: kept, scene: scene, figures: old, fresh: map[string]bool{}}
			m.lab.figures["scene"] = world.Figure(scene)
		})
	}
	return tea.Batch(build, m.watch(w))
}

// found takes a step of the work into the page, unless it was given up since, and
// goes on with the next.
func (m *theoryPage) found(w *work, err error, take func()) effect {
	return func() tea.Cmd {
		if m.work != w {
			return nil
		}
		m.version++
		if err != nil {
			w.cancel()
			m.work, m.lab.fault = nil, firstLine(err.Error())
			return nil
		}
		take()
		w.done++
		return m.goOn(w)
	}
}

// goOn computes the next part: that of the chart in focus first.
func (m *theoryPage) goOn(w *work) tea.Cmd {
	parts := slices.DeleteFunc(theory.Parts(), func(p theory.Part) bool { return m.lab.fresh[p.Name] })
	if len(parts) == 0 {
		w.cancel()
		m.work = nil
		return nil
	}
	part := parts[0]
	for _, p := range parts {
		if p.Name == theoryViews[m.chosen].part {
			part = p
		}
	}
	w.part = part.Name
	w.step.Store(0)
	world, report, markers := m.lab.world, m.lab.report, m.markers()
	return func() tea.Msg {
		err := part.Do(w.ctx, world, &report, func(step, steps int) { w.step.Store(uint64(step)<<32 | uint64(steps)) })
		report.Run = markers
		var figures []measure.Figure
		if err == nil {
			figures = report.Figures()
		}
		return m.found(w, err, func() {
			m.lab.report = report
			m.lab.fresh[part.Name] = true
			for _, f := range figures {
				m.lab.figures[f.Name] = f
			}
		})
	}
}

// watch redraws the page for as long as the work goes on.
func (m *theoryPage) watch(w *work) tea.Cmd {
	return m.after(workFrame, effect(func() tea.Cmd {
		if m.quitting {
			w.cancel()
		}
		if m.work != w {
			return nil
		}
		return m.watch(w)
	}))
}

// progress words what is being computed and about how long it will take yet.
func (m *theoryPage) progress() string {
	w := m.work
	if w == nil {
		return ""
	}
	share := 0.0
	if s := w.step.Load(); s > 0 {
		share = float64(s>>32) / float64(uint32(s))
	}
	text := fmt.Sprintf("computing %s, %d of %d", w.part, w.done+1, w.parts)
	since := time.Since(w.begun)
	if at := float64(w.done) + share; at > 0 && since > workFrame {
		left := time.Duration(float64(since) * (float64(w.parts) - at) / at)
		text += fmt.Sprintf(", about %s left", left.Round(100*time.Millisecond))
	}
	return text
}

// stage shows another task, decision space or way.
func (m *theoryPage) stage() tea.Cmd {
	world, kept := m.lab.world, m.lab.kept
	if world == nil {
		return nil
	}
	options := len(world.Model.Options)
	m.option = (m.option+1+options+1)%(options+1) - 1
	m.task = (m.task + len(world.Fresh)) % len(world.Fresh)
	m.space %= len(kept)
	task, space, option := m.task, m.space, m.option
	return func() tea.Msg {
		scene, err := sceneOf(context.Background(), world, kept, task, space, option)
		return effect(func() tea.Cmd {
			if world != m.lab.world || task != m.task || space != m.space || option != m.option {
				return nil
			}
			if err != nil {
				return m.complain(firstLine(err.Error()))
			}
			m.lab.scene = scene
			m.lab.figures["scene"] = world.Figure(scene)
			m.version++
			return nil
		})
	}
}

func sceneOf(ctx context.Context, w *theory.World, kept []theory.Kept, task, space, option int) (theory.Scene, error) {
	if option >= len(w.Model.Options) {
		option = -1
	}
	return w.Scene(ctx, task, kept[space%len(kept)], option)
}
