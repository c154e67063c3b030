package tui

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/verbs"
	"ra3/plots"
	"ra3/tui/theme"
)

// The smallest run in which everything is measured, of two seeds.
var measured = []string{"seeds=2", "domain.tests=2", "domain.nuisance=0", "mid={traces=6,updates=4,tokens=200,probe_every=2,steps=[2]}",
	"ra3={warm=2,iterations=1,e_updates=2,e_batch=2,group=2,exact=2}",
	"rlvr={updates=3,eval_every=2,eval_problems=2,eval_samples=2,problems=3,group=6,max_tokens=80,steps=[2]}",
	"eval={problems=6,samples=10,traces=2,max_tokens=80,prune_samples=2,steps=[2],after=true}"}

// realRun makes and finishes a run on disk.
func realRun(t *testing.T) string {
	t.Helper()
	c, err := experiments.Resolve("quick", nil, measured)
	must(t, err)
	dir := filepath.Join(t.TempDir(), "run")
	e, err := experiments.Create(t.Context(), dir, c, 2)
	must(t, err)
	for {
		if _, err := e.Step(t.Context()); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	must(t, e.Save())
	if _, err := e.Finish(); err != nil {
		t.Fatal(err)
	}
	must(t, e.Close())
	return dir
}

// record is a line of events.jsonl, read without the code under test.
type record struct {
	Seq               int64
	Seed, Iteration   int
	Lane, Phase, Kind string
	Measures          map[string]float64
}

func lines[T any](t *testing.T, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	must(t, err)
	defer func() { must(t, f.Close()) }()
	var out []T
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var x T
		must(t, json.Unmarshal(in.Bytes(), &x))
		out = append(out, x)
	}
	must(t, in.Err())
	return out
}

// Numbers on the screen, in CSV, in what pictures are drawn from, and recomputed
// from the files of a real run agree.
func TestNumbersAgree(t *testing.T) {
	dir := realRun(t)
	events := lines[record](t, filepath.Join(dir, "events.jsonl"))
	raw, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	must(t, err)
	var summary any
	must(t, json.Unmarshal(raw, &summary))
	source, err := experiments.Follow(t.Context(), dir)
	must(t, err)
	t.Cleanup(func() {
		source.Send(experiments.Intent{Kind: experiments.Stop})
		<-source.Done()
	})
	m := workbench(t, source, 170, 100, theme.Options{})
	for _, name := range []string{"loss", "bound", "rlvr", "pruning"} {
		f, ok := m.figure(name)
		if !ok || f.Empty() {
			t.Fatalf("no figure %s", name)
		}
		sameCurves(t, f, events)
		sameCSV(t, f)
	}
	pass, _ := m.figure("passk")
	sameBars(t, pass, summary)
	sameCSV(t, pass)
	samePassAt1(t, pass, dir)

	for _, c := range []struct {
		page  int
		keys  string
		table string
		shown []string // columns that the page shows
	}{
		{0, "C", experiments.FoundTable, []string{"pass@1", "pass@10", "log n95", "NMI", "final"}},
		{2, "C C", experiments.BoundTable, nil}, {2, "c", experiments.ExactTable, nil},
		{3, "C C", experiments.ConvergenceTable, []string{"start", "now", "reward"}}, {3, "c", experiments.AfterTable, []string{"pass@1", "difference of pass@k"}},
	} {
		m.turn(c.page)
		if l, ok := m.page().(*labPage); ok {
			l.chosen = indexOf("found") + 1
		}
		for _, k := range strings.Fields(c.keys) {
			m.settle(m.key(k))
		}
		v, _ := m.page().shot()
		if v.name != c.table {
			t.Fatalf("page %d shows %s, want %s", c.page+1, v.name, c.table)
		}
		f := v.figure(m.sight.events, m.sight.summary)
		sameCells(t, f, events, summary)
		sameTableCSV(t, f)
		m.settle(m.key("f"))
		onScreen(t, m, f, c.shown)
		m.settle(m.key("f"))
		sameFiles(t, m, v)
	}
	saysWhy(t, m)
	m.turn(1)
	for range traceFigures {
		m.settle(m.key("c"))
		v, _ := m.page().shot()
		sameFiles(t, m, v)
	}
	m.turn(2)
	m.settle(m.key("esc"))
	v, _ := m.page().shot()
	sameFiles(t, m, v) // a chart
	m.settle(m.goTo(experiments.Position{Branch: experiments.Branch, Update: 40}))
	for _, k := range []string{"c", "c", "c"} {
		m.settle(m.key(k))
		v, _ = m.page().shot()
		sameFiles(t, m, v) // as it stood in the past
	}
}

