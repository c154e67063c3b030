package main

import (
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// packing emits the ways to lay k short rows one after the other: copying a
// source that is contiguous along the row, and transposing one that is
// contiguous along k. Strides are in bytes.
func (p *program) packing(w width) {
	p.copyStrip(w)
	p.copyPanels(w)
	p.transpose(w)
}

// copyStrip lays out one strip of B, two vectors wide.
func (p *program) copyStrip(w width) {
	r := p.routine(w, "copyStrip", "func(dst *float32, src *float32, srcStride, k, cols int)",
		"sets dst[i][j] = src[i][j] for k > 0 rows of two vectors, and 0 from column cols on.")
	dst, src, ss, k, cols := r.arg("dst"), r.arg("src"), r.arg("srcStride"), r.arg("k"), r.arg("cols")
	masks := r.masks(cols, 2)
	loop := r.label("loop")
	r.mark(loop)
	for j := range masks {
		r.store(r.load(operand.Mem{Base: src, Disp: j * r.bytes}, masks[j]), operand.Mem{Base: dst, Disp: j * r.bytes}, nil)
	}
	r.do(ADDQ(ss, src))
	r.do(ADDQ(imm(2*r.bytes), dst))
	r.do(DECQ(k))
	r.do(JNZ(loop))
	r.ret(nil)
}

// copyPanels lays out neighbouring panels of A together, so that the source is
// read along its rows, not one panel's few columns at a time.
func (p *program) copyPanels(w width) {
	r := p.routine(w, "copyPanels", "func(dst *float32, panelStride int, src *float32, srcStride, k, panels, h int)",
		"sets dst[p][i][j] = src[i][p*h+j] for j < h, and 0 for the other columns of one vector; k, panels, h > 0.")
	dst, ps, src, ss, k, panels, h := r.arg("dst"), r.arg("panelStride"), r.arg("src"), r.arg("srcStride"), r.arg("k"), r.arg("panels"), r.arg("h")
	t := r.mask(h)
	from, to, left := r.gp(), r.gp(), r.gp()
	row, panel := r.label("row"), r.label("panel")
	r.mark(row)
	r.do(MOVQ(src, from))
	r.do(MOVQ(dst, to))
	r.do(MOVQ(panels, left))
	r.mark(panel)
	r.store(r.load(operand.Mem{Base: from}, t), operand.Mem{Base: to}, nil)
	r.do(LEAQ(operand.Mem{Base: from, Index: h, Scale: 4}, from))
	r.do(ADDQ(ps, to))
	r.do(DECQ(left))
	r.do(JNZ(panel))
	r.do(ADDQ(ss, src))
	r.do(ADDQ(imm(r.bytes), dst))
	r.do(DECQ(k))
	r.do(JNZ(row))
	r.ret(nil)
}

// masks covers the first n lanes of a row of vectors, 0 <= n <= their lanes.
func (r *routine) masks(n reg.GPVirtual, vectors int) []*tail {
	ts := make([]*tail, vectors)
	if r.isWide() {
		bits := r.gp()
		r.do(MOVQ(operand.I32(-1), bits))
		r.do(BZHIQ(n, bits, bits))
		for j := range ts {
			ts[j] = &tail{k: r.regs.K()}
			r.do(KMOVW(bits.As32(), ts[j].k))
			if j < vectors-1 {
				r.do(SHRQ(imm(16), bits))
			}
		}
		return ts
	}
	base, back := r.gp(), r.gp()
	r.do(LEAQ(r.consts.Base(), base))
	r.do(MOVQ(n, back))
	r.do(NEGQ(back))
	for j := range ts {
		v := r.vec()
		r.do(VMOVUPS(operand.Mem{Base: base, Index: back, Scale: 4, Disp: 64 + j*r.bytes}, v))
		ts[j] = &tail{v: v}
	}
	return ts
}

// transpose handles square blocks of one vector's lanes along k; absent source
// rows become columns of zeros.
func (p *program) transpose(w width) {
	r := p.routine(w, "transpose", "func(dst *float32, dstStride int, src *float32, srcStride, rows, k int)",
		"sets dst[i][j] = src[j][i] for i < k, j < rows, and 0 for the other columns of one vector; rows, k > 0.")
	dst, ds, src, ss, rows, k := r.arg("dst"), r.arg("dstStride"), r.arg("src"), r.arg("srcStride"), r.arg("rows"), r.arg("k")
	lanes := r.lanes()
	block, short, loaded, done := r.label("block"), r.label("short"), r.label("loaded"), r.label("done")
	r.mark(block)
	width, from, left := r.gp(), r.gp(), r.gp()
	r.do(MOVQ(k, width))
	r.do(CMPQ(width, imm(lanes)))
	r.do(JLE(short))
	r.do(MOVQ(operand.I32(int32(lanes)), width))
	r.mark(short)
	t := r.mask(width)
	r.do(MOVQ(src, from))
	r.do(MOVQ(rows, left))
	v := r.zeros(lanes)
	for i := range v {
		r.loadTo(v[i], operand.Mem{Base: from}, t)
		if i < lanes-1 {
			r.do(DECQ(left))
			r.do(JZ(loaded))
			r.do(ADDQ(ss, from))
		}
	}
	r.mark(loaded)
	if r.isWide() {
		v = r.transpose16(v)
	} else {
		v = r.transpose8(v)
	}
	for i := range v {
		r.store(v[i], operand.Mem{Base: dst}, nil)
		r.do(DECQ(k))
		r.do(JZ(done))
		r.do(ADDQ(ds, dst))
	}
	r.do(ADDQ(imm(r.bytes), src))
	r.do(JMP(block))
	r.mark(done)
	r.ret(nil)
}

// quads transposes 4x4 blocks inside the 128-bit parts: the result at 4i+j has
// column j of rows 4i..4i+3, for each part.
func (r *routine) quads(v []reg.VecVirtual) []reg.VecVirtual {
	pairs, out := make([]reg.VecVirtual, len(v)), make([]reg.VecVirtual, len(v))
	for i := 0; i < len(v); i += 2 {
		pairs[i], pairs[i+1] = r.vec(), r.vec()
		r.do(VUNPCKLPS(v[i+1], v[i], pairs[i]))
		r.do(VUNPCKHPS(v[i+1], v[i], pairs[i+1]))
	}
	for i := 0; i < len(v); i += 4 {
		for j := range 2 {
			out[i+2*j], out[i+2*j+1] = r.vec(), r.vec()
			r.do(VUNPCKLPD(pairs[i+2+j], pairs[i+j], out[i+2*j]))
			r.do(VUNPCKHPD(pairs[i+2+j], pairs[i+j], out[i+2*j+1]))
		}
	}
	return out
}

func (r *routine) transpose8(v []reg.VecVirtual) []reg.VecVirtual {
	q, out := r.quads(v), make([]reg.VecVirtual, 8)
	for j := range 4 {
		out[j], out[j+4] = r.vec(), r.vec()
		r.do(VPERM2F128(imm(0x20), q[j+4], q[j], out[j]))
		r.do(VPERM2F128(imm(0x31), q[j+4], q[j], out[j+4]))
	}
	return out
}

func (r *routine) transpose16(v []reg.VecVirtual) []reg.VecVirtual {
	const even, odd = 0x88, 0xdd // 128-bit parts 0,2 and 1,3 of each source
	q, half, out := r.quads(v), make([]reg.VecVirtual, 16), make([]reg.VecVirtual, 16)
	shuffle := func(order uint8, hi, lo reg.VecVirtual) reg.VecVirtual {
		x := r.vec()
		r.do(VSHUFF32X4(operand.U8(order), hi, lo, x))
		return x
	}
	for j := range 4 {
		half[j], half[j+4] = shuffle(even, q[j+4], q[j]), shuffle(odd, q[j+4], q[j])
		half[j+8], half[j+12] = shuffle(even, q[j+12], q[j+8]), shuffle(odd, q[j+12], q[j+8])
	}
	for j := range 8 {
		out[j], out[j+8] = shuffle(even, half[j+8], half[j]), shuffle(odd, half[j+8], half[j])
	}
	return out
}
