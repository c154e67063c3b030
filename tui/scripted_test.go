package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ra3/experiments"
)

// A script plays to its end without a terminal, keeps the frames it names, and
// ends the run.
func TestScriptKeepsFrames(t *testing.T) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "demo.keys")
	text := "size 90x28\nkey s\nwait update 31\nframe a.txt\nkey ?\nframe b.png\nkey esc w\nwait idle\nframe d.txt\nkey tab\nframe c.ansi\n"
	if err := os.WriteFile(keys, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFake(t)
	f.write(f.log(31))
	f.latest <- f.snapshot(30, experiments.Paused)
	go func() { // the engine: a step makes an update
		for {
			f.mu.Lock()
			stepped, ended := false, f.ended
			for _, i := range f.sent {
				stepped = stepped || i.Kind == experiments.Step
			}
			f.mu.Unlock()
			if ended {
				return
			}
			if stepped {
				f.mu.Lock()
				if !f.ended {
					select {
					case f.latest <- f.snapshot(31, experiments.Paused):
					default:
					}
				}
				f.mu.Unlock()
				return
			}
		}
	}()
	if _, err := Run(t.Context(), f, Options{Keys: keys, Frames: filepath.Join(dir, "out")}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a.txt": "31/", "b.png": "PNG", "c.ansi": "\x1b[", "d.txt": "wrote "} {
		got, err := os.ReadFile(filepath.Join(dir, "out", name))
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %v %.200q", name, err, got)
		}
	}
}

func TestScriptRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.keys")
	if err := os.WriteFile(path, []byte("key ctrl+nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readScript(path); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("%v", err)
	}
	if _, err := readScript(path + "not"); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// A script goes on in the run that it opens, on a screen of the same size.
func TestScriptGoesOnInTheRunItOpens(t *testing.T) {
	source, _ := stored(t, 316)
	other, _ := stored(t, 250)
	root := t.TempDir()
	must(t, os.CopyFS(filepath.Join(root, "other"), os.DirFS(other.Dir())))
	keys, out := filepath.Join(root, "open.keys"), filepath.Join(root, "out")
	must(t, os.WriteFile(keys, []byte("size 100x30\nwait idle\nkey shift+tab\nwait idle\nkey enter\nwait idle\nframe opened.txt\n"), 0o600))
	desk := &Desk{Ctx: t.Context(), Root: root}
	o := Options{Keys: keys, Frames: out, Desk: desk}
	next, err := Run(t.Context(), source, o)
	must(t, err)
	if next == nil || filepath.Base(next.Dir) != "other" {
		t.Fatalf("opened %v", next)
	}
	if next, err = Run(t.Context(), other, o); err != nil || next != nil {
		t.Fatal(next, err)
	}
	frame, err := os.ReadFile(filepath.Join(out, "opened.txt"))
	must(t, err)
	if rows := strings.Split(strings.TrimRight(string(frame), "\n"), "\n"); len(rows) != 30 || !strings.Contains(rows[1], "250/316") {
		t.Errorf("the frame has %d rows:\n%s", len(rows), frame)
	}
}

// A script that is left before its end says so.
func TestScriptLeftEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.keys")
	must(t, os.WriteFile(path, []byte("size 80x24\nwait idle\nkey q\nwait text no such words\n"), 0o600))
	f := newFake(t)
	f.latest <- f.snapshot(0, experiments.Paused)
	if _, err := Run(t.Context(), f, Options{Keys: path, Frames: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "line 4: the workbench had ended before") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}
