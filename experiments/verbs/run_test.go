package verbs

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ra3/core/simd"
	"ra3/experiments"
	"ra3/experiments/store"
)

// found reads a run's summary without its wall time, and its event log.
func found(t *testing.T, dir string) (summary, events string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	tree := map[string]any{}
	if err := json.Unmarshal(raw, &tree); err != nil {
		t.Fatal(err)
	}
	delete(tree, "wall_seconds")
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text), string(log)
}

// cancelAfter is an output that ends a context when a text has passed by n
// times: an interrupt at a known place of a run.
type cancelAfter struct {
	bytes.Buffer
	text   string
	n      int
	cancel context.CancelFunc
}

func (c *cancelAfter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), c.text) {
		if c.n--; c.n == 0 {
			c.cancel()
		}
	}
	return c.Buffer.Write(p)
}

// The command line from run to rm: a run, the same with other threads, the same
// interrupted after every stage and resumed, and the verbs that read it.
func TestRunAndWhatReadsIt(t *testing.T) {
	t.Chdir(t.TempDir())
	whole := filepath.Join("runs", "whole")
	tinyRun(t, whole, "--threads", "1")
	wantSummary, wantEvents := found(t, whole)

	t.Run("threads", func(t *testing.T) {
		tinyRun(t, "two", "--threads", "2")
		if s, ev := found(t, "two"); s != wantSummary || ev != wantEvents {
			t.Error("two threads give other results than one")
		}
	})

	t.Run("interrupted", func(t *testing.T) {
		args := append([]string{"run", "--out", "cut"}, tiny...)
		stops := 0
		for {
			ctx, cancel := context.WithCancel(t.Context())
			var out bytes.Buffer
			errs := &cancelAfter{text: "updates  ", n: 3, cancel: cancel}
			e := plainEnv(&out, &errs.Buffer)
			e.Stderr = errs
			status := Main(ctx, e, args)
			cancel()
			if status == exitDone {
				break
			}
			text := errs.String()
			if status != exitInterrupted || !strings.Contains(text, "ra3 run --resume cut") {
				t.Fatalf("status %d:\n%s", status, text)
			}
			stops++
			args = []string{"run", "--resume", "cut"}
		}
		if stops < 3 {
			t.Fatalf("interrupted %d times only", stops)
		}
		if s, ev := found(t, "cut"); s != wantSummary || ev != wantEvents {
			t.Error("an interrupted run ends with other results")
		}
	})

	t.Run("before the first update", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		o := command(t, ctx, append([]string{"run", "--out", "early"}, tiny...)...)
		if o.status != exitInterrupted || !strings.Contains(o.stderr, "--resume early") {
			t.Errorf("status %d: %s", o.status, o.stderr)
		}
	})

	t.Run("figures", func(t *testing.T) {
		got, err := filepath.Glob(filepath.Join(whole, "plots", "*.png"))
		if err != nil || len(got) < 4 {
			t.Errorf("%d figures: %v %v", len(got), got, err)
		}
		for _, name := range []string{"b.png", "b.svg", "b.pdf", "b.csv"} {
			o := command(t, t.Context(), "plot", "--run", whole, "--figure", "bound", "--out", name)
			if o.status != exitDone || strings.TrimSpace(o.stdout) != name {
				t.Errorf("plot %s: %+v", name, o)
			}
			if info, err := os.Stat(name); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v", name, err)
			}
		}
	})

	t.Run("tables", func(t *testing.T) { tabled(t, whole) })

	t.Run("branches", func(t *testing.T) { branched(t, whole, wantSummary) })

	t.Run("finished", func(t *testing.T) {
		o := command(t, t.Context(), "run", "--resume", whole, "--json")
		raw, err := os.ReadFile(filepath.Join(whole, "summary.json"))
		if err != nil || o.status != exitDone || !strings.Contains(o.stderr, "is finished") || strings.TrimSpace(o.stdout) != strings.TrimSpace(string(raw)) {
			t.Errorf("%v %+v", err, o)
		}
		if o := command(t, t.Context(), "run", "--out", whole); o.status != exitFailed || !strings.Contains(o.stderr, "--resume "+whole) {
			t.Errorf("a second run in one directory: %+v", o)
		}
	})

	t.Run("held", func(t *testing.T) {
		r, err := store.Open(whole)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if o := command(t, t.Context(), "runs", "rm", "--yes", whole); o.status != exitFailed || !strings.Contains(o.stderr, "is being written by process") {
			t.Errorf("%+v", o)
		}
	})

	t.Run("eval repeats the run", func(t *testing.T) {
		o := command(t, t.Context(), "eval", "--run", whole, "--n", "2", "--k", "1", "--tasks", "doc,ask,doc-plus,ask-plus", "--json")
		var got map[string]map[string]map[string]json.RawMessage
		if err := json.Unmarshal([]byte(o.stdout), &got); err != nil {
			t.Fatalf("%v: %+v", err, o)
		}
		var want experiments.Summary
		if err := json.Unmarshal([]byte(wantSummary), &want); err != nil {
			t.Fatal(err)
		}
		for lane, families := range want.Lanes {
			for family, r := range families {
				var m experiments.Measured
				if err := json.Unmarshal(got[lane][family]["pass@1"], &m); err != nil {
					t.Fatalf("%s %s: %v", lane, family, err)
				}
				if m.Mean != r.Pass1.Mean || m.Lo != r.Pass1.Lo || m.N != r.Pass1.N {
					t.Errorf("%s %s: %+v, the run had %+v", lane, family, m, r.Pass1)
				}
				var failures map[string]int
				if raw := got[lane][family]["failures"]; json.Unmarshal(raw, &failures) != nil || !maps.Equal(failures, want.Failures[lane][family]) {
					t.Errorf("%s %s: failures %s, the run had %v", lane, family, raw, want.Failures[lane][family])
				}
				if _, ok := got[lane][family]["prompts"]; ok != (want.Prompts[family].Problems > 0) {
					t.Errorf("%s %s: ceilings %v, the run had %+v", lane, family, ok, want.Prompts[family])
				}
			}
		}
		if o := command(t, t.Context(), "eval", "--run", whole, "--after", "--tasks", "ask-long", "--problems", "2", "--n", "1", "--k", "1", "--lane", "ntp", "--seed", "8"); o.status != exitDone || !strings.Contains(o.stdout, "ask-long") ||
			!strings.Contains(o.stdout, "Ceilings of pass@k") || !strings.Contains(o.stdout, "How bodies failed") {
			t.Errorf("%+v", o)
		}
	})

	t.Run("runs", func(t *testing.T) { readers(t, whole) })
}

