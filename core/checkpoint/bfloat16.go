package checkpoint

import "math"

// bfloat16 rounds to the nearest bfloat16, ties to even, as hardware
// conversion does. NaN stays NaN: the quiet bit is set, because the upper half
// of a payload may be zero.
func bfloat16(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func fromBFloat16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
