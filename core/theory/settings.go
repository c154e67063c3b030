// Package theory computes, on finite families of tasks, the two determinants
// that the analysis of RA3 rests on: pruning error, what a decision space kept
// from a few experts costs, and planning error, how far value iteration or
// Q-learning is from the best inside it. Everything is exact but for what is
// drawn: tasks, demonstrations and exploration; those carry intervals.
package theory

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"ra3/core/theory/family"
)

// Settings are a theory lab's.
type Settings struct {
	Family     string  `json:"family"`     // rooms, phrases or random
	Actions    int     `json:"actions"`    // see family.Settings, as for the next six
	Options    int     `json:"options"`    //
	Duration   int     `json:"duration"`   //
	Words      int     `json:"words"`      //
	Doors      int     `json:"doors"`      //
	Discount   float64 `json:"discount"`   //
	Slip       float64 `json:"slip"`       //
	Off        float64 `json:"off"`        //
	Epsilon    float64 `json:"epsilon"`    // value that may be lost
	Delta      float64 `json:"delta"`      // probability with which the bound may fail
	Sigma      float64 `json:"sigma"`      // share of tasks that may lose more than epsilon
	Demos      int     `json:"demos"`      // expert demonstrations to prune from
	Tasks      int     `json:"tasks"`      // fresh tasks to measure on
	Repeats    int     `json:"repeats"`    // draws of demonstrations
	Iterations int     `json:"iterations"` // budget of value iteration
	Episodes   int     `json:"episodes"`   // budget of Q-learning
	Latents    int     `json:"latents"`    // of the learned abstractions; 0: as many as were planted
	Seed       int     `json:"seed"`
}

// Default is where the lab starts.
func Default() Settings {
	return Settings{Family: string(family.Rooms), Actions: 6, Options: 8, Duration: 5, Words: 3, Doors: 4, Discount: 0.95, Off: 0.25,
		Epsilon: 0.05, Delta: 0.05, Sigma: 0.1, Demos: 8, Tasks: 64, Repeats: 20, Iterations: 6, Episodes: 60, Seed: 1}
}

// Field is one setting with its range and the values that a slider goes through.
type Field struct {
	Name, Help string
	Lo, Hi     float64
	Steps      []float64 // values of a slider, ascending
	Whole      bool
	at         func(*Settings) any
}

