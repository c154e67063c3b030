package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	. "github.com/mmcloughlin/avo/x86"
)

// tiled marks the routines that need AMX or the AVX-512 bfloat16 conversion.
var tiled = width{suffix: "BF16", bytes: 64}

// pairRow is the bytes of one row of pairs (k, k+1) of a strip of 32 columns.
const pairRow = 128

// writeBF16 writes bf16_kernels_amd64.s and its stubs.
func writeBF16(dir string) error {
	p := newProgram()
	p.conversions()
	p.tileKernels()
	file, err := p.finish()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(file); err != nil {
		return fmt.Errorf("compile bf16 kernels: %w", err)
	}
	if err := encodeRaw(file); err != nil {
		return fmt.Errorf("encode bf16 kernels: %w", err)
	}
	cfg := printer.Config{Name: "core/simd/internal/gen", Pkg: "simd"}
	for name, pr := range map[string]printer.Printer{
		"bf16_kernels_amd64.s":  printer.NewGoAsm(cfg),
		"bf16_kernels_amd64.go": printer.NewStubs(cfg),
	} {
		text, err := pr.Print(file)
		if err != nil {
			return fmt.Errorf("print %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// conversions emits the ways from float32 to the bfloat16 orders of Gemm16.
// Strides are in bytes.
func (p *program) conversions() {
	order := ir.NewStaticGlobal("interleave") // words 0, 16, 1, 17, ...
	order.Attributes = attr.RODATA | attr.NOPTR
	for i := range 16 {
		p.check(order.AddDatum(ir.NewDatum(4*i, operand.U32(i|(16+i)<<16))))
	}
	p.file.AddSection(order)
	p.round()
	p.pairRows(order)
	p.pairColumns()
	p.transposeRows(order)
}

// round converts row by row, 32 columns at a time.
func (p *program) round() {
	r := p.routine(tiled, "round", "func(dst *uint16, dstStride int, src *float32, srcStride, rows, cols int)",
		"sets dst[i][j] = bfloat16(src[i][j]), and 0 from column cols to the next multiple of 32; rows, cols > 0.")
	dst, ds, src, ss, rows, cols := r.arg("dst"), r.arg("dstStride"), r.arg("src"), r.arg("srcStride"), r.arg("rows"), r.arg("cols")
	whole, rest := r.gp(), r.gp()
	r.do(MOVQ(cols, whole))
	r.do(SHRQ(imm(5), whole))
	r.do(MOVQ(cols, rest))
	r.do(ANDQ(imm(31), rest))
	ts := r.masks(rest, 2)
	row, loop, short, next := r.label("row"), r.label("loop"), r.label("short"), r.label("next")
	from, to, left := r.gp(), r.gp(), r.gp()
	step := func(ts []*tail) {
		lo, hi := r.load(operand.Mem{Base: from}, ts[0]), r.load(operand.Mem{Base: from, Disp: 64}, ts[1])
		r.raw(vcvtne2ps2bf16, lo, hi, lo)
		r.store(lo, operand.Mem{Base: to}, nil)
	}
	r.mark(row)
	r.do(MOVQ(src, from))
	r.do(MOVQ(dst, to))
	r.do(MOVQ(whole, left))
	r.do(TESTQ(left, left))
	r.do(JZ(short))
	r.mark(loop)
	step(make([]*tail, 2))
	r.do(SUBQ(imm(-128), from))
	r.do(ADDQ(imm(64), to))
	r.do(DECQ(left))
	r.do(JNZ(loop))
	r.mark(short)
	r.do(TESTQ(rest, rest))
	r.do(JZ(next))
	step(ts)
	r.mark(next)
	r.do(ADDQ(ss, src))
	r.do(ADDQ(ds, dst))
	r.do(DECQ(rows))
	r.do(JNZ(row))
	r.ret(nil)
}

// pairRows interleaves rows two by two: B as it lies in rows.
func (p *program) pairRows(order *ir.Global) {
	r := p.routine(tiled, "pairRows", "func(dst *uint16, src *float32, srcStride, pairs, cols int)",
		"fills pairs > 0 rows of a strip from rows of src, two for each; columns from cols <= 32 on become 0.")
	dst, src, ss, pairs, cols := r.arg("dst"), r.arg("src"), r.arg("srcStride"), r.arg("pairs"), r.arg("cols")
	ts := r.masks(cols, 2)
	words, second := r.load(order.Base(), nil), r.gp()
	loop := r.label("loop")
	r.mark(loop)
	r.do(LEAQ(operand.Mem{Base: src, Index: ss, Scale: 1}, second))
	for j := range ts { // eight rows on is another page, where no hardware looks ahead
		r.do(PREFETCHT0(operand.Mem{Base: src, Index: ss, Scale: 8, Disp: 64 * j}))
		r.do(PREFETCHT0(operand.Mem{Base: second, Index: ss, Scale: 8, Disp: 64 * j}))
	}
	for j := range ts {
		lo := r.load(operand.Mem{Base: src, Disp: 64 * j}, ts[j])
		hi := r.load(operand.Mem{Base: src, Index: ss, Scale: 1, Disp: 64 * j}, ts[j])
		r.raw(vcvtne2ps2bf16, lo, hi, lo)
		r.do(VPERMW(lo, words, lo))
		r.store(lo, operand.Mem{Base: dst, Disp: 64 * j}, nil)
	}
	r.do(LEAQ(operand.Mem{Base: src, Index: ss, Scale: 2}, src))
	r.do(SUBQ(imm(-pairRow), dst))
	r.do(DECQ(pairs))
	r.do(JNZ(loop))
	r.ret(nil)
}

// pairColumns transposes pairs: B as it lies in columns.
func (p *program) pairColumns() {
	r := p.routine(tiled, "pairColumns", "func(dst *uint16, src *float32, srcStride, cols, k int)",
		"fills half of a strip's rows from cols <= 16 columns of k contiguous numbers; the rest up to 16 columns and a multiple of 32 numbers becomes 0; cols, k > 0.")
	dst, src, ss, cols, k := r.arg("dst"), r.arg("src"), r.arg("srcStride"), r.arg("cols"), r.arg("k")
	block, short, loaded := r.label("block"), r.label("short"), r.label("loaded")
	width, from, left := r.gp(), r.gp(), r.gp()
	r.mark(block)
	r.do(MOVQ(k, width))
	r.do(CMPQ(width, imm(32)))
	r.do(JLE(short))
	r.do(MOVQ(operand.I32(32), width))
	r.mark(short)
	ts := r.masks(width, 2)
	r.do(MOVQ(src, from))
	r.do(MOVQ(cols, left))
	v := r.zeros(16)
	for i := range v {
		r.loadTo(v[i], operand.Mem{Base: from}, ts[0])
		r.raw(vcvtne2ps2bf16, v[i], r.load(operand.Mem{Base: from, Disp: 64}, ts[1]), v[i])
		if i < 15 {
			r.do(ADDQ(ss, from))
			r.do(DECQ(left))
			r.do(JZ(loaded))
		}
	}
	r.mark(loaded)
	for i, v := range r.transpose16(v) {
		r.store(v, operand.Mem{Base: dst, Disp: pairRow * i}, nil)
	}
	r.do(ADDQ(operand.I32(16*pairRow), dst))
	r.do(SUBQ(imm(-128), src))
	r.do(SUBQ(imm(32), k))
	r.do(JG(block))
	r.ret(nil)
}

// transposeRows turns up to 32 rows into 32 columns, 16 source columns at a time.
// Four such blocks on is fetched ahead: 32 streams are too many for the hardware.
func (p *program) transposeRows(order *ir.Global) {
	r := p.routine(tiled, "transposeRows", "func(dst *uint16, dstStride int, src *float32, srcStride, rows, cols int)",
		"sets dst[j][i] = bfloat16(src[i][j]) for j < cols, i < rows <= 32, and 0 for the other i < 32; rows, cols > 0.")
	dst, ds, src, ss, rows, cols := r.arg("dst"), r.arg("dstStride"), r.arg("src"), r.arg("srcStride"), r.arg("rows"), r.arg("cols")
	words := r.load(order.Base(), nil)
	block, short, loaded, done := r.label("block"), r.label("short"), r.label("loaded"), r.label("done")
	width, from, left := r.gp(), r.gp(), r.gp()
	r.mark(block)
	r.do(MOVQ(cols, width))
	r.do(CMPQ(width, imm(16)))
	r.do(JLE(short))
	r.do(MOVQ(operand.I32(16), width))
	r.mark(short)
	t := r.mask(width)
	r.do(MOVQ(src, from))
	r.do(MOVQ(rows, left))
	v := r.zeros(16)
	for i := range v {
		lo, hi, last := r.load(operand.Mem{Base: from}, t), r.zero(), r.label("last")
		r.do(PREFETCHT0(operand.Mem{Base: from, Disp: 4 * 64}))
		r.do(ADDQ(ss, from))
		r.do(DECQ(left))
		r.do(JZ(last))
		r.loadTo(hi, operand.Mem{Base: from}, t)
		r.do(PREFETCHT0(operand.Mem{Base: from, Disp: 4 * 64}))
		r.do(ADDQ(ss, from))
		r.do(DECQ(left))
		r.mark(last)
		r.raw(vcvtne2ps2bf16, lo, hi, lo) // leaves the flags
		r.do(VPERMW(lo, words, v[i]))
		if i < 15 {
			r.do(JZ(loaded))
		}
	}
	r.mark(loaded)
	for _, x := range r.transpose16(v) {
		r.store(x, operand.Mem{Base: dst}, nil)
		r.do(DECQ(cols))
		r.do(JZ(done))
		r.do(ADDQ(ds, dst))
	}
	r.do(ADDQ(imm(64), src))
	r.do(JMP(block))
	r.mark(done)
	r.ret(nil)
}
