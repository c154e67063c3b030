package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestListAndRemove(t *testing.T) {
	root := t.TempDir()
	dir := func(name string) string { return filepath.Join(root, name) }
	open := make(map[string]*Run)
	for i, name := range []string{"finished", "running", "stopped"} {
		r, err := Create(dir(name), testManifest, testConfig)
		must(t, err)
		appendEvents(t, r, 1, i)
		open[name] = r
	}
	must(t, open["finished"].WriteSummary(1))
	must(t, open["finished"].Close())
	must(t, open["stopped"].Close())
	write(t, filepath.Join(dir("newer"), configName), "# ra3 run 2\n")
	write(t, filepath.Join(dir("other"), "x"), "")
	write(t, dir("file"), "")
	// A torn line does not count.
	log, err := os.OpenFile(filepath.Join(dir("stopped"), eventsName), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = log.WriteString(`{"seq":3`)
	must(t, err)
	must(t, log.Close())

	all, err := List(root)
	must(t, err)
	var names []string
	for _, info := range all {
		names = append(names, info.Name+" "+string(info.State))
		if info.State == Unreadable {
			if info.Problem == "" {
				t.Errorf("%s: no problem given", info.Name)
			}
			continue
		}
		events := map[string]int64{"finished": 0, "running": 1, "stopped": 2}[info.Name]
		if info.Events != events || info.Manifest != testManifest || info.Problem != "" ||
			info.Updated.IsZero() || info.Size < int64(len(testConfig)) || info.Dir != dir(info.Name) {
			t.Errorf("info %+v", info)
		}
	}
	want := []string{"finished finished", "newer unreadable", "running running", "stopped stopped"}
	if !slices.Equal(names, want) {
		t.Errorf("listed %q, want %q", names, want)
	}
	if none, err := List(dir("nothing")); err != nil || none != nil {
		t.Errorf("an absent root gave %v, %v", none, err)
	}
	if _, err := List(dir("file")); err == nil {
		t.Error("listed a file")
	}

	var held *HeldError
	if err := Remove(dir("running")); !errors.As(err, &held) || held.PID != os.Getpid() {
		t.Errorf("removing a run in use gave %v", err)
	}
	wantError(t, Remove(dir("other")), ErrNotRun)
	wantError(t, Remove(dir("newer")), ErrNewer)
	must(t, os.Symlink(dir("stopped"), dir("link")))
	wantError(t, Remove(dir("link")), nil, "link")
	must(t, os.Remove(dir("link")))
	must(t, open["running"].Close())
	for _, name := range []string{"running", "finished"} {
		must(t, Remove(dir(name)))
		if _, err := os.Stat(dir(name)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	t.Chdir(dir("stopped"))
	must(t, Remove("."))
	if _, err := os.Stat(dir("stopped")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stopped is still there: %v", err)
	}
}
