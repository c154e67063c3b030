package latent

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"ra3/core/nn"
	"ra3/core/token"
	"ra3/core/trace"
)

func TestUnitByHand(t *testing.T) {
	f := unit(map[int32]float64{7: 3, 2: 4})
	if !reflect.DeepEqual(f, feature{[]int32{2, 7}, []float64{0.8, 0.6}}) {
		t.Errorf("%v", f)
	}
	if f := unit(map[int32]float64{3: 0}); f.weight[0] != 0 {
		t.Errorf("%v", f)
	}
	c := centre{mean: []float64{0, 0, 1, 2}, squares: 5}
	// (1-.8)^2 + 2^2 + .6^2, the last on a dimension of its own.
	if got := distance(centre{mean: []float64{0, 0, 1, 2, 0, 0, 0, 0}, squares: 5}, f); math.Abs(got-(0.04+4+0.36)) > 1e-12 {
		t.Errorf("distance %g", got)
	}
	if got := distance(c, feature{[]int32{2, 3}, []float64{1, 2}}); got != 0 {
		t.Errorf("distance to itself %g", got)
	}
}

// Vectors about well separated axes are told apart whatever is drawn first, and
// a settled centre is its vectors' mean.
func TestKMeansFindsClusters(t *testing.T) {
	const k, dims = 5, 12
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var fs []feature
		var truth []int
		for range 200 {
			z := rng.IntN(k)
			fs = append(fs, unit(map[int32]float64{int32(z): 10, int32(k + rng.IntN(dims-k)): rng.Float64()}))
			truth = append(truth, z)
		}
		labels, err := kmeans(context.Background(), fs, k, dims, rng)
		if err != nil {
			t.Fatal(err)
		}
		of := map[int]int{}
		for i, z := range labels {
			if old, ok := of[truth[i]]; ok && old != z {
				t.Fatalf("seed %d: cluster %d lies in %d and %d", seed, truth[i], old, z)
			}
			of[truth[i]] = z
		}
		again, _ := kmeans(context.Background(), fs, k, dims, rand.New(rand.NewPCG(9, 9)))
		more, _ := kmeans(context.Background(), fs, k, dims, rand.New(rand.NewPCG(9, 9)))
		if !reflect.DeepEqual(again, more) {
			t.Fatal("the same seed gave two clusterings")
		}
	}
	centres := []centre{{mean: []float64{9, 9}}, {mean: []float64{1, 1}, squares: 2}}
	settle(centres, []feature{{[]int32{0}, []float64{1}}, {[]int32{0, 1}, []float64{0.6, 0.8}}}, []int{0, 0})
	if !reflect.DeepEqual(centres[0].mean, []float64{0.8, 0.4}) || math.Abs(centres[0].squares-0.8) > 1e-12 || centres[1].squares != 2 {
		t.Errorf("%v", centres)
	}
	if _, err := kmeans(context.Background(), make([]feature, 3), 4, 1, rand.New(rand.NewPCG(1, 1))); err == nil {
		t.Error("more codes than lines were taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := kmeans(ctx, make([]feature, 3), 2, 1, rand.New(rand.NewPCG(1, 1))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

// Lines of the same tokens share a code; a program thinks where it changes.
func TestClusterAnnotatesChanges(t *testing.T) {
	v, err := token.New([]string{"<rev>", "<act>", "<think>", "\n", "return ", "a", "b", "c", "do:", " z0", " z1"},
		[]token.Kind{token.Special, token.Decision, token.Decision, token.Code, token.Code, token.Code, token.Code, token.Code, token.Frame, token.Latent, token.Latent})
	if err != nil {
		t.Fatal(err)
	}
	l := trace.NewLayout(v, 1, 2, 0, 3, 4, [][]int32{{9}, {10}})
	m, err := nn.NewRandom(nn.Config{Vocab: v.Size(), Out: v.Size(), Dim: 16, Layers: 1, Heads: 2, KVHeads: 1, FF: 24, Theta: 1e4, Eps: 1e-5, MaxPos: 64}, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	a, b := []int32{5, 5, 5, 3}, []int32{6, 6, 6, 3}
	ps := []*trace.Program{{Problem: trace.Problem{Prompt: []int32{8}}, Lines: [][]int32{a, a, b, a}}, {Problem: trace.Problem{Prompt: []int32{8}}, Lines: [][]int32{b, b}}}
	as, err := Cluster(context.Background(), m, nn.NewComputer(m.Config, 2), l, ps, 2, rand.New(rand.NewPCG(3, 3)))
	if err != nil {
		t.Fatal(err)
	}
	za, zb := as[0][0], as[0][2]
	want := []trace.Annotation{{za, trace.Act, zb, za}, {zb, trace.Act}}
	if za == zb || !reflect.DeepEqual(as, want) {
		t.Errorf("%v, want %v", as, want)
	}
}
