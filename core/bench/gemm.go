package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"ra3/core/simd"
)

// kinds lists the products measured with an arithmetic.
func kinds(p Precision) []string {
	if p == BF16 {
		return []string{"nn-bf16", "tn-bf16"}
	}
	return []string{"nn", "nt", "tn"}
}

// operands are what a configuration's products read and write; all shapes share
// them. Sizes are those of the largest.
type operands struct {
	x, dy, out []float32   // [m, k], [m, n] or [n, k], results
	pk         simd.Packed // of dY, packed anew by every call of tn
	rows       []uint16    // X rounded, or turned and rounded, anew by every call
	pk16       simd.Packed16
}

// block is how many rows a training step rounds before it multiplies them.
const block = 256

func newOperands(shapes []shape) *operands {
	var x, dy, w, rows int
	for _, s := range shapes {
		x, dy, w = max(x, s.m*s.k), max(dy, s.m*s.n), max(w, s.k*s.n)
		rows = max(rows, min(s.m, block)*simd.Pad16(s.k), s.k*simd.Pad16(s.m))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	normals := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v
	}
	return &operands{x: normals(x), dy: normals(max(dy, w)), out: make([]float32, max(x, dy, w)), rows: make([]uint16, rows)}
}

// product makes the call of one kind of product at a shape. Weights are packed
// here, outside the timing, as a training step packs them once an update; what a
// step does for every product is done by the call.
func (o *operands) product(kind string, s shape) func() {
	m, k, n := s.m, s.k, s.n
	switch kind {
	case "nn": // Y [m, n] = X [m, k] W [k, n]
		var w simd.Packed
		w.Pack(o.dy[:k*n], n, 1, k, n)
		return func() { simd.Gemm(m, o.x, k, 1, &w, o.out, n, false) }
	case "nt": // dX [m, k] = dY [m, n] W^T [n, k]
		var w simd.Packed
		w.Pack(o.dy[:k*n], 1, n, n, k)
		return func() { simd.Gemm(m, o.dy, n, 1, &w, o.out, k, false) }
	case "tn": // dW [k, n] += X^T [k, m] dY [m, n]
		return func() {
			o.pk.Pack(o.dy, n, 1, m, n)
			simd.Gemm(k, o.x, 1, k, &o.pk, o.out, n, true)
		}
	case "nn-bf16":
		var w simd.Packed16
		w.Pack(o.dy[:k*n], n, 1, k, n)
		ld := simd.Pad16(k)
		return func() {
			for i := 0; i < m; i += block {
				t := min(block, m-i)
				simd.Round16(o.rows, ld, o.x[i*k:], k, t, k)
				simd.Gemm16(t, o.rows, ld, &w, o.out[i*n:], n, false)
			}
		}
	case "tn-bf16":
		ld := simd.Pad16(m)
		return func() {
			simd.Transpose16(o.rows, ld, o.x, k, m, k)
			o.pk16.Pack(o.dy, n, 1, m, n)
			simd.Gemm16(k, o.rows, ld, &o.pk16, o.out, n, true)
		}
	}
	panic("bench: no product of kind " + kind)
}

// gemmCase is a workload with where its result goes.
type gemmCase struct {
	*workload
	row Gemm
}

// gemm measures the products of every configuration, on one thread.
func (r *runner) gemm(ctx context.Context, rep *Report, until time.Time) error {
	var cases []gemmCase
	var ws []*workload
	for _, c := range r.opt.Configs {
		shapes := c.shapes()
		var o *operands
		left := 0
		for _, s := range shapes {
			for _, p := range r.opt.Precisions {
				for _, kind := range kinds(p) {
					w := &workload{name: fmt.Sprintf("%s %s %dx%dx%d", c.Name, kind, s.m, s.k, s.n), precision: p, threads: 1, flops: s.flops(), units: s.flops()}
					if _, ok := r.fits(w, 1, 1.0/60); !ok {
						left++
						continue
					}
					if o == nil {
						o = newOperands(shapes)
					}
					call := o.product(kind, s)
					w.call = func(context.Context) error { call(); return nil }
					ws = append(ws, w)
					cases = append(cases, gemmCase{w, Gemm{Config: c.Name, M: s.m, K: s.k, N: s.n, Kind: kind}})
				}
			}
		}
		if left > 0 {
			r.skipped = append(r.skipped, fmt.Sprintf("gemm %s: %d of its products", c.Name, left))
		}
	}
	p := plan{rounds: r.rounds(), calls: 1, slice: carefulTime, must: true, until: until}
	if !until.IsZero() && len(ws) > 0 {
		// Rounds of equal length that fill the time, a quarter of it for probes.
		each := time.Until(until) / time.Duration(len(ws)*p.rounds)
		p.slice = min(carefulTime, max(2*time.Millisecond, each*6/10))
	}
	p.probe = max(time.Millisecond, p.slice/6)
	err := r.run(ctx, ws, p)
	for _, c := range cases {
		if c.measured() {
			c.row.Gflops, c.row.Share, c.row.Stats = c.rate()/1e9, c.share(), c.stats()
			rep.Gemm = append(rep.Gemm, c.row)
		}
	}
	if err == nil {
		r.tell(fmt.Sprintf("gemm: %d products", len(rep.Gemm)), true)
	}
	return err
}
