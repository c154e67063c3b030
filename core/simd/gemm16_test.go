package simd

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// matrices16 returns a bfloat16 A with a gap after its rows, whose slice ends
// with the last row, and a packed B.
func matrices16(r *rand.Rand, m, k, n, gap int) (a []uint16, lda int, b []float32, p *Packed16) {
	lda = Pad16(k) + gap
	a = make([]uint16, max(0, m*lda-gap))
	Round16(a, lda, normals(r, m*k), k, m, k)
	b, p = normals(r, k*n), new(Packed16)
	p.Pack(b, n, 1, k, n)
	return a, lda, b, p
}

// checkGemm16 compares one product with the plain Go one, to the bit, and with
// float64 sums of the rounded factors.
func checkGemm16(t *testing.T, r *rand.Rand, m, k, n, gap int, acc bool) {
	t.Helper()
	a, lda, b, p := matrices16(r, m, k, n, gap)
	ldc := n + gap
	const margin = 40
	all := normals(r, max(0, m*ldc-gap)+2*margin)
	before, want := clone(all), clone(all)
	c := all[margin : len(all)-margin : len(all)-margin]
	Gemm16(m, a, lda, p, c, ldc, acc)
	if n > 0 {
		gemm16Go(m, a, lda, p, want[margin:len(all)-margin], ldc, acc)
	}
	for i := range all {
		if all[i] != want[i] {
			at := i - margin
			t.Fatalf("m %d k %d n %d gap %d acc %v: c[%d,%d] = %g, want %g", m, k, n, gap, acc, at/max(1, ldc), at%max(1, ldc), all[i], want[i])
		}
	}
	for i := range m {
		for j := range n {
			sum, size := 0.0, 1.0
			if acc {
				sum = float64(before[margin+i*ldc+j])
			}
			for q := range k {
				v := float64(unbfloat(a[i*lda+q])) * float64(unbfloat(bfloat(b[q*n+j])))
				sum, size = sum+v, size+math.Abs(v)
			}
			if d := math.Abs(float64(c[i*ldc+j]) - sum); !(d <= 1e-6*size) {
				t.Fatalf("m %d k %d n %d acc %v: c[%d,%d] = %g, want %g", m, k, n, acc, i, j, c[i*ldc+j], sum)
			}
		}
	}
}

func TestGemm16(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(13, 14))
		for size := range 70 {
			checkGemm16(t, r, size, r.IntN(140), r.IntN(70), r.IntN(20), size%2 == 0)
			checkGemm16(t, r, r.IntN(70), size, r.IntN(70), r.IntN(20), size%3 == 0)
			checkGemm16(t, r, r.IntN(70), r.IntN(140), size, r.IntN(20), size%2 == 1)
		}
		for _, s := range [][3]int{{300, 64, 70}, {256, 96, 128}, {33, 1100, 40}, {64, 2500, 33}, {520, 32, 32}} {
			checkGemm16(t, r, s[0], s[1], s[2], 5, true)
			checkGemm16(t, r, s[0], s[1], s[2], 0, false)
		}
	})
}

// TestGemm16Rows divides the rows at random: C must not change by a bit.
func TestGemm16Rows(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(15, 16))
		for range 30 {
			m, k, n := 1+r.IntN(400), 1+r.IntN(300), 1+r.IntN(100)
			a, lda, _, p := matrices16(r, m, k, n, r.IntN(9))
			whole := normals(r, m*n)
			parts, acc := clone(whole), r.IntN(2) == 0
			Gemm16(m, a, lda, p, whole, n, acc)
			for i := 0; i < m; {
				h := min(m-i, 1+r.IntN(70))
				Gemm16(h, a[i*lda:], lda, p, parts[i*n:], n, acc)
				i += h
			}
			for i := range whole {
				if whole[i] != parts[i] {
					t.Fatalf("%dx%dx%d: element %d is %g or %g", m, k, n, i, whole[i], parts[i])
				}
			}
		}
	})
}

// TestGemm16NonFinite puts a NaN or an infinity into A or B: its row or column
// of C shows it, the others do not.
func TestGemm16NonFinite(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(17, 18))
		for range 40 {
			m, k, n := 1+r.IntN(50), 1+r.IntN(70), 1+r.IntN(50)
			a, lda, b, p := matrices16(r, m, k, n, 0)
			bad := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}[r.IntN(3)]
			i, q, j := r.IntN(m), r.IntN(k), r.IntN(n)
			inA := r.IntN(2) == 0
			if inA {
				a[i*lda+q] = bfloat(bad)
			} else {
				b[q*n+j] = bad
				p.Pack(b, n, 1, k, n)
			}
			c := make([]float32, m*n)
			Gemm16(m, a, lda, p, c, n, false)
			for at, v := range c {
				finite := v-v == 0
				if hit := inA && at/n == i || !inA && at%n == j; hit == finite {
					t.Fatalf("%g in A %v: c[%d,%d] = %g", bad, inA, at/n, at%n, v)
				}
			}
		}
	})
}

func TestGemm16Panics(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		var p Packed16
		p.Pack(make([]float32, 12), 4, 1, 3, 4)
		for name, call := range map[string]func(){
			"short A":         func() { Gemm16(2, make([]uint16, 63), 32, &p, make([]float32, 8), 4, false) },
			"short C":         func() { Gemm16(2, make([]uint16, 64), 32, &p, make([]float32, 7), 4, false) },
			"short B":         func() { new(Packed16).Pack(make([]float32, 11), 4, 1, 3, 4) },
			"short rounded":   func() { Round16(make([]uint16, 31), 32, make([]float32, 4), 4, 1, 4) },
			"short source":    func() { Round16(make([]uint16, 64), 32, make([]float32, 7), 4, 2, 4) },
			"short transpose": func() { Transpose16(make([]uint16, 127), 32, make([]float32, 8), 4, 2, 4) },
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

// TestGemm16Threads multiplies on several goroutines, each of which changes
// thread often, while the collector stops them.
func TestGemm16Threads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	r := rand.New(rand.NewPCG(19, 20))
	const m, k, n = 70, 130, 100
	a, lda, _, p := matrices16(r, m, k, n, 0)
	want := make([]float32, m*n)
	Gemm16(m, a, lda, p, want, n, false)
	var wait sync.WaitGroup
	stop := time.Now().Add(300 * time.Millisecond)
	for range 6 {
		wait.Go(func() {
			c := make([]float32, m*n)
			for time.Now().Before(stop) {
				clear(c)
				Gemm16(m, a, lda, p, c, n, true)
				for i := range want {
					if c[i] != want[i] {
						t.Errorf("element %d is %g, want %g", i, c[i], want[i])
						return
					}
				}
				runtime.Gosched()
			}
		})
	}
	for time.Now().Before(stop) {
		runtime.GC()
	}
	wait.Wait()
}

func FuzzGemm16(f *testing.F) {
	f.Add(uint64(1), uint16(33), uint16(40), uint8(17), uint8(1), true)
	f.Add(uint64(2), uint16(300), uint16(1), uint8(64), uint8(0), false)
	f.Fuzz(func(t *testing.T, seed uint64, m, k uint16, n, gap uint8, acc bool) {
		under(t, vectorTiers(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 21))
			checkGemm16(t, r, int(m)%300, int(k)%400, int(n), int(gap)%40, acc)
			checkConversions(t, r, int(m)%300, int(k)%400, int(gap)%40, acc)
		})
	})
}
