package grid

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestCellsCross(t *testing.T) {
	s := Spec{Set: []string{"mid.updates=100"}, Vary: []string{"mid.traces=20,40", "mid.steps=[2],[2, 3]", `eval.split="validate"`}, Seeds: 3}
	factors, cells, err := s.Cells()
	if err != nil || len(factors) != 3 || len(cells) != 4 {
		t.Fatalf("%v: %d factors, %d cells", err, len(factors), len(cells))
	}
	var names []string
	for _, c := range cells {
		names = append(names, c.Name)
		if c.Config.Seeds != 3 || c.Config.Mid.Updates != 100 || c.Config.Eval.Split != "validate" {
			t.Errorf("%s: %+v", c.Name, c.Config)
		}
	}
	want := []string{"001-mid.traces_20_mid.steps__2__eval.split__validate_", "002-mid.traces_20_mid.steps__2__3__eval.split__validate_",
		"003-mid.traces_40_mid.steps__2__eval.split__validate_", "004-mid.traces_40_mid.steps__2__3__eval.split__validate_"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	if c := cells[3].Config; c.Mid.Traces != 40 || !slices.Equal(c.Mid.Steps, []int{2, 3}) || !slices.Equal(cells[3].Values, []string{"40", "[2, 3]", `"validate"`}) {
		t.Errorf("%+v", cells[3])
	}
}

// A star has its centre and, of every factor, one cell for each further value.
func TestCellsStar(t *testing.T) {
	s := Spec{Vary: []string{"mid.traces=20,40,80", "ra3.group=8,4", "ra3.iterations=2,0"}, Design: Star, Seeds: 2}
	_, cells, err := s.Cells()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"001-centre": {"20", "8", "2"}, "002-mid.traces_40": {"40", "8", "2"}, "003-mid.traces_80": {"80", "8", "2"},
		"004-ra3.group_4": {"20", "4", "2"}, "005-ra3.iterations_0": {"20", "8", "0"},
	}
	for _, c := range cells {
		if !slices.Equal(c.Values, want[c.Name]) {
			t.Errorf("%s: %q, want %q", c.Name, c.Values, want[c.Name])
		}
	}
	if len(cells) != len(want) {
		t.Errorf("%d cells, want %d", len(cells), len(want))
	}
	if c := cells[4].Config; c.RA3.Iterations != 0 || c.RA3.Group != 8 || c.Mid.Traces != 20 {
		t.Errorf("%+v", c.RA3)
	}
	text, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(text)
	if err != nil || back.Design != Star {
		t.Errorf("design %q, %v", back.Design, err)
	}
	if _, err := Parse([]byte(`design = "sun"`)); err == nil || !strings.Contains(err.Error(), "cross, star") {
		t.Errorf("an unknown design: %v", err)
	}
}

// Whatever is wrong with a cell is said before anything starts, with its name.
func TestCellsRefused(t *testing.T) {
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{}, "nothing varies"},
		{Spec{Vary: []string{"mid.traces"}}, "field=value,value"},
		{Spec{Vary: []string{"mid.traces=1,,2"}}, "is empty"},
		{Spec{Vary: []string{"mid.traces=1,1"}}, "stands twice"},
		{Spec{Vary: []string{"mid.traces=1,2", "mid.traces=3"}}, "varies already"},
		{Spec{Vary: []string{"seeds=1,2"}}, "share preset, seeds and lanes"},
		{Spec{Vary: []string{"mid.traces=20,0"}}, "cell mid.traces=0: mid.traces = 0 is out of range"},
		{Spec{Vary: []string{"mid.updates=200,10", "ra3.warm=20,30"}}, "cell mid.updates=10 ra3.warm=20: ra3.warm = 20 is out of range"},
		{Spec{Vary: []string{"mid.tracks=20,40"}}, "cell mid.tracks=20: --set mid.tracks=20: unknown field"},
		{Spec{Vary: []string{"ra3.prior.rho=0.3,3e-1"}}, "same configuration"},
		{Spec{Vary: []string{"mid.traces=20,40"}, Lanes: []string{"base", "ntp"}}, `lanes lacks "ra3"`},
		{Spec{Vary: []string{"mid.traces=20,40"}, Preset: "nope"}, "preset"},
		{Spec{Vary: []string{"mid.traces=" + strings.Repeat("1,", 999) + "2"}}, "stands twice"},
	} {
		if _, _, err := c.spec.Cells(); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v, want ...%s...", c.spec, err, c.want)
		}
	}
}

func TestSplitValues(t *testing.T) {
	for text, want := range map[string][]string{
		"1,2": {"1", "2"}, " 1 , 2 ": {"1", "2"}, "[1,2],[3]": {"[1,2]", "[3]"}, `"a,b",'c'`: {`"a,b"`, "'c'"}, "{a=1,b=[2,3]},4": {"{a=1,b=[2,3]}", "4"}, "": {""},
	} {
		if got := splitValues(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestSpecThereAndBack(t *testing.T) {
	s := Spec{Preset: "quick", Document: "mid.updates = 3\n[eval]\nsamples = 10\n", Set: []string{"seed=2"}, Vary: []string{"mid.steps=[2],[3]"}, Seeds: 2, Lanes: []string{"ntp", "ra3"}, Gate: SkipGate}
	doc, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(doc)
	if err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("%v: %+v", err, back)
	}
	for text, want := range map[string]Gate{"gate = true": ShowGate, "gate = false": NoGate, `gate = "skip"`: SkipGate, "": NoGate} {
		if got, err := Parse([]byte(text)); err != nil || got.Gate != want {
			t.Errorf("%s: %q %v", text, got.Gate, err)
		}
	}
	for text, want := range map[string]string{`gate = "maybe"`: "show, skip", "vari = []": "unknown field vari", "vary = [": "grid"} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) && want != "grid" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The default directory belongs to the grid, however it was asked for.
func TestDirName(t *testing.T) {
	a, err := Spec{Vary: []string{"mid.traces=20,40"}}.DirName()
	if err != nil || !strings.HasPrefix(a, "ablate-quick-") || len(a) != len("ablate-quick-")+8 {
		t.Errorf("%q %v", a, err)
	}
	if b, err := (Spec{Preset: "quick", Vary: []string{"mid.traces=20,40"}, Out: "elsewhere"}).DirName(); err != nil || b != a {
		t.Errorf("%q is not %q: %v", b, a, err)
	}
	if b, err := (Spec{Vary: []string{"mid.traces=20,50"}}).DirName(); err != nil || b == a {
		t.Errorf("another grid has the same name %q: %v", b, err)
	}
}
