package simd

import "math"

// The plain Go kernels. They define what each tier must compute, and are the
// only tier on machines without AVX2. Gemm's are in portable_gemm.go,
// those over many rows in portable_rows.go.

func dotGo(x, y []float32) float32 {
	var s0, s1, s2, s3 float32
	y = y[:len(x)]
	i := 0
	for ; i+4 <= len(x); i += 4 {
		s0 += x[i] * y[i]
		s1 += x[i+1] * y[i+1]
		s2 += x[i+2] * y[i+2]
		s3 += x[i+3] * y[i+3]
	}
	for ; i < len(x); i++ {
		s0 += x[i] * y[i]
	}
	return (s0 + s2) + (s1 + s3)
}

func maxGo(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

func axpyGo(a float32, x, y []float32) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

func scaleGo(a float32, x []float32) {
	for i := range x {
		x[i] *= a
	}
}

func addGo(dst, x []float32) {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] += v
	}
}

func expSubGo(dst, x []float32, s, m float32) float32 {
	var sum float32
	dst = dst[:len(x)]
	for i, v := range x {
		e := float32(math.Exp(float64(s*v - m)))
		dst[i] = e
		sum += e
	}
	return sum
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func swigluGo(dst, gate, up []float32) {
	dst, up = dst[:len(gate)], up[:len(gate)]
	for i, g := range gate {
		dst[i] = g * sigmoid(g) * up[i]
	}
}

// d silu(g)/dg = sigma + g*sigma*(1-sigma).
func swigluGradGo(act, dgate, dup, dout, gate, up []float32) {
	n := len(gate)
	act, dgate, dup, dout, up = act[:n], dgate[:n], dup[:n], dout[:n], up[:n]
	for i, g := range gate {
		s := sigmoid(g)
		u, d := up[i], dout[i]
		act[i] = g * s * u
		dup[i] = d * g * s
		dgate[i] = d * u * (s + g*s*(1-s))
	}
}

func matVecGo(dst, a []float32, lda int, x []float32) {
	for i := range dst {
		dst[i] = dotGo(x, a[i*lda:])
	}
}

func vecMatGo(dst, x, a []float32, lda int) {
	for i, v := range x {
		axpyGo(v, a[i*lda:i*lda+len(dst)], dst)
	}
}

func adamWGo(p, g, m, v []float32, s AdamWStep) {
	n := len(p)
	g, m, v = g[:n], m[:n], v[:n]
	for i := range p {
		gi := g[i] * s.GradScale
		mi := s.Beta1*m[i] + (1-s.Beta1)*gi
		vi := s.Beta2*v[i] + (1-s.Beta2)*gi*gi
		m[i], v[i] = mi, vi
		den := float32(math.Sqrt(float64(vi*s.Correct2))) + s.Eps
		p[i] -= s.LR * (mi*s.Correct1/den + s.Decay*p[i])
	}
}
