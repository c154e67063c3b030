package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// causalSoftmaxGrad is one pass over a row of s and one of dp. There is nothing
// to reduce, so neighbouring rows overlap in the pipeline by themselves.
func (p *program) causalSoftmaxGrad(w width) {
	r := p.routine(w, "causalSoftmaxGrad", "func(s, dp *float32, ld, rows, valid int, scale float32, lse *float32, stride int, dot *float32)",
		"sets s = exp(scale*s - lse) and dp = s*(dp - dot)*scale for rows > 0 rows; ld and stride are in bytes.")
	s, dp, lse, dot, valid := r.arg("s"), r.arg("dp"), r.arg("lse"), r.arg("dot"), r.arg("valid")
	scale, c := r.splat("scale"), r.expConstants()
	r.everyRow(func() {
		m, d := r.vec(), r.vec()
		r.do(VBROADCASTSS(operand.Mem{Base: lse}, m))
		r.do(VBROADCASTSS(operand.Mem{Base: dot}, d))
		at := r.walk(r.lastMasked(valid, w.expUnroll()), func(cu cursor, u int, t *tail) {
			x := make([]reg.VecVirtual, u)
			each(u, func(j int) {
				x[j] = r.load(cu.at(s, j), t)
				r.do(VFMSUB213PS(m, scale, x[j]))
			})
			r.exp(x, c)
			each(u, func(j int) {
				r.keep(x[j], t)
				r.store(x[j], cu.at(s, j), nil)
				g := r.load(cu.at(dp, j), t)
				r.do(VSUBPS(d, g, g))
				r.do(VMULPS(x[j], g, g))
				r.do(VMULPS(scale, g, g))
				r.keep(g, t) // d may be NaN
				r.store(g, cu.at(dp, j), nil)
			})
		})
		r.clearAfter(at, s, dp)
		r.advance("ld", s, dp)
		r.advance("stride", lse)
		r.do(ADDQ(imm(4), dot))
		r.do(INCQ(valid))
	})
	r.ret(nil)
}
