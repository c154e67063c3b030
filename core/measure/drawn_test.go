package measure

import (
	"math"
	"testing"
)

func TestDrawn(t *testing.T) {
	f := Figure{Series: []Series{{X: []float64{0, 1}, Y: []float64{0.1, 0.9}, Lo: []float64{-0.25, math.NaN()}, Hi: []float64{0.45, 1.2}}}}
	if got := f.Drawn().Series[0]; got.Lo[0] != -0.25 || got.Hi[1] != 1.2 {
		t.Errorf("no shares: %+v", got)
	}
	f.Shares = true
	got := f.Drawn().Series[0]
	if got.Lo[0] != 0 || got.Hi[0] != 0.45 || got.Hi[1] != 1 || !math.IsNaN(got.Lo[1]) {
		t.Errorf("shares: %+v", got)
	}
	if f.Series[0].Lo[0] != -0.25 {
		t.Error("the numbers are cut as well")
	}
}
