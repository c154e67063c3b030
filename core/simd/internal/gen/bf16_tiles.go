package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// stepBytes is the part of a strip of B that 32 of k take.
const stepBytes = 16 * pairRow

// The tile registers: C is 0 to 3 by rows, A 4 and 5, B 6 and 7.
func tileC(i, j int) operand.Op { return tile(2*i + j) }
func tileA(i int) operand.Op    { return tile(4 + i) }
func tileB(j int) operand.Op    { return tile(6 + j) }

// tileKernels emits Gemm16's inner products for blocks of one or two tiles of
// rows and of columns; the tile configuration sets how full the last ones are.
func (p *program) tileKernels() {
	for rows := 1; rows <= 2; rows++ {
		for cols := 1; cols <= 2; cols++ {
			p.tileKernel(rows, cols)
		}
	}
	p.tilePeak()
}

// tileKernel walks blocks of rows of A and C and, for each, strips of B: A's
// block stays in the level-1 cache while B, in one stream that is prefetched two
// steps ahead, comes from level 2. It loads the tile configuration and releases
// it, because a goroutine can change its thread between two calls.
func (p *program) tileKernel(rows, cols int) {
	r := p.routine(tiled, fmt.Sprintf("tiles%dx%d", rows, cols),
		"func(config *[64]byte, blocks, strips, steps int, a *uint16, lda int, b *uint16, c *float32, ldc, acc int)",
		fmt.Sprintf("sets, or with acc adds to, blocks x strips blocks of C of %dx%d tiles; a step is 32 of k; strides are in bytes; the strips of b follow each other; counts > 0.", rows, cols))
	r.raw(ldTileCfg, operand.Mem{Base: r.arg("config")})
	lda, ldc, column := r.arg("lda"), r.arg("ldc"), r.arg("c")
	b, strips, pairs := r.gp(), r.gp(), r.gp()
	r.do(MOVQ(operand.I32(pairRow), pairs))
	block, strip, zero, step := r.label("block"), r.label("strip"), r.label("zero"), r.label("step")
	a, c := r.gp(), r.gp()
	r.do(MOVQ(r.param("a"), a))
	r.mark(block)
	r.do(MOVQ(r.param("b"), b))
	r.do(MOVQ(r.param("strips"), strips))
	r.do(MOVQ(column, c))
	r.mark(strip)
	ap := []reg.GPVirtual{r.gp(), r.gp()}[:rows]
	r.do(MOVQ(a, ap[0]))
	if rows > 1 {
		r.below(ap[1], a, lda)
	}
	left := r.gp()
	r.do(MOVQ(r.param("steps"), left))
	next := r.nextBlock(rows, cols, c, column, ldc, strips)
	r.do(CMPQ(r.param("acc"), imm(0)))
	r.do(JE(zero))
	r.tilesC(rows, cols, c, ldc, func(m operand.Mem, t operand.Op) { r.raw(tileLoad, m, t) })
	r.do(JMP(step))
	r.mark(zero)
	for i := range rows {
		for j := range cols {
			r.raw(tileZero, tileC(i, j))
		}
	}
	r.mark(step)
	ahead := 2 * stepBytes
	for i := range rows {
		r.raw(tileLoad, operand.Mem{Base: ap[i], Index: lda, Scale: 1}, tileA(i))
		for j := range cols {
			if i == 0 {
				r.raw(tileLoad, operand.Mem{Base: b, Index: pairs, Scale: 1, Disp: 64 * j}, tileB(j))
			}
			r.raw(tileMultiply, tileB(j), tileA(i), tileC(i, j))
			for range stepBytes / 64 / rows / cols {
				r.do(PREFETCHT0(operand.Mem{Base: b, Disp: ahead}))
				ahead += 64
			}
			for j := range cols {
				r.do(PREFETCHT0(operand.Mem{Base: next, Disp: 64 * j}))
			}
			r.do(ADDQ(ldc, next))
		}
		r.do(ADDQ(imm(64), ap[i]))
	}
	r.do(ADDQ(operand.I32(stepBytes), b))
	r.do(DECQ(left))
	r.do(JNZ(step))
	r.tilesC(rows, cols, c, ldc, func(m operand.Mem, t operand.Op) { r.raw(tileStore, t, m) })
	r.do(ADDQ(imm(64*cols), c))
	r.do(DECQ(strips))
	r.do(JNZ(strip))
	for range rows {
		r.below(a, a, lda)
		r.below(column, column, ldc)
	}
	r.do(DECQ(r.param("blocks"))) // in memory: all registers are taken
	r.do(JNZ(block))
	r.raw(tileRelease)
	r.do(RET())
}

// nextBlock returns the address of the block of C after the one at c: to its
// right, or the first one below when this is the last strip.
func (r *routine) nextBlock(rows, cols int, c, column, ldc, strips reg.GPVirtual) reg.GPVirtual {
	next, found := r.gp(), r.label("found")
	r.do(LEAQ(operand.Mem{Base: c, Disp: 64 * cols}, next))
	r.do(CMPQ(strips, imm(1)))
	r.do(JNE(found))
	r.do(MOVQ(column, next))
	for range rows {
		r.below(next, next, ldc)
	}
	r.mark(found)
	return next
}

// below sets dst to the address 16 rows under src.
func (r *routine) below(dst, src, stride reg.GPVirtual) {
	t := r.gp()
	r.do(MOVQ(stride, t))
	r.do(SHLQ(imm(4), t))
	if dst != src {
		r.do(LEAQ(operand.Mem{Base: src, Index: t, Scale: 1}, dst))
		return
	}
	r.do(ADDQ(t, dst))
}

// tilesC calls f with the address of each tile of C.
func (r *routine) tilesC(rows, cols int, c, ldc reg.GPVirtual, f func(m operand.Mem, t operand.Op)) {
	at := c
	for i := range rows {
		if i > 0 {
			at = r.gp()
			r.below(at, c, ldc)
		}
		for j := range cols {
			f(operand.Mem{Base: at, Index: ldc, Scale: 1, Disp: 64 * j}, tileC(i, j))
		}
	}
}

// tilePeak is tileKernel's step repeated on the same four tiles of memory.
func (p *program) tilePeak() {
	r := p.routine(tiled, "tilePeak", "func(config *[64]byte, rounds int, data *uint16)",
		"repeats the multiplication of 2x2 tiles, loaded from the same 4 KiB; rounds > 0.")
	r.raw(ldTileCfg, operand.Mem{Base: r.arg("config")})
	rounds, data, stride, loop := r.arg("rounds"), r.arg("data"), r.gp(), r.label("loop")
	r.do(MOVQ(operand.I32(64), stride))
	at := func(i int) operand.Mem { return operand.Mem{Base: data, Index: stride, Scale: 1, Disp: 1024 * i} }
	for i := range 4 {
		r.raw(tileZero, tile(i))
	}
	r.mark(loop)
	for i := range 2 {
		r.raw(tileLoad, at(i), tileA(i))
		for j := range 2 {
			if i == 0 {
				r.raw(tileLoad, at(2+j), tileB(j))
			}
			r.raw(tileMultiply, tileB(j), tileA(i), tileC(i, j))
		}
	}
	r.do(DECQ(rounds))
	r.do(JNZ(loop))
	r.raw(tileRelease)
	r.do(RET())
}
