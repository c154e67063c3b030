package optim

import (
	"math"
	"slices"
	"testing"
)

// A second formulation of AdamW in float64, straight from the paper.
func TestUpdateEqualsThePaper(t *testing.T) {
	s := Default()
	s.Clip = 0.5
	p, g := []float32{1, -2, 3}, []float32{0.1, -0.4, 2}
	want := []float64{1, -2, 3}
	m, v := make([]float64, 3), make([]float64, 3)
	a := New(3, s)
	for step := 1; step <= 3; step++ {
		norm, err := a.Update(p, g, 0.01, 2)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(norm-math.Sqrt(0.01+0.16+4)) > 1e-5 {
			t.Errorf("norm %v", norm)
		}
		for i := range want {
			gi := float64(g[i]) * s.Clip / norm
			m[i] = s.Beta1*m[i] + (1-s.Beta1)*gi
			v[i] = s.Beta2*v[i] + (1-s.Beta2)*gi*gi
			mh, vh := m[i]/(1-math.Pow(s.Beta1, float64(step))), v[i]/(1-math.Pow(s.Beta2, float64(step)))
			want[i] -= 0.01 * (mh/(math.Sqrt(vh)+s.Eps) + s.Decay*want[i])
			if math.Abs(float64(p[i])-want[i]) > 1e-5 {
				t.Errorf("step %d: p[%d] = %v, want %v", step, i, p[i], want[i])
			}
		}
	}
}

func TestNotANumberIsRefusedAndChangesNothing(t *testing.T) {
	p := []float32{1, 2}
	a := New(2, Default())
	if _, err := a.Update(p, []float32{1, float32(math.NaN())}, 0.1, 1); err == nil {
		t.Fatal("taken")
	}
	if !slices.Equal(p, []float32{1, 2}) || a.Step != 0 {
		t.Error("state changed")
	}
}

func TestCosine(t *testing.T) {
	if got := Cosine(1, 0, 10, 100, 0.1); got != 0.1 {
		t.Errorf("first warm-up rate %v", got)
	}
	if got := Cosine(1, 10, 10, 100, 0.1); got != 1 {
		t.Errorf("peak %v", got)
	}
	if got := Cosine(1, 100, 10, 100, 0.1); math.Abs(got-0.1) > 1e-12 {
		t.Errorf("floor %v", got)
	}
}
