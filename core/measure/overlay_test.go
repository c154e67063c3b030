package measure

import "testing"

func TestLaidOver(t *testing.T) {
	of := func(branch, caption string, names ...string) OfBranch {
		f := Figure{Kind: Lines, Caption: caption}
		for _, n := range names {
			f.Series = append(f.Series, Series{Name: n, X: []float64{1}, Y: []float64{1}})
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
}

// Tables of branches stand below one another under their branches' names, those
// of a branch that has none yet left out.
func TestTablesLaidOver(t *testing.T) {
	of := func(branch, title string, tables ...string) OfBranch {
		f := Figure{Name: "table-after", Kind: Tabular, Title: title, Caption: "n = 3."}
		for _, title := range tables {
			f.Tables = append(f.Tables, Table{Name: "rows", Title: title, Rows: [][]Cell{{Text(branch)}}})
		}
		return OfBranch{branch, f}
	}
	for _, c := range []struct {
		what, title, want string
		first             OfBranch
		over              []OfBranch
	}{
		{"alone", "pass@k", "one;two;", of("main", "pass@k", "one", "two"), nil},
		{"two of each", "pass@k", "f1: one;f1: two;main: one;main: two;", of("f1", "pass@k", "one", "two"), []OfBranch{of("main", "pass@k", "one", "two")}},
		{"one of each", "pass@k", "f1;main;", of("f1", "pass@k", ""), []OfBranch{of("main", "pass@k", "")}},
		{"other titles", "pass@k", "f1: one;f1: two;main: pass@k at first;", of("f1", "pass@k", "one", "two"), []OfBranch{of("main", "pass@k at first", "")}},
		{"none yet", "pass@k", "main: one;f2: one;", of("f1", ""), []OfBranch{of("main", "pass@k", "one"), of("f2", "pass@k", "one")}},
	} {
		got, titles := LaidOver(c.first, c.over...), ""
		for _, table := range got.Tables {
			titles += table.Title + ";"
		}
		if titles != c.want || got.Title != c.title || got.Caption != "n = 3." || len(got.Series) != 0 {
			t.Errorf("%s: %q under %q (%q)", c.what, titles, got.Title, got.Caption)
		}
	}
	first := of("f1", "pass@k", "one")
	LaidOver(first, first)
	if first.Figure.Tables[0].Title != "one" {
		t.Error("the branch's own table is named anew")
	}
}
