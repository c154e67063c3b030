package plots

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"ra3/core/measure"
)

// words is a cell of a column of words or code.
func words(s string) measure.Cell { return measure.Text(s) }

func estimate(y, lo, hi float64, n int) measure.Cell {
	return measure.Cell{Y: y, Lo: lo, Hi: hi, N: n}
}

func sampleTable() measure.Figure {
	lane := words("RA3")
	lane.Lane = "ra3"
	instead := measure.Value(math.NaN())
	instead.Text = "not reached"
	return measure.Figure{Name: "table-t", Title: "A table", Kind: measure.Tabular, Caption: "n = 3 seeds.", Tables: []measure.Table{
		{Name: "one", Title: "First", Columns: []measure.Column{{Name: "family", Kind: measure.Words, Group: true}, {Name: "lane", Kind: measure.Words},
			{Name: "pass@1", Decimals: 3}, {Name: "tokens"}, {Name: "difference", Unit: "nats", Decimals: 2, Signed: true}},
			Rows: [][]measure.Cell{
				{words("doc"), lane, estimate(0.5, 0.25, 1.0/3, 3), measure.Value(1234), estimate(-1.5, -2, -1, 3)},
				{words("doc"), words("NTP, ünïcode ≥ 0"), estimate(math.NaN(), math.NaN(), math.NaN(), 0), instead, estimate(0, -0.001, 11.25, 2)},
				{words("ask"), words(""), estimate(1e300, math.Inf(-1), 0, 1), measure.Value(math.Inf(1)), measure.Value(111)}}},
		{Name: "two", Columns: []measure.Column{{Name: "line", Kind: measure.Code}, {Name: "gain", Decimals: 1}},
			Rows: [][]measure.Cell{{words("    for x in xs:\treturn x"), measure.Value(0.1)}}},
	}}
}

func TestTablesAreDrawn(t *testing.T) {
	long := sampleTable()
	row := long.Tables[0].Rows[0]
	for range 400 {
		long.Tables[0].Rows = append(long.Tables[0].Rows, row)
	}
	wide := sampleTable()
	wide.Tables[0].Rows[0][1].Text = strings.Repeat("a word and ", 60)
	wide.Tables[1].Rows[0][0].Text = strings.Repeat("x", 400)
	for name, f := range map[string]measure.Figure{"sample": sampleTable(), "long": long, "wide": wide} {
		w, h := DefaultSize(f)
		if w < leastPage || h <= 0 || w > largestLength || h > largestLength || name == "wide" && w > 40*vg.Centimeter || name == "long" && h < 80*vg.Centimeter {
			t.Errorf("%s: %.1f x %.1f cm", name, cm(w), cm(h))
		}
		dir := t.TempDir()
		for _, ext := range []string{".png", ".svg", ".pdf"} {
			if name == "long" && ext != ".svg" {
				continue
			}
			if err := Save(f, filepath.Join(dir, f.Name+ext), 0, 0); err != nil {
				t.Errorf("%s%s: %v", name, ext, err)
			}
		}
		if img, err := Picture(f, 800, 300); err != nil && name != "long" {
			t.Errorf("%s: %v", name, err)
		} else if err == nil && (img.Bounds().Dx() < 790 || img.Bounds().Dx() > 810) {
			t.Errorf("%s: picture of %v", name, img.Bounds())
		}
	}
}

func TestTablesSetNumbersAtThePoint(t *testing.T) {
	g := newGrid(sampleTable().Tables[0], newInk(""), largestLength)
	c := g.columns[2]
	if got := c.numbers[0]; got.main != "0.500" || got.lo != "0.250" || got.hi != "0.333" {
		t.Errorf("%+v", got)
	}
	if got := c.numbers[1]; got.instead != noNumber {
		t.Errorf("no value is %+v, want a dash", got)
	}
	if got := c.numbers[2]; got.main != "1e+300" || got.lo != "" {
		t.Errorf("an infinite bound: %+v", got)
	}
	if got := g.columns[3].numbers[1]; got.instead != "not reached" {
		t.Errorf("%+v", got)
	}
	if got := g.columns[4]; got.numbers[0].main != "−1.50" || got.numbers[0].hi != "−1.00" || got.numbers[1].main != "0.00" || got.numbers[1].lo != "0.00" || got.numbers[2].main != "+111.00" {
		t.Errorf("%+v", got.numbers)
	}
	if !g.columns[0].blank[1] || g.columns[0].blank[2] || g.gaps[1] != 0 || g.gaps[2] == 0 {
		t.Errorf("groups: blank %v, gaps %v", g.columns[0].blank, g.gaps)
	}
}

func TestTablesAsCSV(t *testing.T) {
	var b bytes.Buffer
	if err := CSV(sampleTable(), &b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	head := "table,family,lane,pass@1,pass@1 lo,pass@1 hi,pass@1 n,tokens,tokens text,difference,difference lo,difference hi,difference n,line,gain"
	if got := strings.Join(rows[0], ","); got != head {
		t.Errorf("head %q\nwant %q", got, head)
	}
	for i, want := range []string{"one,doc,RA3,0.5,0.25,0.3333333333333333,3,1234,,-1.5,-2,-1,3,,", "one,doc,\"NTP, ünïcode ≥ 0\",,,,0,,not reached,0,-0.001,11.25,2,,"} {
		if got := rows[i+1]; strings.Join(got, "|") != strings.Join(mustRead(t, want), "|") {
			t.Errorf("row %d: %q", i+1, got)
		}
	}
	if got := rows[4]; got[0] != "two" || got[len(got)-1] != "0.1" || !strings.HasPrefix(got[len(got)-2], "    for") {
		t.Errorf("%q", got)
	}
}

func mustRead(t *testing.T, line string) []string {
	t.Helper()
	row, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestTablesRefused(t *testing.T) {
	dir := t.TempDir()
	ragged, empty := sampleTable(), sampleTable()
	ragged.Tables[0].Rows[1] = ragged.Tables[0].Rows[1][:2]
	empty.Tables = []measure.Table{{Name: "one", Columns: sampleTable().Tables[0].Columns}}
	if err := Save(ragged, filepath.Join(dir, "a.png"), 0, 0); err == nil || !strings.Contains(err.Error(), "row 1 has 2 cells for 5 columns") {
		t.Errorf("%v", err)
	}
	if err := Save(empty, filepath.Join(dir, "a.png"), 0, 0); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v", err)
	}
	if err := Save(sampleTable(), filepath.Join(dir, "a.png"), 6*vg.Centimeter, 20*vg.Centimeter); err == nil || !strings.Contains(err.Error(), "too small") {
		t.Errorf("%v", err)
	}
}
