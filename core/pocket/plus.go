package pocket

import (
	"math/rand/v2"
	"slices"

	"ra3/core/trace"
)

// shapes are the inputs of plus tests beside the empty list: edge cases, and
// longer lists and larger numbers than a problem's own tests have.
var shapes = []func(*rand.Rand) []int64{
	func(rng *rand.Rand) []int64 { return elements(rng, 1, -9, 9) },
	func(rng *rand.Rand) []int64 { return elements(rng, 20+rng.IntN(21), -9, 9) },
	func(rng *rand.Rand) []int64 { return elements(rng, 7+rng.IntN(4), 2, 4) }, // duplicates, about the threshold of "big"
	func(rng *rand.Rand) []int64 { return elements(rng, 5+rng.IntN(6), -9, -1) },
	func(rng *rand.Rand) []int64 { return elements(rng, 2+rng.IntN(3), -9, 9) },
	func(rng *rand.Rand) []int64 { return elements(rng, 7+rng.IntN(4), -99, 99) },
	func(rng *rand.Rand) []int64 { return elements(rng, 7+rng.IntN(4), -1, 1) },
	func(rng *rand.Rand) []int64 { return slices.Sorted(slices.Values(elements(rng, 8, -9, 9))) },
	func(rng *rand.Rand) []int64 { return slices.Repeat(elements(rng, 1, -9, 9), 6) },
	func(rng *rand.Rand) []int64 { return elements(rng, 7+rng.IntN(6), -9, 9) },
}

// elements draws n values from lo to hi, both included.
func elements(rng *rand.Rand, n, lo, hi int) []int64 {
	xs := make([]int64, n)
	for i := range xs {
		xs[i] = int64(lo + rng.IntN(hi-lo+1))
	}
	return xs
}

// PlusTests draws n further tests of a composition, as EvalPlus adds them to
// HumanEval: the empty list, then edge cases, long lists and plain ones in turn.
func (d *Domain) PlusTests(rng *rand.Rand, steps []int, n int) []trace.Test {
	tests := make([]trace.Test, n)
	for i := range tests {
		in := []int64{}
		if i > 0 {
			in = shapes[(i-1)%len(shapes)](rng)
		}
		tests[i] = trace.Test{In: in, Want: slices.Clone(d.Apply(steps, in))}
	}
	return tests
}
