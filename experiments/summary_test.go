package experiments

import (
	"encoding/json"
	"math"
	"testing"

	"ra3/core/measure"
	"ra3/core/trace"
)

func decoded[T any](t testing.TB, line string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func near(t *testing.T, what string, got Number, want float64) {
	t.Helper()
	if math.Abs(float64(got)-want) > 1e-9 || math.IsNaN(float64(got)) != math.IsNaN(want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// known is a result of two seeds and two lanes whose numbers are worked out by
// hand in the tests.
func known() (Config, *Results) {
	c := Config{Preset: "quick", Seed: 5, Seeds: 2, Lanes: []string{"ntp", "ra3"}}
	c.RLVR.Threshold, c.Eval.PruneSamples = 0.5, 2
	trials := func(n int, correct ...int) []measure.Trials {
		var ts []measure.Trials
		for _, k := range correct {
			ts = append(ts, measure.Trials{N: n, Correct: k})
		}
		return ts
	}
	pass := func(seed int, lane string, after bool, correct ...int) PassResult {
		return PassResult{Seed: seed, Lane: lane, After: after, Family: "doc", Trials: trials(10, correct...), Kinds: map[string]int{"passed": correct[0], "wrong": 1}}
	}
	held := func(seed int, lane string, update int, tokens, y float64) RLPoint {
		return RLPoint{Seed: seed, Lane: lane, Update: update, Tokens: Number(tokens), HeldOut: ptr(y)}
	}
	return c, &Results{
		Passes: []PassResult{pass(5, "ntp", false, 0, 10), pass(6, "ntp", false, 5, 5), pass(5, "ra3", false, 1, 10), pass(6, "ra3", false, 7, 7), pass(5, "ra3", true, 10, 10)},
		Traces: []TraceResult{
			{5, "ntp", false, "doc", TraceMeasures{Nats: 10, NatsImportance: 10, LogEffective: 4, LogAll: 40, KeptShare: 0.1, Recall: 0.9, Horizon: 6, HorizonCode: 6}},
			{5, "ntp", false, "ask", TraceMeasures{Nats: 12, NatsImportance: 12, LogEffective: 6, LogAll: 40, KeptShare: 0.15, Recall: 1, Horizon: 8, HorizonCode: 8}},
			{6, "ntp", false, "doc", TraceMeasures{Nats: 14, NatsImportance: 14, LogEffective: 7, LogAll: 40, KeptShare: 0.2, Recall: 0.95, Horizon: 7, HorizonCode: 7}},
			{5, "ntp", true, "doc", TraceMeasures{Nats: 1000, LogEffective: 1000}}, // after post-training: not in these numbers
			{5, "ra3", false, "doc", TraceMeasures{Nats: 9, NatsImportance: 8, Tau: 2}},
		},
		Prunes: []PruneResult{{5, "ntp", false, "doc", trials(2, 2, 0), trials(2, 0, 0)}, {6, "ntp", false, "doc", trials(2, 2), trials(2, 2)}},
		RLVR: []RLPoint{
			held(5, "ntp", 0, 0, 0.2), {Seed: 5, Lane: "ntp", Update: 1, Tokens: 50, Reward: 0.9}, held(5, "ntp", 2, 100, 0.6),
			held(6, "ntp", 0, 0, 0.1), held(6, "ntp", 2, 120, 0.3),
		},
		Stops: []StopResult{{5, "ntp", 40, 0.2}, {5, "ntp", 60, 0.3}, {5, "ntp", 80, 0.3}, {6, "ntp", 40, 0.1}},
		Tuned: []TuneResult{
			{5, "ra3", trace.Temperatures{Code: 0.3, Decision: 1, Rationale: 1}, 0.5, 0.6}, {5, "ra3", trace.Temperatures{Code: 1, Decision: 0.3, Rationale: 0.3}, 0.4, 0.7}},
		Latents: []LatentPoint{{5, 0, map[string]float64{"nmi": 0.4}}, {6, 0, map[string]float64{"nmi": 0.6}}, {5, 1, map[string]float64{"nmi": 0.5, "boundary_precision": math.NaN()}}},
		Trained: []Trained{{5, "ntp", PhaseM, 1000}, {6, "ntp", PhaseM, 1010}, {5, "ra3", PhaseM, 1005}},
	}
}

func TestSummaryOfKnownResults(t *testing.T) {
	c, r := known()
	s := Summarise(c, r, 12.5)
	// Student's t at 97.5% with one degree of freedom.
	const t1 = 12.706204736432095
	interval := func(what string, m Measured, a, b float64) {
		t.Helper()
		half := t1 * math.Abs(a-b) / 2
		near(t, what, m.Mean, (a+b)/2)
		near(t, what+" lo", m.Lo, (a+b)/2-half)
		near(t, what+" hi", m.Hi, (a+b)/2+half)
		if m.N != 2 || len(m.BySeed) != 2 {
			t.Errorf("%s: n = %d, by seed %v", what, m.N, m.BySeed)
		}
	}
	if s.Preset != "quick" || len(s.Seeds) != 2 || s.Seeds[1] != 6 || s.WallSeconds != 12.5 {
		t.Errorf("%+v", s)
	}
	ntp, ra3 := s.Lanes["ntp"]["doc"], s.Lanes["ra3"]["doc"]
	// ntp: 0 and 10 of 10, and 5 and 5: pass@1 is .5 in both seeds.
	interval("ntp pass@1", ntp.Pass1, 0.5, 0.5)
	five := measure.PassAtK(10, 5, 5)
	interval("ntp pass@5", ntp.Pass5, 0.5, five)
	interval("ntp pass@10", ntp.Pass10, 0.5, 1)
	interval("ra3 pass@1", ra3.Pass1, 0.55, 0.7)
	interval("ntp nats", *ntp.Nats, 10, 14)
	near(t, "ra3 nats", ra3.Nats.Mean, 9)
	near(t, "ra3 nats, importance-weighted", ra3.NatsImportance.Mean, 8)
	near(t, "ra3 nats lo, of one seed", ra3.Nats.Lo, math.NaN())
	if ntp.Problems != 2 {
		t.Errorf("%d problems", ntp.Problems)
	}
	near(t, "ra3 after post-training", s.AfterRLVR["ra3"]["doc"].Pass1.Mean, 1)
	if _, ok := s.AfterRLVR["ntp"]; ok {
		t.Error("ntp was not measured after post-training")
	}
	d := s.Differences["ra3-ntp"]["doc"]["pass@1"]
	interval("ra3 - ntp", d.Measured, 0.05, 0.2)
	if d.Verdict != "not distinguishable" {
		t.Errorf("verdict %q of %+v", d.Verdict, d)
	}
	if len(s.Differences["ra3-base"]) != 0 {
		t.Error("a difference to a lane that was not run")
	}
	p := s.Pruning["ntp"]
	interval("log effective", p.LogEffective, 5, 7) // families averaged within a seed
	interval("recall", p.Recall, 0.95, 0.95)
	interval("horizon", p.Horizon, 7, 7)
	interval("pruning error", *p.PruningError, 0.5, 0)
	if p.PruningK != 2 || p.Tau != nil || s.Pruning["ra3"].Tau == nil {
		t.Errorf("pruning %+v", p)
	}
	v := s.RLVR["ntp"]
	interval("auc", v.AUC, 0.4, 0.2)
	near(t, "tokens sampled", v.Tokens.Mean, 110)
	interval("start", v.Start, 0.2, 0.1)
	interval("final", v.Final, 0.6, 0.3)
	if len(v.TokensToThreshold) != 2 {
		t.Fatalf("tokens to the threshold %v", v.TokensToThreshold)
	}
	near(t, "tokens to the threshold", v.TokensToThreshold[0], 100)
	near(t, "threshold not reached", v.TokensToThreshold[1], math.NaN())
	if len(v.Curve) != 2 || v.Curve[0].Update != 0 || v.Curve[1].Update != 2 {
		t.Fatalf("curve %+v", v.Curve)
	}
	near(t, "tokens of the curve", v.Curve[1].Tokens, 110)
	interval("curve", v.Curve[1].Measured, 0.6, 0.3)
	if _, ok := s.RLVR["ra3"]; ok {
		t.Error("ra3 was not post-trained")
	}
	if len(s.Latents.Iterations) != 2 {
		t.Fatalf("latents %+v", s.Latents)
	}
	interval("nmi", s.Latents.Iterations[0]["nmi"], 0.4, 0.6)
	if got := s.TokensTrained["ntp"]; len(got) != 2 || got[0] != 1000 || got[1] != 1010 {
		t.Errorf("tokens trained %v", s.TokensTrained)
	}
	if got := s.Choices["ntp"]; len(got) != 2 || got[0].StopUpdate != 60 || got[1] != (Choice{Seed: 6, StopUpdate: 40}) {
		t.Errorf("NTP's choices %+v", got)
	}
	if got := s.Choices["ra3"]; len(got) != 1 || got[0].Temperatures.Code != 0.3 || got[0].TemperaturesMany.Code != 1 || got[0].StopUpdate != 0 {
		t.Errorf("RA3's choices %+v", got)
	}
	if s.Verdicts["ntp"]["doc"]["wrong"] != 2 || s.Verdicts["ntp"]["doc"]["passed"] != 5 {
		t.Errorf("verdicts %v", s.Verdicts)
	}
}

// With one seed, intervals are over problems, and a difference with the same
// sign on every problem is told apart.
func TestSummaryOfOneSeed(t *testing.T) {
	c, r := known()
	c.Seeds = 1
	r.Passes = nil
	for lane, correct := range map[string]int{"ntp": 2, "ra3": 8} {
		p := PassResult{Seed: 5, Lane: lane, Family: "doc", Kinds: map[string]int{}}
		for range 20 {
			p.Trials = append(p.Trials, measure.Trials{N: 10, Correct: correct})
		}
		r.Passes = append(r.Passes, p)
	}
	s := Summarise(c, r, 0)
	m := s.Lanes["ra3"]["doc"].Pass1
	if m.N != 20 {
		t.Errorf("n = %d, want problems", m.N)
	}
	near(t, "mean", m.Mean, 0.8)
	near(t, "lo", m.Lo, 0.8)
	if got := s.Differences["ra3-ntp"]["doc"]["pass@1"]; got.Verdict != "higher" || got.N != 20 {
		t.Errorf("%+v", got)
	}
}

// The keys that readers of summary.json rely on.
func TestSummaryKeys(t *testing.T) {
	c, r := known()
	raw, err := json.Marshal(Summarise(c, r, 1))
	if err != nil {
		t.Fatal(err)
	}
	s := decoded[map[string]any](t, string(raw))
	at := func(path ...string) any {
		t.Helper()
		var v any = s
		for i, key := range path {
			m, ok := v.(map[string]any)
			if !ok {
				t.Errorf("%v: %v is no object", path, path[:i])
				return nil
			}
			if v, ok = m[key]; !ok {
				t.Errorf("%v is missing", path[:i+1])
				return nil
			}
		}
		return v
	}
	for _, key := range []string{"preset", "seeds", "lanes", "pruning", "rlvr", "latents", "wall_seconds"} {
		at(key)
	}
	for _, k := range []string{"pass@1", "pass@5", "pass@10"} {
		for _, of := range []string{"mean", "lo", "hi", "n"} {
			if _, ok := at("lanes", "ra3", "doc", k, of).(float64); !ok {
				t.Errorf("%s %s is no number", k, of)
			}
		}
	}
	at("lanes", "ntp", "doc", "nats", "mean")
	at("pruning", "ntp", "recall", "mean")
	at("rlvr", "ntp", "auc", "mean")
	at("rlvr", "ntp", "final", "mean")
	if curve, ok := at("rlvr", "ntp", "curve").([]any); !ok || len(curve) != 2 {
		t.Errorf("curve %v", curve)
	}
	if to, ok := at("rlvr", "ntp", "tokens_to_threshold").([]any); !ok || len(to) != 2 || to[1] != nil {
		t.Errorf("tokens to threshold %v", to)
	}
	at("latents", "iterations")
}

func TestSummaryWithoutNumbers(t *testing.T) {
	nan, none := math.NaN(), Number(math.NaN())
	c, r := known()
	for i := range r.Traces {
		r.Traces[i].TraceMeasures = TraceMeasures{Nats: none, NatsImportance: Number(math.Inf(1)), KeptShare: none, Recall: none, Tau: none}
	}
	for i := range r.RLVR {
		r.RLVR[i].HeldOut = ptr(nan)
	}
	for i := range r.Passes {
		r.Passes[i].Trials = []measure.Trials{{N: 1, Correct: 0}} // too few for pass@5
	}
	for what, r := range map[string]*Results{"NaN": r, "nothing": {}} {
		raw, err := json.Marshal(Summarise(c, r, 0))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		// It reads back and is written the same: null is NaN and NaN null.
		back := decoded[Summary](t, string(raw))
		again, err := json.Marshal(&back)
		if err != nil || string(again) != string(raw) {
			t.Errorf("%s: came back as %s, was %s (%v)", what, again, raw, err)
		}
		Figures(nil, &back)
	}
}
