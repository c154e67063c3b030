package simd

import (
	"math/rand/v2"
	"testing"
)

// TestFencedVectors has the loops over slices.
func TestFencedVectors(t *testing.T) {
	step := AdamWStep{LR: 1e-3, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8, Decay: 0.1, Correct1: 2, Correct2: 3, GradScale: 0.5}
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(31, 1))
		for n := range 210 {
			if n >= 200 { // beyond one call
				n += 1 << 16
			}
			v := func() []float32 { return normals(r, n) }
			square := v()
			for i, x := range square {
				square[i] = x * x
			}
			result := []float32{0}
			atFences(t, "Dot", func(x [][]float32) { x[0][0] = Dot(x[1], x[2]) }, result, v(), v())
			atFences(t, "Max", func(x [][]float32) { x[0][0] = Max(x[1]) }, result, v())
			atFences(t, "Scale", func(x [][]float32) { Scale(3, x[0]) }, v())
			atFences(t, "Add", func(x [][]float32) { Add(x[0], x[1]) }, v(), v())
			atFences(t, "ExpSub", func(x [][]float32) { x[0][0] = ExpSub(x[1], x[2], 0.5, 1) }, result, v(), v())
			atFences(t, "SwiGLU", func(x [][]float32) { SwiGLU(x[0], x[1], x[2]) }, v(), v(), v())
			atFences(t, "SwiGLUGrad", func(x [][]float32) { SwiGLUGrad(x[0], x[1], x[2], x[3], x[4], x[5]) }, v(), v(), v(), v(), v(), v())
			atFences(t, "AdamW", func(x [][]float32) { AdamW(x[0], x[1], x[2], x[3], step) }, v(), v(), v(), square)
			atFences(t, "RoundTo16", func(x [][]float32) { RoundTo16(x[0]) }, v())
			if n > 0 {
				atFences(t, "CrossEntropy", func(x [][]float32) { x[0][0] = CrossEntropy(x[1], 0.5, n-1, 2) }, result, v())
			}
		}
	})
}

// TestFencedRows has the kernels over rows of a matrix; the slices end with the
// last row.
func TestFencedRows(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(31, 2))
		for i := range 150 {
			rows, n, gap := 1+r.IntN(12), 1+i, r.IntN(5)
			ld := n + gap
			m := func() []float32 { return normals(r, rows*ld-gap) }
			v, per := func() []float32 { return normals(r, n) }, func() []float32 { return normals(r, rows) }
			atFences(t, "RMSNormRows", func(x [][]float32) { RMSNormRows(x[0], ld, x[1], ld, x[2], x[3], rows, 1e-5) }, m(), m(), v(), per())
			atFences(t, "RMSNormGradRows", func(x [][]float32) {
				RMSNormGradRows(x[0], ld, x[1], x[2], ld, x[3], ld, x[4], x[5], rows)
			}, m(), v(), m(), m(), v(), per())
			atFences(t, "RowDots", func(x [][]float32) { RowDots(x[0], x[1], ld, x[2], ld, n) }, per(), m(), m())
			atFences(t, "MatVec", func(x [][]float32) { MatVec(x[0], x[1], ld, x[2]) }, per(), m(), v())
			atFences(t, "VecMat", func(x [][]float32) { VecMat(x[0], x[1], x[2], ld) }, v(), per(), m())
			half := fenced[uint16](t, rows*ld-gap)
			for i, x := range m() {
				half[i] = bfloat(x)
			}
			atFences(t, "MatVec16", func(x [][]float32) { MatVec16(x[0], half, ld, x[1]) }, per(), v())
			atFences(t, "VecMat16", func(x [][]float32) { VecMat16(x[0], x[1], half, ld) }, v(), per())
		}
	})
}

