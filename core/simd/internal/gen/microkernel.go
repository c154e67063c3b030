package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// microKernels emits the inner products of Gemm, C[rows x cols] (+)= A*B, for
// every height up to the tallest that fits the registers, and for strips of two
// vectors or, at the right edge, of one.
func (p *program) microKernels(w width) {
	for vectors := 1; vectors <= 2; vectors++ {
		for rows := 1; rows <= w.rows; rows++ {
			p.microKernel(w, rows, vectors, false)
		}
	}
	for rows := 1; rows <= w.rows; rows++ {
		p.microKernel(w, rows, 2, true)
	}
}

// microKernel emits one of them. One that packs takes B's rows as they lie, bs
// apart, and leaves them in the strip that the panels below read: the copy costs
// two stores a step, which the multiply-adds hide.
func (p *program) microKernel(w width, rows, vectors int, packs bool) {
	name, signature, bRows := "gemm%dx%d", "b *float32, next uintptr, hop int", "rows of b are two vectors"
	if packs {
		name, signature, bRows = "gemmPack%dx%d", "b *float32, bs int, strip *float32", "it copies b's rows to strip"
	}
	r := p.routine(w, fmt.Sprintf(name, rows, vectors),
		"func(k int, a *float32, rs, cs int, "+signature+", c *float32, ldc, cols, acc int)",
		fmt.Sprintf("is the %d-row, %d-vector micro-kernel; strides are in bytes, %s.", rows, vectors, bRows))
	k, a0, rs, cs, b := r.arg("k"), r.arg("a"), r.arg("rs"), r.arg("cs"), r.arg("b")
	var bs, strip reg.GPVirtual
	if packs {
		bs, strip = r.arg("bs"), r.arg("strip")
	}
	row, a9 := r.rowAddresses(rows, a0, rs)
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = r.zeros(vectors)
	}
	bv := make([]reg.VecVirtual, vectors)
	for j := range bv {
		bv[j] = r.vec()
	}
	// As many broadcast registers as are left, so that loads run ahead.
	spare := min(4, map[bool]int{true: 32, false: 16}[r.isWide()]-(rows+1)*vectors, rows)
	av := make([]reg.VecVirtual, spare)
	for j := range av {
		av[j] = r.vec()
	}
	const unroll = 4
	step := func() {
		each(vectors, func(j int) { r.do(VMOVUPS(operand.Mem{Base: b, Disp: r.bytes * j}, bv[j])) })
		if packs { // what comes eight rows on lies in another page, where no hardware looks ahead
			each(vectors, func(j int) { r.do(VMOVUPS(bv[j], operand.Mem{Base: strip, Disp: r.bytes * j})) })
			for j := 0; j < vectors*r.bytes; j += 64 {
				r.do(PREFETCHT0(operand.Mem{Base: b, Index: bs, Scale: 8, Disp: j}))
			}
		}
		each(rows, func(i int) {
			x := av[i%spare]
			r.do(VBROADCASTSS(row(i), x))
			each(vectors, func(j int) { r.do(VFMADD231PS(bv[j], x, acc[i][j])) })
		})
		r.do(ADDQ(cs, a0))
		if a9 != nil {
			r.do(ADDQ(cs, a9))
		}
		if packs {
			r.do(ADDQ(bs, b))
			r.do(ADDQ(imm(2*r.bytes), strip))
			return
		}
		r.do(ADDQ(imm(2*r.bytes), b))
	}
	// C's lines, which a weight gradient last touched a whole matrix ago, are
	// asked for while the products are being summed: a row every unroll steps.
	// That runs on into the rows below, which are the next panel's.
	// next is a part of the strip that the panels below will not read, but the
	// following strip's panels will: it comes to level 2 in the meantime.
	ahead, ldc := r.arg("c"), r.arg("ldc")
	var next reg.GPVirtual
	if !packs {
		next = r.arg("next")
	}
	prefetch := func() {
		if !packs {
			r.do(PREFETCHT1(operand.Mem{Base: next}))
			r.do(ADDQ(r.param("hop"), next))
		}
		for j := 0; j < vectors*r.bytes; j += 64 {
			r.do(PREFETCHT0(operand.Mem{Base: ahead, Disp: j}))
		}
		r.do(ADDQ(ldc, ahead))
	}
	groups := r.gp()
	loop, rest, one, out := r.label("loop"), r.label("rest"), r.label("one"), r.label("out")
	r.do(MOVQ(k, groups))
	r.do(SHRQ(imm(2), groups))
	r.do(JZ(rest))
	r.mark(loop)
	prefetch()
	each(unroll, func(int) { step() })
	r.do(DECQ(groups))
	r.do(JNZ(loop))
	r.mark(rest)
	r.do(ANDQ(imm(unroll-1), k))
	r.do(JZ(out))
	r.mark(one)
	step()
	r.do(DECQ(k))
	r.do(JNZ(one))
	r.mark(out)
	r.writeTile(acc)
}

