package score

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ra3/core/judge/protect"
	"ra3/core/judge/python"
	"ra3/core/tasks"
)

func TestMain(m *testing.M) {
	protect.ServeIfChild()
	os.Exit(m.Run())
}

// scorer is one over a pool of real processes.
func scorer(t testing.TB, workers int, opt Options) *Scorer {
	t.Helper()
	pool, err := python.NewPool(context.Background(), python.Options{Workers: workers})
	if err != nil {
		t.Skipf("no Python executor here: %v", err)
	}
	opt.Now = time.Now
	s, err := New(pool, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func fixture(t testing.TB, name string) *tasks.Set {
	t.Helper()
	s, err := tasks.Read(filepath.Join("..", "tasks", "testdata", name), tasks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// published reads a benchmark's own file, or skips the test.
func published(t testing.TB, name string) *tasks.Set {
	t.Helper()
	dir := os.Getenv("RA3_DATA")
	if dir == "" {
		t.Skip("RA3_DATA names no folder with benchmark files")
	}
	s, err := tasks.Read(filepath.Join(dir, name), tasks.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// eachOf calls f for 0 to n-1, workers at a time.
func eachOf(n, workers int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
