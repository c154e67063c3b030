package nn

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// referenceCase is one case of testdata/reference.json, written by
// testdata/reference.py: an independent float64 PyTorch implementation.
type referenceCase struct {
	Name   string
	Config struct {
		Vocab, Out, Dim, Layers, Heads int
		KVHeads                        int `json:"kv_heads"`
		FF                             int
		Theta                          float64 `json:"rope_theta"`
		Eps                            float64
	}
	Offsets, Tokens, Positions []int32
	Rows                       []struct {
		Index, Target   int32
		Weight, InvTemp float32
		Allowed         []int
	}
	LogP   []float64
	Logits [][]float64
	Loss   float64
	Grad   []float64
}

func TestLogitsAndGradientsEqualThePyTorchReference(t *testing.T) {
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []referenceCase }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 {
		t.Fatal("no reference cases")
	}
	for _, rc := range file.Cases {
		t.Run(rc.Name, func(t *testing.T) { checkReference(t, rc) })
	}
}

func checkReference(t *testing.T, rc referenceCase) {
	cfg := Config{Vocab: rc.Config.Vocab, Out: rc.Config.Out, Dim: rc.Config.Dim, Layers: rc.Config.Layers, Heads: rc.Config.Heads,
		KVHeads: rc.Config.KVHeads, FF: rc.Config.FF, Theta: rc.Config.Theta, Eps: rc.Config.Eps, MaxPos: 64}
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Params.Flat {
		mix := uint32(uint64(i)*2654435761 + 12345)
		m.Params.Flat[i] = float32(0.25 * (float64(mix%2001)/1000 - 1))
	}
	for _, n := range m.Params.named {
		if n.norm {
			for i := range n.d.Data() {
				n.d.Data()[i]++
			}
		}
	}
	m.Refresh()
	order := make([]int, len(rc.Rows)) // the reference lists rows in any order, a batch wants them ascending
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(rc.Rows[a].Index - rc.Rows[b].Index) })
	b := Batch{Tokens: rc.Tokens, Positions: rc.Positions, Offsets: rc.Offsets}
	for i, at := range order {
		r := rc.Rows[at]
		var allowed []bool
		if len(r.Allowed) > 0 {
			allowed = make([]bool, cfg.Out)
			for _, a := range r.Allowed {
				allowed[a] = true
			}
		}
		b.Classes = append(b.Classes, Class{Allowed: allowed, InvTemp: r.InvTemp})
		b.Rows = append(b.Rows, Row{Index: r.Index, Target: r.Target, Class: int32(i), Weight: r.Weight})
	}
	k := NewComputer(cfg, 2)
	g, _ := NewParams(cfg)
	preds, err := k.Gradient(context.Background(), m, &b, g)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range preds {
		want := rc.LogP[order[i]]
		if d := math.Abs(float64(p.LogP) - want); d > 1e-5*(1+math.Abs(want)) {
			t.Errorf("row %d: log p %.7f, reference %.7f", order[i], p.LogP, want)
		}
	}
	var scale float64
	for _, v := range rc.Grad {
		scale = max(scale, math.Abs(v))
	}
	if len(rc.Grad) != len(g.Flat) {
		t.Fatalf("%d gradients, reference has %d", len(g.Flat), len(rc.Grad))
	}
	bad := 0
	for i, v := range rc.Grad {
		if d := math.Abs(float64(g.Flat[i]) - v); d > 1e-5*scale && bad < 5 {
			t.Errorf("gradient %d: %.8f, reference %.8f", i, g.Flat[i], v)
			bad++
		}
	}
}
