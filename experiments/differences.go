package experiments

import (
	"fmt"
	"slices"

	"ra3/core/measure"
)

// Average names what is averaged over the families of the trained lengths, and
// over pass@1, 5 and 10: one number a pair of lanes.
const Average = "average"

// Pair is a difference that is reported, lane A minus lane B.
type Pair struct{ Key, A, B string }

// Pairs lists the differences reported between lanes: first what a run is about,
// RA3 minus NTP, then RA3 minus each other, and what the others are measured by.
func Pairs(lanes []string) []Pair {
	var out []Pair
	others := slices.DeleteFunc(LaneNames(), func(lane string) bool { return lane == "ntp" })
	for _, a := range []string{"ra3", "oracle", "ntp-compute", "ntp"} {
		for _, b := range append([]string{"ntp"}, others...) {
			if a == b || !slices.Contains(lanes, a) || !slices.Contains(lanes, b) || a != "ra3" && b != "ntp" && b != "base" {
				continue
			}
			out = append(out, Pair{a + "-" + b, a, b})
		}
	}
	return out
}

// Compared lists the families of a pair's differences: the average over them
// first, plus variants, which are of the same samples, left out.
func Compared[V any](of map[string]V) []string {
	var out []string
	for family := range of {
		if !IsPlus(family) && family != Average {
			out = append(out, family)
		}
	}
	slices.Sort(out)
	if _, ok := of[Average]; ok {
		out = append([]string{Average}, out...)
	}
	return out
}

// paired holds differences on the same problems of the same seeds.
type paired struct{ bySeed, items []float64 }

func (p paired) comparison(name string) Comparison {
	return compared(estimate(p.bySeed, p.items, name))
}

// compared says which side of zero an interval lies on.
func compared(m Measured) Comparison {
	c := Comparison{Measured: m, Verdict: "not distinguishable"}
	switch {
	case m.Lo > 0:
		c.Verdict = "higher"
	case m.Hi < 0:
		c.Verdict = "lower"
	}
	return c
}

// Says is the verdict in words: without an interval there is none.
func (c Comparison) Says() string {
	if number := func(x Number) bool { return x == x }; number(c.Lo) && number(c.Hi) {
		return c.Verdict
	}
	switch c.N {
	case 0:
		return "no value"
	case 1:
		return "one seed: no interval"
	}
	return "no interval"
}

// differences are lane a minus lane b, by family (and averaged over Families)
// and measure (pass@k, and averaged over k).
func differences(c Config, r *Results, a, b string, after bool) map[string]map[string]Comparison {
	ks := []int{1, 5, 10}
	out := map[string]map[string]Comparison{}
	put := func(family, measure string, p paired) {
		if len(p.bySeed) == 0 {
			return
		}
		if out[family] == nil {
			out[family] = map[string]Comparison{}
		}
		out[family][measure] = p.comparison(fmt.Sprintf("%s-%s/%s/%s", a, b, family, measure))
	}
	byFamily := map[string]map[string]paired{}
	for _, family := range familyNames(r) {
		all := map[string]paired{}
		var each []paired
		for _, k := range ks {
			if p := difference(c, r, a, b, after, family, k); len(p.bySeed) > 0 {
				all[fmt.Sprintf("pass@%d", k)] = p
				each = append(each, p)
			}
		}
		if len(each) == len(ks) {
			all[Average] = meanOf(each)
		}
		for measure, p := range all {
			put(family, measure, p)
		}
		byFamily[family] = all
	}
	for _, measure := range []string{"pass@1", "pass@5", "pass@10", Average} {
		var each []paired
		for _, f := range Families {
			if p, ok := byFamily[f][measure]; ok {
				each = append(each, p)
			}
		}
		if len(each) == len(Families) {
			put(Average, measure, meanOf(each))
		}
	}
	return out
}

// difference is pass@k of a minus b on one family.
func difference(c Config, r *Results, a, b string, after bool, family string, k int) paired {
	var d paired
	for i := range c.Seeds {
		pa, pb := r.passed(c.Seed+i, a, after, family, k), r.passed(c.Seed+i, b, after, family, k)
		if !pa.reaches(k) || !pb.reaches(k) || len(pa.Trials) != len(pb.Trials) {
			continue
		}
		xs, ys := measure.MeanPassAtK(pa.Trials, k), measure.MeanPassAtK(pb.Trials, k)
		var mean float64
		for i := range xs {
			d.items = append(d.items, xs[i]-ys[i])
			mean += (xs[i] - ys[i]) / float64(len(xs))
		}
		d.bySeed = append(d.bySeed, mean)
	}
	return d
}

// meanOf averages differences measured on the same seeds and as many problems.
func meanOf(ps []paired) paired {
	var out paired
	for _, p := range ps {
		if len(p.bySeed) != len(ps[0].bySeed) || len(p.items) != len(ps[0].items) {
			return paired{}
		}
	}
	average := func(get func(paired) []float64) []float64 {
		sum := make([]float64, len(get(ps[0])))
		for _, p := range ps {
			for i, x := range get(p) {
				sum[i] += x / float64(len(ps))
			}
		}
		return sum
	}
	out.bySeed = average(func(p paired) []float64 { return p.bySeed })
	out.items = average(func(p paired) []float64 { return p.items })
	return out
}
