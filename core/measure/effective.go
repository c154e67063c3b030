package measure

import "math"

// The effective set of a decision is the shortest prefix of its actions, ordered
// by falling probability and then by rising index, that holds the mass. With
// b_i the mass ranked before action i and M the total, action i is in it exactly
// if b_i < mass * M.
//
// Sums are float64 over float32 values. Each member of the set is above
// (1-mass) M / n, so while n / (1-mass) stays below 2^29 the members' sum is
// exact in float64 in whatever order it is taken (24 bits of a value and 29 of
// range). That is why counting members by selection (N95) and testing one by a
// scan (InTop) never disagree.

// slack keeps float64 rounding from excluding a member when candidates are
// filtered by the lower bound above. It is a share of the total mass.
const slack = 1e-9

// N95 is the size of the effective set: the smallest number of actions that
// together hold the share mass (0.95 for the measure of that name) of p's sum. p
// need not be sorted nor sum to one. A mass of 1 or more asks for all actions of
// positive probability, 0 or less for none. scratch is overwritten; with
// capacity len(p) nothing is allocated. It is 0 where p is no distribution:
// empty, or with a negative, NaN or infinite value, or no positive one.
func N95(p []float32, mass float64, scratch []float32) int {
	total, largest := massOf(p)
	target := mass * total
	switch {
	case total == 0 || !(mass > 0):
		return 0
	case mass >= 1:
		return positives(p)
	case float64(largest) >= target:
		return 1
	}
	// The next float32 down, since rounding to float32 may go up onto a member.
	floor := math.Nextafter32(float32(max((1-mass-slack)*total/float64(len(p)), 0)), 0)
	if cap(scratch) < len(p) {
		scratch = make([]float32, len(p))
	}
	// The store always happens and only the cursor depends on the comparison.
	candidates := scratch[:len(p)]
	n := 0
	for _, v := range p {
		candidates[n] = v
		n += exceeds(v, floor)
	}
	return countUntil(candidates[:n], target)
}

// InTop reports whether action belongs to the effective set of p at mass (see
// N95); among equal probabilities the lower index comes first. False where p is
// no distribution or action is not an index of p.
func InTop(p []float32, action int, mass float64) bool {
	if action < 0 || action >= len(p) || !(mass > 0) {
		return false
	}
	total, _ := massOf(p)
	if total == 0 {
		return false
	}
	own := p[action]
	if mass >= 1 || own == 0 {
		return own > 0
	}
	before := 0.0
	for _, v := range p[:action] {
		if v >= own {
			before += float64(v)
		}
	}
	for _, v := range p[action+1:] {
		if v > own {
			before += float64(v)
		}
	}
	return before < mass*total
}

// massOf gives p's sum and largest value, or zeros if p is no distribution. Four
// partial sums keep the additions from waiting on one another.
func massOf(p []float32) (total float64, largest float32) {
	var sums [4]float64
	var tops [4]float32
	valid := true
	i := 0
	for ; i+4 <= len(p); i += 4 {
		a, b, c, d := p[i], p[i+1], p[i+2], p[i+3]
		if !(a >= 0 && b >= 0 && c >= 0 && d >= 0) {
			valid = false
		}
		sums[0] += float64(a)
		sums[1] += float64(b)
		sums[2] += float64(c)
		sums[3] += float64(d)
		tops[0] = larger(tops[0], a)
		tops[1] = larger(tops[1], b)
		tops[2] = larger(tops[2], c)
		tops[3] = larger(tops[3], d)
	}
	for ; i < len(p); i++ {
		valid = valid && p[i] >= 0
		sums[0] += float64(p[i])
		tops[0] = larger(tops[0], p[i])
	}
	total = (sums[0] + sums[1]) + (sums[2] + sums[3])
	if !valid || math.IsInf(total, 1) {
		return 0, 0
	}
	return total, larger(larger(tops[0], tops[1]), larger(tops[2], tops[3]))
}

// larger is max without its care for NaN and signed zero, a third of its time.
func larger(a, b float32) float32 {
	if b > a {
		return b
	}
	return a
}

func positives(p []float32) int {
	n := 0
	for _, v := range p {
		if v > 0 {
			n++
		}
	}
	return n
}

// countUntil is the number of v's largest values whose sum reaches target, or
// len(v) if all fall short. v is reordered. Expected time is linear: the values
// are partitioned into above, equal to and below a pivot, and only the part in
// which the target is reached is partitioned further.
func countUntil(v []float32, target float64) int {
	count, held := 0, 0.0
	for len(v) > insertionSize {
		pivot := medianOfThree(v[0], v[len(v)/2], v[len(v)-1])
		greater := 0
		for i, x := range v {
			v[i], v[greater] = v[greater], x
			greater += exceeds(x, pivot)
		}
		above := 0.0
		for _, x := range v[:greater] {
			above += float64(x)
		}
		if held+above >= target {
			v = v[:greater]
			continue
		}
		held += above
		count += greater
		v = v[greater:]
		equal := 0
		for i, x := range v {
			v[i], v[equal] = v[equal], x
			equal += 1 - exceeds(pivot, x)
		}
		for range equal {
			held += float64(pivot)
			count++
			if held >= target {
				return count
			}
		}
		v = v[equal:]
	}
	for i := 1; i < len(v); i++ {
		x, j := v[i], i
		for ; j > 0 && v[j-1] < x; j-- {
			v[j] = v[j-1]
		}
		v[j] = x
	}
	for _, x := range v {
		held += float64(x)
		count++
		if held >= target {
			return count
		}
	}
	return count
}

// exceeds is 1 if a > b, else 0, for a, b >= 0, whose bits order as their values
// do (the sign is cleared for the sake of -0). Written without a branch, because
// on a policy's values a branch is mispredicted half the time.
func exceeds(a, b float32) int {
	return int(((math.Float32bits(b) &^ (1 << 31)) - (math.Float32bits(a) &^ (1 << 31))) >> 31)
}

// insertionSize is the length below which sorting beats partitioning.
const insertionSize = 16

func medianOfThree(a, b, c float32) float32 {
	return max(min(a, b), min(max(a, b), c))
}
