package experiments

import (
	"reflect"
	"slices"
	"testing"
)

// What Overrides says leads back to the configuration.
func TestOverridesLeadBack(t *testing.T) {
	settings := append(slices.Clone(smallest), "seed=7", `eval.split="validate"`, "ra3.prior.rho=0.25", "eval.long_steps=[4,5]", "mid.learning_rate=1e-3")
	c, err := Resolve("standard", nil, settings)
	if err != nil {
		t.Fatal(err)
	}
	over, err := c.Overrides()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Resolve("standard", nil, over)
	if err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%v: %v gives\n%+v, want\n%+v", err, over, back, c)
	}
	for _, want := range []string{"seed=7", `eval.split="validate"`, "eval.long_steps=[4,5]", "mid.learning_rate=0.001"} {
		if !slices.Contains(over, want) {
			t.Errorf("%s is not among %v", want, over)
		}
	}
	plain, err := Resolve("quick", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if over, err := plain.Overrides(); err != nil || len(over) != 0 {
		t.Errorf("a preset as it is: %v %v", over, err)
	}
}

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{"mid.updates=4": "mid.updates=4", "steps=[2,3]": "'steps=[2,3]'", `a="b"`: `'a="b"'`, "it's": `'it'\''s'`, "": "''"} {
		if got := ShellWord(in); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
}
