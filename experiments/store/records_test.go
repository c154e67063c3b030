package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ra3/core/checkpoint"
)

type record struct {
	Problem string `json:"problem"`
	Sample  int    `json:"sample"`
}

// readRecords reads a record file whole; one that is not there has no records.
func readRecords[T any](r *Run, name string) ([]T, error) {
	text, err := os.ReadFile(filepath.Join(r.Dir(), filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		return nil, errors.New("the last line is torn")
	}
	var records []T
	for line := range bytes.Lines(text) {
		var record T
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

func checkRecords(t *testing.T, r *Run, name string, want []record) {
	t.Helper()
	got, err := readRecords[record](r, name)
	must(t, err)
	if !slices.Equal(got, want) {
		t.Fatalf("%s holds %v; want %v", name, got, want)
	}
}

func TestRecords(t *testing.T) {
	r, _ := create(t)
	a, b, c := record{"a < b", 1}, record{"line\nbreak", 2}, record{"c", 3}
	checkRecords(t, r, SamplesFile, nil)
	must(t, AppendJSONL(r, SamplesFile, a, b))
	must(t, AppendJSONL[record](r, SamplesFile))
	must(t, AppendJSONL(r, SamplesFile, c))
	checkRecords(t, r, SamplesFile, []record{a, b, c})
	wantError(t, r.TruncateJSONL(SamplesFile, 4), nil, "3 lines")
	must(t, r.TruncateJSONL(SamplesFile, 1))
	checkRecords(t, r, SamplesFile, []record{a})
	must(t, r.TruncateJSONL(VerdictsFile, 0))

	traces := TracesFile("ra3-2")
	must(t, WriteJSONL(r, traces, []record{a, c}))
	must(t, WriteJSONL(r, traces, []record{b}))
	checkRecords(t, r, traces, []record{b})
	wantError(t, WriteJSONL(r, traces, []float64{1, math.NaN()}), nil, "record 2", "NaN")
	checkRecords(t, r, traces, []record{b})
	wantError(t, AppendJSONL(r, SamplesFile, 1, math.Inf(1)), nil, "record 2", SamplesFile)
	checkRecords(t, r, SamplesFile, []record{a})
}

func TestRecordsTornAtEveryByte(t *testing.T) {
	r, dir := create(t)
	a, b, c := record{"a", 1}, record{"b", 2}, record{"c", 3}
	must(t, AppendJSONL(r, SamplesFile, a, b))
	path := filepath.Join(dir, SamplesFile)
	whole := read(t, path)
	start := strings.Index(whole, "\n") + 1
	for cut := start + 1; cut < len(whole); cut++ {
		write(t, path, whole[:cut])
		before := len(r.Notices())
		must(t, AppendJSONL(r, SamplesFile, c))
		checkRecords(t, r, SamplesFile, []record{a, c})
		if len(r.Notices()) != before+1 {
			t.Fatalf("cut at %d: notices %v", cut, r.Notices())
		}
	}
}

func TestRecordNames(t *testing.T) {
	r, _ := create(t)
	for _, name := range []string{
		"", "x", ".jsonl", "../x.jsonl", "/x.jsonl", "traces/../x.jsonl", "traces/a/b.jsonl", "plots/x.jsonl",
		eventsName, "traces/.x.jsonl", `traces\x.jsonl`, "./events.jsonl",
	} {
		wantError(t, AppendJSONL(r, name, 1), nil, "record file")
	}
}

func TestSummary(t *testing.T) {
	r, dir := create(t)
	var got map[string]any
	wantError(t, r.ReadSummary(&got), fs.ErrNotExist, "--resume")
	wantError(t, r.WriteSummary(math.NaN()), nil, "NaN")
	must(t, r.WriteSummary(map[string]any{"pass@1": 0.5, "missing": nil}))
	if text := read(t, filepath.Join(dir, summaryName)); text != "{\n  \"missing\": null,\n  \"pass@1\": 0.5\n}\n" {
		t.Errorf("summary is %q", text)
	}
	must(t, r.ReadSummary(&got))
	if got["pass@1"] != 0.5 {
		t.Errorf("summary came back as %v", got)
	}
	write(t, filepath.Join(dir, summaryName), "{")
	wantError(t, r.ReadSummary(&got), nil, summaryName, "damaged")
}

func TestCheckpoints(t *testing.T) {
	r, dir := create(t)
	file := func(x float32) checkpoint.File {
		return checkpoint.File{Tensors: []checkpoint.Tensor{{Name: "w", Shape: []int{1}, Data: []float32{x}}}}
	}
	must(t, r.Append(event(1)))
	for _, update := range []int{9, 10, 100} {
		must(t, r.SaveCheckpoint("main", update, file(float32(update)), checkpoint.F32))
		must(t, r.SaveCheckpoint("main-2", update, file(-float32(update)), checkpoint.F32))
	}
	if text := read(t, filepath.Join(dir, eventsName)); !strings.HasSuffix(text, "\n") {
		t.Errorf("the log was not written before the checkpoint: %q", text)
	}
	for _, name := range []string{"main-007.safetensors", "main.safetensors", "main-1.tmp", ".main-1.safetensors"} {
		write(t, filepath.Join(dir, checkpointsName, name), "x")
	}
	f, err := r.LoadCheckpoint("main-2", 10)
	if err != nil || f.Tensors[0].Data[0] != -10 {
		t.Errorf("loaded %v, %v", f, err)
	}
	_, err = r.LoadCheckpoint("main", 11)
	wantError(t, err, fs.ErrNotExist, "main-11.safetensors")

	check := func(want ...string) {
		t.Helper()
		all, err := r.Checkpoints()
		must(t, err)
		var got []string
		for _, c := range all {
			if c.Path != r.CheckpointPath(c.Branch, c.Update) || c.Size == 0 || c.Written.IsZero() {
				t.Errorf("checkpoint %+v", c)
			}
			got = append(got, strings.TrimSuffix(filepath.Base(c.Path), checkpointExt))
		}
		if !slices.Equal(got, want) {
			t.Errorf("checkpoints %q, want %q", got, want)
		}
	}
	check("main-9", "main-10", "main-100", "main-2-9", "main-2-10", "main-2-100")
	removed, err := r.PruneCheckpoints("main", 1, nil)
	if err != nil || len(removed) != 2 {
		t.Errorf("removed %v, %v", removed, err)
	}
	check("main-100", "main-2-9", "main-2-10", "main-2-100")
	removed, err = r.PruneCheckpoints("main", 5, nil)
	if err != nil || len(removed) != 0 {
		t.Errorf("removed %v, %v", removed, err)
	}
	_, err = r.PruneCheckpoints("main", -1, nil)
	wantError(t, err, nil, "negative")
	for _, branch := range []string{"", ".", "../x", "a/b", "a b", "ü"} {
		wantError(t, r.SaveCheckpoint(branch, 1, file(1), checkpoint.F32), nil, "branch")
	}
	wantError(t, r.SaveCheckpoint("main", -1, file(1), checkpoint.F32), nil, "negative")
}
