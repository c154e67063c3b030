package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// checkMatVec compares the products of an m x n matrix with the plain ones, and
// MatVec with itself on a single row.
func checkMatVec(t *testing.T, r *rand.Rand, m, n, gap int) {
	t.Helper()
	lda := n + gap
	a := normals(r, max(0, m*lda-gap))
	x, y := normals(r, n), normals(r, m)
	got, want := normals(r, m+1), make([]float32, m)
	guard := got[m]
	MatVec(got[:m], a, lda, x)
	matVecGo(want, a, lda, x)
	for i := range want {
		near(t, "MatVec", got[i], want[i], spread(n), 2e-6)
		var one [1]float32
		MatVec(one[:], a[i*lda:], lda, x)
		if one[0] != got[i] {
			t.Fatalf("MatVec: row %d of %d depends on its neighbours: %g, alone %g", i, m, got[i], one[0])
		}
	}
	sum := normals(r, n+1)
	wantSum := clone(sum)
	VecMat(sum[:n], y, a, lda)
	vecMatGo(wantSum[:n], y, a, lda)
	for i := range wantSum {
		near(t, "VecMat", sum[i], wantSum[i], spread(m), 2e-6)
	}
	if got[m] != guard {
		t.Fatal("MatVec wrote past its result")
	}
}

func TestMatVec(t *testing.T) {
	under(t, vectorTiers(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for range 300 {
			checkMatVec(t, r, r.IntN(40), r.IntN(150), r.IntN(3))
		}
		checkMatVec(t, r, 300, 32, 64)
		checkMatVec(t, r, 9000, 33, 1)
	})
}

func FuzzMatVec(f *testing.F) {
	f.Add(uint64(1), uint8(28), uint16(32), uint8(64))
	f.Fuzz(func(t *testing.T, seed uint64, m uint8, n uint16, gap uint8) {
		under(t, vectorTiers(), func(t *testing.T) {
			checkMatVec(t, rand.New(rand.NewPCG(seed, 8)), int(m), int(n)%600, int(gap))
		})
	})
}

// checkHalfRows compares the products of an m x n bfloat16 matrix, inside a
// larger one, with those of its numbers in float32.
func checkHalfRows(t *testing.T, r *rand.Rand, m, n, gap int) {
	t.Helper()
	lda := n + gap
	a := make([]uint16, max(0, m*lda-gap))
	wide := make([]float32, len(a))
	for i := range a {
		a[i] = bfloat(float32(r.NormFloat64()))
	}
	for i, h := range a {
		wide[i] = unbfloat(h)
	}
	x, y := normals(r, n), normals(r, m)
	got, want := normals(r, m+1), make([]float32, m)
	guard := got[m]
	MatVec16(got[:m], a, lda, x)
	matVecGo(want, wide, lda, x)
	for i := range want {
		near(t, "MatVec16", got[i], want[i], spread(n), 2e-6)
	}
	exact := clone(x)
	RoundTo16(exact)
	for i, v := range exact {
		if v != unbfloat(bfloat(x[i])) {
			t.Fatalf("RoundTo16(%g) = %g, want %g", x[i], v, unbfloat(bfloat(x[i])))
		}
	}
	sum := normals(r, n+1)
	wantSum := clone(sum)
	VecMat16(sum[:n], y, a, lda)
	vecMatGo(wantSum[:n], y, wide, lda)
	for i := range wantSum {
		near(t, "VecMat16", sum[i], wantSum[i], spread(m), 2e-6)
	}
	if got[m] != guard {
		t.Fatal("MatVec16 wrote past its result")
	}
}

func TestHalfRows(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 2))
		for range 300 {
			checkHalfRows(t, r, r.IntN(40), r.IntN(150), r.IntN(3))
		}
		checkHalfRows(t, r, 9000, 33, 1)
	})
}

// TestRoundTo16Subnormal holds RoundTo16 against Round16 on numbers of all sizes:
// only the subnormal ones, which stay, may differ.
func TestRoundTo16Subnormal(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(6, 3))
		for range 20000 {
			u := r.Uint32()
			if r.IntN(3) == 0 {
				u &= 0x80ffffff
			}
			v := math.Float32frombits(u)
			if v-v != 0 {
				continue
			}
			got, want := [1]float32{v}, unbfloat(bfloat(v))
			RoundTo16(got[:])
			if u&0x7f800000 == 0 {
				want = math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
			}
			if math.Float32bits(got[0]) != math.Float32bits(want) {
				t.Fatalf("RoundTo16(%g) = %g, want %g", v, got[0], want)
			}
		}
	})
}

func FuzzHalfRows(f *testing.F) {
	f.Add(uint64(1), uint8(28), uint16(32), uint8(64))
	f.Fuzz(func(t *testing.T, seed uint64, m uint8, n uint16, gap uint8) {
		under(t, Available(), func(t *testing.T) {
			checkHalfRows(t, rand.New(rand.NewPCG(seed, 8)), int(m), int(n)%600, int(gap))
		})
	})
}
