package simd

// HasBF16 tells whether Gemm16 runs on the CPU's bfloat16 tiles (AMX). It asks
// the kernel for them once per process, at the first call. Without them every
// function here works still, in plain Go, which is far slower than Gemm.
func HasBF16() bool { return hasBF16() }

// BF16Error says why HasBF16 is false, and is nil when it is true.
func BF16Error() error { return bf16Error() }

// bf16Block is what K and the strips of B are padded to: the 32 numbers in a
// row of a tile, and the two tiles' columns.
const bf16Block = 32

// Pad16 returns n rounded up to the 32 numbers that a tile sums.
func Pad16(n int) int { return (n + bf16Block - 1) &^ (bf16Block - 1) }

// Packed16 holds a matrix B [K,N] rounded to bfloat16 (to nearest, ties to
// even) in the order that tiles read: strips of 32 columns, in a strip one row
// of 64 numbers for each pair k, k+1: b[k][0], b[k+1][0], b[k][1], ... K and N
// are padded to multiples of 32 with zeros. The zero value is ready for Pack;
// its storage is reused. All tiers share this order.
type Packed16 struct {
	K, N  int
	depth int      // rows per strip, a multiple of 32
	data  []uint16 // 64-byte aligned
}

// View returns the first k rows and n columns of p, sharing its storage. Both
// may reach into the padding.
func (p *Packed16) View(k, n int) Packed16 {
	if k > p.depth || n > Pad16(p.N) {
		panic("simd: view larger than the matrix")
	}
	v := *p
	v.K, v.N = k, n
	return v
}

// Pack stores B, whose element (k,j) is b[k*rs+j*cs]. It is fast when cs or rs is 1.
func (p *Packed16) Pack(b []float32, rs, cs, k, n int) {
	if data := p.reserve(k, n); len(data) > 0 {
		pack16(p, b, rs, cs)
	}
}

// strip returns the strip of columns j to j+31, from row k on; both are
// multiples of 32.
func (p *Packed16) strip(j, k int) []uint16 {
	size := p.depth * bf16Block
	return p.data[j/bf16Block*size : (j/bf16Block+1)*size][k*bf16Block:]
}

// Round16 sets dst[i][j] = bfloat16(src[i][j]) for rows x cols numbers; the rows
// of dst and src are ldd and lds apart. Columns of dst up to the next multiple
// of 32 become 0, so ldd is at least that. Rounding is to nearest, ties to even;
// numbers below the smallest normal float32 become 0; NaNs stay NaNs.
func Round16(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	checkStrided(src, lds, rows, cols)
	checkStrided(dst, ldd, rows, Pad16(cols))
	checkPadded(ldd, rows, Pad16(cols))
	round16(dst, ldd, src, lds, rows, cols)
}

// Transpose16 sets dst[j][i] = bfloat16(src[i][j]): dst has cols rows, ldd apart,
// of rows numbers and of zeros up to the next multiple of 32, so ldd is at least
// that. It turns the input X of a layer into the A of its weight gradient X^T*dY.
func Transpose16(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	checkStrided(src, lds, rows, cols)
	checkStrided(dst, ldd, cols, Pad16(rows))
	checkPadded(ldd, cols, Pad16(rows))
	transpose16(dst, ldd, src, lds, rows, cols)
}

// Gemm16 computes C [m,N] = A*B, or C += A*B when acc is set, with float32 sums
// of exact products. Row i of A is a[i*lda:], K bfloat16 numbers padded to
// K's next multiple of 32 with finite ones (Round16 and Transpose16 write zeros);
// element (i,j) of C is c[i*ldc+j]. A sum starts from zero or from C; 32 numbers
// of k at a time are added to it: (the sum over even k + the sum over odd k).
// So C does not depend, to the bit, on m nor on how rows are grouped into calls.
// Tiles take subnormal numbers for 0, as arguments and as results.
func Gemm16(m int, a []uint16, lda int, b *Packed16, c []float32, ldc int, acc bool) {
	if m <= 0 || b.N == 0 {
		return
	}
	checkStrided(c, ldc, m, b.N)
	if b.K > 0 {
		checkStrided(a, lda, m, Pad16(b.K))
	}
	gemm16(m, a, lda, b, c, ldc, acc)
}

// PeakBF16 runs n rounds of 2x2 tile multiplications on operands in the level-1
// cache and returns their number of operations, to be divided by the time that
// the call took. It returns 0 at once when HasBF16 is false.
func PeakBF16(n int) (flops float64) { return peakBF16(n) }

// checkStrided panics unless rows rows of width numbers, stride apart, lie in x.
func checkStrided[T any](x []T, stride, rows, width int) {
	if stride < 0 {
		panic("simd: negative stride")
	}
	_ = x[(rows-1)*stride+width-1]
}

// checkPadded panics if padded rows overlap.
func checkPadded(stride, rows, width int) {
	if stride < width && rows > 1 {
		panic("simd: rows of bfloat16 are closer than their padded width")
	}
}
