package tui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
)

// time estimates how long a grid takes, and says from what: phase by phase from what
// the session at work made, then from what is stored of earlier runs.
func (m *ablatePage) time(c grid.Cost) string {
	dir, st := m.desk.latest()
	pace, of := st.Pace, []string{}
	if _, n := pace.Estimate(c.ByPhase); n > 0 {
		of = append(of, filepath.Base(dir))
	}
	if !pace.Covers(c.ByPhase) && len(m.pastOf) > 0 {
		pace = pace.Or(m.past)
		for _, dir := range m.pastOf {
			of = append(of, filepath.Base(dir))
		}
	}
	s, n := pace.Estimate(c.ByPhase)
	from := strings.Join(of[:min(len(of), 2)], " and ")
	if len(of) > 2 {
		from = fmt.Sprintf("%s and %d more", of[0], len(of)-1)
	}
	switch {
	case s > 0 && n > 0:
		return fmt.Sprintf("about %s, at the pace of %s by phase (%d%% of the updates are of phases made there)", duration(s), from, 100*n/max(1, c.Updates))
	case s > 0:
		return fmt.Sprintf("about %s, at the mean pace of %s; phases and sizes differ in speed", duration(s), from)
	case m.asking:
		return "looking how fast runs were here"
	}
	if rate := m.snap.Rate; rate > 0 {
		return fmt.Sprintf("about %s, at the %.2g updates/s of this run's last updates; phases and sizes differ in speed", duration(float64(c.Updates)/rate), rate)
	}
	return "how long that takes is known once some updates have been made here: s makes one"
}

// readPast looks how fast earlier runs were.
func (m *ablatePage) readPast() tea.Cmd {
	root, preset, shown := m.root(), m.config.Preset, m.engine.Dir()
	m.asking = true
	return func() tea.Msg {
		of, pace := pastPace(root, preset, shown)
		return effect(func() tea.Cmd {
			m.pastOf, m.past, m.asking = of, pace, false
			return nil
		})
	}
}

// pastRuns is from how many runs at most a pace is put together.
const pastRuns = 6

// pastPace is the pace by phase of the newest runs of a preset, each phase as the
// newest has it, the run shown first; of no such run the pace of any. What cannot
// be read says nothing about it.
func pastPace(root, preset, shown string) (of []string, pace grid.Pace) {
	infos, _ := store.List(root)
	if dirs, err := grid.Found(root); err == nil {
		for _, dir := range dirs {
			cells, _ := store.List(filepath.Join(dir, "cells"))
			infos = append(infos, cells...)
		}
	}
	slices.SortFunc(infos, func(a, b store.Info) int { return b.Updated.Compare(a.Updated) })
	for _, same := range []bool{true, false} {
		var dirs []string
		if same && shown != "" {
			dirs = append(dirs, shown)
		}
		for _, i := range infos {
			if i.Events > 0 && (i.Manifest.Preset == preset) == same && !slices.Contains(dirs, i.Dir) {
				dirs = append(dirs, i.Dir)
			}
		}
		for _, dir := range dirs[:min(len(dirs), pastRuns)] {
			run, err := store.View(dir)
			if err != nil {
				continue
			}
			one := paceOf(run)
			if more := pace.Or(one); more.Phases() > pace.Phases() {
				of, pace = append(of, dir), more
			}
		}
		if of != nil {
			break
		}
	}
	return of, pace
}

// paceOf is a run's pace: by phase from its kept states, and of a finished run the
// mean of all.
func paceOf(run *store.Run) grid.Pace {
	var pace grid.Pace
	times, err := experiments.PhaseTimes(run)
	if err == nil {
		pace.AddRun(times)
	}
	s, err := experiments.SummaryOf(run)
	if pace.Phases() == 0 && err == nil && s != nil && s.WallSeconds > 0 {
		if events, _, err := run.Events(); err == nil {
			pace.Add("", len(events), time.Duration(s.WallSeconds*float64(time.Second)))
		}
	}
	return pace
}
