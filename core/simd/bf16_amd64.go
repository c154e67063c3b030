package simd

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/cpu"
)

func hasBF16() bool { return tier == AVX512 && granted() == nil }

func bf16Error() error {
	if err := granted(); err != nil {
		return err
	}
	if tier != AVX512 {
		return fmt.Errorf("RA3_ISA=%v is active: bfloat16 tiles need %v", tier, AVX512)
	}
	return nil
}

// granted says why neither CPU nor kernel let this process use tiles, if so.
var granted = sync.OnceValue(func() error {
	x := &cpu.X86
	switch {
	case Available()[0] != AVX512:
		return errors.New("the CPU has no AVX-512")
	case !x.HasAVX512BF16:
		return errors.New("the CPU has no avx512_bf16")
	case !x.HasAMXTile:
		return errors.New("the CPU has no amx_tile")
	case !x.HasAMXBF16:
		return errors.New("the CPU has no amx_bf16")
	}
	return permitTiles()
})

// As assembly cannot be preempted, a call converts at most span numbers.

func pack16(p *Packed16, b []float32, rs, cs int) {
	if !hasBF16() || rs != 1 && cs != 1 {
		pack16Go(p, b, rs, cs)
		return
	}
	checkMatrix(b, rs, cs, p.K, p.N)
	const depth = 256 // of rows at a time, so that their pages stay in the TLB
	for k0 := 0; k0 < p.K; k0 += depth {
		k := min(depth, p.K-k0)
		for j := 0; j < p.N; j += bf16Block {
			dst, src, cols := p.strip(j, k0), b[k0*rs+j*cs:], min(bf16Block, p.N-j)
			if cs == 1 {
				if k > 1 {
					pairRowsBF16(&dst[0], ptr(src), 4*rs, k/2, cols)
				}
				packStrip16Go(dst[:Pad16(k)*bf16Block], src, rs, cs, k&^1, k, cols)
				continue
			}
			pairColumnsBF16(&dst[0], ptr(src), 4*cs, min(cols, 16), k)
			if cols > 16 {
				pairColumnsBF16(&dst[32], ptr(src[16*cs:]), 4*cs, cols-16, k)
			} else {
				for i := range Pad16(k) / 2 {
					clear(dst[64*i+32 : 64*i+64])
				}
			}
		}
	}
}

func round16(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	if !hasBF16() {
		round16Go(dst, ldd, src, lds, rows, cols)
		return
	}
	width := min(cols, span)
	height := max(1, span/width)
	for i := 0; i < rows; i += height {
		for j := 0; j < cols; j += width {
			roundBF16(&dst[i*ldd+j], 2*ldd, &src[i*lds+j], 4*lds, min(height, rows-i), min(width, cols-j))
		}
	}
}

func transpose16(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	if !hasBF16() {
		transpose16Go(dst, ldd, src, lds, rows, cols)
		return
	}
	const width = span / bf16Block
	for i := 0; i < rows; i += bf16Block {
		for j := 0; j < cols; j += width {
			transposeRowsBF16(&dst[j*ldd+i], 2*ldd, &src[i*lds+j], 4*lds, min(bf16Block, rows-i), min(width, cols-j))
		}
	}
}
