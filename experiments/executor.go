package experiments

import (
	"context"
	"errors"
	"fmt"

	"ra3/core/judge"
	"ra3/core/judge/python"
)

// Executors that rewards may come from.
const (
	executorStarlark = "starlark"
	executorPython   = "python"
)

// executor judges programs outside the engine's process.
type executor interface {
	Judge(ctx context.Context, cases []judge.Case) ([]judge.Verdict, error)
	Close() error
}

// rewarder is what judges post-training's samples: the engine's own pool, or
// CPython in a warmed fork server, where a program's fate touches neither
// another program nor the run. It outlives an interrupt, as the pool does.
func rewarder(ctx context.Context, c Config, pool *judge.Pool, threads int) (executor, error) {
	if c.RLVR.Executor != executorPython || c.RLVR.Updates == 0 {
		return pool, nil
	}
	p, err := python.NewPool(context.WithoutCancel(ctx), python.Options{Workers: threads, Mode: python.ForkServer})
	if err != nil {
		return nil, fmt.Errorf("rlvr.executor = %q: %w", executorPython, err)
	}
	return p, nil
}

// closeJudges ends the workers of both.
func (e *Engine) closeJudges() error {
	err := e.pool.Close()
	if e.rewards != executor(e.pool) {
		err = errors.Join(err, e.rewards.Close())
	}
	return err
}
