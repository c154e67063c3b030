package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// turn returns the pair (a, b) turned by the angle of cosine co and sine si.
func (r *routine) turn(a, b, co, si reg.VecVirtual) (x, y reg.VecVirtual) {
	x, y = r.vec(), r.vec()
	r.do(VMULPS(si, b, x))
	r.do(VMULPS(si, a, y))
	r.do(VFMSUB231PS(co, a, x))
	r.do(VFMADD231PS(co, b, y))
	return x, y
}

// rotateRows turns the heads of many rows. Where half a head fits one or two
// vectors, a row's cosines and sines stay in registers over its heads; full
// vectors have code of their own, since masked stores are slow on AVX2.
func (p *program) rotateRows(w width) {
	r := p.routine(w, "rotateRows", "func(x *float32, ldx, heads, hd, h int, cos, sin *float32, positions *int32, rows int, sign float32)",
		"turns the pairs (x[j], x[h+j]), j < h, of each head by cos[pos*h+j] and sign*sin[pos*h+j], pos = positions[row]; rows, heads, h > 0; ldx and hd are in bytes.")
	h := r.arg("h")
	k := rotaryRows{r, r.arg("x"), r.arg("positions"), r.gp(), r.splat("sign")}
	r.do(MOVQ(h, k.hb))
	r.do(SHLQ(imm(2), k.hb))
	for _, vectors := range []int{1, 2} {
		masked, next := r.label("masked"), r.label("next")
		r.do(CMPQ(h, imm(vectors*r.lanes())))
		r.do(JG(next))
		r.do(JNE(masked))
		k.resident(make([]*tail, vectors))
		r.mark(masked)
		k.resident(r.masks(h, vectors))
		r.mark(next)
	}
	k.streamed(r.shape(h, 2))
}

type rotaryRows struct {
	*routine
	x, positions, hb reg.GPVirtual // hb: bytes of half a head
	sign             reg.VecVirtual
}

// everyHead runs body for each head of each row, after each row's start, which
// gets the addresses of the row's cosines and sines.
func (r rotaryRows) everyHead(start func(co, si reg.GPVirtual), body func(lo, hi reg.GPVirtual)) {
	co, si, lo, hi, left := r.gp(), r.gp(), r.gp(), r.gp(), r.gp()
	r.everyRow(func() {
		r.do(MOVLQSX(operand.Mem{Base: r.positions}, si))
		r.do(IMULQ(r.hb, si))
		r.do(MOVQ(si, co))
		r.do(ADDQ(r.param("sin"), si))
		r.do(ADDQ(r.param("cos"), co))
		start(co, si)
		r.do(MOVQ(r.x, lo))
		r.do(LEAQ(operand.Mem{Base: lo, Index: r.hb, Scale: 1}, hi))
		r.do(MOVQ(r.param("heads"), left))
		head := r.label("head")
		r.mark(head)
		body(lo, hi)
		r.advance("hd", lo, hi)
		r.do(DECQ(left))
		r.do(JNZ(head))
		r.advance("ldx", r.x)
		r.do(ADDQ(imm(4), r.positions))
	})
	r.ret(nil)
}

// resident keeps len(ts) vectors of cosines and of sines.
func (r rotaryRows) resident(ts []*tail) {
	n := len(ts)
	cs, sn := make([]reg.VecVirtual, n), make([]reg.VecVirtual, n)
	at := func(base reg.GPVirtual, j int) operand.Mem { return operand.Mem{Base: base, Disp: j * r.bytes} }
	r.everyHead(func(co, si reg.GPVirtual) {
		each(n, func(j int) {
			cs[j], sn[j] = r.load(at(co, j), ts[j]), r.load(at(si, j), ts[j])
			r.do(VMULPS(r.sign, sn[j], sn[j]))
		})
	}, func(lo, hi reg.GPVirtual) {
		each(n, func(j int) {
			a, b := r.turn(r.load(at(lo, j), ts[j]), r.load(at(hi, j), ts[j]), cs[j], sn[j])
			r.store(a, at(lo, j), ts[j])
			r.store(b, at(hi, j), ts[j])
		})
	})
}

// streamed reads the cosines and sines again for every head.
func (r rotaryRows) streamed(s rowShape) {
	var cs, sn reg.GPVirtual
	r.everyHead(func(co, si reg.GPVirtual) { cs, sn = co, si }, func(lo, hi reg.GPVirtual) {
		r.walk(s, func(c cursor, u int, t *tail) {
			each(u, func(j int) {
				si := r.load(c.at(sn, j), t)
				r.do(VMULPS(r.sign, si, si))
				a, b := r.turn(r.load(c.at(lo, j), t), r.load(c.at(hi, j), t), r.load(c.at(cs, j), t), si)
				r.store(a, c.at(lo, j), t)
				r.store(b, c.at(hi, j), t)
			})
		})
	})
}
