// Package tensor is a dense row-major float32 tensor: a shape, strides and a
// backing slice that several tensors may share. It keeps the vocabulary of
// gorgonia's tensor package (Shape, Strides, Dense, WithShape, WithBacking) and
// nothing of its machinery: the core computes on the backing slices.
package tensor

import (
	"fmt"
	"slices"
)

// Shape holds the extent of each dimension.
type Shape []int

// TotalSize is the number of elements: the product of the extents, 1 for a scalar.
func (s Shape) TotalSize() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// CalcStrides gives the row-major strides, in elements.
func (s Shape) CalcStrides() []int {
	st := make([]int, len(s))
	n := 1
	for i := len(s) - 1; i >= 0; i-- {
		st[i] = n
		n *= s[i]
	}
	return st
}

// Eq reports whether both shapes have the same extents.
func (s Shape) Eq(o Shape) bool { return slices.Equal(s, o) }

// Dense is a row-major tensor over a backing slice.
type Dense struct {
	shape   Shape
	strides []int
	data    []float32
}

// ConsOpt configures New.
type ConsOpt func(*Dense)

// WithShape sets the extents.
func WithShape(dims ...int) ConsOpt {
	return func(d *Dense) { d.shape = slices.Clone(Shape(dims)) }
}

// WithBacking makes the tensor a view of data, which is not copied.
func WithBacking(data []float32) ConsOpt {
	return func(d *Dense) { d.data = data }
}

// New makes a tensor, zeroed unless a backing is given. A backing whose length
// is not the shape's total size is an error.
func New(opts ...ConsOpt) (*Dense, error) {
	d := &Dense{}
	for _, o := range opts {
		o(d)
	}
	for _, n := range d.shape {
		if n < 0 {
			return nil, fmt.Errorf("tensor: negative extent in shape %v", []int(d.shape))
		}
	}
	size := d.shape.TotalSize()
	if d.data == nil {
		d.data = make([]float32, size)
	}
	if len(d.data) != size {
		return nil, fmt.Errorf("tensor: %d values do not fill shape %v", len(d.data), []int(d.shape))
	}
	d.strides = d.shape.CalcStrides()
	return d, nil
}

// Shape returns the extents; the caller must not change them.
func (d *Dense) Shape() Shape { return d.shape }

// Strides returns the step of each dimension in elements.
func (d *Dense) Strides() []int { return d.strides }

// Data returns the backing slice itself.
func (d *Dense) Data() []float32 { return d.data }

// Row returns row i of a matrix as a view.
func (d *Dense) Row(i int) []float32 {
	w := d.strides[0]
	return d.data[i*w : (i+1)*w : (i+1)*w]
}

// At returns one element; for tests and display.
func (d *Dense) At(index ...int) float32 {
	o := 0
	for i, x := range index {
		o += x * d.strides[i]
	}
	return d.data[o]
}

// Reshape returns a view of the same values with other extents.
func (d *Dense) Reshape(dims ...int) (*Dense, error) {
	return New(WithShape(dims...), WithBacking(d.data))
}

// Clone copies the tensor and its values.
func (d *Dense) Clone() *Dense {
	return &Dense{shape: slices.Clone(d.shape), strides: slices.Clone(d.strides), data: slices.Clone(d.data)}
}
