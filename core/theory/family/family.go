// Package family makes families of tasks on finite MDPs: states, actions,
// dynamics and discount are shared, rewards are drawn for each task. Each family
// comes with options that were planted in it: hallways of rooms, words of
// phrases, sub-goals of a random MDP.
package family

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"ra3/core/theory/mdp"
)

// Kind names a family.
type Kind string

const (
	// Rooms is four rooms joined by hallways; options go to a hallway, tasks are
	// goals to be reached and stayed at.
	Rooms Kind = "rooms"
	// Phrases is spelling a hidden phrase letter by letter; options are words.
	Phrases Kind = "phrases"
	// Random is a random MDP on a ring with planted sub-goals; options go to one.
	Random Kind = "random"
)

// Kinds lists the families.
func Kinds() []Kind { return []Kind{Rooms, Phrases, Random} }

// Settings are what a family is made of.
type Settings struct {
	Kind     Kind
	Actions  int     // rooms: 5 that are of use, then drifting; phrases: letters
	Options  int     // rooms: hallways, then landmarks; phrases: words; random: sub-goals
	Duration int     // rooms: side of a room; phrases: letters a word; random: steps between sub-goals
	Words    int     // phrases: words of a phrase
	Doors    int     // rooms: hallways that are open, 0 to 4
	Gamma    float64 // discount
	Slip     float64 // probability that an action's outcome is a random action's
	Off      float64 // share of goals, or words, that no option leads to
}

// Family is shared dynamics with planted options and a distribution of tasks.
type Family struct {
	Kind    Kind
	MDP     *mdp.MDP
	Options []mdp.Option
	Map     *Map // of rooms; nil otherwise
	// View is what a tabular learner of options sees of each state, one of Views:
	// in phrases the place within the word, elsewhere the state. A learner that saw
	// the letters before would need no latent to know the word.
	View    []int
	Views   int
	Horizon int // steps within which an expert is done with a task

	draw  func(rng *rand.Rand) mdp.Task
	label func(s int) string
}

// New makes a family; the same rng gives the same one.
func New(ctx context.Context, s Settings, rng *rand.Rand) (*Family, error) {
	if s.Options < 1 || s.Duration < 1 {
		return nil, fmt.Errorf("%d options of duration %d: must be at least 1 each", s.Options, s.Duration)
	}
	var f *Family
	var err error
	switch s.Kind {
	case Rooms:
		f, err = rooms(ctx, s, rng)
	case Phrases:
		f, err = phrases(s, rng)
	case Random:
		f, err = random(ctx, s, rng)
	default:
		return nil, fmt.Errorf("family %q is not one of rooms, phrases, random", s.Kind)
	}
	if err != nil {
		return nil, fmt.Errorf("family %s: %w", s.Kind, err)
	}
	f.Kind = s.Kind
	if f.View == nil {
		f.Views = f.MDP.States
		f.View = make([]int, f.Views)
		for i := range f.View {
			f.View[i] = i
		}
	}
	return f, nil
}

// Draw draws a task.
func (f *Family) Draw(rng *rand.Rand) mdp.Task { return f.draw(rng) }

// Label words a state.
func (f *Family) Label(s int) string { return f.label(s) }

// Letters is the alphabet of phrases.
const Letters = "abcdefghijklmnopqrstuvwxyz"

// reach is the option that goes to a goal by the fewest discounted steps within
// a region, where it may start wherever the goal can be reached from, but at the
// goal itself; it ends everywhere else.
func reach(ctx context.Context, m *mdp.MDP, name string, goal int, region []bool) (mdp.Option, error) {
	o := mdp.Option{Name: name, Starts: slices.Clone(region), Policy: make([][]float64, m.States), Ends: make([]float64, m.States)}
	o.Starts[goal] = false
	v := make([]float64, m.States)
	v[goal] = 1
	best := func(s int) (value float64, action int) {
		for a := range m.Actions {
			q := 0.0
			for _, out := range m.Next(s, a) {
				q += m.Gamma * out.P * v[out.To]
			}
			if q > value*(1+1e-12) {
				value, action = q, a
			}
		}
		return value, action
	}
	for moved := 1.0; moved > 1e-13; {
		if err := ctx.Err(); err != nil {
			return o, err
		}
		moved = 0
		for s := range m.States {
			if o.Starts[s] {
				q, _ := best(s)
				moved, v[s] = max(moved, q-v[s]), q
			}
		}
	}
	for s := range m.States {
		q, a := best(s)
		if o.Starts[s] = o.Starts[s] && q > 0; !o.Starts[s] {
			o.Ends[s] = 1
			continue
		}
		o.Policy[s] = make([]float64, m.Actions)
		o.Policy[s][a] = 1
	}
	return o, nil
}

// slipping mixes the outcome of an action with that of a random one of those
// that slips can be.
func slipping(slip float64, slips []int, clean func(s, a int) []mdp.Outcome) func(s, a int) []mdp.Outcome {
	if slip == 0 {
		return clean
	}
	return func(s, a int) []mdp.Outcome {
		var out []mdp.Outcome
		for _, o := range clean(s, a) {
			out = append(out, mdp.Outcome{To: o.To, P: o.P * (1 - slip)})
		}
		for _, b := range slips {
			for _, o := range clean(s, b) {
				out = append(out, mdp.Outcome{To: o.To, P: o.P * slip / float64(len(slips))})
			}
		}
		return out
	}
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func spaced(words []string) string { return strings.Join(words, " ") }
