package experiments

import (
	"strings"
	"testing"
)

func TestQuery(t *testing.T) {
	v := RunValues{"name": "map-small", "preset": "quick", "seed": "7", "ra3.iterations": "2", "domain.vague": "0.3", "state": "finished",
		"lanes.ra3.doc.pass@1.mean": "0.75", "lanes": `["base","ntp"]`}
	for text, want := range map[string]bool{
		"": true, "map": true, "MAP small": true, "other": false, "preset=quick seed>3 ra3.iterations=2": true, "seed>7": false, "seed>=7": true, "seed!=7": false,
		"seed=7.0": true, "seed<=6": false, "domain.vague<0.5": true, "state=finished": true, "state!=running": true, "ra3.doc.pass@1>0.5": true,
		"lanes.ra3.doc.pass@1.mean<0.5": false, "nothing=1": false, "nothing!=1": false, "lanes~ntp": true, "lanes!~oracle": true, `name="map-small"`: true, `"map-sm"`: true, "preset>3": false,
	} {
		q, err := ParseQuery(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := q.Match(v); got != want {
			t.Errorf("%q picks it: %v", text, got)
		}
	}
	for _, text := range []string{"seed>", "=3", "seed>x", `"open`, "seed!", ">"} {
		if _, err := ParseQuery(text); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, s := range []string{"preset=quick seed>3", `name~"a b"`, "!~", `"`, "a!=b c<=4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := ParseQuery(text)
		if err == nil {
			q.Match(RunValues{"seed": "3", "name": "x"})
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	})
}
