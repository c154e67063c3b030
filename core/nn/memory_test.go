package nn

import (
	"context"
	"flag"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

var long = flag.Bool("long", false, "run the memory test over 10,000 steps")

// Steps of every shape leave the heap and the goroutines as they were. With
// -long it goes over 10,000 of them.
func TestMemoryIsFlat(t *testing.T) {
	c := testConfig()
	rng := rand.New(rand.NewPCG(8, 9))
	m, err := NewRandom(c, rng)
	if err != nil {
		t.Fatal(err)
	}
	g, _ := NewParams(c)
	k := NewComputer(c, 2)
	var batches []*Batch
	for range 20 {
		batches = append(batches, raggedBatch(c, rng, 1+rng.IntN(150), 1+rng.IntN(150), 1+rng.IntN(150), 1+rng.IntN(150)))
	}
	prompts := []Prompt{{Tokens: make([]int32, 20), Seeds: make([]uint64, 5)}, {Tokens: make([]int32, 3), Seeds: make([]uint64, 2)}}
	steps := func(n int) {
		for i := range n {
			if _, err := k.Gradient(context.Background(), m, batches[i%len(batches)], g); err != nil {
				t.Fatal(err)
			}
			m.RefreshOn(2)
			if i%10 == 0 {
				if _, err := k.Generate(context.Background(), m, prompts, endless{[]Class{{InvTemp: 1}}}, GenerateOptions{MaxNew: 8, TopP: 1}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	heap := func() uint64 {
		var s runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&s)
		return s.HeapAlloc
	}
	many := 300
	if *long {
		many = 10000
	}
	goroutines := runtime.NumGoroutine()
	// Often enough over all batches that every worker has met the largest tile:
	// which of them takes it is chance.
	steps(300)
	before, mapped := heap(), k.spaces[0].mem
	steps(many)
	if after := heap(); after > before+256<<10 {
		t.Errorf("the heap grew from %d to %d bytes in %d steps", before, after, many)
	}
	if k.spaces[0].mem != mapped {
		t.Error("the activations' memory was mapped again")
	}
	k.Close()
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left, there were %d", runtime.NumGoroutine(), goroutines)
		}
	}
}
