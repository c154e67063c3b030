package main

import (
	"math"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// softmax emits the row kernels of causal attention. Rows are whole vectors
// long, and of each the first valid > 0 elements count, one more from row to
// row: some whole vectors, one vector under a mask, then zeros.
func (p *program) softmax(w width) {
	p.causalSoftmax(w)
	p.causalSoftmaxGrad(w)
	p.softmaxRow(w)
}

// lastMasked divides the valid > 0 elements of one row; the last vector is
// always masked, so that there is one case only.
func (r *routine) lastMasked(valid reg.GPVirtual, u int) rowShape {
	s, rest := rowShape{groups: r.gp(), end: r.gp(), u: u}, r.gp()
	r.do(LEAQ(operand.Mem{Base: valid, Disp: -1}, s.end))
	r.do(MOVQ(s.end, rest))
	r.do(ANDQ(imm(r.lanes()-1), rest))
	r.do(SUBQ(rest, s.end))
	r.do(INCQ(rest))
	s.t = r.mask(rest)
	r.do(SHLQ(imm(2), s.end))
	r.regroup(s)
	return s
}

// clearAfter sets the vectors of a row behind the cursor's to zero.
func (r *routine) clearAfter(c cursor, rows ...reg.GPVirtual) {
	loop, next, zero := r.label("clear"), r.label("cleared"), r.zero()
	r.do(ADDQ(imm(r.bytes), c.index))
	r.do(CMPQ(c.index, r.param("ld")))
	r.do(JGE(next))
	r.mark(loop)
	for _, row := range rows {
		r.store(zero, c.at(row, 0), nil)
	}
	r.do(ADDQ(imm(r.bytes), c.index))
	r.do(CMPQ(c.index, r.param("ld")))
	r.do(JLT(loop))
	r.mark(next)
}

// loadLow is load with -Inf in the lanes outside t.
func (r *routine) loadLow(m operand.Mem, t *tail) reg.VecVirtual {
	if t == nil {
		return r.load(m, nil)
	}
	low := r.resident(math.Inf(-1))
	if r.isWide() {
		r.do(VMOVUPS(m, t.k, low))
		return low
	}
	v := r.load(m, t)
	r.do(VBLENDVPS(t.v, v, low, v))
	return v
}

// takeMax raises top to x; NaNs in x are passed over, because MAXPS returns its
// second source, top, when it meets one.
func (r *routine) takeMax(x, top operand.Op) { r.do(VMAXPS(top, x, top)) }

// residentVectors is the length of the rows that stay in registers.
func (w width) residentVectors() int {
	if w.isWide() {
		return 8
	}
	return 4
}

// expUnroll is how many exponentials run side by side.
func (w width) expUnroll() int {
	if w.isWide() {
		return 4
	}
	return 2
}

func (p *program) causalSoftmax(w width) {
	r := p.routine(w, "causalSoftmax", "func(s *float32, ld, rows, valid int, scale, weight float32, tops *float32, stride int, sums *float32)",
		"replaces rows > 0 rows of scores by weight times their softmax; tops receives scale*max and sums the sums of exp(scale*s - top); ld and stride are in bytes.")
	k := softmaxRow{r, r.arg("s"), r.arg("tops"), r.arg("sums"), r.expConstants(), false}
	valid := r.arg("valid")
	r.everyRow(func() {
		s := r.lastMasked(valid, w.expUnroll())
		k.emit(s)
		r.clearAfter(cursor{s.end, r.bytes}, k.s)
		r.advance("ld", k.s)
		r.advance("stride", k.top)
		r.do(ADDQ(imm(4), k.sum))
		r.do(INCQ(valid))
	})
	r.ret(nil)
}

// softmaxRow emits the softmax of one row of any length: behind its last element
// nothing may be written.
func (p *program) softmaxRow(w width) {
	r := p.routine(w, "softmaxRow", "func(s *float32, n int, scale, weight float32, top, sum *float32)",
		"replaces n > 0 scores by weight times their softmax; top receives scale*max and sum the sum of exp(scale*s - top).")
	k := softmaxRow{r, r.arg("s"), r.arg("top"), r.arg("sum"), r.expConstants(), true}
	k.emit(r.lastMasked(r.arg("n"), w.expUnroll()))
	r.ret(nil)
}

type softmaxRow struct {
	*routine
	s, top, sum reg.GPVirtual // addresses
	exps        expConstants
	ragged      bool
}

func (r softmaxRow) emit(s rowShape) {
	done := r.label("rowDone")
	for n := 1; n <= r.residentVectors(); n++ {
		next := r.label("longer")
		r.do(CMPQ(s.end, imm((n-1)*r.bytes)))
		r.do(JNE(next))
		r.inRegisters(n, s)
		r.do(JMP(done))
		r.mark(next)
	}
	r.streamed(s)
	r.mark(done)
}

// write stores the lanes of x that are in t, and zeros in the others if the row
// goes on there: x may be NaN in lanes that hold no score.
func (r softmaxRow) write(x reg.VecVirtual, m operand.Mem, t *tail) {
	if r.ragged {
		r.store(x, m, t)
		return
	}
	r.keep(x, t)
	r.store(x, m, nil)
}

func (r softmaxRow) lows(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = r.resident(math.Inf(-1))
	}
	return v
}

