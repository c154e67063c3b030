package simd

import "golang.org/x/sys/cpu"

// supported lists the vector tiers by CPU feature. BMI2 is for the tail masks.
func supported() []ISA {
	var s []ISA
	x := &cpu.X86
	fma := x.HasAVX2 && x.HasFMA
	if fma && x.HasBMI2 && x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
		s = append(s, AVX512)
	}
	if fma {
		s = append(s, AVX2)
	}
	return s
}
