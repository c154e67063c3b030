package nn

import (
	"fmt"
	"math"

	"ra3/core/simd"
	"ra3/core/tensor"
)

// finite looks for numbers that are none in what a tile has computed: its log
// probabilities and, after a backward pass, the gradient that reached the
// embedding, through which everything above has passed. Only when there are any
// is the tile computed again, layer by layer, to name where they arise.
func (m *Model) finite(w *workspace, s span, h headPass, gradient bool) error {
	fine := !gradient || allFinite(w.dx[:len(s.tokens)*m.Config.Dim])
	for _, p := range h.out {
		fine = fine && isFinite(p.LogP)
	}
	if fine {
		return nil
	}
	where, err := m.blame(w, s, h, gradient)
	if err != nil {
		return err
	}
	return fmt.Errorf("model: not a number, or infinite, in %s: the training has diverged, lower the learning rate", where)
}

func isFinite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// allFinite is true unless x holds NaN or Inf. Only when the sum of squares is
// not finite does it look at the elements.
func allFinite(x []float32) bool {
	if isFinite(simd.Dot(x, x)) {
		return true
	}
	for _, v := range x {
		if !isFinite(v) {
			return false
		}
	}
	return true
}

// blame computes a tile again and names the first tensor that is not finite, of
// those that are kept, in the order in which they are computed.
func (m *Model) blame(w *workspace, s span, h headPass, gradient bool) (string, error) {
	c, t := m.Config, len(s.tokens)
	where := ""
	look := func(x []float32, format string, args ...any) {
		if where == "" && !allFinite(x) {
			where = fmt.Sprintf(format, args...)
		}
	}
	m.Params.Each(func(name string, d *tensor.Dense) { look(d.Data(), "the parameters %s", name) })
	m.forwardTrunk(w, s, gradient, func(i int, a *activations) {
		look(a.qkv[:t*c.qkvDim()], "layers.%d.wqkv's result", i)
		look(a.o[:t*c.Dim], "layers.%d's attention", i)
		if gradient {
			look(a.xMid[:t*c.Dim], "layers.%d.wo's result", i)
		}
		look(a.gateUp[:t*2*c.FF], "layers.%d.w_gate_up's result", i)
		look(w.x[:t*c.Dim], "layers.%d's result", i)
	})
	if where != "" || !gradient {
		return defaultTo(where, "the head's logits"), nil
	}
	throwaway, err := NewParams(c)
	if err != nil {
		return "", err
	}
	g := &gradientSum{sum: throwaway, turns: newTurnstile(1)}
	m.runHead(w, t, h, g)
	for _, p := range h.out {
		look([]float32{p.LogP}, "the head's logits")
	}
	look(w.dx[:t*c.Dim], "the head's gradient")
	for i := c.Layers - 1; i >= 0; i-- {
		m.backwardLayer(w, i, s, g)
		look(w.dgu[:t*2*c.FF], "layers.%d.w_gate_up's gradient", i)
		look(w.dqkv[:t*c.qkvDim()], "layers.%d.wqkv's gradient", i)
		look(w.dx[:t*c.Dim], "layers.%d's gradient", i)
	}
	return defaultTo(where, "the head's logits"), nil
}

func defaultTo(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