func TestFencedRotations(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(31, 3))
		for h := 1; h < 90; h++ {
			const table = 5
			rows, heads, gap := 1+r.IntN(6), 1+r.IntN(4), r.IntN(5)
			ld := heads*2*h + gap
			positions := fenced[int32](t, rows)
			for i := range positions {
				positions[i] = r.Int32N(table)
			}
			positions[r.IntN(rows)] = table - 1
			x, cos, sin := normals(r, rows*ld-gap), normals(r, table*h), normals(r, table*h)
			atFences(t, "RotateRows", func(x [][]float32) { RotateRows(x[0], ld, heads, 2*h, x[1], x[2], positions, rows) }, x, cos, sin)
			atFences(t, "RotateRowsBack", func(x [][]float32) { RotateRowsBack(x[0], ld, heads, 2*h, x[1], x[2], positions, rows) }, x, cos, sin)
		}
	})
}

func TestFencedCausal(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(31, 4))
		for range 100 {
			ld := 16 * (1 + r.IntN(12))
			rows, stride := 1+r.IntN(min(ld, 90)), 1+r.IntN(4)
			first := r.IntN(ld - rows + 1)
			if r.IntN(2) == 0 { // the last row sees all
				first = ld - rows
			}
			s, dp, lse, dot := normals(r, rows*ld), normals(r, rows*ld), normals(r, (rows-1)*stride+1), normals(r, rows)
			atFences(t, "CausalSoftmax", func(x [][]float32) { CausalSoftmax(x[0], ld, rows, first, 0.5, x[1], stride) }, s, lse)
			atFences(t, "CausalSoftmaxGrad", func(x [][]float32) {
				CausalSoftmaxGrad(x[0], x[1], ld, rows, first, 0.5, x[2], stride, x[3])
			}, s, dp, lse, dot)
		}
	})
}

// checkFencedGemm packs into storage that ends at a fence, too.
func checkFencedGemm(t *testing.T, r *rand.Rand, m, k, n int, la, lb layout, gap int) {
	t.Helper()
	ars, acs, asize := la.strides(m, k)
	brs, bcs, bsize := lb.strides(k, n)
	a, b, c, acc := normals(r, asize), normals(r, bsize), normals(r, m*(n+gap)-gap), r.IntN(2) == 0
	var p Packed
	p.Pack(b, brs, bcs, k, n)
	atFences(t, "Pack", func(x [][]float32) {
		q := Packed{data: x[0]}
		q.Pack(x[1], brs, bcs, k, n)
		if &q.data[0] != &x[0][0] {
			t.Error("Pack has left its storage")
		}
		same(t, "Pack", x[0], p.data)
	}, make([]float32, len(p.data)), b)
	atFences(t, "Gemm", func(x [][]float32) {
		q := p
		q.data = x[0]
		Gemm(m, x[1], ars, acs, &q, x[2], n+gap, acc)
	}, p.data, a, c)
	if bcs == 1 {
		atFences(t, "PackGemm", func(x [][]float32) {
			q := Packed{data: x[0]}
			PackGemm(m, x[1], ars, acs, &q, x[2], brs, k, n, x[3], n+gap, acc)
			same(t, "packed in passing", x[0], p.data)
		}, make([]float32, len(p.data)), a, b, c)
	}
}

func TestFencedGemm(t *testing.T) {
	layouts := []layout{{false, 0}, {false, 3}, {true, 0}, {true, 5}, {true, 21}}
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(31, 5))
		for i := range 300 {
			m, k, n := 1+r.IntN(40), 1+r.IntN(70), 1+r.IntN(100)
			checkFencedGemm(t, r, m, k, n, layouts[i%5], layouts[i/5%5], r.IntN(3))
		}
		checkFencedGemm(t, r, 31, 1100, 37, layout{}, layout{}, 1)
		for _, s := range [][3]int{{801, 333, 67}, {262, 1031, 70}, {2050, 129, 99}} { // A is packed
			checkFencedGemm(t, r, s[0], s[1], s[2], layout{true, 0}, layout{}, 1)
		}
	})
}
