package plots

import (
	"errors"
	"image"
	"testing"

	"ra3/core/measure"
)

// inked counts the pixels of img that are not nearly white.
func inked(img image.Image) int {
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r+g+b < 3*0xd000 {
				n++
			}
		}
	}
	return n
}

func TestPictureAndDataArea(t *testing.T) {
	for _, f := range realistic() {
		img, err := Picture(f, 900, 700)
		if err != nil {
			t.Fatal(err)
		}
		if img.Bounds() != image.Rect(0, 0, 900, 700) || inked(img) < 2000 {
			t.Errorf("%s: %v with %d inked pixels", f.Name, img.Bounds(), inked(img))
		}
		r, err := DataArea(f, 120, 60)
		if f.Kind == measure.Heat {
			if !errors.Is(err, ErrNoRaster) {
				t.Errorf("%s: %v", f.Name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.Image.Bounds() != image.Rect(0, 0, 120, 60) || inked(r.Image) < 150 {
			t.Errorf("%s: %v with %d inked pixels", f.Name, r.Image.Bounds(), inked(r.Image))
		}
		if len(r.X) < 3 || len(r.Y) < 3 || len(r.Legend) < 3 {
			t.Errorf("%s: marks %v and %v, legend %v", f.Name, r.X, r.Y, r.Legend)
		}
		for i, m := range append(r.X, r.Y...) {
			if m.At < 0 || m.At > 1 || m.Label == "" {
				t.Errorf("%s: mark %d is %+v", f.Name, i, m)
			}
		}
	}
	if _, err := Picture(realistic()[0], 40, 30); err == nil {
		t.Error("a picture too small for its texts")
	}
}

// However little room a label has, wrapping it comes to an end.
func TestLabelsWithoutRoom(t *testing.T) {
	f := line([]float64{0, 1}, []float64{0, 1})
	f.YLabel, f.XLabel = "nats per program", "tokens"
	if _, err := newPanel(f, newInk(""), 30, 2); err != nil {
		t.Error(err)
	}
}
