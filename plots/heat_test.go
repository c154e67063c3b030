package plots

import (
	"bytes"
	"errors"
	"image/color"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"ra3/core/measure"
)

// heatFigure is a map with cells of every state.
func heatFigure() measure.Figure {
	nan := math.NaN()
	row := func(name string, y, half []float64, n ...int) measure.Series {
		s := measure.Series{Name: name, Y: y, N: n}
		for i := range y {
			s.X, s.Lo, s.Hi = append(s.X, float64(i)), append(s.Lo, y[i]-half[i]), append(s.Hi, y[i]+half[i])
		}
		return s
	}
	return measure.Figure{
		Name: "map", Title: "RA3 minus NTP, mean of pass@1, 5 and 10", Kind: measure.Heat,
		XLabel: "mid.traces", YLabel: "domain.nuisance, domain.vague", ZLabel: "difference in the share of problems solved",
		Categories: []string{"250", "1000", "4000", "8000"},
		Caption:    "Both families, n = 5 seeds, paired by seed; brackets: 95% t-interval over seeds; framed where it excludes 0.",
		Series: []measure.Series{
			row("nuisance = 0, vague = 0", []float64{0.061, 0.02, -0.005, -0.041}, []float64{0.02, 0.03, 0.03, 0.01}, 5, 5, 5, 5),
			row("nuisance = 2, vague = 0", []float64{0.104, 0.052, 0, 0.011}, []float64{0.03, 0.01, 0.02, nan}, 5, 5, 5, 3),
			row("nuisance = 2, vague = 0.5", []float64{0.02, nan, -0.08}, []float64{0.04, 0, 0.04}, 5, 0, 5),
		},
	}
}

func TestMatrix(t *testing.T) {
	rows, columns, cells, err := matrix(heatFigure())
	if err != nil || len(rows) != 3 || len(columns) != 4 || rows[1] != "nuisance = 2, vague = 0" {
		t.Fatalf("%v %v %v", err, rows, columns)
	}
	want := [][]state{{apart, computed, computed, apart}, {apart, apart, computed, computed}, {computed, noValue, apart, notComputed}}
	for i, row := range cells {
		for j, c := range row {
			if c.state != want[i][j] {
				t.Errorf("cell %d,%d is %v, want %v", i, j, c.state, want[i][j])
			}
		}
	}
	if c := cells[0][3]; c.value != -0.041 || math.Abs(c.lo+0.051) > 1e-12 || math.Abs(c.hi+0.031) > 1e-12 || c.n != 5 {
		t.Errorf("%+v", c)
	}
	twice := heatFigure()
	twice.Series[0].X[1] = 0
	outside := heatFigure()
	outside.Series[0].X[1] = 4
	for _, f := range []measure.Figure{twice, outside} {
		if err := Save(f, filepath.Join(t.TempDir(), "x.png"), 0, 0); err == nil || !strings.Contains(err.Error(), `"map"`) {
			t.Errorf("a cell in a wrong place: %v", err)
		}
	}
	empty := heatFigure()
	empty.Series = empty.Series[2:]
	empty.Series[0].Y = []float64{math.NaN(), math.NaN(), math.NaN()}
	if err := check(empty); !errors.Is(err, ErrEmpty) {
		t.Errorf("a map without values: %v", err)
	}
}

func TestShade(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want color.NRGBA
	}{{0, white}, {0.1, blue}, {0.3, blue}, {-0.1, orange}, {0.05, color.NRGBA{0x80, 0xB9, 0xD9, 0xFF}}, {math.NaN(), white}} {
		if got := shade(c.v, 0.1); got != c.want {
			t.Errorf("shade(%g) = %v, want %v", c.v, got, c.want)
		}
	}
	if shade(1, 0) != white {
		t.Error("a map of zeros has a colour")
	}
	if contrasting(blue) != white || contrasting(orange) != textColour || contrasting(white) != textColour {
		t.Error("text does not stand out")
	}
}

func TestSignedFormat(t *testing.T) {
	for _, c := range []struct {
		size, v float64
		want    string
	}{{0.1, 0.061, "+0.061"}, {0.1, -0.0004, "0.000"}, {0.1, -0.041, "−0.041"}, {2.5, -1, "−1.00"}, {1e6, 2e5, "+2.0e+05"}, {0, 0, "0.00000"}} {
		if got := signedFormat(c.size)(c.v); got != c.want {
			t.Errorf("%g of %g: %q, want %q", c.v, c.size, got, c.want)
		}
	}
}

func TestHeatCSV(t *testing.T) {
	var b bytes.Buffer
	f := heatFigure()
	f.Series = f.Series[2:]
	f.Series[0].Lo, f.Series[0].Hi = []float64{-0.02, 0, -0.12}, []float64{0.06, 0, -0.04}
	if err := CSV(f, &b); err != nil {
		t.Fatal(err)
	}
	want := `series,lane,x,y,lo,hi,n
"nuisance = 2, vague = 0.5",,250,0.02,-0.02,0.06,5
"nuisance = 2, vague = 0.5",,1000,NaN,0,0,0
"nuisance = 2, vague = 0.5",,4000,-0.08,-0.12,-0.04,5
`
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
}

// Both ends of the scale, hatch and frames are on the page.
func TestHeatPNG(t *testing.T) {
	f := heatFigure()
	w, h := DefaultSize(f)
	data, err := render(f, "png", w, h)
	if err != nil {
		t.Fatal(err)
	}
	img := decode(t, data)
	for name, c := range map[string]color.NRGBA{"largest": blue, "frames": black, "lowest": shade(-0.08, 0.104)} {
		if n := count(img, c); n < 200 {
			t.Errorf("%s: %d pixels", name, n)
		}
	}
	one := heatFigure()
	one.Series, one.Categories = one.Series[:1], nil
	if _, err := render(one, "pdf", w, h); err != nil {
		t.Error(err)
	}
}
