package plots

import (
	"bytes"
	"encoding/csv"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"ra3/core/measure"
)

// line returns a figure of one curve.
func line(x, y []float64) measure.Figure {
	return measure.Figure{Name: "f", Kind: measure.Lines, Series: []measure.Series{{Name: "s", Lane: "ra3", X: x, Y: y}}}
}

// decode reads a PNG back. The drawn page is opaque, so it is an RGBA image.
func decode(t *testing.T, data []byte) *image.RGBA {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	rgba, ok := img.(*image.RGBA)
	if !ok {
		t.Fatalf("the PNG decodes as %T", img)
	}
	return rgba
}

// count returns how many pixels of img have the opaque colour c exactly.
func count(img *image.RGBA, c color.NRGBA) int {
	n := 0
	for p := img.Pix; len(p) >= 4; p = p[4:] {
		if p[0] == c.R && p[1] == c.G && p[2] == c.B {
			n++
		}
	}
	return n
}

func TestSaveEveryFormat(t *testing.T) {
	dir := t.TempDir()
	magic := map[string]string{"png": "\x89PNG", "svg": "<?xml", "pdf": "%PDF-"}
	for _, f := range realistic() {
		for format, start := range magic {
			path := filepath.Join(dir, f.Name+"."+format)
			if err := Save(f, path, 0, 0); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(data, []byte(start)) {
				t.Errorf("%s begins with %q", path, data[:8])
			}
			if format == "svg" && (!bytes.Contains(data, []byte(f.Title)) || !bytes.Contains(data, []byte("</svg>"))) {
				t.Errorf("%s lacks its title or its end", path)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * len(realistic()); len(entries) != want {
		t.Errorf("%d files stand in the directory, want %d: unfinished copies?", len(entries), want)
	}
}

func TestPNGShowsLanes(t *testing.T) {
	for _, f := range []measure.Figure{rlvrFigure(), passkFigure()} {
		data, err := render(f, "png", defaultWidth, defaultHeight)
		if err != nil {
			t.Fatal(err)
		}
		img := decode(t, data)
		if got, want := img.Bounds().Dx(), int(math.Round(float64(defaultWidth/vg.Inch*pngDPI))); got != want {
			t.Errorf("%s: %d pixels wide, want %d", f.Name, got, want)
		}
		for name, c := range map[string]color.NRGBA{"base": grey, "ntp": blue, "ra3": vermillion} {
			if n := count(img, c); n < 200 {
				t.Errorf("%s: %d pixels of lane %s, want hundreds", f.Name, n, name)
			}
		}
	}
}

func TestNothingTouchesTheEdge(t *testing.T) {
	long := pruningFigure()
	long.Title = strings.Repeat("A title much longer than one line ", 5)
	long.XLabel = strings.Repeat("an x label longer than the axis ", 6)
	long.YLabel = strings.Repeat("a y label longer than the axis ", 6)
	for i := range long.Series {
		long.Series[i].Name = strings.Repeat("a long legend name ", 3+9*i) + strings.Repeat("w", 150*i)
	}
	dense := pruningFigure()
	dense.Categories = nil
	for i := range 40 {
		dense.Categories = append(dense.Categories, "family with a long name "+strconv.Itoa(i))
	}
	for _, f := range append(realistic(), long, dense) {
		w, h := DefaultSize(f)
		data, err := render(f, "png", w, h)
		if err != nil {
			t.Fatal(err)
		}
		img := decode(t, data)
		b := img.Bounds()
		inner := b.Inset(4)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if y >= inner.Min.Y && y < inner.Max.Y && x == inner.Min.X {
					x = inner.Max.X
				}
				if c := img.RGBAAt(x, y); c != color.RGBA(white) {
					t.Fatalf("%s: ink at pixel %d,%d of %v: something is clipped", f.Name, x, y, b.Max)
				}
			}
		}
	}
}

func TestDegenerateInputs(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	many := make([]float64, 100_000)
	wild := make([]float64, len(many))
	for i := range many {
		many[i], wild[i] = float64(i), math.Sin(float64(i)*1.7)*float64(i%977)
	}
	big := line(many, wild)
	big.Series[0].Lo, big.Series[0].Hi = wild, many
	constant := line([]float64{0, 1, 2}, []float64{0.5, 0.5, 0.5})
	single := line([]float64{3}, []float64{7})
	single.Series[0].Lo, single.Series[0].Hi = []float64{6}, []float64{9}
	bars := passkFigure()
	bars.Series[1].Y = []float64{nan, inf, -0.4}
	bars.Series[2].Lo = []float64{nan, -inf, 0}
	spread := passkFigure()
	spread.Categories, spread.Series[0].X = nil, []float64{1, 1e300, -5}
	odd := line([]float64{0, 1}, []float64{-1, 1})
	odd.Title, odd.YLabel, odd.Series[0].Name = "τ ≥ 0.1 → 日本 🙂\x00", "Δ log p (nats)", "<b>&\n\xff"
	figures := map[string]measure.Figure{
		"odd text":      odd,
		"gaps":          line([]float64{0, 1, 2, 3, nan, inf}, []float64{1, nan, inf, 2, 1, 1}),
		"one point":     single,
		"constant":      constant,
		"constant zero": line([]float64{0, 1}, []float64{0, 0}),
		"huge":          line([]float64{0, 1, 2}, []float64{-1e300, 1e300, 0}),
		"largest":       line([]float64{-math.MaxFloat64, math.MaxFloat64}, []float64{math.MaxFloat64, -math.MaxFloat64}),
		"smallest":      line([]float64{0, 5e-324}, []float64{5e-324, 1e-323}),
		"close":         line([]float64{1e15, 1e15 + 1}, []float64{1, 1 + 1e-15}),
		"many points":   big,
		"bars":          bars,
		"bars far":      spread,
	}
	for name, f := range figures {
		for _, format := range []string{"png", "svg", "pdf"} {
			data, err := render(f, format, 9*vg.Centimeter, 7*vg.Centimeter)
			if err != nil {
				t.Errorf("%s as %s: %v", name, format, err)
				continue
			}
			if format == "png" && count(decode(t, data), vermillion) == 0 {
				t.Errorf("%s: nothing of the series is visible", name)
			}
			if format == "svg" && bytes.Contains(data, []byte("NaN")) {
				t.Errorf("%s: NaN in the SVG", name)
			}
			if format == "svg" && len(data) > 2<<20 {
				t.Errorf("%s: SVG of %d bytes, was the curve thinned out?", name, len(data))
			}
		}
	}
}

func TestUndrawable(t *testing.T) {
	nan := math.NaN()
	cut := func(edit func(s *measure.Series)) measure.Figure {
		f := line([]float64{0, 1}, []float64{1, 2})
		edit(&f.Series[0])
		return f
	}
	kind := line([]float64{0}, []float64{0})
	kind.Kind = "pie"
	outside := passkFigure()
	outside.Series[0].X = []float64{0, 1, 3}
	between := passkFigure()
	between.Series[0].X = []float64{0, 0.5, 1}
	twice := passkFigure()
	twice.Series[0].X = []float64{0, 1, 1}
	crowd := passkFigure()
	crowd.Categories = make([]string, maxCategories+1)
	for want, f := range map[string]measure.Figure{
		"no finite point":              {Name: "f", Kind: measure.Lines},
		"no finite point to draw; run": line([]float64{0, 1}, []float64{nan, math.Inf(1)}),
		"2 x values but 1 y":           cut(func(s *measure.Series) { s.Y = s.Y[:1] }),
		"0 lower bounds but 2 upper":   cut(func(s *measure.Series) { s.Hi = s.Y }),
		"2 points but 1 interval":      cut(func(s *measure.Series) { s.Lo, s.Hi = s.Y[:1], s.Y[:1] }),
		"2 points but 1 counts":        cut(func(s *measure.Series) { s.N = []int{1} }),
		`unknown kind "pie"`:           kind,
		"x = 3 is no index":            outside,
		"x = 0.5 is no index":          between,
		"two bars at x = 1":            twice,
		"201 categories":               crowd,
	} {
		path := filepath.Join(t.TempDir(), "f.png")
		err := Save(f, path, 0, 0)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want one line with %q", err, want)
		}
		if _, stat := os.Stat(path); !errors.Is(stat, os.ErrNotExist) {
			t.Errorf("%q: a file was left", want)
		}
	}
	if err := Save(line(nil, nil), "f.svg", 0, 0); !errors.Is(err, ErrEmpty) {
		t.Errorf("error %v is not ErrEmpty", err)
	}
}

