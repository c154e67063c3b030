package nn

import (
	"fmt"

	"ra3/core/simd"
)

// Precision is how the products of training, scoring and generation are computed. Parameters,
// sums, norms, softmax and loss are float32 in either.
type Precision int

const (
	// FP32 multiplies in float32.
	FP32 Precision = iota
	// BF16 rounds the factors of each product to bfloat16 and multiplies them on
	// the processor's matrix tiles.
	BF16
)

// String returns the name that settings use.
func (p Precision) String() string {
	switch p {
	case FP32:
		return "fp32"
	case BF16:
		return "bf16"
	}
	return fmt.Sprintf("Precision(%d)", int(p))
}

// ParsePrecision reads a name.
func ParsePrecision(name string) (Precision, error) {
	for _, p := range []Precision{FP32, BF16} {
		if p.String() == name {
			return p, nil
		}
	}
	return FP32, fmt.Errorf("precision %q is none: choose fp32 or bf16", name)
}

// SetPrecision repacks the model for p. It fails, and changes nothing, where
// the machine has no matrix tiles.
func (m *Model) SetPrecision(p Precision) error {
	if p == BF16 && !simd.HasBF16() {
		return fmt.Errorf("precision bf16 is not available here: %w: choose fp32", simd.BF16Error())
	}
	m.precision = p
	m.Refresh()
	return nil
}

// Precision is what the model computes in.
func (m *Model) Precision() Precision { return m.precision }
