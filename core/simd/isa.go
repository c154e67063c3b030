package simd

import (
	"fmt"
	"os"
)

// ISA is an instruction set that the kernels are written for.
type ISA int

const (
	Portable ISA = iota // plain Go
	AVX2                // 256-bit vectors and FMA
	AVX512              // 512-bit vectors: F, DQ, BW and VL
)

// String returns the name that RA3_ISA takes.
func (i ISA) String() string {
	switch i {
	case Portable:
		return "portable"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return fmt.Sprintf("ISA(%d)", int(i))
}

// tier is the instruction set in use. It is set at start and by Use only.
var tier, forced = start(os.Getenv("RA3_ISA"))

// start picks the best tier, or the one that name asks for.
func start(name string) (ISA, error) {
	best := Available()[0]
	if name == "" {
		return best, nil
	}
	for _, i := range Available() {
		if i.String() == name {
			return i, nil
		}
	}
	return best, fmt.Errorf("RA3_ISA=%q is not one of %v on this machine: using %v", name, Available(), best)
}

// Active returns the instruction set in use.
func Active() ISA { return tier }

// Available returns the instruction sets that this machine can run, best first.
func Available() []ISA { return append(supported(), Portable) }

// ForcedError reports an RA3_ISA that could not be followed, or nil.
func ForcedError() error { return forced }

// Use switches to an available instruction set. It must not run at the same
// time as any kernel. Matrices that are packed already keep their own.
func Use(i ISA) error {
	for _, s := range Available() {
		if s == i {
			tier = i
			return nil
		}
	}
	return fmt.Errorf("instruction set %v is not available here: choose one of %v", i, Available())
}
