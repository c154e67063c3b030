package nn

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ra3/core/simd"
)

// inBF16 is a model in bfloat16, or skips the test.
func inBF16(t *testing.T, m *Model) *Model {
	if err := m.SetPrecision(BF16); err != nil {
		t.Skip(err)
	}
	return m
}

// A rounded factor is off by 2^-9 at most, so gradients are by about a hundredth.
func TestBF16GradientsAreNearThoseOfFP32(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, c := range []Config{testConfig(), {Vocab: 40, Out: 40, Dim: 64, Layers: 2, Heads: 2, KVHeads: 2, FF: 96, Theta: 1e4, Eps: 1e-5, MaxPos: 256}} {
		m, err := NewRandom(c, rng)
		if err != nil {
			t.Fatal(err)
		}
		b := raggedBatch(c, rng, 90, 3, 120, 15, 77, 150, 2, 64, 99, 31, 180, 45, 20, 200)
		k := NewComputer(c, 1)
		defer k.Close()
		want, _ := NewParams(c)
		if _, err := k.Gradient(context.Background(), m, b, want); err != nil {
			t.Fatal(err)
		}
		inBF16(t, m)
		var first []float32
		for _, threads := range []int{1, 2, 3, 8} {
			got, _ := NewParams(c)
			k := NewComputer(c, threads)
			defer k.Close()
			if _, err := k.Gradient(context.Background(), m, b, got); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got.Flat
			} else if !slices.Equal(first, got.Flat) {
				t.Errorf("%d threads give other bits than 1", threads)
			}
		}
		at := 0
		for _, n := range want.named {
			var off, size float64
			for i, v := range n.d.Data() {
				d := float64(v - first[at+i])
				off, size = off+d*d, size+float64(v)*float64(v)
			}
			at += len(n.d.Data())
			if r := math.Sqrt(off / size); !(r < 0.03) {
				t.Errorf("%s is off by %.4f of its norm", n.name, r)
			}
		}
	}
}

func TestBF16SamplesHaveTheScoresOfBF16(t *testing.T) {
	m, g, prompts := generateSetup(t)
	inBF16(t, m)
	checkSampledScores(t, m, g, prompts, 0.02)
}

func TestBF16IsRefusedWithoutTiles(t *testing.T) {
	was := simd.Active()
	if err := simd.Use(simd.Portable); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := simd.Use(was); err != nil {
			t.Error(err)
		}
	}()
	m, err := NewRandom(testConfig(), rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetPrecision(BF16); err == nil || !strings.Contains(err.Error(), "choose fp32") {
		t.Errorf("error %v, want one that names the cure", err)
	}
	if m.Precision() != FP32 {
		t.Error("the refused precision was taken")
	}
}
