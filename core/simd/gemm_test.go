package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// vectorTiers are the instruction sets to hold against the portable one.
func vectorTiers() []ISA { return Available()[:len(Available())-1] }

// under runs f with each of the instruction sets active in turn.
func under(t *testing.T, sets []ISA, f func(t *testing.T)) {
	was := Active()
	defer func() {
		if err := Use(was); err != nil {
			t.Error(err)
		}
	}()
	for _, i := range sets {
		if err := Use(i); err != nil {
			t.Fatal(err)
		}
		t.Run(i.String(), f)
	}
}

func normals(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// layout is a way to store a matrix: row strides with a gap, or columns.
type layout struct {
	transposed bool
	gap        int
}

// strides returns the strides of a rows x cols matrix and the floats it spans.
func (l layout) strides(rows, cols int) (rs, cs, size int) {
	rs, cs = cols+l.gap, 1
	if l.transposed {
		rs, cs = 1, rows+l.gap
	}
	if l.transposed && l.gap > 20 { // neither stride is 1
		rs, cs = 2, 2*rows+l.gap
	}
	if rows == 0 || cols == 0 {
		return rs, cs, 0
	}
	return rs, cs, (rows-1)*rs + (cols-1)*cs + 1
}

// checkGemm compares one product with float64 sums. The slices end exactly
// where the matrices do, and the gaps of C must come back untouched.
func checkGemm(t *testing.T, r *rand.Rand, m, k, n int, la, lb layout, gap int, acc bool) {
	t.Helper()
	ars, acs, asize := la.strides(m, k)
	brs, bcs, bsize := lb.strides(k, n)
	a, b := normals(r, asize), normals(r, bsize)
	ldc := n + gap
	c := normals(r, max(0, m*ldc-gap))
	before := append([]float32(nil), c...)
	var p Packed
	p.Pack(b, brs, bcs, k, n)
	Gemm(m, a, ars, acs, &p, c, ldc, acc)
	for i := range c {
		row, col := i/max(ldc, 1), i%max(ldc, 1)
		if col >= n {
			if c[i] != before[i] {
				t.Fatalf("m %d k %d n %d: wrote to the gap at row %d column %d", m, k, n, row, col)
			}
			continue
		}
		want, size := 0.0, 1.0
		if acc {
			want = float64(before[i])
		}
		for q := range k {
			v := float64(a[row*ars+q*acs]) * float64(b[q*brs+col*bcs])
			want, size = want+v, size+math.Abs(v)
		}
		if d := math.Abs(float64(c[i]) - want); !(d <= 1e-6*size) {
			t.Fatalf("m %d k %d n %d %+v %+v acc %v: c[%d,%d] = %g, want %g", m, k, n, la, lb, acc, row, col, c[i], want)
		}
	}
}

func TestGemm(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		sizes := []int{0, 1, 2, 3, 5, 7, 8, 9, 13, 14, 15, 16, 17, 28, 29, 31, 32, 33, 48, 64, 65}
		layouts := []layout{{false, 0}, {false, 3}, {true, 0}, {true, 5}, {true, 21}}
		pick := func() int { return sizes[r.IntN(len(sizes))] }
		for range 600 {
			checkGemm(t, r, pick(), pick(), pick(), layouts[r.IntN(5)], layouts[r.IntN(5)], r.IntN(3), r.IntN(2) == 0)
		}
		for _, s := range [][3]int{{300, 40, 70}, {17, 1100, 33}, {60, 1408, 20}, {250, 520, 35}} {
			for _, l := range layouts {
				checkGemm(t, r, s[0], s[1], s[2], l, layouts[r.IntN(5)], 1, r.IntN(2) == 0)
			}
		}
	})
}

// TestGemmRows divides the rows at random: C must not change by a bit.
func TestGemmRows(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for range 60 {
			m, k, n := 1+r.IntN(150), 1+r.IntN(700), 1+r.IntN(100)
			l := layout{r.IntN(2) == 0, r.IntN(4)}
			rs, cs, size := l.strides(m, k)
			a, b := normals(r, size), normals(r, k*n)
			var p Packed
			p.Pack(b, n, 1, k, n)
			acc := r.IntN(2) == 0
			whole := normals(r, m*n)
			split := append([]float32(nil), whole...)
			Gemm(m, a, rs, cs, &p, whole, n, acc)
			for i := 0; i < m; {
				h := 1 + r.IntN(min(40, m-i))
				Gemm(h, a[i*rs:], rs, cs, &p, split[i*n:], n, acc)
				i += h
			}
			for i := range whole {
				if whole[i] != split[i] {
					t.Fatalf("m %d k %d n %d: element %d is %g whole, %g split", m, k, n, i, whole[i], split[i])
				}
			}
		}
	})
}

func FuzzGemm(f *testing.F) {
	f.Add(uint64(1), uint8(28), uint16(32), uint8(28), uint8(0), uint8(1), true)
	f.Fuzz(func(t *testing.T, seed uint64, m uint8, k uint16, n, la, lb uint8, acc bool) {
		under(t, Available(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 5))
			at := func(v uint8) layout { return layout{v&1 != 0, int(v>>1) % 24} }
			checkGemm(t, r, int(m), int(k)%800, int(n), at(la), at(lb), int(seed%4), acc)
		})
	})
}

func TestGemmPanics(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		var p Packed
		p.Pack(make([]float32, 12), 4, 1, 3, 4)
		for name, call := range map[string]func(){
			"short A": func() { Gemm(2, make([]float32, 5), 3, 1, &p, make([]float32, 8), 4, false) },
			"short C": func() { Gemm(2, make([]float32, 6), 3, 1, &p, make([]float32, 7), 4, false) },
			"short B": func() { new(Packed).Pack(make([]float32, 11), 4, 1, 3, 4) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s: no panic", name)
					}
				}()
				call()
			}()
		}
	})
}

// TestPackGemm compares with packing first: C and the packed B, bit by bit.
func TestPackGemm(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 9))
		for i := range 150 {
			m, k, n := r.IntN(60), r.IntN(80), r.IntN(140)
			if i == 0 { // several blocks of k and of packed rows
				m, k, n = 140, 2050, 70
			}
			l, ldb := layout{r.IntN(2) == 0, r.IntN(4)}, n+r.IntN(4)
			rs, cs, size := l.strides(m, k)
			a, b, want := normals(r, size), normals(r, k*ldb), normals(r, m*n)
			got, acc := append([]float32(nil), want...), r.IntN(2) == 0
			var p, q Packed
			p.Pack(b, ldb, 1, k, n)
			Gemm(m, a, rs, cs, &p, want, n, acc)
			PackGemm(m, a, rs, cs, &q, b, ldb, k, n, got, n, acc)
			if !slices.Equal(got, want) || q.K != p.K || q.N != p.N || !slices.Equal(q.data, p.data) {
				t.Fatalf("m %d k %d n %d %+v acc %v: not what packing first gives", m, k, n, l, acc)
			}
		}
	})
}
