package script

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	got, err := Parse(strings.NewReader(`
# a demo
size 100x30
key 2 0 s space
  type a b
wait idle
wait update 30
wait finished
wait text pass@1 on doc
pause 1.5s
frame shots/lab.png
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Step{
		{Line: 3, Kind: Size, W: 100, H: 30},
		{Line: 4, Text: "2"}, {Line: 4, Text: "0"}, {Line: 4, Text: "s"}, {Line: 4, Text: " "},
		{Line: 5, Text: "a"}, {Line: 5, Text: " "}, {Line: 5, Text: "b"},
		{Line: 6, Kind: Idle}, {Line: 7, Kind: Update, N: 30}, {Line: 8, Kind: Finished},
		{Line: 9, Kind: Text, Text: "pass@1 on doc"}, {Line: 10, Kind: Pause, Pause: 1500 * time.Millisecond},
		{Line: 11, Kind: Frame, Text: "shots/lab.png"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"key":             `line 1: "key" wants something`,
		"\nsize 3":        "line 2: size",
		"size 0x4":        "as in 100x30",
		"size 4x5000":     "as in 100x30",
		"press s":         `"press" is no step`,
		"wait":            "as in \"wait idle\"",
		"wait update x":   "want a number",
		"wait forever":    "want idle",
		"pause 2h":        "up to a minute",
		"frame ../x.png":  "want a file name",
		"frame x.jpg":     "want a file name",
		"wait idle again": "want idle",
	} {
		if _, err := Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want ...%s...", text, err, want)
		}
	}
}

// What is written reads back the same, but for the keys that stood on one line.
func FuzzParse(f *testing.F) {
	f.Add("size 80x24\nkey s\nwait text a  b\nframe a.txt")
	f.Add("# x\npause 1ms\nwait update 7\ntype é")
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		var b strings.Builder
		for _, s := range steps {
			b.WriteString(s.String() + "\n")
		}
		again, err := Parse(strings.NewReader(b.String()))
		if err != nil || len(again) != len(steps) {
			t.Fatalf("%q: %v, %d steps of %d", b.String(), err, len(again), len(steps))
		}
		for i := range steps {
			again[i].Line, steps[i].Line = 0, 0
			if again[i] != steps[i] {
				t.Fatalf("%+v is not %+v", again[i], steps[i])
			}
		}
	})
}
