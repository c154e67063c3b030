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

// A term on what no run can have is refused with the fields that there are.
func TestQueryFields(t *testing.T) {
	bare := RunValues{"name": "a", "seed": "1"}
	done := RunValues{"name": "b", "interval": "95% t", "lanes.ra3.doc.pass@1.mean": "0.75", "ra3-ntp": "0.04"}
	for _, c := range []struct {
		text string
		runs []RunValues
		ok   bool
	}{
		{"quick seed>3 state=finished mid.updates=2 domain.nuisance!=0", nil, true}, {"foo=1", []RunValues{bare}, false}, {"foo.bar=1", nil, false}, {"seeed>1", []RunValues{bare, done}, false},
		{"ra3.doc.pass@1>0.5", []RunValues{bare}, true}, {"ra3.doc.pass@1>0.5", []RunValues{bare, done}, true}, {"ra3.dok.pass@1>0.5", []RunValues{bare, done}, false},
		{"ra3-ntp>0", []RunValues{bare}, true}, {"ra3-ntp>0.02", []RunValues{done}, true}, {"ra3-nto>0", []RunValues{bare}, false}, {"ra3-ntp-compute>0", []RunValues{done}, true}, {"pruning.ra3.horizon<4", nil, true}, {"lanes~ntp", nil, true},
	} {
		q, err := ParseQuery(c.text)
		if err != nil {
			t.Fatal(err)
		}
		err = q.Check(c.runs)
		if (err == nil) != c.ok || err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "ra3-ntp") || !strings.Contains(err.Error(), "preset")) {
			t.Errorf("%q of %d runs: %v", c.text, len(c.runs), err)
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
			v := RunValues{"seed": "3", "name": "x"}
			q.Match(v)
			if err := q.Check([]RunValues{v}); err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %q", err)
		}
	})
}
