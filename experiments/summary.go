package experiments

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"ra3/core/measure"
)

// level is the confidence of every interval; resamples of every bootstrap.
const (
	level     = 0.95
	resamples = 2000
)

// Summary is summary.json: what a run found.
type Summary struct {
	Preset   string `json:"preset"`
	Seeds    []int  `json:"seeds"`
	Interval string `json:"interval"`
	// Lanes[lane][family] after mid-training, AfterRLVR after post-training.
	Lanes     map[string]LaneSummary `json:"lanes"`
	AfterRLVR map[string]LaneSummary `json:"after_rlvr,omitempty"`
	// Differences["ra3-ntp"][family]: paired by seed and problem.
	Differences map[string]map[string]map[string]Comparison `json:"differences"`
	Pruning     map[string]PruningSummary                   `json:"pruning"`
	RLVR        map[string]RLVRSummary                      `json:"rlvr"`
	Latents     LatentSummary                               `json:"latents"`
	// TokensTrained[lane] in mid-training, per seed: equal budgets show here.
	TokensTrained map[string][]float64 `json:"tokens_trained"`
	// Verdicts[lane][family] counts the kinds over all seeds.
	Verdicts    map[string]map[string]map[string]int `json:"verdicts"`
	WallSeconds float64                              `json:"wall_seconds"`
}

// LaneSummary holds a lane's families. In JSON it also has "nats" and
// "nats_importance", their means over the families that were measured.
type LaneSummary map[string]FamilySummary

const (
	natsKey       = "nats"
	importanceKey = "nats_importance"
)

// MarshalJSON writes the families and the lane's means beside them.
func (l LaneSummary) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	for family, f := range l {
		out[family] = f
	}
	if m := l.mean(func(f FamilySummary) *Measured { return f.Nats }); m != nil {
		out[natsKey] = m
	}
	if m := l.mean(func(f FamilySummary) *Measured { return f.NatsImportance }); m != nil {
		out[importanceKey] = m
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the families back; the means follow from them.
func (l *LaneSummary) UnmarshalJSON(raw []byte) error {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return err
	}
	*l = LaneSummary{}
	for family, part := range parts {
		if family == natsKey || family == importanceKey {
			continue
		}
		var f FamilySummary
		if err := json.Unmarshal(part, &f); err != nil {
			return fmt.Errorf("family %s: %w", family, err)
		}
		(*l)[family] = f
	}
	return nil
}

// mean averages a measure over families, seed by seed.
func (l LaneSummary) mean(get func(FamilySummary) *Measured) *Measured {
	var sums, counts []float64
	for _, family := range slices.Sorted(maps.Keys(l)) {
		m := get(l[family])
		if m == nil {
			continue
		}
		for i, v := range m.BySeed {
			if i == len(sums) {
				sums, counts = append(sums, 0), append(counts, 0)
			}
			sums[i] += float64(v)
			counts[i]++
		}
	}
	if len(sums) == 0 {
		return nil
	}
	for i := range sums {
		sums[i] /= counts[i]
	}
	e := estimate(sums, nil, "")
	return &e
}

// FamilySummary is a lane's result on one family.
type FamilySummary struct {
	Pass1  Measured `json:"pass@1"`
	Pass5  Measured `json:"pass@5"`
	Pass10 Measured `json:"pass@10"`
	// Nats per held-out program (for RA3 minus the bound) and the
	// importance-weighted estimate.
	Nats           *Measured `json:"nats,omitempty"`
	NatsImportance *Measured `json:"nats_importance,omitempty"`
	Problems       int       `json:"problems"` // per seed
}

// Number is a float64 whose JSON is null where there is no number.
type Number float64

// MarshalJSON writes NaN and infinities as null.
func (x Number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

// UnmarshalJSON reads null as NaN.
func (x *Number) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*x = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(raw, (*float64)(x))
}

// Measured is an estimate with its interval and every seed's own value.
type Measured struct {
	Mean   Number   `json:"mean"`
	Lo     Number   `json:"lo"`
	Hi     Number   `json:"hi"`
	N      int      `json:"n"` // what the interval is over: seeds, or problems where there is one seed
	BySeed []Number `json:"by_seed"`
}

