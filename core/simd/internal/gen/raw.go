package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Instructions that neither avo nor Go's assembler knows. They are added to a
// routine like any other, so that avo allocates their registers, and become
// their bytes after that.
const (
	ldTileCfg      = "LDTILECFG"      // config
	tileRelease    = "TILERELEASE"    //
	tileZero       = "TILEZERO"       // tile
	tileLoad       = "TILELOADD"      // memory (base + row stride), tile
	tileStore      = "TILESTORED"     // tile, memory
	tileMultiply   = "TDPBF16PS"      // tile of B, tile of A, tile of C
	vcvtne2ps2bf16 = "VCVTNE2PS2BF16" // low half, high half, destination
)

// tile is the number of a tile register; 0 to 7.
func tile(n int) operand.Op { return operand.U8(n) }

// raw appends an instruction of the list above.
func (r *routine) raw(opcode string, ops ...operand.Op) {
	i := &ir.Instruction{Opcode: opcode, Operands: ops, ISA: []string{"AMX-TILE"}}
	switch opcode {
	case tileMultiply:
		i.ISA = []string{"AMX-BF16"}
	case vcvtne2ps2bf16:
		i.ISA = []string{"AVX512BF16"}
		i.Inputs, i.Outputs = ops[:2:2], ops[2:]
	case ldTileCfg, tileLoad:
		i.Inputs = ops[:1:1]
	case tileStore:
		i.Outputs = ops[1:]
	}
	r.fn.AddInstruction(i)
}

// encodeRaw replaces the raw instructions of a compiled file by their bytes.
func encodeRaw(f *ir.File) error {
	for _, fn := range f.Functions() {
		for _, i := range fn.Instructions() {
			code, err := encode(i)
			if err != nil {
				return fmt.Errorf("%s: %w", fn.Name, err)
			}
			if code == nil {
				continue
			}
			text, args := make([]string, len(code)), make([]string, len(i.Operands))
			for j, b := range code {
				text[j] = fmt.Sprintf("BYTE $0x%02X", b)
			}
			for j, op := range i.Operands {
				args[j] = op.Asm()
				if t, ok := op.(operand.U8); ok {
					args[j] = fmt.Sprintf("TMM%d", t)
				}
			}
			i.Opcode = strings.TrimSpace(fmt.Sprintf("%s // %s %s", strings.Join(text, "; "), i.Opcode, strings.Join(args, ", ")))
			i.Operands = nil
		}
	}
	return nil
}

// encode returns the machine code of a raw instruction, nil for others.
func encode(i *ir.Instruction) ([]byte, error) {
	const f2, f3 = 3, 2 // the VEX and EVEX codes of these prefixes
	switch op := i.Operands; i.Opcode {
	case ldTileCfg:
		return vexMemory(0, 0x49, 0, op[0])
	case tileRelease:
		return []byte{0xc4, 0xe2, 0x78, 0x49, 0xc0}, nil
	case tileZero:
		return []byte{0xc4, 0xe2, 0x78 | f2, 0x49, 0xc0 | tileNumber(op[0])<<3}, nil
	case tileLoad:
		return vexMemory(f2, 0x4b, tileNumber(op[1]), op[0])
	case tileStore:
		return vexMemory(f3, 0x4b, tileNumber(op[0]), op[1])
	case tileMultiply:
		b, a, c := tileNumber(op[0]), tileNumber(op[1]), tileNumber(op[2])
		return []byte{0xc4, 0xe2, (^b&15)<<3 | f3, 0x5c, 0xc0 | c<<3 | a}, nil
	case vcvtne2ps2bf16:
		lo, hi, dst := number(op[0]), number(op[1]), number(op[2])
		not := func(v, bit, at byte) byte { return (v>>bit&1 ^ 1) << at }
		return []byte{0x62,
			not(dst, 3, 7) | not(lo, 4, 6) | not(lo, 3, 5) | not(dst, 4, 4) | 2,
			(^hi&15)<<3 | 4 | f2,
			0x40 | not(hi, 4, 3),
			0x72, 0xc0 | dst&7<<3 | lo&7}, nil
	}
	return nil, nil
}

// vexMemory encodes a 128-bit VEX instruction of map 0F38 on a tile and memory.
func vexMemory(prefix, opcode, tile byte, op operand.Op) ([]byte, error) {
	const bp, sp = 5, 4 // of the low three bits: codes with another meaning
	m, ok := op.(operand.Mem)
	if !ok || m.Base == nil || m.Symbol.Name != "" || m.Index != nil && m.Scale != 1 {
		return nil, fmt.Errorf("cannot encode the address %s", op.Asm())
	}
	base, index := number(m.Base), byte(sp)
	if m.Index != nil {
		index = number(m.Index)
	}
	code := []byte{0xc4, 0x82 | (^index>>3&1)<<6 | (^base>>3&1)<<5, 0x78 | prefix, opcode}
	sib := index&7<<3 | base&7
	switch {
	case m.Disp == 0 && base&7 != bp:
		return append(code, tile<<3|sp, sib), nil
	case m.Disp >= -128 && m.Disp < 128:
		return append(code, 0x40|tile<<3|sp, sib, byte(m.Disp)), nil
	}
	d := uint32(m.Disp)
	return append(code, 0x80|tile<<3|sp, sib, byte(d), byte(d>>8), byte(d>>16), byte(d>>24)), nil
}

// number is the hardware number of an allocated register.
func number(op operand.Op) byte {
	p := reg.ToPhysical(op.(reg.Register))
	return byte(p.PhysicalIndex())
}

func tileNumber(op operand.Op) byte { return byte(op.(operand.U8)) }
