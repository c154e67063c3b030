package measure

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"
)

// ranked is the effective set by its definition: actions sorted by falling
// probability and rising index, taken until they hold the mass.
func ranked(p []float32, mass float64) []int {
	order := make([]int, len(p))
	total := 0.0
	for i, v := range p {
		order[i] = i
		total += float64(v)
	}
	sort.SliceStable(order, func(i, j int) bool { return p[order[i]] > p[order[j]] })
	held := 0.0
	for i, action := range order {
		held += float64(p[action])
		if held >= mass*total {
			return order[:i+1]
		}
	}
	return order
}

// policy draws a softmax over n actions; the scale of its logits sets how peaked
// it is, and levels > 0 rounds them so that probabilities tie.
func policy(rng *rand.Rand, n int, scale float64, levels int) []float32 {
	p := make([]float32, n)
	total := 0.0
	logits := make([]float64, n)
	for i := range p {
		logits[i] = scale * rng.NormFloat64()
		if levels > 0 {
			logits[i] = math.Round(logits[i]*float64(levels)) / float64(levels)
		}
		total += math.Exp(logits[i])
	}
	for i := range p {
		p[i] = float32(math.Exp(logits[i]) / total)
	}
	return p
}

func TestEffectiveSetMatchesItsDefinition(t *testing.T) {
	rng := seeded(31)
	scratch := make([]float32, 500)
	for trial := range 2000 {
		n := 1 + rng.IntN(400)
		p := policy(rng, n, 4*rng.Float64(), rng.IntN(3))
		if trial%5 == 0 {
			p[rng.IntN(n)] = 0
			p[rng.IntN(n)] += 1e-3 // no longer sums to one
		}
		mass := []float64{.95, .5, .05, .99, .999}[trial%5]
		before := append([]float32(nil), p...)
		want := ranked(p, mass)
		if got := N95(p, mass, scratch); got != len(want) {
			t.Fatalf("trial %d: N95 of %d actions at %v = %d, by sorting %d", trial, n, mass, got, len(want))
		}
		member := make([]bool, n)
		for _, action := range want {
			member[action] = true
		}
		for action := range p {
			if got := InTop(p, action, mass); got != member[action] {
				t.Fatalf("trial %d: InTop(%d of %d, %v) = %v, by sorting %v", trial, action, n, mass, got, member[action])
			}
			if p[action] != before[action] {
				t.Fatalf("trial %d: the policy was changed at %d", trial, action)
			}
		}
	}
}

func TestEffectiveSetKnownCases(t *testing.T) {
	uniform := make([]float32, 20)
	for i := range uniform {
		uniform[i] = 0.05
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		p    []float32
		mass float64
		want int
	}{
		"uniform":         {uniform, .95, 19},
		"certain":         {[]float32{0, 1, 0}, .95, 1},
		"two of three":    {[]float32{.5, .25, .25}, .75, 2},
		"unnormalised":    {[]float32{1, 1, 2}, .5, 1},
		"one action":      {[]float32{.2}, .95, 1},
		"all positive":    {[]float32{.5, 0, .5}, 1, 2},
		"more than all":   {[]float32{.5, 0, .5}, 2, 2},
		"almost all":      {[]float32{.5, 0, .5}, 1 - 1e-15, 2},
		"no mass asked":   {[]float32{.5, .5}, 0, 0},
		"mass not number": {[]float32{.5, .5}, math.NaN(), 0},
		"negative zero":   {[]float32{.5, float32(math.Copysign(0, -1)), .5}, 1 - 1e-15, 2},
		"empty":           {nil, .95, 0},
		"all zero":        {[]float32{0, 0}, .95, 0},
		"negative":        {[]float32{1, -.5}, .95, 0},
		"NaN":             {[]float32{1, nan}, .95, 0},
		"infinite":        {[]float32{1, inf}, .95, 0},
	} {
		if got := N95(c.p, c.mass, nil); got != c.want {
			t.Errorf("%s: N95 = %d, want %d", name, got, c.want)
		}
		members := 0
		for action := -1; action <= len(c.p); action++ {
			if InTop(c.p, action, c.mass) {
				members++
			}
		}
		if members != c.want {
			t.Errorf("%s: InTop holds for %d actions, want %d", name, members, c.want)
		}
	}
	if !InTop([]float32{.5, .5}, 0, .5) || InTop([]float32{.5, .5}, 1, .5) {
		t.Error("a tie must go to the lower index")
	}
}

func FuzzEffectiveSet(f *testing.F) {
	f.Add([]byte{1, 2, 3, 250, 250, 0}, 0.95)
	f.Add([]byte{7}, 0.0)
	f.Fuzz(func(t *testing.T, exponents []byte, mass float64) {
		p := make([]float32, len(exponents))
		for i, e := range exponents {
			p[i] = float32(1+int(e)%5) * float32(math.Exp2(-float64(e)/4))
		}
		n, members := N95(p, mass, nil), 0
		for action := range p {
			if InTop(p, action, mass) {
				members++
			}
		}
		// Nearer to 1 than the guarantee of exact sums reaches, both are right
		// up to rounding only.
		if n != members && (mass >= 1 || 1-mass > float64(len(p))*0x1p-29) {
			t.Fatalf("N95 = %d but %d members of %v at %v", n, members, p, mass)
		}
	})
}

func BenchmarkN95(b *testing.B) {
	for _, c := range []struct {
		name  string
		n     int
		scale float64
	}{{"60 flat", 60, .5}, {"60 peaked", 60, 3}, {"400 flat", 400, .5}, {"400 peaked", 400, 3}, {"400 certain", 400, 12}} {
		rng := seeded(34)
		policies := make([][]float32, 64)
		for i := range policies {
			policies[i] = policy(rng, c.n, c.scale, 0)
		}
		b.Run(c.name, func(b *testing.B) {
			scratch := make([]float32, c.n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				N95(policies[i%64], .95, scratch)
			}
		})
	}
}
