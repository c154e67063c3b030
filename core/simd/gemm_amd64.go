package simd

import (
	"sync"
	"unsafe"
)

// blocking fixes the tile shape of a tier and the blocks that keep its operands
// in cache. The strip's width also tells how a matrix was packed.
type blocking struct {
	rows, lanes int // micro-kernel: rows x 2*lanes
	depth       int // longest chain of k; longer ones are cut evenly
	block       int // bytes of A that stay in L2 while B's strips pass
}

var (
	wideBlocks   = blocking{rows: 14, lanes: 16, depth: 1024, block: 512 << 10}
	narrowBlocks = blocking{rows: 6, lanes: 8, depth: 1024, block: 512 << 10}
)

// prefetchSteps is how many steps of k the micro-kernels unroll; each time they
// ask for a cache line of the next strip.
const prefetchSteps = 4

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
	p.reserve(k, n, 2*lanes)
	if len(p.data) == 0 {
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
			packStripGo(dst, src, rs, cs, k, cols, p.strip)
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
		copyStripAVX512(ptr(dst), ptr(src), 4*stride, k, cols)
		return
	}
	copyStripAVX2(ptr(dst), ptr(src), 4*stride, k, cols)
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

func gemm(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	if m <= 0 || b.N == 0 {
		return
	}
	checkMatrix(c, ldc, 1, m, b.N)
	if b.K == 0 || b.strip == portableStrip {
		gemmGo(m, a, rs, cs, b, c, ldc, acc)
		return
	}
	checkMatrix(a, rs, cs, m, b.K)
	b.blocking().gemm(m, a, rs, cs, b, rowsOfB{}, c, ldc, acc)
}

func packGemm(m int, a []float32, rs, cs int, p *Packed, b []float32, ldb, k, n int, c []float32, ldc int, acc bool) {
	if tier == Portable || m <= 0 || k == 0 || n == 0 {
		pack(p, b, ldb, 1, k, n)
		gemm(m, a, rs, cs, p, c, ldc, acc)
		return
	}
	checkMatrix(a, rs, cs, m, k)
	checkMatrix(b, ldb, 1, k, n)
	checkMatrix(c, ldc, 1, m, n)
	t := &narrowBlocks
	if tier == AVX512 {
		t = &wideBlocks
	}
	p.reserve(k, n, 2*t.lanes)
	t.gemm(m, a, rs, cs, p, rowsOfB{b, ldb}, c, ldc, acc)
}

// blocking is the tier's that packed p.
func (p *Packed) blocking() *blocking {
	if p.strip == 2*wideBlocks.lanes {
		return &wideBlocks
	}
	return &narrowBlocks
}

// rowsOfB is a B that is still to be packed; without data if it is.
type rowsOfB struct {
	data []float32
	ld   int
}

// gemm walks blocks of k, blocks of rows, strips of columns and panels of rows.
// The cuts of k depend on K alone and the other loops do not touch the chains,
// so neither m nor the packing changes a bit of C.
func (t *blocking) gemm(m int, a []float32, rs, cs int, b *Packed, fresh rowsOfB, c []float32, ldc int, acc bool) {
	kBlocks := (b.K + t.depth - 1) / t.depth
	depth := (b.K + kBlocks - 1) / kBlocks
	panels := (m + t.rows - 1) / t.rows
	perBlock := max(1, t.block/(4*depth*t.rows))
	var block []float32
	if packs(rs, cs, b) {
		store := aBlocks.Get().(*[]float32)
		defer aBlocks.Put(store)
		if need := min(panels, perBlock) * t.panelSize(depth); cap(*store) < need {
			*store = make([]float32, need)
		}
		block = (*store)[:cap(*store)]
	}
	for k0 := 0; k0 < b.K; k0 += depth {
		k := min(depth, b.K-k0)
		for p := 0; p < panels; p += perBlock {
			r := panelRange{m, panels, p, min(p+perBlock, panels)}
			if block != nil {
				t.packPanels(block, r, a[k0*cs:], cs, k)
			}
			t.multiply(r, a[k0*cs:], rs, cs, block, b, fresh, k0, k, c, ldc, acc || k0 > 0)
		}
	}
}

// multiply runs the micro-kernels of a block: rows k0 to k0+k-1 of B against a
// range of A's panels, in place or, if block is not nil, packed.
func (t *blocking) multiply(r panelRange, a []float32, rs, cs int, block []float32, b *Packed, fresh rowsOfB, k0, k int, c []float32, ldc int, acc bool) {
	add := 0
	if acc {
		add = 1
	}
	// A panel asks for k/prefetchSteps lines of the next strip: eight panels for
	// all of an AVX-512 strip, four for an AVX2 one, which has half the lines. Fewer
	// than eight take two lines at a time: the cache brings the neighbour.
	hop := 64
	if r.last-r.first < 8 {
		hop = 128
	}
	for j := 0; j < b.N; j += b.strip {
		cols := min(b.strip, b.N-j)
		strip := ptr(b.data[j*b.depth+k0*b.strip:])
		for p := r.first; p < r.last; p++ {
			i, h := r.rows(p)
			src, srs, scs := ptr(a[i*rs:]), rs, cs
			if block != nil {
				src, srs, scs = ptr(block[(p-r.first)*t.panelSize(k):]), 1, t.lanes
			}
			dst := ptr(c[i*ldc+j:])
			if p == 0 && fresh.data != nil {
				rows := fresh.data[k0*fresh.ld+j:]
				if cols == b.strip {
					t.tilePack(h, k, src, srs, scs, ptr(rows), fresh.ld, strip, dst, ldc, cols, add)
					continue
				}
				copyStrip(b.strip, b.data[j*b.depth+k0*b.strip:], rows, fresh.ld, k, cols)
			}
			// Past the end of B the address means nothing, which a prefetch does
			// not mind; it is no pointer, so that nothing else does.
			next := uintptr(unsafe.Pointer(strip)) + uintptr(4*b.depth*b.strip+(p-r.first)*k/prefetchSteps*hop)
			if t.lanes == wideBlocks.lanes {
				tileAVX512(h, k, src, 4*srs, 4*scs, strip, next, hop, dst, 4*ldc, cols, add)
			} else {
				tileAVX2(h, k, src, 4*srs, 4*scs, strip, next, hop, dst, 4*ldc, cols, add)
			}
		}
	}
}

func (t *blocking) tilePack(rows, k int, a *float32, rs, cs int, b *float32, ldb int, strip, c *float32, ldc, cols, acc int) {
	if t.lanes == wideBlocks.lanes {
		tilePackAVX512(rows, k, a, 4*rs, 4*cs, b, 4*ldb, strip, c, 4*ldc, cols, acc)
		return
	}
	tilePackAVX2(rows, k, a, 4*rs, 4*cs, b, 4*ldb, strip, c, 4*ldc, cols, acc)
}
