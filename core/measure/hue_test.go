package measure

import (
	"slices"
	"testing"
)

func TestHues(t *testing.T) {
	named := func(names ...string) (ss []Series) {
		for _, n := range names {
			ss = append(ss, Series{Name: n})
		}
		return ss
	}
	for _, c := range []struct {
		what string
		ss   []Series
		want []Hue
	}{
		{"terms", named("bound", "code", "prior", "entropy"), []Hue{Green, Purple, SkyBlue, Ink}},
		{"branches", append(named("a", "b"), Series{Name: "a", Branch: "f1"}, Series{Name: "b", Branch: "f1"}), []Hue{Green, Purple, Green, Purple}},
		{"lanes", []Series{{Name: "RA3", Lane: "ra3"}, {Name: "oracle", Lane: "oracle"}, {Name: "oracle, seed 1", Lane: "oracle", Thin: true}, {Name: "x"}}, []Hue{LaneHue, Green, Green, Purple}},
		{"seeds", []Series{{Name: "bound, seed 1", Thin: true, Of: "bound"}, {Name: "bound"}, {Name: "stray", Thin: true}}, []Hue{Green, Green, PaleHue}},
		{"many", named("a", "b", "c", "d", "e", "f", "g", "h"), append(slices.Clone(seriesHues), Green)},
		{"many beside NTP", append(named("a", "b", "c", "d", "e", "f"), Series{Lane: " NTP"}), []Hue{Green, Purple, SkyBlue, Ink, Orange, Green, LaneHue}},
	} {
		if got := Hues(c.ss); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
