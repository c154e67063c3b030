package pocket

import (
	"fmt"
	"hash/fnv"
)

// Split is the part of the domain that a composition belongs to.
type Split int

// The splits. A composition (its intents in order) is in exactly one, whatever
// its phrasing, code or prompt family.
const (
	Base     Split = iota // pre-training
	Mid                   // mid-training traces
	RL                    // problems of post-training
	Validate              // what settings are chosen on
	HeldOut               // what results are reported on
)

var splitNames = [...]string{"base", "mid", "rl", "validate", "heldout"}

func (s Split) String() string { return splitNames[s] }

// shares are the parts per hundred of the compositions of two and more steps.
var shares = [...]uint64{Base: 30, Mid: 30, RL: 20, Validate: 5, HeldOut: 15}

// SplitOf says which split a composition belongs to: single intents are Base,
// the others go by a hash of their names.
func (d *Domain) SplitOf(steps []int) Split {
	if len(steps) < 2 {
		return Base
	}
	h := fnv.New64a()
	for _, s := range steps {
		fmt.Fprintf(h, "%s/", d.Intents[s].Name)
	}
	// The low bits of FNV follow the last letters; fold the high ones in.
	x := h.Sum64()
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	x = (x >> 32) % 100
	for s, n := range shares {
		if x < n {
			return Split(s)
		}
		x -= n
	}
	return HeldOut
}
