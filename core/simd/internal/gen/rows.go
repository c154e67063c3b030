package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// rowShape divides a row into steps of vectors. A kernel of many rows keeps it
// over the rows, where stream would count the elements down again.
type rowShape struct {
	groups, end reg.GPVirtual // bytes in whole steps of u vectors, and in whole vectors
	u           int
	rest        reg.GPVirtual // elements after end; nil if there always are some
	t           *tail         // of the rest
}

// shape divides rows of n elements; n becomes the rest.
func (r *routine) shape(n reg.GPVirtual, u int) rowShape {
	s := rowShape{r.gp(), r.gp(), u, n, nil}
	r.do(MOVQ(n, s.end))
	r.do(ANDQ(imm(r.lanes()-1), n))
	r.do(SUBQ(n, s.end))
	r.do(SHLQ(imm(2), s.end))
	r.regroup(s)
	s.t = r.mask(n)
	return s
}

// regroup sets groups from end.
func (r *routine) regroup(s rowShape) {
	r.do(MOVQ(s.end, s.groups))
	r.do(ANDQ(imm(-s.u*r.bytes), s.groups))
}

// walk goes over a row as stream does, in the same order. It returns the
// cursor, which stands where the masked vector is or would be.
func (r *routine) walk(s rowShape, body func(c cursor, u int, t *tail)) cursor {
	c := cursor{r.gp(), r.bytes}
	r.do(XORQ(c.index, c.index))
	for _, step := range []struct {
		u   int
		end reg.GPVirtual
	}{{s.u, s.groups}, {1, s.end}} {
		loop, next := r.label("loop"), r.label("next")
		r.do(CMPQ(c.index, step.end))
		r.do(JGE(next))
		r.mark(loop)
		body(c, step.u, nil)
		r.do(ADDQ(imm(step.u*r.bytes), c.index))
		r.do(CMPQ(c.index, step.end))
		r.do(JLT(loop))
		r.mark(next)
	}
	done := r.label("done")
	if s.rest != nil {
		r.do(TESTQ(s.rest, s.rest))
		r.do(JZ(done))
	}
	body(c, 1, s.t)
	r.mark(done)
	return c
}

// advance adds an argument, a stride in bytes, to each of the pointers.
func (r *routine) advance(stride string, ptrs ...reg.GPVirtual) {
	for _, q := range ptrs {
		r.do(ADDQ(r.param(stride), q))
	}
}

// everyRow repeats body as many times, above 0, as the argument rows says. The
// argument is counted down where it is, which saves a register.
func (r *routine) everyRow(body func()) {
	loop := r.label("rows")
	r.mark(loop)
	body()
	r.do(DECQ(r.param("rows")))
	r.do(JNZ(loop))
}

// broadcast puts the low lane of x in every lane.
func (r *routine) broadcast(x reg.Register) reg.VecVirtual {
	v := r.vec()
	r.do(VBROADCASTSS(x, v))
	return v
}

// normRows emits RMSNorm and its gradient over many rows. The scalars between a
// row's two passes have the operations of the Go code, in the same order.
func (p *program) normRows(w width) {
	p.rmsNormRows(w)
	p.rmsNormGradRows(w)
	p.rowDots(w)
}

func (p *program) rowDots(w width) {
	r := p.routine(w, "rowDots", "func(dst, x *float32, ldx int, y *float32, ldy, n, rows int)",
		"sets dst[i] = sum x[i][j]*y[i][j] for rows > 0 rows of n; ldx and ldy are in bytes.")
	dst, x, y := r.arg("dst"), r.arg("x"), r.arg("y")
	s := r.shape(r.arg("n"), 2)
	r.everyRow(func() {
		acc := r.zeros(s.u)
		r.walk(s, func(c cursor, u int, t *tail) {
			each(u, func(j int) { r.do(VFMADD231PS(r.load(c.at(y, j), t), r.load(c.at(x, j), t), acc[j])) })
		})
		r.do(VMOVSS(r.fold(acc, r.add), operand.Mem{Base: dst}))
		r.do(ADDQ(imm(4), dst))
		r.advance("ldx", x)
		r.advance("ldy", y)
	})
	r.ret(nil)
}

