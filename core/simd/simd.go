// Package simd holds the numerical kernels of the core: matrix multiplication
// and the vector loops of a transformer, in float32. Every exported function
// has a plain Go form that defines it; faster tiers (AVX2, AVX-512) replace it
// at start according to the CPU's features.
package simd

//go:generate go run ./internal/gen

// Dot returns sum_i x[i]*y[i]; len(y) >= len(x).
func Dot(x, y []float32) float32 { return dot(x, y) }

// Max returns the largest element of x, passing over NaNs; -Inf for an empty x.
func Max(x []float32) float32 { return largest(x) }

// Scale multiplies x by a in place.
func Scale(a float32, x []float32) { scale(a, x) }

// Add adds x to dst: dst[i] += x[i].
func Add(dst, x []float32) { add(dst, x) }

// ExpSub sets dst[i] = exp(s*x[i] - m) and returns the sum of dst. dst may be x.
// Elements of -Inf give 0 (or a value below 1e-37).
func ExpSub(dst, x []float32, s, m float32) float32 { return expSub(dst, x, s, m) }

// SwiGLU sets dst[i] = silu(gate[i]) * up[i].
func SwiGLU(dst, gate, up []float32) { swiglu(dst, gate, up) }

// SwiGLUGrad sets dgate and dup from dout, the gradient of SwiGLU's result, and
// act to that result again. dgate may be gate and dup may be up.
func SwiGLUGrad(act, dgate, dup, dout, gate, up []float32) {
	swigluGrad(act, dgate, dup, dout, gate, up)
}

// MatVec sets dst[i] = a_i . x for the m = len(dst) rows a_i = a[i*lda : i*lda+len(x)].
func MatVec(dst, a []float32, lda int, x []float32) { matVec(dst, a, lda, x) }

// VecMat adds sum_i x[i]*a_i to dst, over the rows a_i = a[i*lda : i*lda+len(dst)].
func VecMat(dst, x, a []float32, lda int) { vecMat(dst, x, a, lda) }

// AdamWStep is one AdamW update with its constants resolved by the caller.
type AdamWStep struct {
	LR, Beta1, Beta2, Eps, Decay float32
	Correct1, Correct2           float32 // 1/(1-beta1^t), 1/(1-beta2^t)
	GradScale                    float32 // multiplies the gradient first (clipping)
}

// AdamW updates parameters p and moments m, v from gradient g:
// p -= LR*( mhat/(sqrt(vhat)+Eps) + Decay*p ).
func AdamW(p, g, m, v []float32, s AdamWStep) { adamW(p, g, m, v, s) }

// Packed holds a matrix B [K,N] in the column strips that Gemm reads. The zero
// value is ready for Pack; its storage is reused.
type Packed struct {
	K, N  int
	strip int // columns per strip, which tells the tier that packed it
	depth int // rows per strip; K of the packing that a view was cut from
	data  []float32
}

// View returns the first k rows and n columns of p, sharing its storage.
func (p *Packed) View(k, n int) Packed {
	if k > p.K || n > p.N {
		panic("simd: view larger than the matrix")
	}
	v := *p
	v.K, v.N = k, n
	return v
}

// Pack stores B, whose element (k,j) is b[k*rs+j*cs].
func (p *Packed) Pack(b []float32, rs, cs, k, n int) { pack(p, b, rs, cs, k, n) }

// Gemm computes C [m,N] = A*B, or C += A*B when acc is set. Element (i,k) of A
// is a[i*rs+k*cs]; element (i,j) of C is c[i*ldc+j]. Every element of A*B is one
// chain of multiply-adds in ascending k from zero: fused on the vector tiers, in
// plain Go separate unless the compiler fuses them (arm64, GOAMD64=v3 may). The
// vector tiers cut k above 1024 into even parts, whose chains are added in order.
// So C does not depend, to the bit, on m nor on how rows are grouped into calls.
func Gemm(m int, a []float32, rs, cs int, b *Packed, c []float32, ldc int, acc bool) {
	gemm(m, a, rs, cs, b, c, ldc, acc)
}

// PackGemm is p.Pack(b, ldb, 1, k, n) and Gemm(m, a, rs, cs, p, c, ldc, acc), to
// the bit, for a B that is multiplied by once: it is packed as A's first rows
// meet it.
func PackGemm(m int, a []float32, rs, cs int, p *Packed, b []float32, ldb, k, n int, c []float32, ldc int, acc bool) {
	packGemm(m, a, rs, cs, p, b, ldb, k, n, c, ldc, acc)
}
