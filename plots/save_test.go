package plots

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"ra3/core/measure"
)

func TestSaveRefusals(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.png")
	if err := os.Mkdir(taken, 0o755); err != nil {
		t.Fatal(err)
	}
	f := passkFigure()
	for _, c := range []struct {
		path string
		w, h vg.Length
		want string
	}{
		{filepath.Join(dir, "f.gif"), 0, 0, ".png, .svg or .pdf"},
		{filepath.Join(dir, "f"), 0, 0, ".png, .svg or .pdf"},
		{filepath.Join(dir, "none", "f.png"), 0, 0, "make it first"},
		{taken, 0, 0, "put the figure in place"},
		{filepath.Join(dir, "f.png"), 2 * vg.Centimeter, 2 * vg.Centimeter, "too small"},
		{filepath.Join(dir, "f.png"), 16 * vg.Centimeter, 3 * vg.Centimeter, "too small"},
		{filepath.Join(dir, "f.png"), -1, 5, "no page size"},
		{filepath.Join(dir, "f.png"), vg.Length(math.NaN()), 5, "no page size"},
		{filepath.Join(dir, "f.png"), vg.Length(math.Inf(1)), 5, "no page size"},
	} {
		err := Save(f, c.path, c.w, c.h)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", c.path, err, c.want)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("refused figures left files: %v", entries)
	}
}

func TestSaveReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "F.SVG")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save(measure.Figure{Name: "empty", Kind: measure.Lines}, path, 0, 0); err == nil {
		t.Fatal("an empty figure was saved")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "old" {
		t.Errorf("a failed save changed the file to %q, %v", data, err)
	}
	if err := Save(passkFigure(), path, 12*vg.Centimeter, 8*vg.Centimeter); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), "<?xml") {
		t.Errorf("the file was not replaced: %v", err)
	}
}

func TestResolution(t *testing.T) {
	data, err := render(passkFigure(), "png", defaultWidth, defaultHeight)
	if err != nil {
		t.Fatal(err)
	}
	if string(data[37:41]) != "pHYs" || binary.BigEndian.Uint32(data[41:]) != 7874 {
		t.Errorf("chunk %q of %d pixels per metre, want pHYs of 7874", data[37:41], binary.BigEndian.Uint32(data[41:]))
	}
}

func TestDefaultSize(t *testing.T) {
	f := passkFigure()
	if w, h := DefaultSize(f); w != defaultWidth || h != defaultHeight {
		t.Errorf("%v x %v, want 16 x 10 cm", w, h)
	}
	f.Caption = strings.Repeat(f.Caption+" ", 6)
	if _, h := DefaultSize(f); h <= defaultHeight {
		t.Errorf("a long caption leaves the height at %v", h)
	}
	if w, h := DefaultSize(measure.Figure{}); w != defaultWidth || h != defaultHeight {
		t.Errorf("%v x %v for no figure", w, h)
	}
}

// FuzzRender draws arbitrary values: no input may panic or put a NaN on paper.
func FuzzRender(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), "name τ\x00\n", true)
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.MaxFloat64)), "", false)
	f.Fuzz(func(t *testing.T, raw []byte, name string, bars bool) {
		if len(raw) > 4096 || len(name) > 256 {
			return
		}
		var v []float64
		for ; len(raw) >= 8; raw = raw[8:] {
			v = append(v, math.Float64frombits(binary.LittleEndian.Uint64(raw)))
		}
		n := len(v) / 4
		fig := measure.Figure{Name: "fuzz", Title: name, YLabel: name, Caption: name, Kind: measure.Lines,
			Series: []measure.Series{{Name: name, X: v[:n], Y: v[n : 2*n], Lo: v[2*n : 3*n], Hi: v[3*n : 4*n]}}}
		if bars {
			fig.Kind = measure.Bars
		}
		w, h := DefaultSize(fig)
		data, err := render(fig, "svg", w, h)
		if err != nil {
			if strings.Contains(err.Error(), "drawing as") {
				t.Fatal(err)
			}
			return
		}
		if !strings.Contains(name, "NaN") && strings.Contains(string(data), "NaN") {
			t.Fatalf("NaN on paper for %v", v)
		}
	})
}
