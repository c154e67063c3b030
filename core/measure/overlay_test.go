package measure

import "testing"

func TestLaidOver(t *testing.T) {
	of := func(branch, caption string, names ...string) OfBranch {
		f := Figure{Kind: Lines, Caption: caption}
		for _, n := range names {
			f.Series = append(f.Series, Series{Name: n})
		}
		return OfBranch{branch, f}
	}
	main := of("main", "n = 4.", "bound", "code")
	got := LaidOver(main, of("f1", "n = 8.", "bound"), of("f2", "n = 4.", "bound"))
	var titles string
	for _, s := range got.Series {
		titles += s.Title() + ";"
		if s.Dashed != (s.Branch != "main") {
			t.Errorf("%s: dashed is %v", s.Title(), s.Dashed)
		}
	}
	if titles != "bound main;code main;bound f1;bound f2;" {
		t.Errorf("series %s", titles)
	}
	if got.Caption != "main: n = 4. f1: n = 8. f2: n = 4." {
		t.Errorf("caption %q", got.Caption)
	}
	if same := LaidOver(main, of("f2", "n = 4.", "bound")); same.Caption != "n = 4." {
		t.Errorf("one caption of both is %q", same.Caption)
	}
	if main.Figure.Series[0].Branch != "" || LaidOver(main).Series[0].Title() != "bound" {
		t.Error("a figure alone is named after its branch")
	}
	table := OfBranch{"main", Figure{Kind: Tabular}}
	if len(LaidOver(table, main).Series) != 0 {
		t.Error("a table got series")
	}
}
