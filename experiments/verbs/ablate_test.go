package verbs

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tinyGrid is a map of two cells with their gates, of some seconds.
func tinyGrid(out string, more ...string) []string {
	args := append([]string{"ablate", "--vary", "mid.traces=20,24", "--gate", "--set", "eval.samples=10", "--out", out}, more...)
	for i := 1; i < len(tiny); i += 2 {
		if !strings.HasPrefix(tiny[i], "eval.samples") && !strings.HasPrefix(tiny[i], "mid.traces") {
			args = append(args, "--set", tiny[i])
		}
	}
	return args
}

// The command line of an ablation: a map, the same interrupted at every stage
// and gone on with, and what is said of a finished one.
func TestAblate(t *testing.T) {
	t.Chdir(t.TempDir())
	o := command(t, t.Context(), tinyGrid("whole", "--threads", "1", "--json")...)
	if o.status != exitDone {
		t.Fatalf("status %d\n%s", o.status, o.stderr)
	}
	var result struct {
		Cells []struct {
			Name, State string
			Gate        *struct{ Passed bool }
		}
	}
	if err := json.Unmarshal([]byte(o.stdout), &result); err != nil {
		t.Fatal(err)
	}
	if len(result.Cells) != 2 || result.Cells[1].State != "finished" || result.Cells[1].Gate == nil {
		t.Fatalf("%+v", result)
	}
	for _, want := range []string{"gate 1/2: ", "cell 2/2: ", "ntp M"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("progress lacks %q:\n%s", want, o.stderr)
		}
	}
	for _, name := range []string{"grid.toml", "ablation.csv", "report.md", "plots/ra3-ntp.png", "plots/gate.png", "cells/" + result.Cells[0].Name + "/report.md", "cells/" + result.Cells[0].Name + "/plots/passk.png"} {
		if info, err := os.Stat(filepath.Join("whole", name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}

	t.Run("interrupted", func(t *testing.T) {
		args, stops := tinyGrid("cut"), 0
		for {
			ctx, cancel := context.WithCancel(t.Context())
			var out bytes.Buffer
			errs := &cancelAfter{text: "updates  ", n: 4, cancel: cancel}
			e := plainEnv(&out, &errs.Buffer)
			e.Stderr = errs
			status := Main(ctx, e, args)
			cancel()
			if status == exitDone {
				break
			}
			if text := errs.String(); status != exitInterrupted || !strings.Contains(text, "ra3 ablate --resume cut") {
				t.Fatalf("status %d:\n%s", status, text)
			}
			if stops++; stops%2 == 1 {
				args = []string{"ablate", "--resume", "cut"}
			} else {
				args = tinyGrid("cut") // the same command goes on too
			}
		}
		if stops < 4 {
			t.Fatalf("interrupted %d times only", stops)
		}
		for _, c := range result.Cells {
			for _, kind := range []string{"cells", "gates"} {
				wantSummary, wantEvents := found(t, filepath.Join("whole", kind, c.Name))
				if s, ev := found(t, filepath.Join("cut", kind, c.Name)); s != wantSummary || ev != wantEvents {
					t.Errorf("%s/%s differs after interrupts", kind, c.Name)
				}
			}
		}
		for _, name := range []string{"ablation.json", "ablation.csv", "report.md", "grid.toml", "plots/ra3-ntp.png"} {
			a, errA := os.ReadFile(filepath.Join("whole", name))
			b, errB := os.ReadFile(filepath.Join("cut", name))
			if errA != nil || errB != nil || !bytes.Equal(a, b) {
				t.Errorf("%s differs after interrupts: %v %v", name, errA, errB)
			}
		}
	})

	t.Run("plot", func(t *testing.T) {
		for name, figure := range map[string]string{"m.svg": "ra3-ntp", "m.pdf": "ra3-ntp", "m.csv": "ra3-ntp", "cells.png": "table-cells"} {
			o := command(t, t.Context(), "plot", "--run", "whole", "--figure", figure, "--out", name)
			if info, err := os.Stat(name); o.status != exitDone || err != nil || info.Size() == 0 {
				t.Errorf("%s: %v %+v", name, err, o)
			}
		}
		if o := command(t, t.Context(), "plot", "--run", "whole", "--figure", "bound", "--out", "x.png"); o.status != exitUsage || !strings.Contains(o.stderr, "choose one of ra3-ntp") {
			t.Errorf("%+v", o)
		}
	})

	t.Run("finished", func(t *testing.T) {
		o := command(t, t.Context(), "ablate", "--resume", "whole")
		if o.status != exitDone || strings.Contains(o.stderr, "cell 1/2") || !strings.Contains(o.stdout, "RA3 - NTP") || strings.Count(o.stdout, "finished") != 2 {
			t.Errorf("%+v", o)
		}
		if o := command(t, t.Context(), "runs", "show", "whole"); o.status != exitUsage || !strings.Contains(o.stderr, "whole is an ablation") || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("%+v", o)
		}
		o = command(t, t.Context(), "ablate", "--grid", "whole/grid.toml", "--out", "whole", "--set", "seed=9")
		if o.status != exitFailed || !strings.Contains(o.stderr, "holds another ablation: its set is") {
			t.Errorf("%+v", o)
		}
	})
}

func TestAblateErrors(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("bad.toml", []byte("varry = []"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line   string
		status int
		want   string
	}{
		{"ablate", 2, "nothing varies"},
		{"ablate --vary mid.traces=20,0", 2, "cell mid.traces=0: mid.traces = 0 is out of range"},
		{"ablate --vary seeds=1,2", 2, "share preset, seeds and lanes"},
		{"ablate --vary mid.traces=20,40 --lanes base,ntp", 2, `lacks "ra3"`},
		{"ablate --vary mid.traces=20,40 --seeds 0", 2, "want 1 or more"},
		{"ablate --vary mid.traces=20,40 --gate=maybe", 2, "show"},
		{"ablate --vary mid.traces=20,40 --threads -1", 2, "--threads -1"},
		{"ablate --grid missing.toml", 2, "no such file"},
		{"ablate --grid bad.toml", 2, "unknown field varry"},
		{"ablate --resume .", 1, "is no ablation"},
		{"ablate --resume x --vary mid.traces=1,2", 2, "leave --vary away"},
		{"ablate --vary mid.traces=20,40 --out .", 1, "bad.toml"},
	} {
		o := command(t, t.Context(), strings.Fields(c.line)...)
		if o.status != c.status || !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") != 1 {
			t.Errorf("ra3 %s: status %d, %q; want %d, ...%q...", c.line, o.status, o.stderr, c.status, c.want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		names := []string{}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		slices.Sort(names)
		t.Errorf("mistakes left something behind: %v %v", names, err)
	}
}