// branched makes a branch of a finished run, whose own results stay as they are.
func branched(t *testing.T, whole, summary string) {
	var s shown
	if o := command(t, t.Context(), "runs", "show", whole, "--json"); json.Unmarshal([]byte(o.stdout), &s) != nil || len(s.Branches) != 1 || len(s.Branches[0].Kept) < 5 {
		t.Fatalf("kept states: %+v", s.Branches)
	}
	at := fmt.Sprintf("%s@main:%d", whole, s.Branches[0].Kept[1])
	o := command(t, t.Context(), "run", "--fork", at, "--set", "ra3.group=3", "--name", "wide", "--note", "more draws")
	if o.status != exitDone || !strings.Contains(o.stderr, "branch wide leaves main:") || !strings.Contains(o.stderr, filepath.Join("branches", "wide", "report.md")) {
		t.Fatalf("fork: %+v", o)
	}
	if now, _ := found(t, whole); now != summary {
		t.Error("the branch changed main's summary")
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"branch wide of", []string{"run", "--resume", whole, "--branch", "wide"}},
		{"there are main, wide", []string{"run", "--resume", whole, "--branch", "wode"}},
		{"is there already", []string{"run", "--fork", at, "--set", "ra3.group=4", "--name", "wide"}},
		{"no effect", []string{"run", "--fork", whole, "--set", "ra3.group=4"}},
		{"has no branch x", []string{"plot", "--run", whole, "--at", "x:1", "--out", "figures"}},
		{"has made", []string{"plot", "--run", whole, "--at", "wide:9999", "--out", "figures"}},
	} {
		if o := command(t, t.Context(), c.args...); !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%v: %q, want %q", c.args, o.stderr, c.want)
		}
	}
	for _, where := range []string{"wide:head", "main:3"} {
		if o := command(t, t.Context(), "plot", "--run", whole, "--at", where, "--figure", "loss", "--out", "at.csv"); o.status != exitDone {
			t.Errorf("plot at %s: %+v", where, o)
		}
	}
	// Tables of two branches name both.
	o = command(t, t.Context(), "plot", "--run", whole, "--at", "wide:head", "--at", "main:head", "--figure", experiments.PassTable, "--out", "both.csv")
	if raw, err := os.ReadFile("both.csv"); err != nil || o.status != exitDone || !strings.Contains(string(raw), "\nlanes wide,") || !strings.Contains(string(raw), "\nlanes main,") {
		t.Errorf("tables of two branches: %v %+v\n%s", err, o, raw)
	}
	o = command(t, t.Context(), "runs", "show", whole)
	if !strings.Contains(o.stdout, "ra3.group=3 (more draws)") {
		t.Errorf("show does not list the branch: %s", o.stdout)
	}
	for _, args := range [][]string{{"a", "remark"}, {"--at", "wide:7", "--mark"}, {"--drop", "1"}} {
		if o := command(t, t.Context(), append([]string{"runs", "note", whole}, args...)...); o.status != exitDone || o.stderr != "" {
			t.Errorf("note %v: %+v", args, o)
		}
	}
	if o := command(t, t.Context(), "runs", "notes", "whole"); !strings.Contains(o.stdout, "wide:7") || strings.Contains(o.stdout, "a remark") {
		t.Errorf("notes: %s", o.stdout)
	}
	if o := command(t, t.Context(), "runs", "ls", "--where", "preset=quick seed=1 mid.traces<100 ra3.doc.pass@1>=0"); !strings.Contains(o.stdout, "whole") {
		t.Errorf("a query does not find it: %+v", o)
	}
	if o := command(t, t.Context(), "runs", "ls", "--where", "seed>1"); o.stdout != "" || !strings.Contains(o.stderr, "no run") {
		t.Errorf("a query finds %+v", o)
	}
}

