package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// matrixVector emits the products of a row-major matrix with a vector.
func (p *program) matrixVector(w width) {
	p.matVec(w, single)
	p.vecMat(w, single)
	if w.isWide() { // tiles, and with them bfloat16 caches, come with AVX-512
		p.matVec(w, half)
		p.vecMat(w, half)
		p.roundTo16(w)
	}
}

// element is how a matrix stores its numbers.
type element struct {
	suffix string // of the routine's name
	kind   string // in Go
	bytes  int
	log2   int // of bytes
}

var (
	single = element{"", "float32", 4, 2}
	half   = element{"16", "uint16", 2, 1} // bfloat16: a float32's upper half
)

// loadElements loads one vector of the matrix as float32.
func (r *routine) loadElements(e element, m operand.Mem, t *tail) reg.VecVirtual {
	if e == single {
		return r.load(m, t)
	}
	v := r.vec()
	if t == nil {
		r.do(VPMOVZXWD(m, v))
	} else {
		r.do(VPMOVZXWD_Z(m, t.k, v))
	}
	r.do(VPSLLD(imm(16), v, v))
	return v
}

// fetchAhead is how far ahead of its reading a matrix is asked for, in bytes. The
// matrices are caches of keys and values, which come from afar.
const fetchAhead = 2048

// matVec takes four rows at a time, each in one accumulator, and folds the four
// accumulators together. A single row is folded in the same order, so that an
// element does not depend on the number of rows.
func (p *program) matVec(w width, e element) {
	r := p.routine(w, "matVec"+e.suffix, "func(dst *float32, a *"+e.kind+", lda int, x *float32, n, m int)",
		"sets dst[i] = sum_j a[i*lda+j]*x[j] for m rows of n; lda is in bytes.")
	dst, a, lda, x, n, m := r.arg("dst"), r.arg("a"), r.arg("lda"), r.arg("x"), r.arg("n"), r.arg("m")
	rest, full := r.gp(), r.gp()
	r.do(MOVQ(n, rest))
	r.do(ANDQ(imm(r.lanes()-1), rest))
	t := r.mask(rest)
	r.do(MOVQ(n, full))
	r.do(SUBQ(rest, full))
	r.do(SHLQ(imm(e.log2), full)) // bytes of whole vectors in a row

	rows := func(count int, next reg.GPVirtual) {
		ptr := []reg.GPVirtual{a}
		for i := 1; i < count; i++ {
			q := r.gp()
			r.do(LEAQ(operand.Mem{Base: ptr[i-1], Index: lda, Scale: 1}, q))
			ptr = append(ptr, q)
		}
		acc := r.zeros(count)
		index := r.gp() // bytes into a row of the matrix
		vector := operand.Mem{Base: x, Index: index, Scale: uint8(4 / e.bytes)}
		elements := func(i int) operand.Mem { return operand.Mem{Base: ptr[i], Index: index, Scale: 1} }
		loop, last, done := r.label("loop"), r.label("last"), r.label("done")
		r.do(XORQ(index, index))
		r.do(TESTQ(full, full))
		r.do(JZ(last))
		r.mark(loop)
		v := r.load(vector, nil)
		each(count, func(i int) {
			r.do(PREFETCHT0(operand.Mem{Base: ptr[i], Index: index, Scale: 1, Disp: fetchAhead}))
			if e == single {
				r.do(VFMADD231PS(elements(i), v, acc[i]))
				return
			}
			r.do(VFMADD231PS(r.loadElements(e, elements(i), nil), v, acc[i]))
		})
		r.do(ADDQ(imm(r.lanes()*e.bytes), index))
		r.do(CMPQ(index, full))
		r.do(JLT(loop))
		r.mark(last)
		r.do(TESTQ(rest, rest))
		r.do(JZ(done))
		v = r.load(vector, t)
		each(count, func(i int) { r.do(VFMADD231PS(r.loadElements(e, elements(i), t), v, acc[i])) })
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
func (p *program) vecMat(w width, e element) {
	r := p.routine(w, "vecMat"+e.suffix, "func(dst, x *float32, a *"+e.kind+", lda, n, m int)",
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
					m := at.Offset(j * r.lanes() * e.bytes)
					r.do(PREFETCHT0(m.Offset(fetchAhead)))
					if t == nil && e == single {
						r.do(VFMADD231PS(m, v, acc[i][j]))
					} else {
						r.do(VFMADD231PS(r.loadElements(e, m, t), v, acc[i][j]))
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
		r.do(ADDQ(imm(b.vectors*r.lanes()*e.bytes), a))
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

// roundTo16 rounds with integers: it adds half of the last place that stays, or
// one less where that place is even, and clears what is below.
func (p *program) roundTo16(w width) {
	r := p.routine(w, "roundTo16", "func(x *float32, n int)", "rounds finite numbers to bfloat16, ties to even.")
	x, n := r.arg("x"), r.arg("n")
	one, below, keep := r.vec(), r.vec(), r.vec()
	r.do(VPBROADCASTD(r.bits(1), one))
	r.do(VPBROADCASTD(r.bits(0x7fff), below))
	r.do(VPBROADCASTD(r.bits(0xffff0000), keep))
	r.stream(n, 2, func(c cursor, u int, t *tail) {
		each(u, func(j int) {
			v, odd := r.load(c.at(x, j), t), r.vec()
			r.do(VPSRLD(imm(16), v, odd))
			r.do(VPANDD(one, odd, odd))
			r.do(VPADDD(below, v, v))
			r.do(VPADDD(odd, v, v))
			r.do(VPANDD(keep, v, v))
			r.store(v, c.at(x, j), t)
		})
	})
	r.ret(nil)
}
