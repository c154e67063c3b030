package simd

import "sync"

// blocking fixes the tile shape of a tier and the blocks that keep its operands
// in cache. The strip's width also tells how a matrix was packed.
type blocking struct {
	rows, lanes int // micro-kernel: rows x 2*lanes
	depth       int // k per block: a strip and a panel fit in L1
	panels      int // row panels per block: the block of A fits in L2
}

var (
	wideBlocks   = blocking{rows: 14, lanes: 16, depth: 512, panels: 16}
	narrowBlocks = blocking{rows: 6, lanes: 8, depth: 512, panels: 36}
)

// aBlocks recycles the packed copies of A's blocks.
var aBlocks = sync.Pool{New: func() any { return new([]float32) }}

func pack(p *Packed, b []float32, rs, cs, k, n int) {
	if tier == Portable {
		packGo(p, b, rs, cs, k, n)
		return
	}
	lanes := narrowBlocks.lanes
	if tier == AVX512 {
		lanes = wideBlocks.lanes
	}
	p.K, p.N, p.strip = k, n, 2*lanes
	size := (n + p.strip - 1) / p.strip * p.strip * k
	if cap(p.data) < size {
		p.data = make([]float32, size)
	}
	p.data = p.data[:size]
	if size == 0 {
		return
	}
	checkMatrix(b, rs, cs, k, n)
	for j := 0; j < n; j += p.strip {
		dst := p.data[j*k : (j+p.strip)*k]
		src := b[j*cs:]
		cols := min(p.strip, n-j)
		switch {
		case cs == 1:
			copyStrip(p.strip, dst, src, rs, k, cols)
		case rs == 1:
			transpose(lanes, dst, p.strip, src, cs, min(cols, lanes), k)
			if cols > lanes {
				transpose(lanes, dst[lanes:], p.strip, src[lanes*cs:], cs, cols-lanes, k)
			} else {
				clearColumns(dst[lanes:], p.strip, lanes, k)
			}
		default:
			packStrip(dst, src, rs, cs, k, cols, p.strip)
		}
	}
}

// checkMatrix panics unless all rows x cols elements at the strides lie in a.
func checkMatrix(a []float32, rs, cs, rows, cols int) {
	if rs < 0 || cs < 0 {
		panic("simd: negative stride")
	}
	_ = a[(rows-1)*rs+(cols-1)*cs]
}

// copyStrip copies k rows of cols floats at stride to rows of width floats.
func copyStrip(width int, dst, src []float32, stride, k, cols int) {
	if width == 2*wideBlocks.lanes {
		copyStripAVX512(ptr(dst), 4*width, ptr(src), 4*stride, k, cols)
		return
	}
	copyStripAVX2(ptr(dst), 4*width, ptr(src), 4*stride, k, cols)
}

// transpose turns rows of k floats into k rows of one vector.
func transpose(lanes int, dst []float32, dstStride int, src []float32, srcStride, rows, k int) {
	if lanes == wideBlocks.lanes {
		transposeAVX512(ptr(dst), 4*dstStride, ptr(src), 4*srcStride, rows, k)
		return
	}
	transposeAVX2(ptr(dst), 4*dstStride, ptr(src), 4*srcStride, rows, k)
}

func clearColumns(dst []float32, stride, cols, k int) {
	for i := range k {
		clear(dst[i*stride : i*stride+cols])
	}
}

func packStrip(dst, src []float32, rs, cs, k, cols, width int) {
	for i := range k {
		row := dst[i*width : (i+1)*width]
		for j := range cols {
			row[j] = src[i*rs+j*cs]
		}
		clear(row[cols:])
	}
}

func gemm(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	if b.strip == 0 {
		gemmGo(m, a, rs, cs, b, c, ldc, acc)
		return
	}
	if m <= 0 || b.N == 0 {
		return
	}
	checkMatrix(c, ldc, 1, m, b.N)
	if b.K > 0 {
		checkMatrix(a, rs, cs, m, b.K)
	}
	t := &narrowBlocks
	if b.strip == 2*wideBlocks.lanes {
		t = &wideBlocks
	}
	t.gemm(m, a, rs, cs, b, c, ldc, acc)
}

// gemm walks blocks of k, blocks of rows, strips of columns and panels of rows.
func (t *blocking) gemm(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	k, n := b.K, b.N
	accFlag := 0
	if acc {
		accFlag = 1
	}
	count := (m + t.rows - 1) / t.rows
	base, extra := m/count, m%count // panel heights differ by one at most
	for j := 0; j < n; j += b.strip {
		cols := min(b.strip, n-j)
		strip := b.data[j*k:]
		i := 0
		for p := range count {
			h := base
			if p < extra {
				h++
			}
			if t.lanes == 16 {
				tileAVX512(h, k, ptr(a[i*rs:]), 4*rs, 4*cs, ptr(strip), ptr(c[i*ldc+j:]), 4*ldc, cols, accFlag)
			} else {
				tileAVX2(h, k, ptr(a[i*rs:]), 4*rs, 4*cs, ptr(strip), ptr(c[i*ldc+j:]), 4*ldc, cols, accFlag)
			}
			i += h
		}
	}
}