// tabled makes every table of a run, and all that lies in a directory at once.
func tabled(t *testing.T, whole string) {
	names := append(slices.Clone(experiments.LookNames), compareNames...)
	for _, name := range experiments.TableNames {
		if name != experiments.SpeedTable && name != experiments.RLVRTable && name != experiments.ConvergenceTable {
			names = append(names, name) // those of post-training may be empty
		}
	}
	for i, name := range names {
		file := name + formats[i%len(formats)]
		o := command(t, t.Context(), "plot", "--run", whole, "--figure", name, "--out", file)
		if info, err := os.Stat(file); o.status != exitDone || err != nil || info.Size() == 0 {
			t.Errorf("%s: %v %+v", file, err, o)
		}
	}
	if o := command(t, t.Context(), "plot", "--run", whole, "--out", "everything", "--format", "csv"); o.status != exitDone || !strings.Contains(o.stdout, filepath.Join("everything", "table-passk.csv")) ||
		!strings.Contains(o.stdout, filepath.Join("everything", "loss.csv")) {
		t.Errorf("everything: %+v", o)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"--line belongs to --figure table-posterior", []string{"--figure", "trace", "--line", "2"}},
		{"no program \"none\"", []string{"--figure", "trace", "--program", "none"}},
		{"no line 99", []string{"--figure", "table-posterior", "--line", "99"}},
		{"no line is annotated with \"nothing\"", []string{"--figure", "table-latent", "--latent", "nothing"}},
		{"compares whole runs", []string{"--figure", "table-runs", "--at", "main:3"}},
		{"--format", []string{"--format", "gif"}},
	} {
		o := command(t, t.Context(), append([]string{"plot", "--run", whole, "--out", "x.png"}, c.args...)...)
		if o.status == exitDone || !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%v: %+v, want %q", c.args, o, c.want)
		}
	}
}

