package experiments

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ra3/core/rlvr"
)

func resolved(t testing.TB, preset string, settings ...string) Config {
	t.Helper()
	c, err := Resolve(preset, nil, settings)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// refusal checks that err is one line that holds every part.
func refusal(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s was taken", what)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%s: the message has more than a line: %q", what, err)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %q does not say %q", what, err, p)
		}
	}
}

func TestPresetsAreValid(t *testing.T) {
	for _, name := range []string{"base", "quick"} {
		if !slices.Contains(Presets(), name) {
			t.Errorf("preset %s is missing from %v", name, Presets())
		}
	}
	for _, name := range Presets() {
		if c := resolved(t, name); c.Preset != name {
			t.Errorf("preset %s calls itself %s", name, c.Preset)
		}
	}
	if c := resolved(t, ""); c.Preset != "quick" {
		t.Errorf("without a preset it is %s, want quick", c.Preset)
	}
	_, err := Resolve("slow", nil, nil)
	refusal(t, "preset slow", err, `"slow"`, "quick", "base")
}

func TestConfigSurvivesTOML(t *testing.T) {
	for _, name := range Presets() {
		for _, settings := range [][]string{nil, {"seed=9001", "lanes=[\"ra3\"]", "eval.long_steps=[5,6]", "rlvr.credit=rationale",
			"ra3.prior.kind=learned", "mid.learning_rate=0.00012345678901234", "eval.after=true", "domain.invert=0.1"}} {
			c := resolved(t, name, settings...)
			doc, err := c.TOML()
			if err != nil {
				t.Fatal(err)
			}
			back, err := Resolve("", doc, nil)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, doc)
			}
			if !reflect.DeepEqual(c, back) {
				t.Errorf("%s with %v came back as\n%+v, was\n%+v", name, settings, back, c)
			}
			again, err := back.TOML()
			if err != nil || !bytes.Equal(doc, again) {
				t.Errorf("%s: written twice it differs (%v)", name, err)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	for setting, ok := range map[string]func(Config) bool{
		"seed=7":                        func(c Config) bool { return c.Seed == 7 },
		"seed = 7":                      func(c Config) bool { return c.Seed == 7 },
		"mid.updates=300\n":             func(c Config) bool { return c.Mid.Updates == 300 },
		"ra3.warm=0":                    func(c Config) bool { return c.RA3.Warm == 0 },
		"mid.learning_rate=1e-4":        func(c Config) bool { return c.Mid.LearningRate == 1e-4 },
		"domain.vague=0.25":             func(c Config) bool { return c.Domain.Vague == 0.25 },
		"domain.hidden=1":               func(c Config) bool { return c.Domain.Hidden == 1 },
		"domain.examples=3":             func(c Config) bool { return c.Domain.Examples == 3 },
		"eval.plus_tests=64":            func(c Config) bool { return c.Eval.PlusTests == 64 },
		"domain.invert=0":               func(c Config) bool { return c.Domain.Invert == 0 },
		`base.source="train"`:           func(c Config) bool { return c.Base.Source == "train" },
		"base.source=train":             func(c Config) bool { return c.Base.Source == "train" },
		"base.source='train'":           func(c Config) bool { return c.Base.Source == "train" },
		"rlvr.group=2":                  func(c Config) bool { return c.RLVR.Group == 2 },
		"rlvr.advantage=group-mean":     func(c Config) bool { return c.RLVR.Advantage == rlvr.GroupMean },
		"rlvr.std=true":                 func(c Config) bool { return c.RLVR.Std },
		"rlvr.aggregation=sequence":     func(c Config) bool { return c.RLVR.Aggregation == rlvr.PerSequence },
		"rlvr.epochs=2":                 func(c Config) bool { return c.RLVR.Epochs == 2 },
		"rlvr.clip=0.2":                 func(c Config) bool { return c.RLVR.Clip == 0.2 },
		"rlvr.kl=0.01":                  func(c Config) bool { return c.RLVR.KL == 0.01 },
		"rlvr.mix=adaptive":             func(c Config) bool { return c.RLVR.Mix == rlvr.MixAdaptive },
		"rlvr.steps=[2,3,3]":            func(c Config) bool { return slices.Equal(c.RLVR.Steps, []int{2, 3, 3}) },
		"rlvr.temperatures.code=0.5":    func(c Config) bool { return c.RLVR.Temperatures.Code == 0.5 },
		"ra3.prior.kind=uniform":        func(c Config) bool { return c.RA3.Prior.Kind == "uniform" },
		`lanes=["ntp"]`:                 func(c Config) bool { return slices.Equal(c.Lanes, []string{"ntp"}) },
		"eval.long_steps=[5]":           func(c Config) bool { return slices.Equal(c.Eval.LongSteps, []int{5}) },
		"mid.steps=[2]":                 func(c Config) bool { return slices.Equal(c.Mid.Steps, []int{2}) },
		"eval.after=true":               func(c Config) bool { return c.Eval.After },
		"rlvr={updates=9,eval_every=1}": func(c Config) bool { return c.RLVR.Updates == 9 && c.RLVR.EvalEvery == 1 },
	} {
		c, err := Resolve("quick", nil, []string{setting})
		if err != nil {
			t.Errorf("%q: %v", setting, err)
		} else if !ok(c) {
			t.Errorf("%q had no effect", setting)
		}
	}
	// Later ones win, and a document stands between the preset and them.
	c, err := Resolve("quick", []byte("seed = 4\nseeds = 2\n"), []string{"seed=5", "seed=6"})
	if err != nil || c.Seed != 6 || c.Seeds != 2 {
		t.Errorf("seed %d, seeds %d, %v", c.Seed, c.Seeds, err)
	}
	for _, bad := range []string{"", "seed", "=", "=5", "a b=1", "seed.=1", "seed.x=1", "mid=5", "[mid]=1"} {
		_, err := Resolve("quick", nil, []string{bad})
		refusal(t, strconv.Quote(bad), err)
	}
	_, err = Resolve("quick", nil, []string{"seed"})
	refusal(t, "seed without a value", err, "field=value")
}

func TestUnknownFieldsAreNamed(t *testing.T) {
	for _, field := range []string{"sed", "mid.updatez", "rlvr.settings.group", "eval.temperatures.warmth", "ra3.prior.k", "nothing.at.all"} {
		_, err := Resolve("quick", nil, []string{field + "=1"})
		refusal(t, field, err, field)
		dot := strings.LastIndexByte(field, '.')
		doc := field[dot+1:] + " = 1\n"
		if dot >= 0 {
			doc = "[" + field[:dot] + "]\n" + doc
		}
		_, err = Resolve("quick", []byte(doc), nil)
		// Of a table that is not known, the table.
		parts := strings.Split(field, ".")
		refusal(t, doc, err, strings.Join(parts[:min(2, len(parts))], "."))
	}
}

func TestWrongTypesNameTheField(t *testing.T) {
	for field, value := range map[string]string{"seed": `"one"`, "seeds": "1.5", "lanes": `"ntp"`, "mid.updates": "true", "mid.learning_rate": `"fast"`,
		"domain.invert": "[1]", "mid.steps": "3", "eval.long_steps": `["a"]`, "eval.after": "1", "base.source": "1", "rlvr.group": "2.5",
		"rlvr.temperatures.code": `"hot"`, "ra3.prior.kind": "7", "ra3": "1"} {
		_, err := Resolve("quick", nil, []string{field + "=" + value})
		refusal(t, field+"="+value, err, field)
		_, err = Resolve("quick", []byte(field+" = "+value+"\n"), nil)
		refusal(t, "document "+field+"="+value, err, field)
	}
}

// Every ranged field refuses what is just outside, below and above, and says
// what is allowed; the limits themselves are taken as far as that field goes.
func TestEveryRangeIsKept(t *testing.T) {
	base := resolved(t, "quick")
	seen := map[string]bool{}
	for _, r := range base.ranges() {
		if seen[r.name] {
			t.Errorf("%s is ranged twice", r.name)
		}
		seen[r.name] = true
		whole := isInteger(t, r.name)
		for _, side := range []struct{ at, outside float64 }{{r.lo, below(r.lo, whole)}, {r.hi, above(r.hi, whole)}} {
			_, err := Resolve("quick", nil, []string{r.name + "=" + literal(side.outside, whole)})
			refusal(t, fmt.Sprintf("%s=%v", r.name, side.outside), err, r.name+" = ", fmt.Sprintf("%.10g to %.10g", r.lo, r.hi))
			// At the limit another rule may still object, but not this range.
			_, err = Resolve("quick", nil, []string{r.name + "=" + literal(side.at, whole)})
			if err != nil && strings.Contains(err.Error(), r.name+" = ") && strings.Contains(err.Error(), fmt.Sprintf("%.10g to %.10g", r.lo, r.hi)) {
				t.Errorf("%s: its own limit %v was refused: %v", r.name, side.at, err)
			}
		}
		if !whole {
			for _, v := range []string{"nan", "inf", "-inf"} {
				_, err := Resolve("quick", nil, []string{r.name + "=" + v})
				refusal(t, r.name+"="+v, err, r.name+" = ")
			}
		}
	}
	// Every number of the configuration is ranged, so that none can be forgotten.
	for _, name := range numbers(reflect.TypeFor[Config](), "") {
		if !seen[name] && name != "ra3.prior.rho" {
			t.Errorf("%s has no range", name)
		}
	}
	for _, v := range []string{"0", "1", "-0.1", "nan"} {
		_, err := Resolve("quick", nil, []string{"ra3.prior.rho=" + v})
		refusal(t, "ra3.prior.rho="+v, err, "ra3.prior", "rho")
	}
}

func TestEveryListIsKept(t *testing.T) {
	base := resolved(t, "quick")
	for _, l := range base.lists() {
		for _, v := range []int{l.lo - 1, l.hi + 1} {
			_, err := Resolve("quick", nil, []string{fmt.Sprintf("%s=[%d,%d]", l.name, l.lo, v)})
			refusal(t, fmt.Sprintf("%s with %d", l.name, v), err, l.name, strconv.Itoa(v), fmt.Sprintf("%d to %d", l.lo, l.hi))
		}
		_, err := Resolve("quick", nil, []string{l.name + "=[]"})
		if l.empty != (err == nil) {
			t.Errorf("%s=[]: %v", l.name, err)
		}
		if !l.empty {
			refusal(t, l.name+"=[]", err, l.name, "empty")
		}
	}
	for setting, parts := range map[string][]string{
		"lanes=[]":                {"lanes", "base, ntp, ra3"},
		`lanes=["sft"]`:           {"lanes", "sft", "base, ntp, ra3"},
		`lanes=["ntp","ntp"]`:     {"lanes", "ntp"},
		"base.source=elsewhere":   {"base.source", "elsewhere", "embedded, train"},
		"model.dim=95":            {"model.dim", "95", "model.heads"},
		"model.heads=5":           {"model.dim", "model.heads = 5"},
		"ra3.warm=121":            {"ra3.warm", "121", "120"},
		"rlvr.credit=none":        {"rlvr.credit", "none", "all, rationale"},
		"rlvr.advantage=median":   {"rlvr.advantage", "median", "leave-one-out, group-mean"},
		"rlvr.aggregation=mean":   {"rlvr.aggregation", "mean", "constant, token, sequence"},
		"rlvr.mix=random":         {"rlvr.mix", "random", "fixed, adaptive"},
		"rlvr.clip_high=0.2":      {"rlvr.clip_high", "clip"},
		"ra3.prior.kind=flat":     {"ra3.prior", "flat", "sticky"},
		"preset=\"base\"":         {"preset"},
		"seed=99999999999999999":  {"seed"},
		"seed=999999999999999999": {"seed"},
	} {
		_, err := Resolve("quick", nil, []string{setting})
		refusal(t, setting, err, parts...)
	}
	_, err := Resolve("quick", nil, []string{"domain.vague=0.7", "domain.hidden=0.6"})
	refusal(t, "shares of steps above 1", err, "domain.hidden", "0.6", "domain.vague = 0.7")
}

func FuzzResolve(f *testing.F) {
	for _, name := range Presets() {
		raw, err := os.ReadFile(filepath.Join("..", "fixtures", "presets", name+".toml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, "seed=1")
	}
	f.Add([]byte("seed = 1\n[run]\nseed = 2\n"), "mid.steps=[2]")
	f.Add([]byte("preset = \"base\"\n"), "lanes=[\"ra3\"]")
	f.Add([]byte("[model]\nheads = 0\n"), "ra3.prior.rho=nan")
	f.Add([]byte("\"\" = 1\n"), "\"\"=1")
	f.Add([]byte("lanes = [[]]"), "rlvr={}")
	f.Add([]byte("seed = 2"), "see\nd=1")
	f.Fuzz(func(t *testing.T, document []byte, setting string) {
		c, err := Resolve("", document, []string{setting})
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Errorf("resolved and not valid: %v", err)
		}
		raw, err := c.TOML()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Resolve("", raw, nil)
		if err != nil {
			t.Fatalf("its own document is refused: %v\n%s", err, raw)
		}
		if c.RA3.Prior.Rho == c.RA3.Prior.Rho && !sameConfig(c, back) {
			t.Errorf("came back as\n%+v, was\n%+v", back, c)
		}
	})
}

// sameConfig compares configurations, an empty list being like none.
func sameConfig(a, b Config) bool {
	for _, c := range []*Config{&a, &b} {
		if len(c.Eval.LongSteps) == 0 {
			c.Eval.LongSteps = nil
		}
	}
	return reflect.DeepEqual(a, b)
}

// numbers lists the numeric fields of a configuration by their TOML names.
func numbers(t reflect.Type, prefix string) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("toml")
		switch {
		case name == "-":
		case f.Anonymous:
			names = append(names, numbers(f.Type, prefix)...)
		case f.Type.Kind() == reflect.Struct:
			names = append(names, numbers(f.Type, prefix+name+".")...)
		case f.Type.Kind() == reflect.Int || f.Type.Kind() == reflect.Float64:
			names = append(names, prefix+name)
		}
	}
	return names
}

// isInteger tells whether a field holds an int.
func isInteger(t *testing.T, name string) bool {
	t.Helper()
	at := reflect.TypeFor[Config]()
	for _, part := range strings.Split(name, ".") {
		f, ok := at.FieldByNameFunc(func(field string) bool {
			f, _ := at.FieldByName(field)
			return f.Tag.Get("toml") == part
		})
		if !ok {
			t.Fatalf("%s is ranged but no field of the configuration", name)
		}
		at = f.Type
	}
	return at.Kind() == reflect.Int
}

func below(v float64, whole bool) float64 {
	if whole {
		return v - 1
	}
	return math.Nextafter(v, math.Inf(-1))
}

func above(v float64, whole bool) float64 {
	if whole {
		return v + 1
	}
	return math.Nextafter(v, math.Inf(1))
}

func literal(v float64, whole bool) string {
	if whole {
		return strconv.FormatInt(int64(v), 10)
	}
	s := strconv.FormatFloat(v, 'e', -1, 64)
	if !strings.Contains(s, ".") {
		s = strings.Replace(s, "e", ".0e", 1)
	}
	return s
}
