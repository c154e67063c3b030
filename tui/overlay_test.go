package tui

import (
	"testing"

	"ra3/core/measure"
	"ra3/tui/theme"
)

// Branches laid over each other keep their own points and names.
func TestLaidOver(t *testing.T) {
	at := func(name, lane string, thin bool, y ...float64) measure.Series {
		s := measure.Series{Name: name, Lane: lane, Thin: thin, Y: y}
		for i := range y {
			s.X = append(s.X, float64(i))
		}
		return s
	}
	main := measure.Figure{Kind: measure.Lines, Series: []measure.Series{at("NTP", "ntp", false, 1, 2)}}
	f1 := measure.Figure{Kind: measure.Lines, Series: []measure.Series{at("NTP seed 1", "ntp", true, 3), at("NTP", "ntp", false, 3, 4)}}
	f2 := measure.Figure{Kind: measure.Lines, Series: []measure.Series{at("NTP", "ntp", false, 5)}}
	f := measure.LaidOver(measure.OfBranch{Branch: "main", Figure: main}, measure.OfBranch{Branch: "f1", Figure: f1}, measure.OfBranch{Branch: "f2", Figure: f2})
	var names []string
	for _, s := range f.Series {
		if !s.Thin {
			names = append(names, s.Title())
			if s.Dashed != (s.Branch != "main") {
				t.Errorf("%s: dashed %v", s.Name, s.Dashed)
			}
		}
	}
	if len(names) != 3 || names[0] != "NTP main" || names[1] != "NTP f1" || names[2] != "NTP f2" || main.Series[0].Name != "NTP" {
		t.Errorf("%v", names)
	}
	// Each is explained by its own branch's records.
	why := whyCurves(f, nil)
	if len(why) != 3 || why[1].name != "NTP f1" || why[1].branch != "f1" || len(why[1].points) != 2 || why[1].points[1].cell.Y != 4 {
		t.Errorf("%+v", why)
	}
	// Of VIEW's line the later part is faint, and bars have none.
	whole := measure.Figure{Kind: measure.Lines, Series: []measure.Series{{Name: "NTP", X: []float64{0, 1, 2}, Y: []float64{1, 2, 3}, Lo: []float64{0, 0, 0}, Hi: []float64{9, 9, 9}}}}
	past := measure.Figure{Kind: measure.Lines, Series: []measure.Series{at("NTP", "ntp", false, 1)}}
	got := upTo(past, whole)
	if len(got.Series) != 2 || !got.Series[0].Thin || got.Series[0].Lo != nil || len(got.Series[1].X) != 1 || whole.Series[0].Thin {
		t.Errorf("%+v", got)
	}
	past.Kind = measure.Bars
	if len(upTo(past, whole).Series) != 1 {
		t.Error("bars have a later part")
	}
	m := screen(newFake(t), 80, 24, theme.Options{})
	m.over["nowhere"] = true
	if len(m.overlays()) != 0 {
		t.Error("a branch that is not there is laid over")
	}
}