// Comparison is a paired difference and what may be said of it.
type Comparison struct {
	Measured
	Verdict string `json:"verdict"` // higher, lower or not distinguishable
}

// PruningSummary is a lane's effective decision space on held-out traces.
type PruningSummary struct {
	LogEffective          Measured  `json:"log_effective"`
	LogEffectiveCode      Measured  `json:"log_effective_code"`
	LogEffectiveRationale Measured  `json:"log_effective_rationale"`
	LogAll                Measured  `json:"log_all"`
	KeptShare             Measured  `json:"kept_share"`
	Recall                Measured  `json:"recall"`
	Horizon               Measured  `json:"horizon"`
	HorizonCode           Measured  `json:"horizon_code"`
	HorizonRationale      Measured  `json:"horizon_rationale"`
	Tau                   *Measured `json:"tau,omitempty"`
	// PruningError is pass@k of the whole policy minus that of the policy cut to
	// its n95 sets, both at temperature 1.
	PruningError *Measured `json:"pruning_error,omitempty"`
	PruningK     int       `json:"pruning_k,omitempty"`
}

// RLVRSummary is a lane's convergence.
type RLVRSummary struct {
	AUC   Measured `json:"auc"`   // held-out success over sampled tokens, normalised by their range
	Start Measured `json:"start"` // before the first update
	Final Measured `json:"final"`
	// TokensToThreshold: sampled tokens until held-out success reaches the
	// threshold, per seed; null where it does not.
	TokensToThreshold []Number     `json:"tokens_to_threshold"`
	Threshold         float64      `json:"threshold"`
	Curve             []CurvePoint `json:"curve"`
}

// CurvePoint is held-out success after a number of updates.
type CurvePoint struct {
	Update int    `json:"update"`
	Tokens Number `json:"tokens"` // mean over seeds
	Measured
}

// LatentSummary is the quality of the annotation by EM iteration.
type LatentSummary struct {
	Iterations []map[string]Measured `json:"iterations"`
}

// estimate summarises values by seed. A single seed falls back to perItem
// values (problems), bootstrapped.
func estimate(bySeed []float64, perItem []float64, name string) Measured {
	bySeed, perItem = finite(bySeed), finite(perItem)
	var e measure.Estimate
	if len(bySeed) > 1 || len(perItem) == 0 {
		e = measure.TInterval(bySeed, level)
	} else {
		e = measure.Bootstrap(perItem, resamples, level, stream(0, "bootstrap/"+name, 0))
	}
	m := Measured{Mean: Number(e.Mean), Lo: Number(e.Lo), Hi: Number(e.Hi), N: e.N}
	for _, v := range bySeed {
		m.BySeed = append(m.BySeed, Number(v))
	}
	return m
}

// finite puts NaN in place of infinities: a diverged value is no observation.
func finite(xs []float64) []float64 {
	out := slices.Clone(xs)
	for i, x := range out {
		if math.IsInf(x, 0) {
			out[i] = math.NaN()
		}
	}
	return out
}

// Summarise computes the summary of what has been measured so far.
func Summarise(c Config, r *Results, wall float64) *Summary {
	s := &Summary{Preset: c.Preset, Interval: "95% bootstrap over problems", Lanes: map[string]LaneSummary{}, Differences: map[string]map[string]map[string]Comparison{},
		Pruning: map[string]PruningSummary{}, RLVR: map[string]RLVRSummary{}, TokensTrained: map[string][]float64{}, Verdicts: map[string]map[string]map[string]int{}, WallSeconds: wall}
	if c.Seeds > 1 {
		s.Interval = "95% t-interval over seeds"
	}
	for i := range c.Seeds {
		s.Seeds = append(s.Seeds, c.Seed+i)
	}
	for _, lane := range c.Lanes {
		if f := families(r, lane, false); len(f) > 0 {
			s.Lanes[lane] = f
		}
		if f := families(r, lane, true); len(f) > 0 {
			if s.AfterRLVR == nil {
				s.AfterRLVR = map[string]LaneSummary{}
			}
			s.AfterRLVR[lane] = f
		}
		if p, ok := pruning(c, r, lane); ok {
			s.Pruning[lane] = p
		}
		if p, ok := convergence(c, r, lane); ok {
			s.RLVR[lane] = p
		}
		for _, p := range r.Passes {
			if p.Lane == lane && !p.After {
				if s.Verdicts[lane] == nil {
					s.Verdicts[lane] = map[string]map[string]int{}
				}
				if s.Verdicts[lane][p.Family] == nil {
					s.Verdicts[lane][p.Family] = map[string]int{}
				}
				for k, n := range p.Kinds {
					s.Verdicts[lane][p.Family][k] += n
				}
			}
		}
	}
	for _, t := range r.Trained {
		if t.Phase == PhaseM {
			s.TokensTrained[t.Lane] = append(s.TokensTrained[t.Lane], float64(t.Tokens))
		}
	}
	for _, pair := range [][2]string{{"ra3", "ntp"}, {"ra3", "base"}, {"ntp", "base"}} {
		if d := differences(r, pair[0], pair[1]); len(d) > 0 {
			s.Differences[pair[0]+"-"+pair[1]] = d
		}
	}
	s.Latents = latents(r)
	return s
}

