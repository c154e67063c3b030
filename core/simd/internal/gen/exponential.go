package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// expConstants are those of the Cephes expf: exp(x) = 2^q * P(x - q*ln 2) with
// ln 2 in two parts. Arguments below low give 0; above high they overflow.
type expConstants struct {
	low, high           reg.VecVirtual // first sources of MAXPS and MINPS: registers
	log2e, ln2hi, ln2lo operand.Op
	one                 operand.Op
	polynomial          []operand.Op // x^2 * P5 + x + 1, highest power first
}

func (r *routine) expConstants() expConstants { return r.expConstantsBelow(89) }

// expConstantsBelow is for arguments cut at high.
func (r *routine) expConstantsBelow(high float64) expConstants {
	c := expConstants{
		low: r.resident(-87.3365), high: r.resident(high),
		log2e: r.constant(math.Log2E), ln2hi: r.constant(0.693359375), ln2lo: r.constant(-2.12194440e-4),
		one: r.constant(1),
	}
	for _, v := range []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		c.polynomial = append(c.polynomial, r.constant(v))
	}
	c.polynomial = append(c.polynomial, c.one, c.one)
	return c
}

// exp replaces each x by exp(x): relative error below 1e-7, 0 below low
// (also for -Inf), +Inf above 88.7, NaN for NaN.
func (r *routine) exp(x []reg.VecVirtual, c expConstants) {
	n := len(x)
	q, p := make([]reg.VecVirtual, n), make([]reg.VecVirtual, n)
	keepK, keepV := make([]reg.OpmaskVirtual, n), make([]reg.VecVirtual, n)
	const notLess = 0x15 // quiet, true for NaN
	each(n, func(i int) {
		q[i], p[i] = r.vec(), r.vec()
		if r.isWide() {
			keepK[i] = r.regs.K()
			r.do(VCMPPS(imm(notLess), c.low, x[i], keepK[i]))
		} else {
			keepV[i] = r.vec()
			r.do(VCMPPS(imm(notLess), c.low, x[i], keepV[i]))
		}
	})
	// MAXPS and MINPS return their second source when a NaN is met: x.
	each(n, func(i int) { r.do(VMAXPS(x[i], c.low, x[i])) })
	each(n, func(i int) { r.do(VMINPS(x[i], c.high, x[i])) })
	each(n, func(i int) { r.do(VMULPS(c.log2e, x[i], q[i])) })
	each(n, func(i int) {
		if r.isWide() {
			r.do(VRNDSCALEPS(imm(8), q[i], q[i]))
		} else {
			r.do(VROUNDPS(imm(8), q[i], q[i]))
		}
	})
	each(n, func(i int) { r.do(VFNMADD231PS(c.ln2hi, q[i], x[i])) })
	each(n, func(i int) { r.do(VFNMADD231PS(c.ln2lo, q[i], x[i])) })
	each(n, func(i int) { r.do(VMOVUPS(c.polynomial[0], p[i])) })
	for _, a := range c.polynomial[1:] {
		each(n, func(i int) { r.do(VFMADD213PS(a, x[i], p[i])) })
	}
	if r.isWide() {
		each(n, func(i int) { r.do(VSCALEFPS_Z(q[i], p[i], keepK[i], x[i])) })
		return
	}
	// 2^q is built in the exponent field; q is -126..128 and 128 means Inf.
	each(n, func(i int) { r.do(VCVTPS2DQ(q[i], q[i])) })
	each(n, func(i int) { r.do(VPADDD(r.bits(127), q[i], q[i])) })
	each(n, func(i int) { r.do(VPSLLD(imm(23), q[i], q[i])) })
	each(n, func(i int) { r.do(VMULPS(q[i], p[i], x[i])) })
	each(n, func(i int) { r.do(VANDPS(keepV[i], x[i], x[i])) })
}

// sigmoidLimit keeps 1+exp(x), and its reciprocal, away from infinity and from
// subnormal numbers: beyond it a sigmoid is below 1e-37.
const sigmoidLimit = 87

// reciprocal replaces each x, finite and normal or NaN, by 1/x: the estimate of
// 14 bits and one Newton step, at a quarter of a division's time and about its
// error. AVX2 has but 12 bits, so it divides.
func (r *routine) reciprocal(x reg.VecVirtual, one operand.Op) {
	if !r.isWide() {
		v := r.vec()
		r.do(VMOVUPS(one, v))
		r.do(VDIVPS(x, v, x))
		return
	}
	y := r.vec()
	r.do(VRCP14PS(x, y))
	r.do(VFNMADD213PS(one, y, x)) // 1 - x*y
	r.do(VFMADD213PS(y, y, x))    // y + y*(1 - x*y)
}