func (p *program) rmsNormRows(w width) {
	r := p.routine(w, "rmsNormRows", "func(dst *float32, ldd int, x *float32, ldx int, w, inv *float32, n, rows int, eps float32)",
		"sets inv = 1/sqrt(mean(x^2)+eps) and dst = (x*inv)*w for rows > 0 rows of n; ldd and ldx are in bytes.")
	dst, x, wt, inv, n := r.arg("dst"), r.arg("x"), r.arg("w"), r.arg("inv"), r.arg("n")
	count, one := r.regs.XMM(), r.regs.XMM()
	r.do(VXORPS(count, count, count))
	r.do(VCVTSI2SSQ(n, count, count))
	r.do(VMOVSS(r.float(1), one))
	r.do(VCVTSS2SD(one, one, one))
	s := r.shape(n, 4)
	r.everyRow(func() {
		acc := r.zeros(s.u)
		r.walk(s, func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				v := r.load(c.at(x, j), t)
				r.do(VFMADD231PS(v, v, acc[j]))
			})
		})
		y := r.fold(acc, r.add)
		// The root and its inverse in float64, as in Go.
		r.do(VDIVSS(count, y, y))
		r.do(VADDSS(r.param("eps"), y, y))
		r.do(VCVTSS2SD(y, y, y))
		r.do(VSQRTSD(y, y, y))
		r.do(VDIVSD(y, one, y))
		r.do(VCVTSD2SS(y, y, y))
		r.do(VMOVSS(y, operand.Mem{Base: inv}))
		a := r.broadcast(y)
		r.walk(s, func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				v := r.load(c.at(x, j), t)
				r.do(VMULPS(v, a, v))
				r.do(VMULPS(r.load(c.at(wt, j), t), v, v))
				r.store(v, c.at(dst, j), t)
			})
		})
		r.advance("ldd", dst)
		r.advance("ldx", x)
		r.do(ADDQ(imm(4), inv))
	})
	r.ret(nil)
}

func (p *program) rmsNormGradRows(w width) {
	r := p.routine(w, "rmsNormGradRows", "func(dx *float32, ldx int, dw, dout *float32, ldo int, x *float32, ldxx int, w, inv *float32, n, rows int)",
		"adds to dx and dw the gradients of rmsNormRows, for rows > 0 rows of n; the strides are in bytes.")
	dx, dw, dout, x, wt, inv, n := r.arg("dx"), r.arg("dw"), r.arg("dout"), r.arg("x"), r.arg("w"), r.arg("inv"), r.arg("n")
	count := r.regs.XMM()
	r.do(VXORPS(count, count, count))
	r.do(VCVTSI2SSQ(n, count, count))
	s := r.shape(n, 4)
	s2 := rowShape{r.gp(), s.end, 2, s.rest, s.t}
	r.regroup(s2)
	r.everyRow(func() {
		acc := r.zeros(s.u)
		r.walk(s, func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				v := r.load(c.at(x, j), t)
				r.do(VMULPS(r.load(c.at(wt, j), t), v, v))
				r.do(VFMADD231PS(r.load(c.at(dout, j), t), v, acc[j]))
			})
		})
		y := r.fold(acc, r.add)
		for range 3 {
			r.do(VMULSS(operand.Mem{Base: inv}, y, y))
		}
		r.do(VDIVSS(count, y, y))
		k, a := r.broadcast(y), r.vec()
		r.do(VBROADCASTSS(operand.Mem{Base: inv}, a))
		r.walk(s2, func(c cursor, u int, t *tail) {
			each(u, func(j int) { r.normGradStep(c, j, t, dx, dw, dout, x, wt, a, k) })
		})
		r.advance("ldx", dx)
		r.advance("ldo", dout)
		r.advance("ldxx", x)
		r.do(ADDQ(imm(4), inv))
	})
	r.ret(nil)
}

// normGradStep adds inv*w*dout - k*x to dx and x*inv*dout to dw, for vector j.
func (r *routine) normGradStep(c cursor, j int, t *tail, dx, dw, dout, x, wt reg.GPVirtual, inv, k reg.VecVirtual) {
	d, v := r.load(c.at(dout, j), t), r.load(c.at(x, j), t)
	r.do(VMULPS(d, inv, d))
	gx, gw := r.load(c.at(dx, j), t), r.load(c.at(dw, j), t)
	r.do(VFMADD231PS(r.load(c.at(wt, j), t), d, gx))
	r.do(VFNMADD231PS(v, k, gx))
	r.do(VFMADD231PS(v, d, gw))
	r.store(gx, c.at(dx, j), t)
	r.store(gw, c.at(dw, j), t)
}
