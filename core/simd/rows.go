package simd

// RMSNormRows sets inv[i] = 1/sqrt(mean(x_i^2)+eps) and dst_i = x_i*inv[i]*w for
// rows rows of len(w) elements, x_i at x[i*ldx:] and dst_i at dst[i*ldd:]. dst
// may be x. A row's bits depend on that row alone.
func RMSNormRows(dst []float32, ldd int, x []float32, ldx int, w, inv []float32, rows int, eps float32) {
	if rows <= 0 {
		return
	}
	checkInside(dst, ldd, rows, len(w))
	checkInside(x, ldx, rows, len(w))
	rmsNormRows(dst, ldd, x, ldx, w, cut(inv, rows), eps)
}

// RMSNormGradRows adds the gradients of RMSNormRows to dx and dw, given the
// gradient dout of its result and the inv that it left: row i of dx is at
// dx[i*ldx:], of dout at dout[i*ldo:] and of x at x[i*ldxx:]. The rows add to the
// one dw in ascending order, so that they may be divided into calls without
// changing a bit. Rows of any width take the same path.
func RMSNormGradRows(dx []float32, ldx int, dw, dout []float32, ldo int, x []float32, ldxx int, w, inv []float32, rows int) {
	if rows <= 0 {
		return
	}
	checkInside(dx, ldx, rows, len(w))
	checkInside(dout, ldo, rows, len(w))
	checkInside(x, ldxx, rows, len(w))
	rmsNormGradRows(dx, ldx, cut(dw, len(w)), dout, ldo, x, ldxx, w, cut(inv, rows))
}

// RowDots sets dst[i] to the product of row i of x, at x[i*ldx:], with row i of
// y, at y[i*ldy:], each of n elements.
func RowDots(dst, x []float32, ldx int, y []float32, ldy, n int) {
	if len(dst) == 0 {
		return
	}
	checkInside(x, ldx, len(dst), n)
	checkInside(y, ldy, len(dst), n)
	rowDots(dst, x, ldx, y, ldy, n)
}

// RotateRows turns the pairs (y[j], y[hd/2+j]), j < hd/2, of every head y of rows
// rows: head h of row i is the hd elements at x[i*ldx+h*hd:], hd even. The
// cosines and sines of a row's angles are the hd/2 at cos[pos*hd/2:] and
// sin[pos*hd/2:] with pos = positions[i].
func RotateRows(x []float32, ldx, heads, hd int, cos, sin []float32, positions []int32, rows int) {
	rotateAll(x, ldx, heads, hd, cos, sin, positions, rows, 1)
}

// RotateRowsBack undoes RotateRows: it turns by the opposite angles.
func RotateRowsBack(x []float32, ldx, heads, hd int, cos, sin []float32, positions []int32, rows int) {
	rotateAll(x, ldx, heads, hd, cos, sin, positions, rows, -1)
}

func rotateAll(x []float32, ldx, heads, hd int, cos, sin []float32, positions []int32, rows int, sign float32) {
	if rows <= 0 || heads <= 0 || hd < 2 {
		return
	}
	checkInside(x, ldx, rows, heads*hd)
	positions = positions[:rows:len(positions)]
	h := hd / 2
	table := min(len(cos), len(sin)) / h
	for _, p := range positions {
		if p < 0 || int(p) >= table {
			panic("simd: position outside the tables")
		}
	}
	rotateRows(x, ldx, heads, hd, cos, sin, positions, sign)
}

// cut is x[:n], and panics if x is shorter, whatever its capacity.
func cut(x []float32, n int) []float32 { return x[:n:len(x)] }

// checkInside panics unless rows > 0 rows of n elements at stride ld lie in x.
func checkInside(x []float32, ld, rows, n int) {
	if ld < 0 {
		panic("simd: negative row stride")
	}
	_ = x[(rows-1)*ld : (rows-1)*ld+n : len(x)]
}