// saysWhy asks every figure and table of the run's pages, of every series, where
// its first and last numbers come from.
func saysWhy(t *testing.T, m *model) {
	t.Helper()
	asked := 0
	for _, page := range []int{0, 1, 2, 3} {
		m.turn(page)
		if p, ok := m.page().(*tracePage); ok {
			m.settle(p.poll()) // the looks over time
		}
		for range 8 {
			m.settle(m.key("c"))
			v, _ := m.page().shot()
			m.settle(m.key("W"))
			s, ok := m.sheet.(*whySheet)
			if !ok {
				t.Fatalf("%s: W explains nothing: %s", v.name, m.notice)
			}
			for s.at = range s.series {
				for _, s.point = range []int{0, len(s.current().points) - 1} {
					m.settle(s.look())
					said := map[string]string{}
					for _, row := range s.rows() {
						said[row[0]] += row[1] + " "
					}
					source := said["record"] + said["summary.json"]
					if said["formula"]+said["what it is"] == "" || said["value"] == "" || source == "" && said["computed by"] == "" || strings.Contains(source, "reading") {
						t.Errorf("%s, %s, point %d: %v", v.name, s.current().name, s.point, said)
					}
					x := s.current().points[s.point].cell
					if len(x.Seq) > 1 && !strings.Contains(said["n"], fmt.Sprintf("%d seeds", len(x.Seq))) {
						t.Errorf("%s, %s: n of a mean over %d seeds is %q", v.name, s.current().name, len(x.Seq), said["n"])
					}
					asked++
				}
			}
			m.sheet = nil
		}
	}
	if asked < 150 {
		t.Errorf("only %d numbers were asked for", asked)
	}
}

