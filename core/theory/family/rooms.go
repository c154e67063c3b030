package family

import (
	"context"
	"fmt"
	"math/rand/v2"

	"ra3/core/theory/mdp"
)

// Map lays the states of rooms out as a grid.
type Map struct {
	W, H  int
	Cell  []int // [H*W] state of a cell, -1 for a wall
	Place []int // [states] cell of a state
}

// Actions of rooms before those that drift.
var compass = []string{"north", "east", "south", "west", "stay"}

// most bounds the side of a room, so that states stay below mdp.MaxStates.
const mostSide = 34

// rooms makes four rooms, side x side each, joined by hallways of one cell in the
// middle of the walls between them (after Sutton, Precup and Singh 1999, section
// 2). An expert stays at the goal for ever: what is paid there a step is 1-gamma.
func rooms(ctx context.Context, s Settings, rng *rand.Rand) (*Family, error) {
	switch {
	case s.Actions < len(compass):
		return nil, fmt.Errorf("%d actions: four moves and staying make at least %d", s.Actions, len(compass))
	case s.Duration > mostSide:
		return nil, fmt.Errorf("rooms of side %d: at most %d", s.Duration, mostSide)
	case s.Doors < 0 || s.Doors > 4:
		return nil, fmt.Errorf("%d doors: four rooms have 0 to 4", s.Doors)
	}
	g := layOut(s.Duration, s.Doors)
	states := len(g.Place)
	names := append([]string{}, compass...)
	for len(names) < s.Actions {
		names = append(names, fmt.Sprintf("drift%d", len(names)-len(compass)+1))
	}
	clean := func(st, a int) []mdp.Outcome {
		if a < len(compass) {
			return []mdp.Outcome{{To: g.step(st, a), P: 1}}
		}
		var out []mdp.Outcome
		for d := range 4 {
			out = append(out, mdp.Outcome{To: g.step(st, d), P: 0.25})
		}
		return out
	}
	m, err := mdp.New(states, names, s.Gamma, slipping(s.Slip, upTo(4), clean))
	if err != nil {
		return nil, err
	}
	f := &Family{MDP: m, Map: g, Horizon: 8*s.Duration + 8}
	f.label = func(st int) string { return fmt.Sprintf("(%d,%d)", g.Place[st]%g.W, g.Place[st]/g.W) }
	ends, err := f.ways(ctx, s, rng)
	if err != nil {
		return nil, err
	}
	f.draw = func(rng *rand.Rand) mdp.Task {
		goal := rng.IntN(states)
		if rng.Float64() >= s.Off {
			goal = ends[rng.IntN(len(ends))]
		}
		start := rng.IntN(states)
		return mdp.Task{Name: "goal " + f.label(goal), Start: start, Pays: []mdp.Reward{{State: goal, Value: 1 - s.Gamma}}}
	}
	return f, nil
}

// layOut is the grid of four rooms; the last doors are walled up.
func layOut(side, doors int) *Map {
	n := 2*side + 3
	g := &Map{W: n, H: n, Cell: make([]int, n*n)}
	mid, low, high := side+1, (side+1)/2, side+1+(side+1)/2
	door := map[int]bool{}
	for _, c := range [][2]int{{mid, low}, {high, mid}, {mid, high}, {low, mid}}[:doors] {
		door[c[1]*n+c[0]] = true
	}
	for c := range g.Cell {
		x, y := c%n, c/n
		wall := x == 0 || y == 0 || x == n-1 || y == n-1 || (x == mid || y == mid) && !door[c]
		g.Cell[c] = -1
		if !wall {
			g.Cell[c] = len(g.Place)
			g.Place = append(g.Place, c)
		}
	}
	return g
}

// step is where a move leads; walls are not passed.
func (g *Map) step(s, a int) int {
	c := g.Place[s] + []int{-g.W, 1, g.W, -1, 0}[a]
	if g.Cell[c] < 0 {
		return s
	}
	return g.Cell[c]
}

// room of a cell: 0 to 3, -1 for walls and hallways.
func (g *Map) room(c int) int {
	x, y, mid := c%g.W, c/g.W, g.W/2
	if g.Cell[c] < 0 || x == mid || y == mid {
		return -1
	}
	r := 0
	if x > mid {
		r++
	}
	if y > mid {
		r += 2
	}
	return r
}

// ways gives the family its options, the first hallway of every room before the
// second ones, then landmarks: random cells of a room. Each may start in its
// room and in the room's hallways. It returns where they end.
func (f *Family) ways(ctx context.Context, s Settings, rng *rand.Rand) (ends []int, err error) {
	g := f.Map
	var regions [4][]bool
	var halls [4][]int
	for r := range regions {
		regions[r] = make([]bool, f.MDP.States)
	}
	for c, st := range g.Cell {
		if r := g.room(c); r >= 0 {
			regions[r][st] = true
		} else if st >= 0 {
			for _, by := range []int{c - 1, c + 1, c - g.W, c + g.W} {
				if r := g.room(by); r >= 0 {
					regions[r][st] = true
					halls[r] = append(halls[r], st)
				}
			}
		}
	}
	add := func(r, goal int, kind string) error {
		o, err := reach(ctx, f.MDP, fmt.Sprintf("room%d>%s%s", r+1, kind, f.label(goal)), goal, regions[r])
		f.Options, ends = append(f.Options, o), append(ends, goal)
		return err
	}
	for turn := range 2 {
		for r := range regions {
			if len(f.Options) < s.Options && turn < len(halls[r]) {
				if err := add(r, halls[r][turn], "hall"); err != nil {
					return nil, err
				}
			}
		}
	}
	for len(f.Options) < s.Options {
		goal := rng.IntN(f.MDP.States)
		if r := g.room(g.Place[goal]); r >= 0 && s.Duration > 1 {
			if err := add(r, goal, "mark"); err != nil {
				return nil, err
			}
		} else if s.Duration == 1 {
			return nil, fmt.Errorf("%d options: rooms of one cell have no more than their %d ways to a hallway", s.Options, len(f.Options))
		}
	}
	return ends, nil
}
