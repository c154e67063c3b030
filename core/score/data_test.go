package score

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// Every published reference passes its own tests.
func TestPublishedReferences(t *testing.T) {
	for _, name := range []string{"HumanEval.jsonl", "mbpp.jsonl", "HumanEvalPlus-v0.1.10.jsonl.gz"} {
		t.Run(name, func(t *testing.T) {
			set := published(t, name)
			s := scorer(t, 2, Options{TimeScale: 10})
			var passed, weaker atomic.Int64
			begun := time.Now()
			eachOf(len(set.Problems), 2, func(i int) {
				p := set.Problems[i]
				v, ok, err := s.Reference(context.Background(), p)
				if err != nil || !ok {
					t.Error(p.ID, ok, err)
					return
				}
				if v.Weaker {
					weaker.Add(1)
					t.Logf("%s in the program's own process", p.ID)
				}
				if v.Passed() {
					passed.Add(1)
				} else {
					t.Errorf("%s: %s: %s", p.ID, v.Kind, v.Reason)
				}
			})
			t.Logf("%d of %d references pass, %d of them in the program's own process, in %v", passed.Load(), len(set.Problems), weaker.Load(), time.Since(begun).Round(time.Second))
		})
	}
}