// same compares numbers of which NaN is one.
func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func close9(a, b float64) bool {
	return same(a, b) || math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// sameCurves finds every point of a chart of the log in the log, and of a mean
// the mean of its seeds' values there.
func sameCurves(t *testing.T, f measure.Figure, events []record) {
	t.Helper()
	bySeq := map[int64]record{}
	for _, e := range events {
		bySeq[e.Seq] = e
	}
	points := 0
	for _, s := range f.Series {
		for i := range s.X {
			var seqs []int64
			if s.Thin {
				seqs = s.Seq[i : i+1]
			} else {
				seqs = s.Records[i]
			}
			name := s.Measure
			if name == "heldout_pass@1" && s.X[i] == 0 {
				name = "heldout_start"
			}
			sum := 0.0
			for _, seq := range seqs {
				v, ok := bySeq[seq].Measures[name]
				if !ok {
					t.Fatalf("%s, %s: record %d has no %s", f.Name, s.Name, seq, name)
				}
				sum += v
			}
			if want := sum / float64(len(seqs)); !close9(s.Y[i], want) {
				t.Errorf("%s, %s, point %d: %v, the log says %v", f.Name, s.Name, i, s.Y[i], want)
			}
			points++
		}
	}
	// Nothing of the log is left out.
	phase := map[string]string{"loss": experiments.PhaseM, "bound": experiments.PhaseE, "rlvr": experiments.PhaseRLVR, "pruning": experiments.PhaseM}[f.Name]
	for _, s := range f.Series {
		n := 0
		for _, e := range events {
			if !s.Thin || e.Phase != phase || s.Lane != "" && e.Lane != s.Lane || !strings.HasSuffix(s.Name, fmt.Sprintf(" seed %d", e.Seed)) {
				continue
			}
			if _, ok := e.Measures[s.Measure]; ok {
				n++
			}
			if _, ok := e.Measures["heldout_start"]; ok && f.Name == "rlvr" {
				n++
			}
		}
		if s.Thin && n != len(s.X) {
			t.Errorf("%s, %s: %d points, the log has %d", f.Name, s.Name, len(s.X), n)
		}
	}
	if points == 0 {
		t.Errorf("%s has no points", f.Name)
	}
}

// at follows a path of summary.json.
func at(t *testing.T, tree any, path string) any {
	t.Helper()
	for part := range strings.SplitSeq(path, ".") {
		switch x := tree.(type) {
		case map[string]any:
			tree = x[part]
		case []any:
			i, err := strconv.Atoi(part)
			must(t, err)
			tree = x[i]
		}
	}
	if tree == nil {
		t.Errorf("summary.json has nothing at %s", path)
	}
	return tree
}

func stated(x any) float64 {
	if v, ok := x.(float64); ok {
		return v
	}
	return math.NaN() // null
}

// sameBars finds every bar with its interval in summary.json.
func sameBars(t *testing.T, f measure.Figure, summary any) {
	t.Helper()
	for _, s := range f.Series {
		for i := range s.X {
			x, _ := at(t, summary, s.Path[i]).(map[string]any)
			if !same(s.Y[i], stated(x["mean"])) || !same(s.Lo[i], stated(x["lo"])) || !same(s.Hi[i], stated(x["hi"])) {
				t.Errorf("%s: %v [%v, %v], summary.json says %v", s.Path[i], s.Y[i], s.Lo[i], s.Hi[i], x)
			}
		}
	}
}

// samePassAt1 counts passes in verdicts.jsonl anew.
func samePassAt1(t *testing.T, f measure.Figure, dir string) {
	t.Helper()
	type verdict struct {
		Seed                       int
		Lane, Phase, Problem, Kind string
	}
	type key struct {
		lane, family string
		seed         int
	}
	passed, all := map[key]map[string]float64{}, map[key]map[string]float64{}
	for _, v := range lines[verdict](t, filepath.Join(dir, "verdicts.jsonl")) {
		if v.Phase != "eval" || !strings.HasPrefix(v.Problem, "eval-heldout/") {
			continue
		}
		k := key{v.Lane, strings.Split(v.Problem, "/")[1], v.Seed}
		if passed[k] == nil {
			passed[k], all[k] = map[string]float64{}, map[string]float64{}
		}
		all[k][v.Problem]++
		if v.Kind == "passed" {
			passed[k][v.Problem]++
		}
	}
	checked := 0
	for _, s := range f.Series {
		for i, category := range f.Categories {
			family, k, _ := strings.Cut(category, " @")
			if k != "1" {
				continue
			}
			mean := 0.0
			for seed := 1; seed <= 2; seed++ {
				of := all[key{s.Lane, family, seed}]
				sum := 0.0
				for problem, n := range of {
					sum += passed[key{s.Lane, family, seed}][problem] / n
				}
				mean += sum / float64(len(of)) / 2
			}
			if !close9(s.Y[i], mean) {
				t.Errorf("%s %s: %v, the verdicts say %v", s.Lane, category, s.Y[i], mean)
			}
			checked++
		}
	}
	if checked < 6 {
		t.Errorf("only %d pass@1 of the verdicts were compared", checked)
	}
}

func readCSV(t *testing.T, f measure.Figure) [][]string {
	t.Helper()
	var b bytes.Buffer
	must(t, plots.CSV(f, &b))
	rows, err := csv.NewReader(&b).ReadAll()
	must(t, err)
	return rows
}

// sameCSV reads a chart's CSV back.
func sameCSV(t *testing.T, f measure.Figure) {
	t.Helper()
	rows := readCSV(t, f)[1:]
	at := 0
	for _, s := range f.Series {
		for i := range s.X {
			row := rows[at]
			at++
			y, err := strconv.ParseFloat(row[3], 64)
			if err != nil || row[0] != s.Name || !same(y, s.Y[i]) {
				t.Errorf("%s: CSV row %q for %s, %v", f.Name, row, s.Name, s.Y[i])
			}
		}
	}
	if at != len(rows) {
		t.Errorf("%s: %d rows of CSV for %d points", f.Name, len(rows), at)
	}
}

// sameCells finds a table's numbers in summary.json or in the log.
func sameCells(t *testing.T, f measure.Figure, events []record, summary any) {
	t.Helper()
	bySeq := map[int64]record{}
	for _, e := range events {
		bySeq[e.Seq] = e
	}
	found := 0
	for _, table := range f.Tables {
		for _, row := range table.Rows {
			for i, x := range row {
				name := table.Columns[i].Name
				switch {
				case x.Path != "" && table.Columns[i].Kind == measure.Numbers:
					var mean, lo, hi float64
					if y, ok := at(t, summary, x.Path).(map[string]any); ok {
						mean, lo, hi = stated(y["mean"]), stated(y["lo"]), stated(y["hi"])
					}
					if !same(x.Y, mean) || !same(x.Lo, lo) || !same(x.Hi, hi) {
						t.Errorf("%s, %s: %v [%v, %v], summary.json says %v [%v, %v]", f.Name, x.Path, x.Y, x.Lo, x.Hi, mean, lo, hi)
					}
					found++
				case x.Measure != "" && x.Measure != "exact_gap_relative" && row[0].Text != experiments.SumTerm && !math.IsNaN(x.Y):
					sum := 0.0
					for _, seq := range x.Seq {
						sum += bySeq[seq].Measures[x.Measure]
					}
					if want := sum / float64(len(x.Seq)); !close9(x.Y, want) {
						t.Errorf("%s, %s, %s: %v, the log says %v", f.Name, name, x.Measure, x.Y, want)
					}
					found++
				}
			}
		}
	}
	if found == 0 {
		t.Errorf("no number of %s says where it comes from", f.Name)
	}
}

// sameTableCSV finds every number of tables in their CSV.
func sameTableCSV(t *testing.T, f measure.Figure) {
	t.Helper()
	rows := readCSV(t, f)
	head := map[string]int{}
	for i, name := range rows[0] {
		head[name] = i
	}
	at := 1
	for _, table := range f.Tables {
		for _, row := range table.Rows {
			for i, x := range row {
				c := table.Columns[i]
				got := rows[at][head[c.Name]]
				want := x.Text
				if c.Kind == measure.Numbers {
					if want = ""; !math.IsNaN(x.Y) {
						want = strconv.FormatFloat(x.Y, 'g', -1, 64)
					}
				}
				if got != want {
					t.Errorf("%s, row %d, %s: CSV has %q, the table %q", f.Name, at, c.Name, got, want)
				}
			}
			at++
		}
	}
	if at != len(rows) {
		t.Errorf("%s: %d lines of CSV for %d rows", f.Name, len(rows), at)
	}
}

// squeezed has one blank where there are several.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// onScreen finds the table's numbers, as the screen writes them, on the page.
func onScreen(t *testing.T, m *model, f measure.Figure, columns []string) {
	t.Helper()
	page := squeezed(plainText(m))
	found := 0
	for _, table := range f.Tables {
		if f.Name == experiments.ExactTable { // the page shows the seed in view
			table = table.Where("seed", float64(m.sight.stage.Seed))
		}
		for i, c := range table.Columns {
			wanted := columns == nil && c.Decimals > 0 && c.Name != "gap of it"
			for _, name := range columns {
				wanted = wanted || name == c.Name
			}
			if !wanted {
				continue
			}
			full, bare := m.columnTexts(table, i, pick{interval: true}), m.columnTexts(table, i, pick{})
			for r, row := range table.Rows {
				x := row[i]
				if math.IsNaN(x.Y) || x.Text != "" || f.Name == experiments.FoundTable && strings.HasPrefix(table.Name, "differences") {
					continue
				}
				if f.Name == experiments.BoundTable && row[0].Text == experiments.ResidualTerm {
					continue // its size alone is told
				}
				text := squeezed(m.tableCell(c, x, pick{interval: true}, full[r]).text)
				if !strings.Contains(page, text) && !strings.Contains(page, squeezed(m.tableCell(c, x, pick{}, bare[r]).text)) {
					t.Errorf("%s, %s: %s is not on the screen:\n%s", f.Name, c.Name, text, plainText(m))
					return
				}
				found++
			}
		}
	}
	if found < 3 {
		t.Errorf("%s: only %d numbers were looked for on the screen", f.Name, found)
	}
}

// sameFiles holds what w writes against the picture of the same series, and against
// what the command of y draws from the files of the run.
func sameFiles(t *testing.T, m *model, v view) {
	t.Helper()
	m.settle(m.key("w"))
	path := filepath.Join(m.plots, m.fileName(v)+".png")
	written, err := os.ReadFile(path)
	must(t, err)
	again := filepath.Join(t.TempDir(), "again.png")
	must(t, plots.Save(v.figure(m.sight.events, m.sight.summary), again, 0, 0))
	if raw, err := os.ReadFile(again); err != nil || !bytes.Equal(raw, written) {
		t.Errorf("%s: w did not write the series on the page (%v)", v.name, err)
	}
	sameByCommand(t, m.command(), m.plots)
}

// sameByCommand holds a file that w wrote against what the command of y makes.
func sameByCommand(t *testing.T, command, plots string) {
	t.Helper()
	words := strings.Fields(command)
	last := len(words) - 1
	written, err := os.ReadFile(filepath.Join(plots, words[last]))
	must(t, err)
	words[last] = filepath.Join(t.TempDir(), "by.png")
	byCommand(t, words)
	if raw, err := os.ReadFile(words[last]); err != nil || !bytes.Equal(raw, written) {
		t.Errorf("%s draws another picture than w (%v)", command, err)
	}
}

// byCommand runs a command that y copied.
func byCommand(t *testing.T, words []string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := verbs.Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }}
	if status := verbs.Main(context.Background(), env, words[1:]); status != 0 {
		t.Fatalf("%v: exit %d: %s", words, status, errs.String())
	}
}
