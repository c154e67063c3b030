package simd

const (
	tileRows  = 16        // of a tile; also the columns of C's tiles
	panelRows = 256       // of A, which pass B while its strips stay in the level-2 cache
	callBytes = 512 << 10 // of B in one assembly call, so that they stay there

	// callFlops is the most in one call, as it cannot be preempted: less than
	// 0.1 ms, except for K beyond 32768, where one strip alone is more.
	callFlops = 1 << 26
)

// tileConfig is the operand of LDTILECFG: a palette, the bytes per row and the
// rows of each tile. It lets the kernels see rows x cols elements, 1 to 32 each
// way, of their last block of C; a tile without any must not be used.
func tileConfig(rows, cols int) (c [64]byte) {
	c[0] = 1
	set := func(t, rows, bytes int) {
		if rows > 0 && bytes > 0 {
			c[16+2*t], c[48+t] = byte(bytes), byte(rows)
		}
	}
	for i := range 2 {
		height, width := min(rows-tileRows*i, tileRows), min(cols-tileRows*i, tileRows)
		set(2*0+i, min(rows, tileRows), 4*width)          // C's upper tiles
		set(2*1+i, min(rows-tileRows, tileRows), 4*width) // and lower ones
		set(4+i, height, 64)                              // A
		set(6+i, tileRows, 4*width)                       // B
	}
	return c
}

var fullConfig = tileConfig(bf16Block, bf16Block)

func gemm16(m int, a []uint16, lda int, b *Packed16, c []float32, ldc int, acc bool) {
	if !hasBF16() || b.K == 0 {
		gemm16Go(m, a, lda, b, c, ldc, acc)
		return
	}
	height := callFlops / (2 * bf16Block * Pad16(b.K)) &^ (bf16Block - 1) // as one strip allows
	height = max(bf16Block, min(height, panelRows))
	for i := 0; i < m; i += height {
		h := min(height, m-i)
		p := panel16{b: b, a: a[i*lda:], lda: lda, c: c[i*ldc:], ldc: ldc}
		if acc {
			p.acc = 1
		}
		whole := h &^ (bf16Block - 1)
		if whole > 0 {
			p.strips(0, bf16Block, whole/bf16Block)
		}
		if whole < h {
			p.strips(whole, h-whole, 1)
		}
	}
}

// panel16 is the product of some rows of A with B. All of k is one chain: cutting
// it would not change a bit, but to read C again costs more than to read A's
// block from level 2, where it is if K is above some 512.
type panel16 struct {
	b        *Packed16
	a        []uint16
	c        []float32
	lda, ldc int
	acc      int // 1 to add
}

// strips multiplies blocks of rows rows, 1 to 32, from row i on, with all of B.
// Only whole blocks can be several.
func (p *panel16) strips(i, rows, blocks int) {
	size := bf16Block * Pad16(p.b.K)
	perCall := max(1, min(callFlops/(2*rows*blocks*size), callBytes/(2*size)))
	if Pad16(p.b.K) < p.b.depth { // the strips of a view do not follow each other
		perCall = 1
	}
	whole := p.b.N &^ (bf16Block - 1)
	for j := 0; j < whole; j += perCall * bf16Block {
		p.tiles(i, rows, blocks, j, bf16Block, min(perCall, (whole-j)/bf16Block))
	}
	if whole < p.b.N {
		p.tiles(i, rows, blocks, whole, p.b.N-whole, 1)
	}
}

// tiles multiplies blocks x strips blocks of rows x cols elements from (i,j) on.
func (p *panel16) tiles(i, rows, blocks, j, cols, strips int) {
	config := &fullConfig
	if rows < bf16Block || cols < bf16Block {
		own := tileConfig(rows, cols)
		config = &own
	}
	steps := Pad16(p.b.K) / bf16Block
	a, b, c := &p.a[i*p.lda], &p.b.strip(j, 0)[0], &p.c[i*p.ldc+j]
	switch {
	case rows <= tileRows && cols <= tileRows:
		tiles1x1BF16(config, blocks, strips, steps, a, 2*p.lda, b, c, 4*p.ldc, p.acc)
	case rows <= tileRows:
		tiles1x2BF16(config, blocks, strips, steps, a, 2*p.lda, b, c, 4*p.ldc, p.acc)
	case cols <= tileRows:
		tiles2x1BF16(config, blocks, strips, steps, a, 2*p.lda, b, c, 4*p.ldc, p.acc)
	default:
		tiles2x2BF16(config, blocks, strips, steps, a, 2*p.lda, b, c, 4*p.ldc, p.acc)
	}
}

func peakBF16(n int) float64 {
	if !hasBF16() {
		return 0
	}
	var operands Packed16
	data := operands.reserve(32, 64) // aligned: a row that straddles cache lines takes two loads
	const perCall = 4096             // some 0.1 ms
	for left := n; left > 0; left -= perCall {
		tilePeakBF16(&fullConfig, min(left, perCall), &data[0])
	}
	const flops = 4 * 2 * 16 * 16 * 32 // of a round
	return flops * float64(max(n, 0))
}
