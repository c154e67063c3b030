package simd

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

const sentinel16 = 0x1234

// cells16 returns n numbers between margins of sentinels; check finds a margin
// that was written to.
func cells16(t *testing.T, n int) (x []uint16, check func()) {
	t.Helper()
	const margin = 40
	all := make([]uint16, n+2*margin)
	for i := range all {
		all[i] = sentinel16
	}
	return all[margin : margin+n : margin+n], func() {
		t.Helper()
		for i := range margin {
			if all[i] != sentinel16 || all[margin+n+i] != sentinel16 {
				t.Fatalf("wrote outside a slice of %d", n)
			}
		}
	}
}

// special mixes the values that rounding treats in their own way into x.
func special(r *rand.Rand, x []float32) {
	bits := []uint32{0, 1 << 31, 0x7f800000, 0xff800000, 0x7f800001, 0x7fc12345, 0xffffffff, 0x007fffff, 0x80000001,
		0x00800000, 0x7f7fffff, 0x3f808000, 0x3f818000, 0x3f808001, 0x3f807fff}
	for i := range x {
		if r.IntN(3) == 0 {
			x[i] = math.Float32frombits(bits[r.IntN(len(bits))])
		}
	}
}

func checkConversions(t *testing.T, r *rand.Rand, rows, cols, gap int, odd bool) {
	t.Helper()
	lds := cols + gap
	size := func(rows, cols, stride int) int {
		if rows == 0 || cols == 0 {
			return 0
		}
		return (rows-1)*stride + cols
	}
	src := normals(r, size(rows, cols, lds))
	if odd {
		special(r, src)
	}
	compare := func(what string, height, width int, fast, plain func(dst []uint16, ldd int)) {
		t.Helper()
		ldd := Pad16(width) + gap
		n := size(height, Pad16(width), ldd)
		got, check := cells16(t, n)
		want, _ := cells16(t, n)
		fast(got, ldd)
		if n > 0 {
			plain(want, ldd)
		}
		check()
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s %dx%d: [%d,%d] = %#x, want %#x", what, rows, cols, i/ldd, i%ldd, got[i], want[i])
			}
		}
	}
	compare("Round16", rows, cols, func(d []uint16, ldd int) { Round16(d, ldd, src, lds, rows, cols) },
		func(d []uint16, ldd int) { round16Go(d, ldd, src, lds, rows, cols) })
	compare("Transpose16", cols, rows, func(d []uint16, ldd int) { Transpose16(d, ldd, src, lds, rows, cols) },
		func(d []uint16, ldd int) { transpose16Go(d, ldd, src, lds, rows, cols) })

	for _, l := range []layout{{false, gap}, {true, gap}, {true, 21}} {
		rs, cs, n := l.strides(rows, cols)
		b := normals(r, n)
		if odd {
			special(r, b)
		}
		var p, q Packed16
		p.Pack(normals(r, 33*70), 70, 1, 33, 70) // storage that is not clear
		p.Pack(b, rs, cs, rows, cols)
		if q.reserve(rows, cols); len(q.data) > 0 {
			pack16Go(&q, b, rs, cs)
		}
		if p.K != rows || p.N != cols || len(p.data) != len(q.data) {
			t.Fatalf("Pack %dx%d: shape %dx%d, %d numbers", rows, cols, p.K, p.N, len(p.data))
		}
		for i := range q.data {
			if p.data[i] != q.data[i] {
				t.Fatalf("Pack %dx%d %+v: number %d is %#x, want %#x", rows, cols, l, i, p.data[i], q.data[i])
			}
		}
	}
}

func TestBFloat(t *testing.T) {
	for _, c := range []struct {
		in   uint32
		want uint16
	}{{0x3f800000, 0x3f80}, {0x3f808000, 0x3f80}, {0x3f808001, 0x3f81}, {0x3f818000, 0x3f82}, {0x7f7fffff, 0x7f80},
		{0xff800000, 0xff80}, {0x7f800001, 0x7fc0}, {0xffc12345, 0xffc1}, {0x807fffff, 0x8000}, {0x00800000, 0x0080}} {
		if got := bfloat(math.Float32frombits(c.in)); got != c.want {
			t.Errorf("bfloat(%#x) = %#x, want %#x", c.in, got, c.want)
		}
	}
}

func TestConversions16(t *testing.T) {
	under(t, Available(), func(t *testing.T) {
		r := rand.New(rand.NewPCG(11, 12))
		for rows := range 70 {
			checkConversions(t, r, rows, r.IntN(100), r.IntN(20), rows%2 == 0)
			checkConversions(t, r, r.IntN(100), rows, r.IntN(20), rows%2 == 1)
		}
		for _, s := range [][2]int{{0, 0}, {1, 1}, {32, 32}, {300, 33}, {3, 1<<16 + 70}, {520, 16}, {513, 17}} {
			checkConversions(t, r, s[0], s[1], 3, true)
		}
	})
}

func TestBF16Error(t *testing.T) {
	best := BF16Error()
	t.Logf("bfloat16 tiles: %v", best)
	under(t, Available(), func(t *testing.T) {
		err := BF16Error()
		if HasBF16() != (err == nil) || err == nil && Active() != AVX512 {
			t.Errorf("HasBF16 is %v, the error %v", HasBF16(), err)
		}
		if best == nil && err != nil && !strings.Contains(err.Error(), "RA3_ISA="+Active().String()) {
			t.Errorf("the error does not tell that the tier is the cause: %v", err)
		}
		if flops := PeakBF16(3); (flops > 0) != HasBF16() {
			t.Errorf("PeakBF16 is %g", flops)
		}
	})
}
