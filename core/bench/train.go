package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"ra3/core/nn"
	"ra3/core/optim"
)

// probeBeside is each probe's length beside a training or generation round.
const probeBeside = 20 * time.Millisecond

// learner is what a training step needs at one configuration and all threads and
// precisions share: a model, a batch, gradients and moments.
type learner struct {
	model *nn.Model
	batch *nn.Batch
	grad  *nn.Params
	opt   *optim.AdamW
}

func newLearner(c Config) (*learner, error) {
	rng := rand.New(rand.NewPCG(3, 4))
	m, err := nn.NewRandom(c.model(), rng)
	if err != nil {
		return nil, err
	}
	g, err := nn.NewParams(c.model())
	if err != nil {
		return nil, err
	}
	b := &nn.Batch{Classes: []nn.Class{{InvTemp: 1}}}
	weight := 1 / float32(c.Tokens())
	for range c.Batch {
		tokens := make([]int32, c.Seq)
		for i := range tokens {
			tokens[i] = int32(rng.IntN(c.Vocab))
		}
		at := b.Append(tokens, 0)
		for i := range tokens {
			b.Rows = append(b.Rows, nn.Row{Index: int32(at + i), Target: int32(rng.IntN(c.Vocab)), Weight: weight})
		}
	}
	return &learner{m, b, g, optim.New(len(g.Flat), optim.Default())}, nil
}

// step is forward, backward, AdamW and Refresh.
func (l *learner) step(ctx context.Context, k *nn.Computer, threads int) error {
	if _, err := k.Gradient(ctx, l.model, l.batch, l.grad); err != nil {
		return err
	}
	if _, err := l.opt.Update(l.model.Params.Flat, l.grad.Flat, 1e-4, threads); err != nil {
		return err
	}
	l.model.RefreshOn(threads)
	return nil
}

// train measures training steps, one configuration after the other, which keeps
// the memory to that of one; its threads and precisions take turns.
func (r *runner) train(ctx context.Context, rep *Report, until time.Time) error {
	for i, c := range r.opt.Configs {
		if err := r.trainConfig(ctx, rep, c, dealt(until, len(r.opt.Configs)-i)); err != nil {
			return fmt.Errorf("bench: training %s: %w", c.Name, err)
		}
	}
	return nil
}

// dealt is the end of the next of several configurations' share of the time
// until the part's end. Sizes grow, so all but the last may use half of it.
func dealt(until time.Time, left int) time.Time {
	if until.IsZero() || left == 1 {
		return until
	}
	return time.Now().Add(time.Until(until) / 2)
}

func (r *runner) trainConfig(ctx context.Context, rep *Report, c Config, until time.Time) error {
	var ws []*workload
	for _, p := range r.opt.Precisions {
		for _, threads := range r.opt.Threads {
			w := &workload{name: fmt.Sprintf("train %s %s x%d", c.Name, p, threads), precision: p, threads: threads,
				flops: c.FlopsPerToken() * float64(c.Tokens()), units: float64(c.Tokens())}
			if r.keep(w, 3, 0.5) {
				ws = append(ws, w)
			}
		}
	}
	if len(ws) == 0 {
		return nil
	}
	l, err := newLearner(c)
	if err != nil {
		return err
	}
	for _, w := range ws {
		k := nn.NewComputer(c.model(), w.threads)
		defer k.Close()
		w.prepare = func() error { return l.model.SetPrecision(w.precision.nn()) }
		w.call = func(ctx context.Context) error { return l.step(ctx, k, w.threads) }
	}
	err = r.run(ctx, ws, plan{rounds: r.rounds(), calls: 2, slice: carefulTime, probe: probeBeside, until: until})
	for _, w := range ws {
		if w.measured() {
			rep.Train = append(rep.Train, Train{Config: c.Name, Precision: w.precision, Threads: w.threads, TokensPerS: w.rate(),
				Gflops: w.rate() * c.FlopsPerToken() / 1e9, Share: w.share(), GflopPerToken: c.FlopsPerToken() / 1e9, Stats: w.stats()})
			r.tell(fmt.Sprintf("%s: %.0f tokens/s", w.name, w.rate()), true)
		}
	}
	return err
}