// foldTop folds the maxima, stores scale times their maximum and returns it.
func (r softmaxRow) foldTop(acc []reg.VecVirtual) reg.VecVirtual {
	m := r.fold(acc, func(a, b, dst operand.Op) { r.do(VMAXPS(a, b, dst)) })
	r.do(VMULSS(r.param("scale"), m, m))
	r.do(VMOVSS(m, operand.Mem{Base: r.top}))
	return r.broadcast(m)
}

// foldSum folds the sums, stores their sum and returns weight over it.
func (r softmaxRow) foldSum(acc []reg.VecVirtual) reg.VecVirtual {
	sum, a := r.fold(acc, r.add), r.regs.XMM()
	r.do(VMOVSS(sum, operand.Mem{Base: r.sum}))
	r.do(VMOVSS(r.param("weight"), a))
	r.do(VDIVSS(sum, a, a))
	return r.broadcast(a)
}

// inRegisters handles a row of n vectors that reads and writes memory once.
func (r softmaxRow) inRegisters(n int, s rowShape) {
	ts := make([]*tail, n)
	ts[n-1] = s.t
	at := func(j int) operand.Mem { return operand.Mem{Base: r.s, Disp: j * r.bytes} }
	x, acc := make([]reg.VecVirtual, n), r.lows(min(n, 2))
	each(n, func(j int) {
		x[j] = r.loadLow(at(j), ts[j])
		r.takeMax(x[j], acc[j%2])
	})
	m, scale := r.foldTop(acc), r.splat("scale")
	each(n, func(j int) { r.do(VFMSUB213PS(m, scale, x[j])) })
	for j := 0; j < n; j += s.u {
		r.exp(x[j:min(j+s.u, n)], r.exps)
	}
	r.keep(x[n-1], s.t)
	sums := make([]reg.VecVirtual, min(n, 2))
	each(n, func(j int) {
		if j < 2 {
			sums[j] = r.vec()
			r.do(VMOVAPS(x[j], sums[j]))
		} else {
			r.do(VADDPS(x[j], sums[j%2], sums[j%2]))
		}
	})
	a := r.foldSum(sums)
	each(n, func(j int) {
		r.do(VMULPS(a, x[j], x[j]))
		r.write(x[j], at(j), ts[j])
	})
}

// streamed handles a row of any length in three passes over memory.
func (r softmaxRow) streamed(s rowShape) {
	acc := r.lows(s.u)
	r.walk(s, func(c cursor, u int, t *tail) {
		each(u, func(j int) { r.takeMax(r.loadLow(c.at(r.s, j), t), acc[j]) })
	})
	m, scale := r.foldTop(acc), r.splat("scale")
	sums := r.zeros(s.u)
	r.walk(s, func(c cursor, u int, t *tail) {
		x := make([]reg.VecVirtual, u)
		each(u, func(j int) {
			x[j] = r.load(c.at(r.s, j), t)
			r.do(VFMSUB213PS(m, scale, x[j]))
		})
		r.exp(x, r.exps)
		each(u, func(j int) {
			r.keep(x[j], t)
			r.store(x[j], c.at(r.s, j), t)
			r.do(VADDPS(x[j], sums[j], sums[j]))
		})
	})
	a := r.foldSum(sums)
	r.walk(s, func(c cursor, u int, t *tail) {
		each(u, func(j int) {
			v := r.load(c.at(r.s, j), t)
			r.do(VMULPS(a, v, v))
			r.write(v, c.at(r.s, j), t)
		})
	})
}
