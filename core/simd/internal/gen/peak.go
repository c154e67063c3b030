package main

import (
	"github.com/mmcloughlin/avo/reg"
	. "github.com/mmcloughlin/avo/x86"
)

// peak emits rounds of independent FMAs on registers. Twelve chains cover the
// latency of any FMA unit pair (2 x 5 at most), and fit the AVX2 registers.
func (p *program) peak(w width) {
	const chains, unroll = 12, 2
	r := p.routine(w, "peak", "func(n int)", "runs n > 0 rounds of 24 independent FMAs.")
	n, a, b := r.arg("n"), r.resident(0.5), r.resident(1)
	acc := make([]reg.VecVirtual, chains)
	for i := range acc {
		acc[i] = r.resident(2)
	}
	loop := r.label("loop")
	r.mark(loop)
	each(unroll, func(int) {
		each(chains, func(i int) { r.do(VFMADD213PS(b, a, acc[i])) }) // 2 = 0.5*2 + 1
	})
	r.do(DECQ(n))
	r.do(JNZ(loop))
	r.ret(nil)
}
