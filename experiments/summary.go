package experiments

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
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
	Split    string `json:"split"` // of the problems: heldout, or validate where settings are chosen
	// Lanes[lane][family] after mid-training, AfterRLVR after post-training.
	Lanes     map[string]LaneSummary `json:"lanes"`
	AfterRLVR map[string]LaneSummary `json:"after_rlvr,omitempty"`
	// Differences["ra3-ntp"][family]: paired by seed and problem.
	Differences map[string]map[string]map[string]Comparison `json:"differences"`
	// After post-training, where that was evaluated.
	DifferencesAfter map[string]map[string]map[string]Comparison `json:"differences_after_rlvr,omitempty"`
	// SpeedUps["ra3-ntp"]: post-training from the one against the other.
	SpeedUps map[string]SpeedUp        `json:"speed_ups,omitempty"`
	Pruning  map[string]PruningSummary `json:"pruning"`
	RLVR     map[string]RLVRSummary    `json:"rlvr"`
	Latents  LatentSummary             `json:"latents"`
	// Choices[lane], by seed: what validation problems decided.
	Choices map[string][]Choice `json:"choices,omitempty"`
	// TokensTrained[lane] in mid-training, per seed: equal budgets show here.
	TokensTrained map[string][]float64 `json:"tokens_trained"`
	// Verdicts[lane][family] counts the kinds over all seeds.
	Verdicts map[string]map[string]map[string]int `json:"verdicts"`
	// Failures[lane][family] counts the ways in which bodies failed after
	// mid-training, over all seeds (classes: pocket.Failures).
	Failures map[string]map[string]map[string]int `json:"failures,omitempty"`
	// Prompts[family]: what a perfect reader could score, and the nuisance.
	Prompts     map[string]PromptSummary `json:"prompts,omitempty"`
	WallSeconds float64                  `json:"wall_seconds"`
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
	Tokens     Measured `json:"tokens"`      // sampled until the last look
	AUC        Measured `json:"auc"`         // held-out success over the sampled tokens that every lane of the seed reached, their last point interpolated
	Start      Measured `json:"start"`       // before the first update
	Final      Measured `json:"final"`       // after the last update, whatever it sampled
	StartPassK Measured `json:"start_passk"` // pass@k beside pass@1 tells sharpening from learning
	FinalPassK Measured `json:"final_passk"`
	PassK      int      `json:"k"`
	// TokensToThreshold: sampled tokens until held-out success reaches the
	// threshold, per seed; null where it does not.
	TokensToThreshold []Number     `json:"tokens_to_threshold"`
	Threshold         float64      `json:"threshold"`
	Curve             []CurvePoint `json:"curve"`
	Reward            []CurvePoint `json:"reward"` // training reward of every update
}

// CurvePoint is success after a number of updates: held out, or the training
// reward of that update.
type CurvePoint struct {
	Update int    `json:"update"`
	Tokens Number `json:"tokens"` // mean over seeds
	Measured
}

// LatentSummary is the quality of the annotation by EM iteration.
type LatentSummary struct {
	Iterations []map[string]Measured `json:"iterations"`
}