// rowAddresses returns the address of A's element in row i. Rows 9, 11 and 13
// hang on a second pointer, the rest on multiples of the stride.
func (r *routine) rowAddresses(rows int, a0, rs reg.GPVirtual) (func(i int) operand.Mem, reg.GPVirtual) {
	multiple := map[int]reg.GPVirtual{1: rs}
	derive := func(m int, base, index reg.GPVirtual, scale uint8) {
		if rows > m {
			multiple[m] = r.gp()
			r.do(LEAQ(operand.Mem{Base: base, Index: index, Scale: scale}, multiple[m]))
		}
	}
	derive(3, rs, rs, 2)
	derive(5, rs, rs, 4)
	derive(7, multiple[3], rs, 4)
	var a9 reg.GPVirtual
	if rows > 9 {
		a9 = r.gp()
		r.do(LEAQ(operand.Mem{Base: a0, Index: rs, Scale: 8}, a9))
		r.do(ADDQ(rs, a9))
	}
	return func(i int) operand.Mem {
		switch i {
		case 0:
			return operand.Mem{Base: a0}
		case 9:
			return operand.Mem{Base: a9}
		case 11, 13:
			return operand.Mem{Base: a9, Index: rs, Scale: uint8(i - 9)}
		}
		odd, scale := i, 1
		for odd%2 == 0 {
			odd, scale = odd/2, scale*2
		}
		return operand.Mem{Base: a0, Index: multiple[odd], Scale: uint8(scale)}
	}, a9
}

// writeTile stores the accumulators to C, or adds them to it when acc is set.
// Columns from cols on are neither read nor written.
func (r *routine) writeTile(acc [][]reg.VecVirtual) {
	vectors := len(acc[0])
	c, ldc, cols, add := r.arg("c"), r.arg("ldc"), r.arg("cols"), r.arg("acc")
	write := func(ts []*tail) {
		set, end := r.label("set"), r.label("end")
		r.do(TESTQ(add, add))
		r.do(JZ(set))
		for _, sum := range []bool{true, false} {
			for i := range acc {
				for j := range vectors {
					at := operand.Mem{Base: c, Disp: j * r.bytes}
					switch {
					case sum && ts[j] == nil:
						r.do(VADDPS(at, acc[i][j], acc[i][j]))
					case sum:
						v := r.load(at, ts[j])
						r.do(VADDPS(v, acc[i][j], acc[i][j]))
					}
					r.store(acc[i][j], at, ts[j])
				}
				if i < len(acc)-1 {
					r.do(ADDQ(ldc, c))
				}
			}
			if sum {
				r.do(JMP(end))
				r.mark(set)
			}
		}
		r.mark(end)
	}
	edge, done := r.label("edge"), r.label("done")
	r.do(CMPQ(cols, imm(vectors*r.lanes())))
	r.do(JNE(edge))
	write(make([]*tail, vectors))
	r.do(JMP(done))
	r.mark(edge)
	write(r.masks(cols, vectors))
	r.mark(done)
	r.ret(nil)
}
