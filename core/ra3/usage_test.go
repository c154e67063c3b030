package ra3

import (
	"math"
	"strings"
	"testing"

	"ra3/core/trace"
)

func TestUsageByHand(t *testing.T) {
	m := map[string]float64{}
	usage(m, [][]trace.Annotation{
		{{0, trace.Act, 1}, {0, trace.Act, trace.Act}},
		{{2, trace.Act}, {0, trace.Act}},
	}, 4)
	// 10 lines, 5 thinks: latent 0 three times, 1 and 2 once.
	h := -(0.6*math.Log(0.6) + 2*0.2*math.Log(0.2))
	near(t, "think rate", m["think_rate"], 0.5, 1e-12)
	near(t, "tau", m["tau"], 2, 1e-12)
	near(t, "latent entropy", m["latent_entropy"], h, 1e-12)
	near(t, "latents used", m["latents_used"], math.Exp(h), 1e-12)

	none := map[string]float64{}
	usage(none, nil, 4)
	if len(none) > 0 {
		t.Errorf("measures of nothing: %v", none)
	}
}

func TestAlarm(t *testing.T) {
	for _, c := range []struct {
		annotations []trace.Annotation
		want        string
	}{
		{[]trace.Annotation{{0, trace.Act, 1, trace.Act}, {2, trace.Act, trace.Act, 3}}, ""},
		{[]trace.Annotation{{0, trace.Act, 0, trace.Act}, {0, trace.Act, trace.Act, 0}}, "one rationale"},
		{[]trace.Annotation{{0, 1, 2, 3}, {3, 2, 0, 1}}, "every line thinks"},
		{[]trace.Annotation{{0, trace.Act, trace.Act, trace.Act}, {1, trace.Act, trace.Act, trace.Act}}, "no line after the first"},
	} {
		m := map[string]float64{}
		usage(m, [][]trace.Annotation{c.annotations}, 4)
		got := Alarm(m, 4)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: alarm %q, want one of %q", c.annotations, got, c.want)
		}
	}
	if got := Alarm(map[string]float64{}, 4); got != "" {
		t.Errorf("alarm %q without measures", got)
	}
}
