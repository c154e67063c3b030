package tui

import (
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
)

// storedRun is a run as it was read.
type storedRun struct {
	store.Info
	values  experiments.RunValues
	config  experiments.Config
	summary *experiments.Summary
	notes   []store.Note
}

// poll reads the runs; what has not changed is not read again.
func (m *runsPage) poll() tea.Cmd {
	m.polls++
	if m.reading || m.looked && m.polls%looksEvery != 1 {
		return nil
	}
	m.reading = true
	root, here, before := m.root(), m.engine.Dir(), m.all
	return func() tea.Msg {
		all, err := readRuns(root, here, before)
		return effect(func() tea.Cmd {
			m.reading, m.looked = false, true
			if err != nil {
				return m.complain(err.Error())
			}
			m.all = all
			m.check()
			return nil
		})
	}
}

// readRuns lists the runs in a directory, and the one that is open here wherever
// it is, with all that the page shows.
func readRuns(root, here string, before []storedRun) ([]storedRun, error) {
	infos, err := store.List(root)
	if err != nil {
		return nil, err
	}
	if here != "" && !slices.ContainsFunc(infos, func(x store.Info) bool { return sameDir(x.Dir, here) }) {
		if info, err := store.Inspect(here); err == nil {
			infos = append(infos, info)
		}
	}
	known := map[string]storedRun{}
	for _, r := range before {
		known[r.Dir] = r
	}
	var out []storedRun
	for _, info := range infos {
		r := storedRun{Info: info}
		if old, ok := known[info.Dir]; ok && old.Updated.Equal(info.Updated) && old.State == info.State && old.Size == info.Size {
			r = old
		} else {
			r.values = experiments.ValuesOf(info)
			if run, err := store.View(info.Dir); err == nil && info.Problem == "" {
				// What cannot be read stays blank; the listing says what is wrong.
				r.config, _ = experiments.ConfigOf(run)
				r.summary, _ = experiments.SummaryOf(run)
			}
			r.notes, _, _ = store.Notes(info.Dir)
		}
		out = append(out, r)
	}
	return out, nil
}

func sameDir(a, b string) bool {
	a, aerr := filepath.Abs(a)
	b, berr := filepath.Abs(b)
	return aerr == nil && berr == nil && a == b
}

// check asks whether the runs have what the query is about.
func (m *runsPage) check() {
	if !m.looked {
		return
	}
	values := make([]experiments.RunValues, len(m.all))
	for i, r := range m.all {
		values[i] = r.values
	}
	m.unknown = m.parsed.Check(values)
}

// fault is what is wrong with the query: how it is written, or what it asks about.
func (m *runsPage) fault() error {
	if m.wrong != nil {
		return m.wrong
	}
	return m.unknown
}

// rows are the runs that the query picks, in the order asked for; none of one with
// a fault.
func (m *runsPage) rows() []storedRun {
	if m.fault() != nil {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(m.all), func(r storedRun) bool { return !m.parsed.Match(r.values) })
	slices.SortStableFunc(out, runOrders[m.sort].compare)
	if m.reverse {
		slices.Reverse(out)
	}
	return out
}

// runOrders are the orders that o goes through.
var runOrders = []struct {
	name    string
	compare func(a, b storedRun) int
}{
	{"newest first", func(a, b storedRun) int { return b.Updated.Compare(a.Updated) }},
	{"by name", func(a, b storedRun) int { return strings.Compare(a.Name, b.Name) }},
	{"by state", func(a, b storedRun) int { return strings.Compare(string(a.State), string(b.State)) }},
	{"by size", func(a, b storedRun) int { return int(min(1, max(-1, b.Size-a.Size))) }},
	{"by RA3 - NTP", func(a, b storedRun) int { return compareMeasured(a.gain(), b.gain()) }},
}

// gainMeasure is what gain is.
var gainMeasure, _ = grid.MeasureNamed("ra3-ntp")

// gain is RA3 minus NTP, averaged over k and families; nil without.
func (r storedRun) gain() *experiments.Measured {
	if r.summary == nil {
		return nil
	}
	d, ok := r.summary.Differences["ra3-ntp"][experiments.Average][experiments.Average]
	if !ok {
		return nil
	}
	return &d.Measured
}

// selected is the run under the cursor; there is one.
func (m *runsPage) selected() storedRun {
	rows := m.rows()
	m.row = min(max(0, m.row), len(rows)-1)
	return rows[m.row]
}

// chosen are the marked runs, or all that are listed where none is marked;
// those that cannot be read have nothing to compare.
func (m *runsPage) chosen() []storedRun {
	rows := slices.DeleteFunc(m.rows(), func(r storedRun) bool { return r.Problem != "" })
	var out []storedRun
	for _, r := range rows {
		if m.marked[r.Dir] {
			out = append(out, r)
		}
	}
	if out == nil {
		return rows
	}
	return out
}
