package simd

import (
	"math"
	"unsafe"
)

// bfloat rounds to bfloat16 as the CPU does: to nearest, ties to even,
// subnormal numbers to zero; a NaN keeps its upper bits and becomes quiet.
func bfloat(x float32) uint16 {
	const exponent, quiet = 0x7f80, 0x40
	u := math.Float32bits(x)
	h := uint16(u >> 16)
	switch {
	case x != x:
		return h | quiet
	case h&exponent == 0:
		return h &^ 0x7fff
	}
	return uint16((u + 0x7fff + u>>16&1) >> 16)
}

// unbfloat returns the number that h stands for.
func unbfloat(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }

// reserve sets the shape of p and returns its storage.
func (p *Packed16) reserve(k, n int) []uint16 {
	const line = 64 / 2
	size := Pad16(k) * Pad16(n)
	if cap(p.data) < size {
		x := make([]uint16, size+line-1)
		skip := -(uintptr(unsafe.Pointer(unsafe.SliceData(x))) / 2) % line
		p.data = x[skip:]
	}
	p.K, p.N, p.depth, p.data = k, n, Pad16(k), p.data[:size]
	return p.data
}

func pack16Go(p *Packed16, b []float32, rs, cs int) {
	for j := 0; j < p.N; j += bf16Block {
		packStrip16Go(p.strip(j, 0), b[j*cs:], rs, cs, 0, p.K, min(bf16Block, p.N-j))
	}
}

// packStrip16Go fills a strip from its row first, an even number, to its end.
func packStrip16Go(dst []uint16, b []float32, rs, cs, first, k, cols int) {
	clear(dst[first*bf16Block:])
	for i := first; i < k; i++ {
		row := dst[i/2*2*bf16Block:]
		for j := range cols {
			row[2*j+i%2] = bfloat(b[i*rs+j*cs])
		}
	}
}

func round16Go(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	for i := range rows {
		d := dst[i*ldd : i*ldd+Pad16(cols)]
		for j, v := range src[i*lds : i*lds+cols] {
			d[j] = bfloat(v)
		}
		clear(d[cols:])
	}
}

func transpose16Go(dst []uint16, ldd int, src []float32, lds, rows, cols int) {
	for j := range cols {
		d := dst[j*ldd : j*ldd+Pad16(rows)]
		for i := range rows {
			d[i] = bfloat(src[i*lds+j])
		}
		clear(d[rows:])
	}
}

func gemm16Go(m int, a []uint16, lda int, b *Packed16, c []float32, ldc int, acc bool) {
	k := Pad16(b.K)
	var sums [bf16Block]float32
	for j := 0; j < b.N; j += bf16Block {
		cols := min(bf16Block, b.N-j)
		strip := b.strip(j, 0)
		for i := range m {
			dst := c[i*ldc+j : i*ldc+j+cols]
			clear(sums[:])
			if acc {
				copy(sums[:], dst)
			}
			row := a[i*lda : i*lda+k]
			for q := 0; q < k; q += bf16Block {
				addBlock16Go(&sums, row[q:q+bf16Block], strip[q*bf16Block:(q+bf16Block)*bf16Block])
			}
			copy(dst, sums[:cols])
		}
	}
}

// addBlock16Go adds 32 numbers of a row of A times 32 rows of a strip to sums.
// The products are exact, so that fusing them to the additions changes nothing.
func addBlock16Go(sums *[bf16Block]float32, a, strip []uint16) {
	var even, odd [bf16Block]float32
	for q := 0; q < len(a); q += 2 {
		x, y := unbfloat(a[q]), unbfloat(a[q+1])
		pairs := strip[q*bf16Block : (q+2)*bf16Block]
		for j := range bf16Block {
			even[j] += x * unbfloat(pairs[2*j])
			odd[j] += y * unbfloat(pairs[2*j+1])
		}
	}
	for j := range sums {
		sums[j] += even[j] + odd[j]
	}
}