// exponentials emits softmax's and SwiGLU's kernels.
func (p *program) exponentials(w width) {
	unroll, light := 2, 1 // vectors per step that the registers allow
	if w.isWide() {
		unroll, light = 4, 2
	}
	negative := math.Copysign(0, -1)
	{
		r := p.routine(w, "expSub", "func(dst, x *float32, n int, s, m float32) float32", "sets dst = exp(s*x - m) and returns its sum.")
		dst, src, n, s, m := r.arg("dst"), r.arg("x"), r.arg("n"), r.splat("s"), r.splat("m")
		c := r.expConstants()
		acc := r.zeros(unroll)
		r.stream(n, unroll, func(cu cursor, u int, t *tail) {
			x := make([]reg.VecVirtual, u)
			each(u, func(j int) {
				x[j] = r.load(cu.at(src, j), t)
				r.do(VFMSUB213PS(m, s, x[j]))
			})
			r.exp(x, c)
			each(u, func(j int) {
				r.store(x[j], cu.at(dst, j), t)
				r.keep(x[j], t)
				r.do(VADDPS(x[j], acc[j], acc[j]))
			})
		})
		r.ret(r.fold(acc, r.add))
	}
	{
		r := p.routine(w, "swiglu", "func(dst, gate, up *float32, n int)", "sets dst = silu(gate)*up.")
		dst, gate, up, n := r.arg("dst"), r.arg("gate"), r.arg("up"), r.arg("n")
		c, sign := r.expConstantsBelow(sigmoidLimit), r.constant(negative)
		r.stream(n, 2, func(cu cursor, u int, t *tail) {
			g, x := make([]reg.VecVirtual, u), make([]reg.VecVirtual, u)
			r.fetchAhead(cu, u, dst, gate, up)
			each(u, func(j int) {
				g[j], x[j] = r.load(cu.at(gate, j), t), r.vec()
				r.do(VXORPS(sign, g[j], x[j]))
			})
			r.exp(x, c)
			each(u, func(j int) {
				r.do(VADDPS(c.one, x[j], x[j]))
				r.reciprocal(x[j], c.one)
				r.do(VMULPS(x[j], g[j], g[j]))
				r.do(VMULPS(r.load(cu.at(up, j), t), g[j], g[j]))
				r.store(g[j], cu.at(dst, j), t)
			})
		})
		r.ret(nil)
	}
	r := p.routine(w, "swigluGrad", "func(act, dgate, dup, dout, gate, up *float32, n int)", "sets the gradients of swiglu, and act to its result.")
	act, dgate, dup, dout, gate, up, n := r.arg("act"), r.arg("dgate"), r.arg("dup"), r.arg("dout"), r.arg("gate"), r.arg("up"), r.arg("n")
	c, sign := r.expConstantsBelow(sigmoidLimit), r.constant(negative)
	one := r.resident(1)
	r.stream(n, light, func(cu cursor, u int, t *tail) {
		g, s := make([]reg.VecVirtual, u), make([]reg.VecVirtual, u)
		r.fetchAhead(cu, u, act, dgate, dup, dout, gate, up)
		each(u, func(j int) {
			g[j], s[j] = r.load(cu.at(gate, j), t), r.vec()
			r.do(VXORPS(sign, g[j], s[j]))
		})
		r.exp(s, c)
		each(u, func(j int) {
			// s = sigmoid(g); d silu/dg = s*(1 + g*(1-s)).
			r.do(VADDPS(one, s[j], s[j]))
			r.reciprocal(s[j], one)
			d, y, a := r.load(cu.at(dout, j), t), r.load(cu.at(up, j), t), r.vec()
			r.do(VSUBPS(s[j], one, a))
			r.do(VFMADD213PS(one, g[j], a))
			r.do(VMULPS(s[j], g[j], g[j]))
			r.do(VMULPS(d, s[j], s[j]))
			r.do(VMULPS(s[j], a, a))
			r.do(VMULPS(y, a, a))
			r.do(VMULPS(g[j], y, y))
			r.do(VMULPS(d, g[j], g[j]))
			r.store(y, cu.at(act, j), t)
			r.store(a, cu.at(dgate, j), t)
			r.store(g[j], cu.at(dup, j), t)
		})
	})
	r.ret(nil)
}

// fetchAhead asks for what the streams at bases read or write half a page on. SwiGLU
// has up to six and its operands are larger than level 2; calls of one row each
// are too short for the hardware to find all the streams anew.
func (r *routine) fetchAhead(c cursor, u int, bases ...reg.GPVirtual) {
	for _, b := range bases {
		for at := 0; at < u*r.bytes; at += 64 {
			r.do(PREFETCHT0(c.at(b, 0).Offset(2048 + at)))
		}
	}
}
