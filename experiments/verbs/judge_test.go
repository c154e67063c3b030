package verbs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	pyexec "ra3/core/judge/python"
	"ra3/core/tasks"
	"ra3/experiments/judging"
)

// needsPython skips a test where there is no Python executor.
func needsPython(t *testing.T) {
	t.Helper()
	p, err := pyexec.NewPool(t.Context(), pyexec.Options{})
	if err != nil {
		t.Skipf("no Python executor here: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, lines ...string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// oneProblem is a benchmark of one problem with samples of which half pass.
func oneProblem(t *testing.T) (problems, samples string) {
	dir := t.TempDir()
	problems = write(t, filepath.Join(dir, "p.jsonl"), `{"task_id": "t/0", "prompt": "def one():\n", "entry_point": "one", "canonical_solution": "    return 1", "test": "def check(c):\n    assert c() == 1"}`)
	var lines []string
	for _, body := range []string{"    return input()", "    return 2", "    raise OSError", "    return 1", "  return 1", "\treturn 1"} {
		b, err := json.Marshal(map[string]string{"task_id": "t/0", "completion": body})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return problems, write(t, filepath.Join(dir, "s.jsonl"), lines...)
}

func TestJudgeSamples(t *testing.T) {
	needsPython(t)
	problems, samples := oneProblem(t)
	line := []string{"judge", "--tasks", problems, "--samples", samples, "--json", "--time-scale", "10", "--check-references"}
	o := command(t, t.Context(), line...)
	if o.status != exitDone {
		t.Fatalf("status %d\n%s", o.status, o.stderr)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal([]byte(o.stdout), &got); err != nil {
		t.Fatal(err)
	}
	var pass struct {
		Mean   float64
		Lo, Hi *float64
		N      int
	}
	var kinds map[string]int
	var guard struct{ Level string }
	for key, to := range map[string]any{"pass@1": &pass, "verdicts": &kinds, "protections": &guard} {
		if err := json.Unmarshal(got[key], to); err != nil {
			t.Errorf("%s: %v in %s", key, err, o.stdout)
		}
	}
	if pass.Mean != 0.5 || pass.N != 1 || pass.Lo != nil || kinds["passed"] != 3 || kinds["wrong"] != 1 || kinds["error"] != 2 || guard.Level == "" {
		t.Errorf("%+v %v %+v", pass, kinds, guard)
	}
	if got["pass@10"] != nil || !strings.Contains(o.stderr, "pass@10 is left out") {
		t.Errorf("pass@10 of 6 samples: %s\n%s", got["pass@10"], o.stderr)
	}

	// The file has a line a sample, in their order; a part of it is gone on with.
	path := strings.TrimSuffix(samples, ".jsonl") + "_results.jsonl"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d results", len(lines))
	}
	for i, l := range lines {
		var r judging.Record
		if err := json.Unmarshal([]byte(l), &r); err != nil || r.Line != i+1 || r.Sample != i || r.Passed != (i > 2) || !r.Passed && r.Reason == "" {
			t.Errorf("line %d: %s %v", i+1, l, err)
		}
	}
	if err := os.WriteFile(path, []byte(lines[0]+lines[1]+lines[2][:20]), 0o600); err != nil {
		t.Fatal(err)
	}
	again := command(t, t.Context(), line...)
	if again.status != exitDone || !strings.Contains(again.stderr, "line 3 was not finished") {
		t.Errorf("status %d\n%s", again.status, again.stderr)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(after), lines[0]+lines[1]) || strings.Count(string(after), "\n") != 6 {
		t.Errorf("results after going on:\n%s", after)
	}
	// Results of other settings are not mixed in.
	if o := command(t, t.Context(), append(line, "--truncate")...); o.status != exitFailed || !strings.Contains(o.stderr, "was judged with another stops") {
		t.Errorf("status %d\n%s", o.status, o.stderr)
	}
	if o := command(t, t.Context(), append(line, "--truncate", "--again")...); o.status != exitDone {
		t.Errorf("status %d\n%s", o.status, o.stderr)
	}
}

func TestJudgeRefuses(t *testing.T) {
	needsPython(t)
	problems, samples := oneProblem(t)
	text, err := os.ReadFile(problems)
	if err != nil {
		t.Fatal(err)
	}
	bad := write(t, filepath.Join(t.TempDir(), "bad.jsonl"), strings.Replace(string(text), "return 1", "return 3", 1))
	o := command(t, t.Context(), "judge", "--tasks", bad, "--samples", samples, "--check-references", "--time-scale", "10")
	if o.status != exitFailed || !strings.Contains(o.stderr, "1 of 1 references of bad.jsonl fail their own tests, the first t/0 (wrong") {
		t.Errorf("status %d\n%s", o.status, o.stderr)
	}
	if o := command(t, t.Context(), "judge", "--tasks", bad, "--check-references", "--time-scale", "10"); o.status != exitFailed || !strings.Contains(o.stdout, "0 of 1 references pass") {
		t.Errorf("status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	if o := command(t, t.Context(), "judge", "--tasks", problems, "--check-references", "--time-scale", "10"); o.status != exitDone || !strings.Contains(o.stdout, "1 of 1 references pass") {
		t.Errorf("status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	// Interrupted, it says so and keeps what it has.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if o := command(t, ctx, "judge", "--tasks", problems, "--samples", samples); o.status != exitInterrupted || !strings.Contains(o.stderr, "interrupted") {
		t.Errorf("status %d\n%s", o.status, o.stderr)
	}
}

func TestJudgeErrors(t *testing.T) {
	problems, samples := oneProblem(t)
	empty := write(t, filepath.Join(t.TempDir(), "empty.jsonl"))
	for _, x := range []struct {
		line   string
		status int
		want   string
	}{
		{"", 2, "name their file with --tasks"},
		{"--tasks " + problems, 2, "name their file with --samples"},
		{"--tasks " + problems + " --samples " + samples + " --jobs 0", 2, "want 1 to 4096"},
		{"--tasks " + problems + " --samples " + samples + " --k 0", 2, "want counts from 1"},
		{"--tasks " + problems + " --samples " + samples + " --from May", 2, "want a day as in 2024-05-01"},
		{"--tasks " + problems + " --samples " + samples + " --split x", 2, "choose one of prompt"},
		{"--tasks " + problems + " --samples " + samples + " --format x", 2, "choose one of humaneval"},
		{"--tasks " + problems + " --samples " + samples + " --time-scale 0", 2, "want 0.1 to 1000"},
		{"--tasks " + problems + " --check-references --again", 2, "are about results of samples"},
		{"--tasks " + problems + " --samples " + samples + " --split test", 1, "has no splits"},
		{"--tasks nothing.jsonl --samples " + samples, 1, "no such file"},
		{"--tasks " + empty + " --samples " + samples, 1, "it is empty"},
		{"--tasks " + problems + " --samples " + problems, 1, "neither completion nor solution"},
		{"--tasks " + problems + " --samples " + empty, 1, "it is empty"},
	} {
		o := command(t, t.Context(), append([]string{"judge"}, strings.Fields(x.line)...)...)
		if o.status != x.status || !strings.Contains(o.stderr, x.want) || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%s: status %d\n%s", x.line, o.status, o.stderr)
		}
	}
}

// Exports of a run come back through their readers, and its problems and
// samples through the judge: its verdicts are those of the run.
func TestExportsComeBack(t *testing.T) {
	needsPython(t)
	dir := t.TempDir()
	run := filepath.Join(dir, "run")
	tinyRun(t, run)
	for _, what := range exportNames() {
		out := filepath.Join(dir, what)
		if what == "base" {
			continue // the quick preset's base is the embedded one
		}
		if o := command(t, t.Context(), "runs", "export", run, "--what", what, "--out", out); o.status != exitDone {
			t.Fatalf("%s: status %d\n%s", what, o.status, o.stderr)
		}
		if info, err := os.Stat(out); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", what, err)
		}
	}
	set, err := tasks.Read(filepath.Join(dir, "problems"), tasks.Options{})
	if err != nil || set.Format != tasks.Pocket || len(set.Problems) != 12 {
		t.Fatalf("problems: %v", err)
	}
	o := command(t, t.Context(), "judge", "--tasks", filepath.Join(dir, "problems"), "--samples", filepath.Join(dir, "samples"), "--json", "--time-scale", "10", "--k", "1")
	if o.status != exitDone {
		t.Fatalf("judge: status %d\n%s", o.status, o.stderr)
	}
	var sum struct{ Verdicts map[string]int }
	if err := json.Unmarshal([]byte(o.stdout), &sum); err != nil {
		t.Fatal(err)
	}
	results, err := os.ReadFile(filepath.Join(dir, "results-csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{}
	for _, l := range strings.Split(strings.TrimSpace(string(results)), "\n")[1:] {
		want[strings.Split(l, ",")[7]]++
	}
	if fmt.Sprint(sum.Verdicts) != fmt.Sprint(want) {
		t.Errorf("verdicts of Python %v, of the run %v", sum.Verdicts, want)
	}
	if o := command(t, t.Context(), "eval", "--run", run, "--tasks", filepath.Join(dir, "problems"), "--n", "1", "--k", "1", "--lane", "base", "--json"); o.status != exitDone || !strings.Contains(o.stdout, `"problems": {`) {
		t.Errorf("eval: status %d\n%s%s", o.status, o.stdout, o.stderr)
	}
	one, _ := oneProblem(t)
	if o := command(t, t.Context(), "eval", "--run", run, "--tasks", one); o.status != exitFailed || !strings.Contains(o.stderr, "cannot read the prompt of t/0") {
		t.Errorf("eval of foreign words: status %d\n%s", o.status, o.stderr)
	}
}