func readers(t *testing.T, whole string) {
	var all []listed
	o := command(t, t.Context(), "runs", "ls", "--json")
	if err := json.Unmarshal([]byte(o.stdout), &all); err != nil || len(all) != 1 || all[0].State != store.Finished || all[0].Preset != "quick" {
		t.Errorf("ls: %v %+v", err, o)
	}
	if o := command(t, t.Context(), "runs", "show", "whole"); o.status != exitDone || !strings.Contains(o.stdout, "Held-out pass@k") || !strings.Contains(o.stdout, "traces = 20") ||
		!strings.Contains(o.stdout, "with "+simd.Active().String()+" in ") {
		t.Errorf("show: %+v", o)
	}
	var s shown
	o = command(t, t.Context(), "runs", "show", whole, "--json")
	if err := json.Unmarshal([]byte(o.stdout), &s); err != nil || s.Summary == nil || s.Made != s.Total || len(s.Last) != lastEvents {
		t.Errorf("show --json: %v %+v", err, o)
	}
	o = command(t, t.Context(), "runs", "export", "whole", "--out", "-")
	rows, err := csv.NewReader(strings.NewReader(o.stdout)).ReadAll()
	if err != nil || len(rows) < s.Made || len(rows[0]) != 9 {
		t.Errorf("export: %v, %d rows", err, len(rows))
	}
	if o := command(t, t.Context(), "runs", "diff", "whole", whole); o.status != exitDone || !strings.Contains(o.stdout, "settings are the same") || !strings.Contains(o.stdout, "ra3 doc pass@1") {
		t.Errorf("diff: %+v", o)
	}
	if o := command(t, t.Context(), "plot", "--run", whole, "two", "--out", "figures"); o.status != exitUsage || !strings.Contains(o.stderr, "both have seed 1") {
		t.Errorf("plot of equal seeds: %+v", o)
	}
	if o := command(t, t.Context(), "runs", "rm", "whole"); o.status != exitUsage || !strings.Contains(o.stderr, "--yes") {
		t.Errorf("rm without an answer: %+v", o)
	}
	var out, errs bytes.Buffer
	e := plainEnv(&out, &errs)
	e.Stdin, e.StdinTTY = strings.NewReader("n\n"), true
	if status := Main(t.Context(), e, []string{"runs", "rm", "whole"}); status != exitDone || !strings.Contains(errs.String(), "is kept") {
		t.Errorf("rm, no: %d %s", status, errs.String())
	}
	if o := command(t, t.Context(), "runs", "rm", "whole", "--yes"); o.status != exitDone {
		t.Errorf("rm: %+v", o)
	}
	if _, err := os.Stat(whole); err == nil {
		t.Error("the run is still there")
	}
}

func TestNamesOfRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := experiments.Resolve("quick", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"quick-seed-1", "quick-seed-1-2", "quick-seed-1-3"} {
		eng, err := create(t.Context(), c, 1, runsRoot)
		if err != nil {
			t.Fatal(err)
		}
		if got := eng.Run().Dir(); got != filepath.Join(runsRoot, want) {
			t.Errorf("%s, want %s", got, want)
		}
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	}
}

// bf16 without tiles is refused in one line that names cause and cure, before
// there is a run directory.
func TestTilesThatAreMissing(t *testing.T) {
	t.Chdir(t.TempDir())
	before := simd.Active()
	if err := simd.Use(simd.Portable); err != nil {
		t.Fatal(err)
	}
	defer simd.Use(before)
	var out, errs bytes.Buffer
	e := plainEnv(&out, &errs)
	e.ScreenUsable = func() error { return nil }
	for _, args := range [][]string{{"run"}, {"run", "--out", "named"}, {}, {"--run", "named"}} {
		errs.Reset()
		status := Main(t.Context(), e, append(args, "--set", "model.precision=bf16"))
		text := errs.String()
		if status != exitUsage || strings.Count(text, "\n") != 1 || !strings.Contains(text, simd.BF16Error().Error()) || !strings.HasSuffix(text, "use --set model.precision=fp32, or auto\n") {
			t.Errorf("ra3 %v: status %d, %q", args, status, text)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 0 {
		t.Errorf("%v %v", entries, err)
	}
	var h health
	if o := command(t, t.Context(), "doctor", "--json"); json.Unmarshal([]byte(o.stdout), &h) != nil || h.BF16 || h.BF16Error == "" || !strings.Contains(h.text(), "not available: "+h.BF16Error) {
		t.Errorf("%+v", h)
	}
}

func TestDoctor(t *testing.T) {
	var h health
	o := command(t, t.Context(), "doctor", "--json")
	if err := json.Unmarshal([]byte(o.stdout), &h); err != nil || o.status != exitDone {
		t.Fatalf("%v %+v", err, o)
	}
	if h.Kernels == "" || h.Judge.PerSecond <= 0 || len(h.Judge.Protections) == 0 || h.Terminal.Problem == "" {
		t.Errorf("%+v", h)
	}
	if h.BF16 != simd.HasBF16() || h.BF16 == (h.BF16Error != "") {
		t.Errorf("tiles %v, %q", h.BF16, h.BF16Error)
	}
	if text := h.text(); !strings.Contains(text, "judge") || !strings.Contains(text, "bf16 tiles") || !strings.Contains(text, "no workbench here") {
		t.Error(text)
	}
}