// familyNames lists the families measured, short before long.
func familyNames(r *Results) []string {
	var names []string
	for _, p := range r.Passes {
		if !slices.Contains(names, p.Family) {
			names = append(names, p.Family)
		}
	}
	return names
}

func families(r *Results, lane string, after bool) LaneSummary {
	out := LaneSummary{}
	for _, family := range familyNames(r) {
		f := FamilySummary{}
		pass := func(k int) Measured {
			var bySeed, items []float64
			for _, p := range r.Passes {
				if p.Lane == lane && p.After == after && p.Family == family && len(p.Trials) > 0 && p.Trials[0].N >= k {
					bySeed = append(bySeed, meanPass(p.Trials, k))
					items = append(items, measure.MeanPassAtK(p.Trials, k)...)
					f.Problems = len(p.Trials)
				}
			}
			return estimate(bySeed, items, fmt.Sprintf("%s/%s/%d/%v", lane, family, k, after))
		}
		f.Pass1, f.Pass5, f.Pass10 = pass(1), pass(5), pass(10)
		if f.Problems == 0 {
			continue
		}
		var nats, importance []float64
		for _, t := range r.Traces {
			if t.Lane == lane && t.After == after && t.Family == family {
				nats, importance = append(nats, float64(t.Nats)), append(importance, float64(t.NatsImportance))
			}
		}
		if len(nats) > 0 {
			n, i := estimate(nats, nil, ""), estimate(importance, nil, "")
			f.Nats, f.NatsImportance = &n, &i
		}
		out[family] = f
	}
	return out
}

// differences are a minus b on the same problems of the same seeds.
func differences(r *Results, a, b string) map[string]map[string]Comparison {
	out := map[string]map[string]Comparison{}
	for _, family := range familyNames(r) {
		for _, k := range []int{1, 5, 10} {
			var bySeed, items []float64
			for _, pa := range r.Passes {
				for _, pb := range r.Passes {
					if pa.Lane != a || pb.Lane != b || pa.After || pb.After || pa.Seed != pb.Seed || pa.Family != family || pb.Family != family ||
						len(pa.Trials) != len(pb.Trials) || len(pa.Trials) == 0 || pa.Trials[0].N < k {
						continue
					}
					xs, ys := measure.MeanPassAtK(pa.Trials, k), measure.MeanPassAtK(pb.Trials, k)
					var mean float64
					for i := range xs {
						items = append(items, xs[i]-ys[i])
						mean += (xs[i] - ys[i]) / float64(len(xs))
					}
					bySeed = append(bySeed, mean)
				}
			}
			if len(bySeed) == 0 {
				continue
			}
			d := Comparison{Measured: estimate(bySeed, items, fmt.Sprintf("%s-%s/%s/%d", a, b, family, k)), Verdict: "not distinguishable"}
			switch {
			case d.Lo > 0:
				d.Verdict = "higher"
			case d.Hi < 0:
				d.Verdict = "lower"
			}
			if out[family] == nil {
				out[family] = map[string]Comparison{}
			}
			out[family][fmt.Sprintf("pass@%d", k)] = d
		}
	}
	return out
}
