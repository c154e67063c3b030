package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// matrixVector emits the products of a row-major matrix with a vector.
func (p *program) matrixVector(w width) {
	p.matVec(w)
	p.vecMat(w)
}

// matVec takes four rows at a time, each in one accumulator, and folds the four
// accumulators together. A single row is folded in the same order, so that an
// element does not depend on the number of rows.
func (p *program) matVec(w width) {
	r := p.routine(w, "matVec", "func(dst, a *float32, lda int, x *float32, n, m int)",
		"sets dst[i] = sum_j a[i*lda+j]*x[j] for m rows of n; lda is in bytes.")
	dst, a, lda, x, n, m := r.arg("dst"), r.arg("a"), r.arg("lda"), r.arg("x"), r.arg("n"), r.arg("m")
	rest, full := r.gp(), r.gp()
	r.do(MOVQ(n, rest))
	r.do(ANDQ(imm(r.lanes()-1), rest))
	t := r.mask(rest)
	r.do(MOVQ(n, full))
	r.do(SUBQ(rest, full))
	r.do(SHLQ(imm(2), full)) // bytes of whole vectors in a row

	rows := func(count int, next reg.GPVirtual) {
		ptr := []reg.GPVirtual{a}
		for i := 1; i < count; i++ {
			q := r.gp()
			r.do(LEAQ(operand.Mem{Base: ptr[i-1], Index: lda, Scale: 1}, q))
			ptr = append(ptr, q)
		}
		acc := r.zeros(count)
		c := cursor{r.gp(), r.bytes}
		loop, last, done := r.label("loop"), r.label("last"), r.label("done")
		r.do(XORQ(c.index, c.index))
		r.do(TESTQ(full, full))
		r.do(JZ(last))
		r.mark(loop)
		v := r.load(c.at(x, 0), nil)
		each(count, func(i int) { r.do(VFMADD231PS(c.at(ptr[i], 0), v, acc[i])) })
		r.do(ADDQ(imm(r.bytes), c.index))
		r.do(CMPQ(c.index, full))
		r.do(JLT(loop))
		r.mark(last)
		r.do(TESTQ(rest, rest))
		r.do(JZ(done))
		v = r.load(c.at(x, 0), t)
		each(count, func(i int) { r.do(VFMADD231PS(r.load(c.at(ptr[i], 0), t), v, acc[i])) })
		r.mark(done)
		y := make([]reg.Register, count)
		for i := range y {
			y[i] = acc[i].AsY()
			if r.isWide() {
				hi := r.regs.YMM()
				r.do(VEXTRACTF64X4(imm(1), acc[i], hi))
				r.do(VADDPS(hi, y[i], y[i]))
			}
		}
		hi := r.regs.XMM()
		low := acc[0].AsX()
		if count == 1 {
			r.do(VHADDPS(y[0], y[0], y[0]))
			r.do(VHADDPS(y[0], y[0], y[0]))
		} else {
			r.do(VHADDPS(y[1], y[0], y[0]))
			r.do(VHADDPS(y[3], y[2], y[2]))
			r.do(VHADDPS(y[2], y[0], y[0]))
		}
		r.do(VEXTRACTF128(imm(1), y[0], hi))
		r.do(VADDPS(hi, low, low))
		if count == 1 {
			r.do(VMOVSS(low, operand.Mem{Base: dst}))
		} else {
			r.do(VMOVUPS(low, operand.Mem{Base: dst}))
		}
		r.do(ADDQ(imm(4*count), dst))
		r.do(LEAQ(operand.Mem{Base: ptr[count-1], Index: lda, Scale: 1}, a))
	}
	for _, count := range []int{4, 1} {
		loop, next := r.label("rows"), r.label("next")
		r.do(CMPQ(m, imm(count)))
		r.do(JLT(next))
		r.mark(loop)
		rows(count, a)
		r.do(SUBQ(imm(count), m))
		r.do(CMPQ(m, imm(count)))
		r.do(JGE(loop))
		r.mark(next)
	}
	r.ret(nil)
}

// vecMat keeps a block of columns in registers over all rows. Narrow blocks
// spread the rows over several accumulators to hide the latency of the FMAs.
func (p *program) vecMat(w width) {
	r := p.routine(w, "vecMat", "func(dst, x, a *float32, lda, n, m int)",
		"adds sum_i x[i]*a[i*lda+j] to dst[j], j < n, over m > 0 rows; lda is in bytes.")
	dst, x, a, lda, n, m := r.arg("dst"), r.arg("x"), r.arg("a"), r.arg("lda"), r.arg("n"), r.arg("m")
	lda3 := r.gp()
	r.do(LEAQ(operand.Mem{Base: lda, Index: lda, Scale: 2}, lda3))

	block := func(vectors, phases int, t *tail) {
		acc := make([][]reg.VecVirtual, phases)
		for i := range acc {
			acc[i] = r.zeros(vectors)
		}
		row, xp, left := r.gp(), r.gp(), r.gp()
		r.do(MOVQ(a, row))
		r.do(MOVQ(x, xp))
		r.do(MOVQ(m, left))
		step := func(count int) {
			loop, next := r.label("loop"), r.label("next")
			r.do(CMPQ(left, imm(count)))
			r.do(JLT(next))
			r.mark(loop)
			for i := range count {
				v := r.vec()
				r.do(VBROADCASTSS(operand.Mem{Base: xp, Disp: 4 * i}, v))
				at := operand.Mem{Base: row}
				switch i {
				case 1, 2:
					at = operand.Mem{Base: row, Index: lda, Scale: uint8(i)}
				case 3:
					at = operand.Mem{Base: row, Index: lda3, Scale: 1}
				}
				for j := range vectors {
					m := at.Offset(j * r.bytes)
					if t == nil {
						r.do(VFMADD231PS(m, v, acc[i][j]))
					} else {
						r.do(VFMADD231PS(r.load(m, t), v, acc[i][j]))
					}
				}
			}
			r.do(ADDQ(imm(4*count), xp))
			r.do(LEAQ(operand.Mem{Base: row, Index: lda, Scale: uint8(count)}, row))
			r.do(SUBQ(imm(count), left))
			r.do(CMPQ(left, imm(count)))
			r.do(JGE(loop))
			r.mark(next)
		}
		step(phases)
		step(1)
		for j := range vectors {
			for n := phases; n > 1; n /= 2 {
				for i := range n / 2 {
					r.do(VADDPS(acc[i+n/2][j], acc[i][j], acc[i][j]))
				}
			}
			at := operand.Mem{Base: dst, Disp: j * r.bytes}
			r.do(VADDPS(r.load(at, t), acc[0][j], acc[0][j]))
			r.store(acc[0][j], at, t)
		}
	}
	for _, b := range []struct{ vectors, phases int }{{4, 2}, {2, 4}, {1, 4}} {
		loop, next := r.label("columns"), r.label("next")
		r.do(CMPQ(n, imm(b.vectors*r.lanes())))
		r.do(JLT(next))
		r.mark(loop)
		block(b.vectors, b.phases, nil)
		r.do(ADDQ(imm(b.vectors*r.bytes), dst))
		r.do(ADDQ(imm(b.vectors*r.bytes), a))
		r.do(SUBQ(imm(b.vectors*r.lanes()), n))
		r.do(CMPQ(n, imm(b.vectors*r.lanes())))
		r.do(JGE(loop))
		r.mark(next)
	}
	done := r.label("done")
	r.do(TESTQ(n, n))
	r.do(JZ(done))
	block(1, 4, r.mask(n))
	r.mark(done)
	r.ret(nil)
}
