package nn

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// What is not a number is reported at the step where it arises, by the name of
// the layer.
func TestWhatIsNotFiniteIsNamed(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for name, c := range map[string]struct {
		spoil func(m *Model, b *Batch)
		want  string
	}{
		"a parameter":     {func(m *Model, _ *Batch) { m.Params.Layers[1].Wdown[5] = nan }, "the parameters layers.1.w_down"},
		"an infinite one": {func(m *Model, _ *Batch) { m.Params.Norm[0] = inf }, "the parameters norm"},
		"an overflow in a product": {func(m *Model, _ *Batch) {
			scaleAll(m.Params.Layers[0].AttnNorm, 1e19)
			scaleAll(m.Params.Layers[0].Wqkv, 1e20)
		}, "layers.0.wqkv's result"},
		"an overflow in the feed-forward layer": {func(m *Model, _ *Batch) {
			scaleAll(m.Params.Layers[1].FFNNorm, 1e19)
			scaleAll(m.Params.Layers[1].WgateUp, 1e20)
		}, "layers.1.w_gate_up's result"},
		"an overflow in the head": {func(m *Model, _ *Batch) {
			scaleAll(m.Params.Norm, 1e19)
			scaleAll(m.Params.Head, 1e20)
		}, "the head's logits"},
		"a row's weight": {func(_ *Model, b *Batch) { b.Rows[0].Weight = inf }, "the head's gradient"},
	} {
		for _, threads := range []int{1, 3} {
			cfg := testConfig()
			rng := rand.New(rand.NewPCG(5, 6))
			m, err := NewRandom(cfg, rng)
			if err != nil {
				t.Fatal(err)
			}
			b := raggedBatch(cfg, rng, 70, 120, 90, 130, 15)
			c.spoil(m, b)
			m.Refresh()
			k := NewComputer(cfg, threads)
			g, _ := NewParams(cfg)
			if _, err := k.Gradient(context.Background(), m, b, g); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s, %d threads: error %v, want %q in it", name, threads, err, c.want)
			}
			k.Close()
		}
	}
}

func scaleAll(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

func TestGenerateNoticesWhatIsNotANumber(t *testing.T) {
	for _, topP := range []float64{1, 0.9} {
		m, g, prompts := generateSetup(t)
		m.Params.Norm[0] = float32(math.NaN())
		k := NewComputer(m.Config, 2)
		if _, err := k.Generate(context.Background(), m, prompts, g, GenerateOptions{MaxNew: 5, TopP: topP}); err == nil {
			t.Errorf("top-p %g: samples without an error", topP)
		}
		k.Close()
	}
}