// Fields lists the settings that are numbers, in the order of the sliders.
func Fields() []Field {
	whole := func(name, help string, lo, hi float64, at func(*Settings) *int, steps ...float64) Field {
		return Field{name, help, lo, hi, steps, true, func(s *Settings) any { return at(s) }}
	}
	real := func(name, help string, lo, hi float64, at func(*Settings) *float64, steps ...float64) Field {
		return Field{name, help, lo, hi, steps, false, func(s *Settings) any { return at(s) }}
	}
	const open = 1e-6
	return []Field{
		whole("actions", "actions a state (rooms: from 5 up, those beyond drift; phrases: letters)", 2, 64, func(s *Settings) *int { return &s.Actions }, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26, 32, 48, 64),
		whole("options", "options planted (rooms: 8 to hallways, then landmarks; phrases: words; random: sub-goals)", 1, 200, func(s *Settings) *int { return &s.Options }, 1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48, 64, 100, 200),
		whole("duration", "steps an option lasts, about (rooms: side of a room; phrases: letters a word)", 1, 60, func(s *Settings) *int { return &s.Duration }, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 25, 30, 34),
		real("discount", "discount a step", open, 0.999, func(s *Settings) *float64 { return &s.Discount }, 0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999),
		real("epsilon", "value that may be lost on a task", open, 1, func(s *Settings) *float64 { return &s.Epsilon }, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
		real("delta", "probability with which the bound may fail", open, 1-open, func(s *Settings) *float64 { return &s.Delta }, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
		real("sigma", "share of tasks that may lose more than epsilon", open, 1, func(s *Settings) *float64 { return &s.Sigma }, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5),
		whole("demos", "expert demonstrations that the kept set comes from", 1, 512, func(s *Settings) *int { return &s.Demos }, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128),
		whole("tasks", "fresh tasks to measure on", 2, 10000, func(s *Settings) *int { return &s.Tasks }, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
		whole("repeats", "draws of the demonstrations", 2, 1000, func(s *Settings) *int { return &s.Repeats }, 5, 10, 20, 30, 50, 100, 200),
		whole("iterations", "budget of value iteration", 0, 10000, func(s *Settings) *int { return &s.Iterations }, 0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 50, 100),
		whole("episodes", "budget of Q-learning", 1, 100000, func(s *Settings) *int { return &s.Episodes }, 10, 20, 40, 60, 100, 200, 400, 1000),
		real("off", "share of goals, or words, that no option leads to", 0, 1, func(s *Settings) *float64 { return &s.Off }, 0, 0.05, 0.1, 0.25, 0.5, 0.75, 1),
		real("slip", "probability that an action does what a random one does", 0, 0.9, func(s *Settings) *float64 { return &s.Slip }, 0, 0.05, 0.1, 0.2, 0.3, 0.5),
		whole("words", "words of a phrase", 1, 50, func(s *Settings) *int { return &s.Words }, 1, 2, 3, 4, 5, 6, 8, 10),
		whole("doors", "open hallways of rooms", 0, 4, func(s *Settings) *int { return &s.Doors }, 0, 1, 2, 3, 4),
		whole("latents", "latents to discover; 0: as many as options were planted", 0, 64, func(s *Settings) *int { return &s.Latents }, 0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32),
		whole("seed", "seed of everything drawn", 0, math.MaxInt32, func(s *Settings) *int { return &s.Seed }, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
	}
}

// Get reads the field of s.
func (f Field) Get(s *Settings) float64 {
	switch at := f.at(s).(type) {
	case *int:
		return float64(*at)
	case *float64:
		return *at
	}
	panic("theory: field " + f.Name + " is neither a count nor a number")
}

// Put sets the field of s, which it leaves alone on a value out of range.
func (f Field) Put(s *Settings, v float64) error {
	if err := f.check(v); err != nil {
		return err
	}
	switch at := f.at(s).(type) {
	case *int:
		*at = int(v)
	case *float64:
		*at = v
	}
	return nil
}

// check names what is wrong with a value.
func (f Field) check(v float64) error {
	switch {
	case f.Name == "discount" && v >= 1:
		return fmt.Errorf("discount = %g: must lie below 1, or values are infinite; at most %g here", v, f.Hi)
	case f.Whole && v != math.Trunc(v):
		return fmt.Errorf("%s = %g: must be a whole number", f.Name, v)
	case !(v >= f.Lo && v <= f.Hi):
		return fmt.Errorf("%s = %g is out of range: %g to %g", f.Name, v, f.Lo, f.Hi)
	}
	return nil
}

// Step is the slider's next value above v, or below it for a negative way; v
// itself at the end.
func (f Field) Step(v float64, way int) float64 {
	if way > 0 {
		for _, x := range f.Steps {
			if x > v {
				return x
			}
		}
		return v
	}
	for i := len(f.Steps) - 1; i >= 0; i-- {
		if f.Steps[i] < v {
			return f.Steps[i]
		}
	}
	return v
}

// With sets one field as in discount=0.9.
func (s Settings) With(assignment string) (Settings, error) {
	name, value, ok := strings.Cut(assignment, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok {
		return s, fmt.Errorf("%q sets nothing: want field=value, as in discount=0.9", assignment)
	}
	if name == "family" {
		other := s
		other.Family = value
		if err := other.Validate(); err != nil {
			return s, err
		}
		return other, nil
	}
	var names []string
	for _, f := range Fields() {
		names = append(names, f.Name)
		if f.Name != name {
			continue
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return s, fmt.Errorf("%s = %q is no number: give %s", name, value, f.Help)
		}
		return s, f.Put(&s, v)
	}
	return s, fmt.Errorf("unknown field %s: choose one of family, %s", name, strings.Join(names, ", "))
}

// Validate names what is wrong with settings.
func (s Settings) Validate() error {
	known := false
	for _, k := range family.Kinds() {
		known = known || string(k) == s.Family
	}
	if !known {
		return fmt.Errorf("family = %q: choose one of rooms, phrases, random", s.Family)
	}
	for _, f := range Fields() {
		if err := f.check(f.Get(&s)); err != nil {
			return err
		}
	}
	return nil
}

// family is what the family is made of.
func (s Settings) family() family.Settings {
	return family.Settings{Kind: family.Kind(s.Family), Actions: s.Actions, Options: s.Options, Duration: s.Duration, Words: s.Words, Doors: s.Doors,
		Gamma: s.Discount, Slip: s.Slip, Off: s.Off}
}
