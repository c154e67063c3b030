package verbs

import (
	"strings"
	"testing"

	"ra3/core/trace"
	"ra3/experiments"
)

func TestSettingsOfAnEvaluation(t *testing.T) {
	cold, hot := trace.Temperatures{Code: 0.5, Decision: 0.5, Rationale: 0.5}, trace.Temperatures{Code: 1, Decision: 0.7, Rationale: 0.7}
	same := map[string][]experiments.EvalSetting{"ntp": {{Seed: 1, Temperatures: hot}, {Seed: 2, Temperatures: hot}}, "ra3": {{Seed: 1, Temperatures: hot}}}
	var b strings.Builder
	settingsTable(&b, same)
	if got := settingsText(same); got != temperaturesText(hot) || b.Len() > 0 {
		t.Errorf("one setting for all: %q, %q", got, b.String())
	}
	apart := map[string][]experiments.EvalSetting{"ntp": {{Seed: 1, Temperatures: cold}, {Seed: 1, Many: true, Temperatures: hot}, {Seed: 2, Temperatures: cold}}}
	settingsTable(&b, apart)
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	want := []string{"ntp 1 pass@1 0.5 0.5 0.5", "ntp 1 k above 1 1 0.7 0.7", "ntp 2 every k 0.5 0.5 0.5"}
	if settingsText(apart) != "temperatures as below" || !strings.HasSuffix(strings.Join(got, "\n"), strings.Join(want, "\n")) {
		t.Errorf("%q, %q", settingsText(apart), got)
	}
}

func TestHelpOfEvalListsTheLanes(t *testing.T) {
	o := command(t, t.Context(), "eval", "-h")
	if text := strings.Join(strings.Fields(o.stdout), " "); !strings.Contains(text, strings.Join(experiments.LaneNames(), ", ")) {
		t.Errorf("%+v", o)
	}
}
