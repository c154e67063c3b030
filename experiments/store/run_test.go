package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/checkpoint"
)

var (
	testManifest = Manifest{Preset: "quick", Seed: 7, Version: "v1.2.3", InstructionSet: "avx2", Precision: "fp32"}
	testConfig   = []byte("# a comment\nlanes = [\"base\", \"ntp\"]\n\n[model]\nlayers = 3\n")
)

func create(t *testing.T) (*Run, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "r1")
	r, err := Create(dir, testManifest, testConfig)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, r.Close()) })
	return r, dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantError checks that err is target (if given), is one line and has each text.
func wantError(t *testing.T, err, target error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", texts)
	}
	if target != nil && !errors.Is(err, target) {
		t.Errorf("error %v is not %v", err, target)
	}
	for _, text := range append(texts, "") {
		if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line with %q", err, text)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, []byte(text), 0o666))
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func TestCreateAndOpen(t *testing.T) {
	r, dir := create(t)
	text := read(t, filepath.Join(dir, configName))
	if !strings.HasPrefix(text, "# ra3 run 1\n"+string(testConfig)) {
		t.Errorf("run.toml is %q", text)
	}
	must(t, r.Close())
	must(t, r.Close())
	wantError(t, r.Append(Event{}), os.ErrClosed)

	for name, open := range map[string]func(string) (*Run, error){"open": Open, "view": View} {
		again, err := open(dir)
		must(t, err)
		if string(again.Config()) != string(testConfig) || again.Manifest() != testManifest || len(again.Notices()) != 0 {
			t.Errorf("%s: config %q, manifest %v, notices %v", name, again.Config(), again.Manifest(), again.Notices())
		}
		must(t, again.Close())
	}
}

func TestConfigBytes(t *testing.T) {
	for _, config := range []string{"", "\n", "a = 1", "a = 1\n\n\n", "# ra3 run 1\na = 1\n", "a = '''\n[run]\n'''\n", "a = 1\r\n", "# ü"} {
		text, err := composeConfig(testManifest, []byte(config))
		must(t, err)
		got, m, err := splitConfig(text)
		if err != nil || string(got) != config || m != testManifest {
			t.Errorf("config %q came back as %q, %v, %v", config, got, m, err)
		}
	}
	for _, config := range []string{"a = ", "[run]\nx = 1\n", "[[run]]\n", "a = \"\xff\"\n"} {
		_, err := Create(filepath.Join(t.TempDir(), "x"), testManifest, []byte(config))
		wantError(t, err, nil, "create run", "configuration")
	}
	odd := Manifest{Preset: "two\n\n[run]\nlines \"quoted\""}
	text, err := composeConfig(odd, testConfig)
	must(t, err)
	if _, m, err := splitConfig(text); err != nil || m != odd {
		t.Errorf("manifest came back as %v, %v", m, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	r, dir := create(t)
	_, err := Create(dir, testManifest, testConfig)
	wantError(t, err, ErrExists, "--resume", dir)
	must(t, r.Append(Event{Kind: "update"}))
	must(t, r.Close())
	_, err = Create(dir, testManifest, testConfig)
	wantError(t, err, ErrExists, "--resume", dir)
	r, err = View(dir)
	must(t, err)
	if events, _, err := r.Events(); err != nil || len(events) != 1 {
		t.Errorf("a refused Create harmed the run: %v, %v", events, err)
	}

	other := t.TempDir()
	for _, name := range []string{"notes.txt", eventsName, configName, checkpointsName} {
		path := filepath.Join(other, name)
		write(t, path, "mine")
		_, err = Create(other, testManifest, testConfig)
		wantError(t, err, nil, "not a run", name)
		if read(t, path) != "mine" {
			t.Errorf("a refused Create changed %s", name)
		}
		must(t, os.Remove(path))
	}
	file := filepath.Join(other, "file")
	write(t, file, "")
	_, err = Create(file, testManifest, testConfig)
	wantError(t, err, nil, file)
	_, err = Create(filepath.Join(file, "below"), testManifest, testConfig)
	wantError(t, err, nil, file)
}

func TestCreateAfterInterruption(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{lockName, eventsName, ".run.toml.aside-1-0"} {
		write(t, filepath.Join(dir, name), "")
	}
	must(t, os.Mkdir(filepath.Join(dir, tracesName), 0o777))
	r, err := Create(dir, testManifest, testConfig)
	must(t, err)
	must(t, r.Close())
	r, err = Open(dir)
	must(t, err)
	must(t, r.Close())
	if _, err := os.Stat(filepath.Join(dir, ".run.toml.aside-1-0")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an unfinished file is still there: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "empty", "x"), "")
	write(t, filepath.Join(root, "foreign", configName), "a = 1\n")
	write(t, filepath.Join(root, "newer", configName), "# ra3 run 2\nwhatever")
	write(t, filepath.Join(root, "odd", configName), "# ra3 run one\n")
	write(t, filepath.Join(root, "broken", configName), "# ra3 run 1\na = \n")
	write(t, filepath.Join(root, "file"), "")
	for name, c := range map[string]struct {
		is   error
		text string
	}{
		"empty":   {ErrNotRun, "runs ls"},
		"foreign": {ErrNotRun, "first line"},
		"newer":   {ErrNewer, "later"},
		"odd":     {ErrNotRun, "first line"},
		"broken":  {nil, "line"},
		"file":    {ErrNotRun, "file"},
		"none":    {fs.ErrNotExist, "none"},
	} {
		dir := filepath.Join(root, name)
		_, err := Open(dir)
		wantError(t, err, c.is, dir, c.text)
		_, err = View(dir)
		wantError(t, err, c.is, dir, c.text)
		if c.is != nil {
			wantError(t, Remove(dir), c.is, dir, c.text)
		}
		if c.is == ErrNotRun && name != "file" {
			if _, err := os.Stat(filepath.Join(dir, lockName)); err == nil {
				t.Errorf("%s: a lock file was put into a foreign directory", name)
			}
		}
	}
}

func TestViewDoesNotWrite(t *testing.T) {
	r, dir := create(t)
	must(t, r.Append(Event{Kind: "update"}))
	must(t, r.Flush())
	v, err := View(dir)
	must(t, err)
	defer func() { must(t, v.Close()) }()
	wantError(t, v.Append(Event{}), ErrReadOnly, "--resume")
	wantError(t, v.Flush(), ErrReadOnly)
	wantError(t, v.Sync(), ErrReadOnly)
	wantError(t, v.Truncate(0), ErrReadOnly)
	wantError(t, v.WriteSummary(1), ErrReadOnly)
	wantError(t, AppendJSONL(v, SamplesFile, 1), ErrReadOnly)
	wantError(t, WriteJSONL(v, SamplesFile, []int{1}), ErrReadOnly)
	wantError(t, v.TruncateJSONL(SamplesFile, 0), ErrReadOnly)
	wantError(t, v.SaveCheckpoint("main", 1, checkpoint.File{}, checkpoint.F32), ErrReadOnly)
	_, err = v.PruneCheckpoints("main", 0, nil)
	wantError(t, err, ErrReadOnly)
	if events, _, err := v.Events(); err != nil || len(events) != 1 {
		t.Errorf("events %v, %v", events, err)
	}
}

// A directory that goes while its run is written is not made anew in part.
func TestGone(t *testing.T) {
	r, dir := create(t)
	must(t, r.Append(event(1)))
	must(t, os.Rename(dir, dir+"-elsewhere"))
	for name, err := range map[string]error{
		"append": r.Append(event(2)), "flush": r.Flush(), "checkpoint": r.SaveCheckpoint(Main, 1, checkpoint.File{}, 0),
		"records": AppendJSONL(r, "samples.jsonl", 1), "summary": r.WriteSummary(1),
	} {
		wantError(t, err, ErrGone, dir, "renamed")
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than a line: %q", name, err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made anew: %v", err)
	}
	must(t, r.Close())
	again, err := Open(dir + "-elsewhere")
	must(t, err)
	if again.LastSeq() != 1 {
		t.Errorf("after its renaming the log ends at %d", again.LastSeq())
	}
	must(t, again.Close())
}
