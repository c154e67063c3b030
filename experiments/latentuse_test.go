package experiments

import (
	"reflect"
	"testing"
)

func TestUseOfByHand(t *testing.T) {
	traces := []AnnotatedTrace{
		{ID: "a", Lines: []string{"    xs = []\n", "    for x in xs:\n", "    ys = 1\n", "    return ys\n"}, Latents: []string{"keep even", "", "reverse", ""}},
		{ID: "b", Lines: []string{"xs = []", "return xs"}, Latents: []string{"keep even", "keep even"}},
		{ID: "c", Lines: []string{"return 0"}, Latents: []string{"reverse"}},
		{ID: "d"},
	}
	u := UseOf(traces, "keep even", 2)
	var typical []Count
	for _, x := range u.Typical {
		typical = append(typical, x.Count)
	}
	if u.Programs != 2 || u.Of != 4 || u.Spans != 3 || u.AllSpans != 5 || u.Lines != 4 || u.AllLines != 7 || u.Tau != 4.0/3 {
		t.Errorf("%+v", u)
	}
	for name, c := range map[string]struct{ got, want []Count }{
		"durations": {u.Durations, []Count{{"1 line", 2}, {"2 lines", 1}}},
		"openings":  {u.Openings, []Count{{"xs = []", 2}, {"return xs", 1}}},
		"typical":   {typical, []Count{{"xs = []", 2}, {"for x in xs:", 1}, {"return xs", 1}}},
		"before":    {u.Before, []Count{{ProgramBegins, 2}, {"keep even", 1}}},
		"after":     {u.After, []Count{{ProgramEnds, 1}, {"keep even", 1}, {"reverse", 1}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if len(u.Uses) != 2 || u.Uses[1].Program != "b" || u.Uses[1].Line != 0 || len(u.Uses[0].Lines) != 2 {
		t.Errorf("%+v", u.Uses)
	}
	if got := LatentsIn(traces); !reflect.DeepEqual(got, []Count{{"keep even", 3}, {"reverse", 2}}) {
		t.Errorf("%v", got)
	}
	if u := UseOf(nil, "x", 1); u.Spans != 0 || u.Tau != 0 {
		t.Errorf("%+v", u)
	}
}
