package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// reductions emits the kernels that return one number.
func (p *program) reductions(w width) {
	{
		r := p.routine(w, "dot", "func(x, y *float32, n int) float32", "returns sum x[i]*y[i].")
		x, y, n := r.arg("x"), r.arg("y"), r.arg("n")
		acc := r.zeros(4)
		r.stream(n, len(acc), func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				r.do(VFMADD231PS(r.load(c.at(y, j), t), r.load(c.at(x, j), t), acc[j]))
			})
		})
		r.ret(r.fold(acc, r.add))
	}
	r := p.routine(w, "max", "func(x *float32, n int) float32", "returns the largest x[i], -Inf if n is 0; NaNs are passed over.")
	x, n := r.arg("x"), r.arg("n")
	low := r.resident(math.Inf(-1))
	acc := make([]reg.VecVirtual, 4)
	for i := range acc {
		acc[i] = r.vec()
		r.do(VMOVAPS(low, acc[i]))
	}
	r.stream(n, len(acc), func(c cursor, u int, t *tail) {
		each(u, func(j int) {
			v := r.load(c.at(x, j), t)
			// MAXPS returns its second source when a NaN is met: the accumulator.
			switch {
			case t == nil:
				r.do(VMAXPS(acc[j], v, acc[j]))
			case r.isWide():
				r.do(VMAXPS(acc[j], v, t.k, acc[j]))
			default:
				r.do(VBLENDVPS(t.v, v, low, v))
				r.do(VMAXPS(acc[j], v, acc[j]))
			}
		})
	})
	r.ret(r.fold(acc, func(a, b, dst operand.Op) { r.do(VMAXPS(a, b, dst)) }))
}

// elementwise emits the kernels without reduction or exponential.
func (p *program) elementwise(w width) {
	{
		r := p.routine(w, "scale", "func(a float32, x *float32, n int)", "multiplies x by a.")
		a, x, n := r.splat("a"), r.arg("x"), r.arg("n")
		r.stream(n, 4, func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				v := r.load(c.at(x, j), t)
				r.do(VMULPS(v, a, v))
				r.store(v, c.at(x, j), t)
			})
		})
		r.ret(nil)
	}
	{
		r := p.routine(w, "add", "func(dst, x *float32, n int)", "adds x to dst.")
		dst, x, n := r.arg("dst"), r.arg("x"), r.arg("n")
		r.stream(n, 4, func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				v := r.load(c.at(dst, j), t)
				r.do(VADDPS(r.load(c.at(x, j), t), v, v))
				r.store(v, c.at(dst, j), t)
			})
		})
		r.ret(nil)
	}
	p.adamW(w)
}

// adamW reads its ten scalars from c, in the order of the names below. It runs
// from memory; fetching half a page ahead takes the streams over the ends of
// pages, where the hardware's prefetch stops, and saves a tenth of the time.
func (p *program) adamW(w width) {
	r := p.routine(w, "adamW", "func(p, grad, m, v *float32, n int, c *[10]float32)", "is one AdamW update with the scalars of adamWScalars.")
	pp, gp, mp, vp, n, cp := r.arg("p"), r.arg("grad"), r.arg("m"), r.arg("v"), r.arg("n"), r.arg("c")
	var k [10]reg.VecVirtual
	for i := range k {
		k[i] = r.vec()
		r.do(VBROADCASTSS(operand.Mem{Base: cp, Disp: 4 * i}, k[i]))
	}
	scale, beta1, rest1, beta2, rest2, correct1, correct2, eps, lr, decay := k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7], k[8], k[9]
	r.stream(n, 1, func(c cursor, _ int, t *tail) {
		for _, q := range []reg.GPVirtual{pp, gp, mp, vp} {
			r.do(PREFETCHT0(c.at(q, 0).Offset(2048)))
		}
		d, m := r.load(c.at(gp, 0), t), r.load(c.at(mp, 0), t)
		r.do(VMULPS(scale, d, d))
		r.do(VMULPS(beta1, m, m))
		r.do(VFMADD231PS(rest1, d, m))
		r.store(m, c.at(mp, 0), t)
		r.do(VMULPS(d, d, d))
		r.do(VMULPS(rest2, d, d))
		v := r.load(c.at(vp, 0), t)
		r.do(VFMADD231PS(v, beta2, d))
		r.store(d, c.at(vp, 0), t)
		r.do(VMULPS(correct2, d, d))
		r.do(VSQRTPS(d, d))
		r.do(VADDPS(eps, d, d))
		r.do(VMULPS(correct1, m, m))
		r.do(VDIVPS(d, m, m))
		x := r.load(c.at(pp, 0), t)
		r.do(VFMADD231PS(x, decay, m))
		r.do(VFNMADD231PS(m, lr, x))
		r.store(x, c.at(pp, 0), t)
	})
	r.ret(nil)
}
