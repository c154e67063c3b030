package main

import (
	"math"

	. "github.com/mmcloughlin/avo/x86"
)

// logarithm emits ln, after the Cephes logf: x = 2^e * (1+f) with 1+f within a
// factor of sqrt 2 of 1, and ln x = e*ln 2 + f - f^2/2 + f^3*P(f).
func (p *program) logarithm(w width) {
	r := p.routine(w, "ln", "func(x *float32, n int)", "replaces x by its natural log; x is normal and above 0, or NaN or Inf, which give NaN.")
	x, n := r.arg("x"), r.arg("n")
	least := math.Float32bits(float32(math.Sqrt(0.5)))
	r.stream(n, 1, func(c cursor, _ int, t *tail) {
		v, e, f, sum := r.load(c.at(x, 0), t), r.vec(), r.vec(), r.vec()
		from := r.vec()
		r.do(VBROADCASTSS(r.bits(least), from))
		r.do(VPSUBD(from, v, e)) // as integers: the bits of a float are its log, nearly
		r.do(VPSRAD(imm(23), e, e))
		r.do(VPSLLD(imm(23), e, f))
		r.do(VPSUBD(f, v, f))
		r.do(VCVTDQ2PS(e, e))
		r.do(VSUBPS(r.resident(1), f, f))
		r.do(VBROADCASTSS(r.float(7.0376836292e-2), sum))
		for _, a := range []float64{-1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, -0.5} {
			r.do(VFMADD213PS(r.resident(a), f, sum))
		}
		small := r.vec()
		r.do(VMULPS(f, sum, sum)) // f^2*(f*P - 1/2) in two steps, exact where f is small
		r.do(VMULPS(f, sum, small))
		r.do(VFMADD231PS(r.resident(-2.12194440e-4), e, small))
		r.do(VADDPS(small, f, f))
		r.do(VFMADD231PS(r.resident(0.693359375), e, f))
		r.do(VSUBPS(v, v, v)) // 0, or NaN
		r.do(VADDPS(v, f, f))
		r.store(f, c.at(x, 0), t)
	})
	r.ret(nil)
}