func TestCSV(t *testing.T) {
	f := passkFigure()
	f.Series[1].Y = []float64{math.NaN(), 0.1, 1.0 / 3}
	f.Series[2].Lo, f.Series[2].Hi, f.Series[2].N = nil, nil, nil
	f.Series[2].Name = "quoted, \"name\""
	var out bytes.Buffer
	if err := CSV(f, &out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 10 || strings.Join(rows[0], ",") != "series,lane,x,y,lo,hi,n" {
		t.Fatalf("%d rows under %v", len(rows), rows[0])
	}
	if got := rows[4]; got[0] != "NTP" || got[1] != "ntp" || got[2] != "pass@1" || got[3] != "NaN" || got[6] != "256" {
		t.Errorf("row %v", got)
	}
	if v, err := strconv.ParseFloat(rows[6][3], 64); err != nil || v != 1.0/3 {
		t.Errorf("%q does not read back as 1/3", rows[6][3])
	}
	if got := rows[7]; got[0] != "quoted, \"name\"" || got[4] != "" || got[5] != "" || got[6] != "" {
		t.Errorf("row %v", got)
	}
	if err := CSV(f, brokenWriter{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v, want the writer's", err)
	}
	f.Series[0].Y = nil
	if err := CSV(f, io.Discard); err == nil {
		t.Error("slices of different lengths were written")
	}
}

// brokenWriter is a full disk.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
