package family

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/theory/mdp"
)

// Steps of an action on the ring, at most, and on the way to a sub-goal about.
const (
	stride = 3
	pace   = 2
)

// random makes a random MDP on a ring: in every state each action moves by a
// drawn step of up to three places, but the first two by one place, so that
// everything can be reached. Sub-goals stand evenly about the ring; from one,
// every action leads on to a drawn place, as a sub-task that is done is done. An
// option goes to a sub-goal from up to one and a half of their distance away. A
// task pays in two places, sub-goals but for a share s.Off, 1-gamma an entry.
func random(ctx context.Context, s Settings, rng *rand.Rand) (*Family, error) {
	space := pace * s.Duration
	states := max(s.Options*space, 2*stride+1)
	switch {
	case s.Actions < 2:
		return nil, fmt.Errorf("%d action: a ring takes at least 2, one each way", s.Actions)
	case states > mdp.MaxStates:
		return nil, fmt.Errorf("%d sub-goals, %d steps apart, make %d states: at most %d, lower options or duration", s.Options, s.Duration, states, mdp.MaxStates)
	}
	names := make([]string, s.Actions)
	for a := range names {
		names[a] = fmt.Sprintf("a%d", a)
	}
	jump := make([]int, states*s.Actions)
	for i := range jump {
		switch i % s.Actions {
		case 0:
			jump[i] = 1
		case 1:
			jump[i] = states - 1
		default:
			jump[i] = 1 + rng.IntN(stride)
			if rng.IntN(2) == 0 {
				jump[i] = states - jump[i]
			}
		}
	}
	onward := make([]int, s.Options)
	for i := range onward {
		onward[i] = rng.IntN(states)
		if onward[i]%space == 0 {
			onward[i] = (onward[i] + space/2) % states
		}
	}
	clean := func(st, a int) []mdp.Outcome {
		if i := st / space; st%space == 0 && i < s.Options {
			return []mdp.Outcome{{To: onward[i], P: 1}}
		}
		return []mdp.Outcome{{To: (st + jump[st*s.Actions+a]) % states, P: 1}}
	}
	m, err := mdp.New(states, names, s.Gamma, slipping(s.Slip, upTo(s.Actions), clean))
	if err != nil {
		return nil, err
	}
	f := &Family{MDP: m, Horizon: states + 3*s.Duration}
	f.label = func(st int) string { return fmt.Sprintf("s%d", st) }
	var goals []int
	for i := range s.Options {
		goal := i * space
		region := make([]bool, states)
		for d := range min(states, 3*space+1) {
			region[(goal-3*space/2+d+2*states)%states] = true
		}
		o, err := reach(ctx, m, "to "+f.label(goal), goal, region)
		if err != nil {
			return nil, err
		}
		f.Options, goals = append(f.Options, o), append(goals, goal)
	}
	f.draw = func(rng *rand.Rand) mdp.Task {
		t := mdp.Task{Start: rng.IntN(states)}
		for k := range 2 {
			to := goals[rng.IntN(len(goals))]
			if rng.Float64() < s.Off {
				to = rng.IntN(states)
			}
			t.Pays = append(t.Pays, mdp.Reward{State: to, Value: 1 - s.Gamma})
			if k == 0 {
				t.Name = "pays at " + f.label(to)
			} else {
				t.Name += " and " + f.label(to)
			}
		}
		return t
	}
	return f, nil
}
