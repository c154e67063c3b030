package experiments

import (
	"fmt"
	"slices"

	"ra3/core/trace"
)

// Choice is what success on validation problems decided for a lane in one seed.
type Choice struct {
	Seed int `json:"seed"`
	// Temperatures of its samples for pass@1 and for larger k; absent where none
	// were tried.
	Temperatures     *trace.Temperatures `json:"temperatures,omitempty"`
	TemperaturesMany *trace.Temperatures `json:"temperatures_many,omitempty"`
	// StopUpdate is how many mid-training updates its policy has had; 0 where no
	// look was taken and the policy is the last.
	StopUpdate int `json:"stop_update,omitempty"`
}

// choices lists a lane's, without seeds in which nothing was chosen.
func choices(c Config, r *Results, lane string) []Choice {
	var out []Choice
	for i := range c.Seeds {
		x := Choice{Seed: c.Seed + i}
		if slices.ContainsFunc(r.Tuned, func(t TuneResult) bool { return t.Seed == x.Seed && t.Lane == lane }) {
			one, many := r.temperatures(c, x.Seed, lane, false), r.temperatures(c, x.Seed, lane, true)
			x.Temperatures, x.TemperaturesMany = &one, &many
		}
		if stop := r.stop(x.Seed, lane); stop != nil {
			x.StopUpdate = stop.Update
		}
		if x.Temperatures != nil || x.StopUpdate > 0 {
			out = append(out, x)
		}
	}
	return out
}

// temperatureRows lists the temperatures chosen, a row a lane and seed.
func temperatureRows(s *Summary) Table {
	t := Table{Head: []string{"lane", "seed", "for pass@1", "for larger k"}}
	for _, lane := range lanesIn(s.Choices) {
		for _, c := range s.Choices[lane] {
			if c.Temperatures != nil && c.TemperaturesMany != nil {
				t.Row(nameOf(lane), fmt.Sprint(c.Seed), temperaturesText(*c.Temperatures), temperaturesText(*c.TemperaturesMany))
			}
		}
	}
	return t
}

func temperaturesText(t trace.Temperatures) string {
	return fmt.Sprintf("code %g, decisions %g, rationales %g", t.Code, t.Decision, t.Rationale)
}
