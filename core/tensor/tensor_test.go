package tensor

import "testing"

func TestViewsShareTheirBacking(t *testing.T) {
	data := []float32{1, 2, 3, 4, 5, 6}
	m, err := New(WithShape(2, 3), WithBacking(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := m.At(1, 2); got != 6 {
		t.Errorf("At(1,2) = %v, want 6", got)
	}
	m.Row(1)[0] = 40
	if data[3] != 40 {
		t.Error("Row is a copy, want a view")
	}
	r, err := m.Reshape(3, 2)
	if err != nil || r.At(1, 1) != 40 {
		t.Errorf("Reshape: At(1,1) = %v, %v; want 40", r.At(1, 1), err)
	}
	c := m.Clone()
	c.Row(0)[0] = -1
	if data[0] != 1 || !c.Shape().Eq(m.Shape()) {
		t.Error("Clone shares its values or loses its shape")
	}
}

func TestShapesMustBeFilled(t *testing.T) {
	if _, err := New(WithShape(2, 2), WithBacking(make([]float32, 3))); err == nil {
		t.Error("3 values were taken for shape 2x2")
	}
	if _, err := New(WithShape(-1)); err == nil {
		t.Error("a negative extent was taken")
	}
	if s, _ := New(); s == nil || s.Shape().TotalSize() != 1 {
		t.Error("a scalar has one element")
	}
}
