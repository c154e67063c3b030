package simd

import (
	"math"
	"runtime"
)

// The plain Go kernels over many rows, and those of softmax and of the peak.

func rmsNormRowsGo(dst []float32, ldd int, x []float32, ldx int, w, inv []float32, eps float32) {
	n := len(w)
	for i := range inv {
		d, row := dst[i*ldd:i*ldd+n], x[i*ldx:i*ldx+n]
		a := float32(1 / math.Sqrt(float64(dotGo(row, row)/float32(n)+eps)))
		for j, v := range row {
			d[j] = v * a * w[j]
		}
		inv[i] = a
	}
}

// With y = x*inv*w: dx = inv*(w*dy) - x*inv^3*mean(x*w*dy), dw = x*inv*dy.
func rmsNormGradRowsGo(dx []float32, ldx int, dw, dout []float32, ldo int, x []float32, ldxx int, w, inv []float32) {
	n := len(w)
	dw = dw[:n]
	for i, a := range inv {
		gx, dy, row := dx[i*ldx:i*ldx+n], dout[i*ldo:i*ldo+n], x[i*ldxx:i*ldxx+n]
		var s float32
		for j, v := range row {
			s += v * w[j] * dy[j]
		}
		c := s * a * a * a / float32(n)
		for j, v := range row {
			gx[j] += a*w[j]*dy[j] - c*v
			dw[j] += v * a * dy[j]
		}
	}
}

func rotateRowsGo(x []float32, ldx, heads, hd int, cos, sin []float32, positions []int32, sign float32) {
	h := hd / 2
	for i, p := range positions {
		c, s := cos[int(p)*h:int(p)*h+h], sin[int(p)*h:int(p)*h+h]
		for head := range heads {
			at := i*ldx + head*hd
			a, b := x[at:at+h], x[at+h:at+2*h]
			for j, u := range a {
				v, si := b[j], sign*s[j]
				a[j] = u*c[j] - v*si
				b[j] = v*c[j] + u*si
			}
		}
	}
}

func causalSoftmaxGo(s []float32, ld, rows, first int, scale float32, lse []float32, stride int) {
	for i := range rows {
		row := s[i*ld : (i+1)*ld]
		p := row[:first+i+1]
		m := scale * maxGo(p)
		sum := expSubGo(p, p, scale, m)
		scaleGo(1/sum, p)
		clear(row[len(p):])
		lse[i*stride] = m + float32(math.Log(float64(sum)))
	}
}

func causalSoftmaxGradGo(s, dp []float32, ld, rows, first int, scale float32, lse []float32, stride int, dot []float32) {
	for i := range rows {
		row, grad := s[i*ld:(i+1)*ld], dp[i*ld:(i+1)*ld]
		p, d := row[:first+i+1], grad[:first+i+1]
		expSubGo(p, p, scale, lse[i*stride])
		for j, v := range p {
			d[j] = v * (d[j] - dot[i]) * scale
		}
		clear(row[len(p):])
		clear(grad[len(p):])
	}
}

// peakGo runs n rounds of sixteen multiply-adds, enough chains to hide their
// latency. Their values stay at 2 = 0.5*2 + 1.
func peakGo(n int) float64 {
	a, b := float32(0.5), float32(1)
	s0, s1, s2, s3, s4, s5, s6, s7 := 2*b, 2*b, 2*b, 2*b, 2*b, 2*b, 2*b, 2*b
	for range n {
		s0, s1, s2, s3 = a*s0+b, a*s1+b, a*s2+b, a*s3+b
		s4, s5, s6, s7 = a*s4+b, a*s5+b, a*s6+b, a*s7+b
		s0, s1, s2, s3 = a*s0+b, a*s1+b, a*s2+b, a*s3+b
		s4, s5, s6, s7 = a*s4+b, a*s5+b, a*s6+b, a*s7+b
	}
	runtime.KeepAlive(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7)
	return 2 * 16 * float64(n)
}

func rowDotsGo(dst, x []float32, ldx int, y []float32, ldy, n int) {
	for i := range dst {
		dst[i] = dotGo(x[i*ldx:i*ldx+n], y[i*ldy:])
	}
}
