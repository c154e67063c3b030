package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/buildtags"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
	"github.com/mmcloughlin/avo/x86"
)

// program collects the routines and constants of the assembly file. It stands
// in for avo's build package, whose package loader the kernels do not need.
type program struct {
	file   *ir.File
	consts *ir.Global
	offset map[uint32]int // bits of a constant -> byte offset in consts
	errs   []error
}

func newProgram() *program {
	p := &program{file: ir.NewFile(), consts: ir.NewStaticGlobal("constants"), offset: map[uint32]int{}}
	c, err := buildtags.ParseConstraint("amd64")
	p.check(err)
	p.file.Constraints = append(p.file.Constraints, c)
	p.consts.Attributes = attr.RODATA | attr.NOPTR
	p.file.AddSection(p.consts)
	// The first 128 bytes are sixteen set lanes and sixteen clear ones: read
	// from offset 64-4r they are the AVX2 mask of the first r lanes.
	for i := range 32 {
		v := operand.U32(0)
		if i < 16 {
			v = math.MaxUint32
		}
		p.check(p.consts.AddDatum(ir.NewDatum(4*i, v)))
	}
	return p
}

func (p *program) check(err error) {
	if err != nil {
		p.errs = append(p.errs, err)
	}
}

func (p *program) finish() (*ir.File, error) {
	if err := errors.Join(p.errs...); err != nil {
		return nil, fmt.Errorf("build kernels: %w", err)
	}
	return p.file, nil
}

// bits returns the address of eight copies of a 32-bit constant.
func (p *program) bits(v uint32) operand.Mem {
	at, ok := p.offset[v]
	if !ok {
		at = 128 + 32*len(p.offset)
		p.offset[v] = at
		for i := range 8 {
			p.check(p.consts.AddDatum(ir.NewDatum(at+4*i, operand.U32(v))))
		}
	}
	return p.consts.Base().Offset(at)
}

func (p *program) float(v float64) operand.Mem { return p.bits(math.Float32bits(float32(v))) }

// routine is one function being written for one vector width.
type routine struct {
	*program
	width
	fn     *ir.Function
	regs   *reg.Collection
	labels int
}

// routine starts the function name+w.suffix.
func (p *program) routine(w width, name, signature, doc string) *routine {
	fn := ir.NewFunction(name + w.suffix)
	fn.Attributes = attr.NOSPLIT | attr.NOFRAME
	fn.Doc = []string{name + w.suffix + " " + doc}
	fn.AddPragma("noescape")
	s, err := gotypes.ParseSignature(signature)
	if err != nil {
		p.check(fmt.Errorf("%s: %w", name, err))
		s = gotypes.NewSignatureVoid()
	}
	fn.SetSignature(s)
	p.file.AddSection(fn)
	return &routine{program: p, width: w, fn: fn, regs: reg.NewCollection()}
}

// do appends an instruction.
func (r *routine) do(i *ir.Instruction, err error) {
	if err != nil {
		r.check(fmt.Errorf("%s: %w", r.fn.Name, err))
		return
	}
	r.fn.AddInstruction(i)
}

// label returns a fresh label name; mark places it.
func (r *routine) label(stem string) operand.LabelRef {
	r.labels++
	return operand.LabelRef(fmt.Sprintf("%s%d", stem, r.labels))
}

func (r *routine) mark(l operand.LabelRef) { r.fn.AddLabel(ir.Label(l)) }

func (r *routine) resolve(c gotypes.Component, name string) operand.Op {
	b, err := c.Resolve()
	if err != nil {
		r.check(fmt.Errorf("%s: argument %s: %w", r.fn.Name, name, err))
		return operand.Mem{}
	}
	return b.Addr
}

func (r *routine) param(name string) operand.Op {
	return r.resolve(r.fn.Signature.Params().Lookup(name), name)
}

// arg loads a 64-bit argument into a register.
func (r *routine) arg(name string) reg.GPVirtual {
	v := r.gp()
	r.do(x86.MOVQ(r.param(name), v))
	return v
}

// splat loads a float32 argument into every lane of a vector.
func (r *routine) splat(name string) reg.VecVirtual {
	v := r.vec()
	r.do(x86.VBROADCASTSS(r.param(name), v))
	return v
}

// ret returns, after storing the low lane of x as the result if x is not nil.
func (r *routine) ret(x reg.Register) {
	if x != nil {
		r.do(x86.VMOVSS(x, r.resolve(r.fn.Signature.Results().At(0), "result")))
	}
	r.do(x86.VZEROUPPER())
	r.do(x86.RET())
}

func (r *routine) gp() reg.GPVirtual { return r.regs.GP64() }

// imm is an immediate in the shortest encoding that the assembler accepts.
func imm(v int) operand.Op {
	if v >= -128 && v < 128 {
		return operand.I8(v)
	}
	return operand.I32(v)
}

// checkRegisters refuses AVX2 routines that use what only AVX-512 has: the
// allocator does not know that vectors 16 to 31 and mask registers are absent.
func checkRegisters(f *ir.File) error {
	for _, fn := range f.Functions() {
		if !strings.HasSuffix(fn.Name, narrow.suffix) {
			continue
		}
		for _, i := range fn.Instructions() {
			for _, ext := range i.ISA {
				if strings.HasPrefix(ext, "AVX512") {
					return fmt.Errorf("%s: %s needs %s", fn.Name, i.Opcode, ext)
				}
			}
			for _, x := range i.Registers() {
				p := reg.ToPhysical(x)
				if p != nil && (p.Kind() == reg.KindOpmask || p.Kind() == reg.KindVector && p.PhysicalIndex() > 15) {
					return fmt.Errorf("%s: %s uses %s, which AVX2 has not", fn.Name, i.Opcode, p.Asm())
				}
			}
		}
	}
	return nil
}
