package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"ra3/core/checkpoint"
)

func TestBranches(t *testing.T) {
	r, dir := create(t)
	if none, err := r.Branches(); err != nil || none != nil {
		t.Errorf("a new run has branches %v, %v", none, err)
	}
	a := Branch{Name: "a", Parent: Main, Update: 7, Overrides: []string{`ra3.group=4`, `ra3.refit="rl"`}, Random: Common, Note: "<x>"}
	b := Branch{Name: "b_2", Parent: "a", Update: 9, Random: Fresh}
	must(t, r.AddBranch(a))
	must(t, r.AddBranch(b))
	path := filepath.Join(dir, BranchesFile)
	whole := read(t, path)
	write(t, path, whole+`{"name":"to`)
	if got, err := r.Branches(); err != nil || !reflect.DeepEqual(got, []Branch{a, b}) {
		t.Errorf("branches %+v, %v", got, err)
	}
	for _, name := range []string{"", "A", "a b", "../x", "s1-end", ".x", strings.Repeat("x", 41)} {
		if r.AddBranch(Branch{Name: name, Parent: Main, Random: Common}) == nil {
			t.Errorf("branch %q was taken", name)
		}
	}
	for what, line := range map[string]string{
		"twice": `{"name":"a","parent":"main","update":1,"random":"common"}`, "no parent": `{"name":"c","parent":"x","update":1,"random":"common"}`,
		"main": `{"name":"main","parent":"main","update":1,"random":"common"}`, "negative": `{"name":"c","parent":"a","update":-1,"random":"common"}`,
		"other numbers": `{"name":"c","parent":"a","update":1,"random":"own"}`, "no JSON": `{`,
	} {
		write(t, path, whole+line+"\n")
		if got, err := r.Branches(); err == nil {
			t.Errorf("%s: branches %+v", what, got)
		} else {
			wantError(t, err, nil, BranchesFile, "line 3", "damaged")
		}
	}
}

// tensors are two models and a tensor of neither.
func tensors(a, b float32) checkpoint.File {
	return checkpoint.File{Meta: map[string]string{"ra3": "{}"}, Tensors: []checkpoint.Tensor{
		{Name: "model/a/x", Shape: []int{2}, Data: []float32{a, 1}}, {Name: "model/a/y", Shape: []int{1}, Data: []float32{a}},
		{Name: "model/b/x", Shape: []int{1}, Data: []float32{b}}, {Name: "w", Shape: []int{1}, Data: []float32{b}}}}
}

func TestCheckpointsShareWhatIsTheSame(t *testing.T) {
	r, dir := create(t)
	parts := func() int {
		entries, err := os.ReadDir(filepath.Join(dir, checkpointsName, partsName))
		must(t, err)
		return len(entries)
	}
	must(t, r.SaveCheckpoint(Main, 1, tensors(1, 1), checkpoint.F32))
	must(t, r.SaveCheckpoint(Main, 2, tensors(1, 2), checkpoint.F32))
	must(t, r.SaveCheckpoint(Main, 3, tensors(1, 2), checkpoint.F32))
	if parts() != 3 {
		t.Errorf("%d parts, want a, b of 1 and b of 2", parts())
	}
	for update, want := range map[int]checkpoint.File{1: tensors(1, 1), 3: tensors(1, 2)} {
		f, err := r.LoadCheckpoint(Main, update)
		must(t, err)
		for _, x := range want.Tensors {
			if got, ok := f.Tensor(x.Name); !ok || !reflect.DeepEqual(got, x) {
				t.Errorf("update %d: %s is %+v", update, x.Name, got)
			}
		}
		if len(f.Tensors) != 4 || f.Meta["ra3"] != "{}" || f.Meta[partsKey] != "" {
			t.Errorf("update %d: %d tensors, metadata %v", update, len(f.Tensors), f.Meta)
		}
	}
	if meta, err := r.CheckpointMeta(Main, 2); err != nil || meta["ra3"] != "{}" {
		t.Errorf("metadata %v, %v", meta, err)
	}
	// An unfinished save's part is collected with what a removal leaves over.
	write(t, r.partPath(strings.Repeat("ab", 16)), "x")
	removed, err := r.PruneCheckpoints(Main, 1, func(update int) bool { return update == 2 })
	if err != nil || len(removed) != 1 || removed[0].Update != 1 || parts() != 2 {
		t.Errorf("removed %v, %v; %d parts", removed, err, parts())
	}
	// A torn part is an error that names it; collecting does not touch what a
	// broken checkpoint may need.
	hash := func(update int) string {
		meta, err := r.CheckpointMeta(Main, update)
		must(t, err)
		hashes, err := partsIn(meta)
		must(t, err)
		return hashes[0]
	}(3)
	text := read(t, r.partPath(hash))
	write(t, r.partPath(hash), text[:len(text)-2])
	_, err = r.LoadCheckpoint(Main, 3)
	wantError(t, err, nil, hash)
	must(t, os.Remove(r.partPath(hash)))
	if _, err = r.LoadCheckpoint(Main, 3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without its part: %v", err)
	}
	if _, err := partsIn(map[string]string{partsKey: `{"a":"../../x"}`}); err == nil {
		t.Error("a part outside of its directory was taken")
	}
}

func TestTail(t *testing.T) {
	r, dir := create(t)
	v, err := View(dir)
	must(t, err)
	tail := v.Tail()
	next := func(want int, restarted bool) {
		t.Helper()
		events, again, err := tail.Next()
		if err != nil || len(events) != want || again != restarted {
			t.Fatalf("%d events, restarted %v, %v; want %d, %v", len(events), again, err, want, restarted)
		}
	}
	next(0, false)
	for i := range 5 {
		must(t, r.Append(event(i)))
	}
	next(0, false) // they wait in memory
	must(t, r.Flush())
	next(5, false)
	path := filepath.Join(dir, eventsName)
	whole := read(t, path)
	write(t, path, whole+`{"seq":6,"branch"`) // being written
	next(0, false)
	write(t, path, whole)
	must(t, r.Truncate(2)) // a new file in the old one's place
	next(2, true)
	must(t, r.Append(event(3)))
	must(t, r.Flush())
	next(1, false)
	write(t, path, read(t, path)+"{}\n")
	_, _, err = tail.Next()
	wantError(t, err, nil, eventsName, "line 4")
}

func TestLooks(t *testing.T) {
	r, dir := create(t)
	must(t, WriteJSONL(r, LookFile(Look{Main, 12}), []int{1}))
	must(t, WriteJSONL(r, LookFile(Look{"f1", 3}), []int{1}))
	for _, name := range []string{"view.main.jsonl", "view.x y-3.jsonl", "view.main--1.jsonl", "s1-em00.jsonl"} {
		write(t, filepath.Join(dir, tracesName, name), "")
	}
	all, err := r.Looks()
	if err != nil || len(all) != 2 {
		t.Errorf("looks %v, %v", all, err)
	}
}
