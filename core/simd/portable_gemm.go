package simd

// portableStrip is the width of the portable tier's strips: with two rows, the
// accumulators, a row of B and an element of A fit in sixteen registers.
const portableStrip = 4

// reserve sets the shape of p and returns its storage, strips times k rows.
func (p *Packed) reserve(k, n, strip int) []float32 {
	size := (n + strip - 1) / strip * strip * k
	if cap(p.data) < size {
		p.data = make([]float32, size)
	}
	p.K, p.N, p.strip, p.depth, p.data = k, n, strip, k, p.data[:size]
	return p.data
}

func packGo(p *Packed, b []float32, rs, cs, k, n int) {
	data := p.reserve(k, n, portableStrip)
	if k == 0 {
		return
	}
	for j := 0; j < n; j += portableStrip {
		packStripGo(data[j*k:], b[j*cs:], rs, cs, k, min(portableStrip, n-j), portableStrip)
	}
}

// packStripGo lays out k rows of width floats, the first cols from src.
func packStripGo(dst, src []float32, rs, cs, k, cols, width int) {
	for i := range k {
		row := dst[i*width : (i+1)*width]
		for j := range cols {
			row[j] = src[i*rs+j*cs]
		}
		clear(row[cols:])
	}
}

func gemmGo(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	for j := 0; j < b.N; j += portableStrip {
		cols := min(portableStrip, b.N-j)
		strip := b.data[j*b.depth:]
		var t [2][portableStrip]float32
		i := 0
		for ; i+2 <= m; i += 2 {
			tile2Go(&t, a, i*rs, rs, cs, strip, b.K)
			writeRow(c[i*ldc+j:i*ldc+j+cols], &t[0], acc)
			writeRow(c[(i+1)*ldc+j:(i+1)*ldc+j+cols], &t[1], acc)
		}
		if i < m {
			tile1Go(&t[0], a, i*rs, cs, strip, b.K)
			writeRow(c[i*ldc+j:i*ldc+j+cols], &t[0], acc)
		}
	}
}

// tile2Go multiplies two rows of A, from a[at], with a strip of B.
func tile2Go(t *[2][portableStrip]float32, a []float32, at, rs, cs int, strip []float32, k int) {
	var s00, s01, s02, s03, s10, s11, s12, s13 float32
	for i := range k {
		b := strip[4*i : 4*i+4 : 4*i+4]
		x, y := a[at], a[at+rs]
		s00 += x * b[0]
		s01 += x * b[1]
		s02 += x * b[2]
		s03 += x * b[3]
		s10 += y * b[0]
		s11 += y * b[1]
		s12 += y * b[2]
		s13 += y * b[3]
		at += cs
	}
	t[0] = [4]float32{s00, s01, s02, s03}
	t[1] = [4]float32{s10, s11, s12, s13}
}

func tile1Go(t *[portableStrip]float32, a []float32, at, cs int, strip []float32, k int) {
	var s0, s1, s2, s3 float32
	for i := range k {
		b := strip[4*i : 4*i+4 : 4*i+4]
		x := a[at]
		s0 += x * b[0]
		s1 += x * b[1]
		s2 += x * b[2]
		s3 += x * b[3]
		at += cs
	}
	*t = [4]float32{s0, s1, s2, s3}
}

func writeRow(c []float32, t *[portableStrip]float32, acc bool) {
	for j := range c {
		if acc {
			c[j] += t[j]
		} else {
			c[j] = t[j]
		}
	}
}
