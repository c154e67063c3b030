package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// width describes the vectors a routine works with.
type width struct {
	suffix string
	bytes  int // of one vector
	rows   int // height of the tallest micro-kernel
}

var (
	wide   = width{suffix: "AVX512", bytes: 64, rows: 14}
	narrow = width{suffix: "AVX2", bytes: 32, rows: 6}
)

func (w width) lanes() int { return w.bytes / 4 }

func (w width) isWide() bool { return w.bytes == 64 }

// tail is a mask of leading lanes; a nil *tail stands for all lanes.
type tail struct {
	k reg.OpmaskVirtual // 512-bit vectors
	v reg.VecVirtual    // 256-bit vectors
}

func (r *routine) vec() reg.VecVirtual {
	if r.isWide() {
		return r.regs.ZMM()
	}
	return r.regs.YMM()
}

func (r *routine) zero() reg.VecVirtual {
	v := r.vec()
	r.do(VXORPS(v, v, v))
	return v
}

func (r *routine) zeros(n int) []reg.VecVirtual {
	vs := make([]reg.VecVirtual, n)
	for i := range vs {
		vs[i] = r.zero()
	}
	return vs
}

// resident puts a constant in every lane of a register.
func (r *routine) resident(v float64) reg.VecVirtual {
	x := r.vec()
	r.do(VBROADCASTSS(r.float(v), x))
	return x
}

// constant is a register with 512-bit vectors, which have 32 of them, and a
// memory operand with 256-bit vectors, which have 16.
func (r *routine) constant(v float64) operand.Op {
	if r.isWide() {
		return r.resident(v)
	}
	return r.float(v)
}

// mask covers the first n lanes, 0 <= n <= lanes.
func (r *routine) mask(n reg.GPVirtual) *tail {
	if r.isWide() {
		bits, k := r.gp(), r.regs.K()
		r.do(MOVQ(operand.I32(-1), bits))
		r.do(BZHIQ(n, bits, bits))
		r.do(KMOVW(bits.As32(), k))
		return &tail{k: k}
	}
	base, back, v := r.gp(), r.gp(), r.vec()
	r.do(LEAQ(r.consts.Base(), base))
	r.do(MOVQ(n, back))
	r.do(NEGQ(back))
	r.do(VMOVUPS(operand.Mem{Base: base, Index: back, Scale: 4, Disp: 64}, v))
	return &tail{v: v}
}

// load reads a vector; lanes outside t are zero and their memory is not touched.
func (r *routine) load(m operand.Op, t *tail) reg.VecVirtual {
	v := r.vec()
	r.loadTo(v, m, t)
	return v
}

func (r *routine) loadTo(v reg.VecVirtual, m operand.Op, t *tail) {
	switch {
	case t == nil:
		r.do(VMOVUPS(m, v))
	case r.isWide():
		r.do(VMOVUPS_Z(m, t.k, v))
	default:
		r.do(VMASKMOVPS(m, t.v, v))
	}
}

// store writes the lanes in t.
func (r *routine) store(v reg.VecVirtual, m operand.Op, t *tail) {
	switch {
	case t == nil:
		r.do(VMOVUPS(v, m))
	case r.isWide():
		r.do(VMOVUPS(v, t.k, m))
	default:
		r.do(VMASKMOVPS(v, t.v, m))
	}
}

// keep clears the lanes outside t.
func (r *routine) keep(v reg.VecVirtual, t *tail) {
	switch {
	case t == nil:
	case r.isWide():
		r.do(VMOVAPS_Z(v, t.k, v))
	default:
		r.do(VANDPS(t.v, v, v))
	}
}

// fold combines vectors pairwise, then the lanes of the result, with op
// (source 2, source 1, destination), and returns the register whose low lane
// holds the answer. The order depends on nothing but the vectors' number.
func (r *routine) fold(vs []reg.VecVirtual, op func(a, b, dst operand.Op)) reg.Register {
	for n := len(vs); n > 1; n /= 2 {
		for i := range n / 2 {
			op(vs[i+n/2], vs[i], vs[i])
		}
	}
	x, y, hi := vs[0].AsX(), vs[0].AsY(), r.regs.XMM()
	if r.isWide() {
		half := r.regs.YMM()
		r.do(VEXTRACTF64X4(imm(1), vs[0], half))
		op(half, y, y)
		r.do(VEXTRACTF32X4(imm(1), y, hi)) // reaches all 32 registers
	} else {
		r.do(VEXTRACTF128(imm(1), y, hi))
	}
	op(hi, x, x)
	r.do(VPERMILPS(imm(0x4e), x, hi))
	op(hi, x, x)
	r.do(VPERMILPS(operand.U8(0xb1), x, hi))
	op(hi, x, x)
	return x
}

func (r *routine) add(a, b, dst operand.Op) { r.do(VADDPS(a, b, dst)) }

// cursor addresses the vectors of the current step of a stream.
type cursor struct {
	index reg.GPVirtual // bytes from the start
	bytes int           // of one vector
}

// at is the address of vector j of the step in the array at base.
func (c cursor) at(base reg.GPVirtual, j int) operand.Mem {
	return operand.Mem{Base: base, Index: c.index, Scale: 1, Disp: j * c.bytes}
}

// stream walks n elements: steps of u vectors, then of one, then one masked
// vector for what is left. body handles u vectors from the cursor.
func (r *routine) stream(n reg.GPVirtual, u int, body func(c cursor, u int, t *tail)) {
	c := cursor{r.gp(), r.bytes}
	r.do(XORQ(c.index, c.index))
	steps := []int{u, 1}
	if u == 1 {
		steps = steps[:1]
	}
	for _, s := range steps {
		loop, next := r.label("loop"), r.label("next")
		r.do(CMPQ(n, imm(s*r.lanes())))
		r.do(JLT(next))
		r.mark(loop)
		body(c, s, nil)
		r.do(ADDQ(imm(s*r.bytes), c.index))
		r.do(SUBQ(imm(s*r.lanes()), n))
		r.do(CMPQ(n, imm(s*r.lanes())))
		r.do(JGE(loop))
		r.mark(next)
	}
	done := r.label("done")
	r.do(TESTQ(n, n))
	r.do(JZ(done))
	body(c, 1, r.mask(n))
	r.mark(done)
}

// each runs f for 0..n-1, so that independent chains interleave.
func each(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}
