package experiments

import (
	"math"
	"strings"
	"testing"

	"ra3/experiments/store"
)

func TestParseCondition(t *testing.T) {
	for text, want := range map[string]Condition{
		"exact_gap<0.05":            {Measure: "exact_gap", Kind: Crosses, Value: 0.05, Less: true},
		" bound  >= -20 ":           {Measure: "bound", Kind: Crosses, Value: -20, Equal: true},
		"ntp M loss_code <=1e-3":    {Lane: "ntp", Phase: "M", Measure: "loss_code", Kind: Crosses, Value: 1e-3, Less: true, Equal: true},
		"E bound>0":                 {Phase: "E", Measure: "bound", Kind: Crosses},
		"reward flat 200":           {Measure: "reward", Kind: Flat, N: 200},
		"ra3 rlvr reward flat 8 .1": {Lane: "ra3", Phase: "rlvr", Measure: "reward", Kind: Flat, N: 8, Within: 0.1},
		"nan":                       {Kind: NotFinite},
		"ra3 nan":                   {Lane: "ra3", Kind: NotFinite},
		"loss_code nan":             {Measure: "loss_code", Kind: NotFinite},
		"at 120":                    {Kind: Reaches, N: 120},
		"heldout_pass@4>0.5":        {Measure: "heldout_pass@4", Kind: Crosses, Value: 0.5},
		"probe_nats<9":              {Measure: "probe_nats", Kind: Crosses, Value: 9, Less: true},
	} {
		got, err := ParseCondition(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
		if again, err := ParseCondition(got.String()); err != nil || again != got {
			t.Errorf("%q is written as %q, which reads %+v, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", " ", "exact_gap", "exact_gpa<1", "bound<", "bound<nan", "bound<inf", "bound=3", "bound<1 2", "reward flat", "reward flat 3",
		"reward flat 1e9", "reward flat 8 -1", "reward flat 8 1 1", "nan nan", "at", "at 0", "at x", "ra3 at 3", "ra3", "bound nan 3", "bound ~ 3"} {
		if c, err := ParseCondition(text); err == nil {
			t.Errorf("%q was read as %+v", text, c)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: more than a line: %v", text, err)
		}
	}
	for text, want := range map[string]string{"bound > -1e9": "bound>-1e9", "loss_code<2e-05": "loss_code<2e-5", "reward<1E+12": "reward<1e12", "bound<-20.50": "bound<-20.5"} {
		if c, err := ParseCondition(text); err != nil || c.String() != want {
			t.Errorf("%q is written as %q, %v", text, c, err)
		}
	}
	if cs, err := ParseConditions("nan, bound>0 ,"); err != nil || len(cs) != 2 {
		t.Errorf("two conditions: %v, %v", cs, err)
	}
}

func TestParseUntil(t *testing.T) {
	for text, want := range map[string]string{
		"": "until what", " ,, ": "until what", "at 20": "made 76 of 316", "at 76": "made 76 of 316", "nan, at 317": "made 76 of 316", "at 77": "", "at 316, nan": "", "bound": "what of bound",
	} {
		cs, err := ParseUntil(text, 76, 316)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || err == nil && len(cs) == 0 {
			t.Errorf("%q: %v, %v; want %q", text, cs, err, want)
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, s := range []string{"exact_gap<0.05", "reward flat 200", "nan", "at 120", "ra3 rlvr reward flat 50 0.01", "bound >= -2e1", "<", "=<>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(text)
		if err != nil {
			return
		}
		if again, err := ParseCondition(c.String()); err != nil || again != c {
			t.Errorf("%q became %q, which reads %+v, %v", text, c, again, err)
		}
	})
}

// watched runs a condition over values of one measure; the indices that fire.
func firings(t *testing.T, text string, level bool, values ...float64) []int {
	t.Helper()
	c, err := ParseCondition(text)
	if err != nil {
		t.Fatal(err)
	}
	w := newWatcher(c, level)
	var out []int
	for i, v := range values {
		e := store.Event{Seq: int64(i + 1), Branch: store.Main, Seed: 1, Lane: "ra3", Phase: PhaseRLVR, Kind: updateKind, Measures: store.Measures{"reward": v}}
		if f := w.see(e, Position{store.Main, i + 1}); f != nil {
			if f.Seq != e.Seq || f.Position.Update != i+1 || f.String() == "" {
				t.Errorf("%s fired as %+v", text, f)
			}
			out = append(out, i)
		}
	}
	return out
}

func TestConditionsFire(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		text   string
		level  bool
		values []float64
		want   []int
	}{
		{"reward>0.5", false, []float64{0.4, 0.6, 0.7, 0.5, 0.6}, []int{1, 4}}, // as it gets there
		{"reward>0.5", true, []float64{0.4, 0.6, 0.7}, []int{1, 2}},
		{"reward>0.5", false, []float64{0.6, 0.7}, []int{0}},
		{"reward<0.5", false, []float64{0.5, nan, 0.1}, []int{2}},
		{"reward<=0.5", false, []float64{0.5}, []int{0}},
		{"reward nan", false, []float64{1, nan, math.Inf(-1), 2}, []int{1, 2}},
		{"nan", false, []float64{1, math.Inf(1)}, []int{1}},
		{"ntp nan", false, []float64{nan}, nil},
		{"E reward>0", false, []float64{1}, nil},
		{"at 3", false, []float64{0, 0, 0, 0}, []int{2}},
		{"reward flat 4", false, []float64{0, 1, 2, 3, 4, 4, 4, 4}, []int{6}},
		{"reward flat 4 0.6", false, []float64{0, 1, 2, 2, 2, 2}, []int{4}},
		{"reward flat 4", false, []float64{1, nan, 1, 1, 1}, nil},
		{"reward flat 6", false, []float64{1, 3, 2, 2, 3, 1}, []int{5}}, // noise without a trend
	} {
		if got := firings(t, c.text, c.level, c.values...); len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%q (level %v) on %v fired at %v, want %v", c.text, c.level, c.values, got, c.want)
		}
	}
}
