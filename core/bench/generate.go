package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"ra3/core/nn"
)

// endless is the grammar that allows every token and never ends.
type endless struct{}

func (endless) Classes() []nn.Class { return []nn.Class{{InvTemp: 1}} }
func (endless) Class(int) int       { return 0 }
func (endless) Next(int, int32) int { return 0 }

// prompts makes batch prompts of one token, each with one sample to follow.
func prompts(c Config, batch int) []nn.Prompt {
	rng := rand.New(rand.NewPCG(5, 6))
	ps := make([]nn.Prompt, batch)
	for i := range ps {
		ps[i] = nn.Prompt{Tokens: []int32{int32(rng.IntN(c.Vocab))}, Seeds: []uint64{uint64(i)}}
	}
	return ps
}

// generate measures generation: batches of sequences from one token each to the
// length that the configuration says, at temperature 1.
func (r *runner) generate(ctx context.Context, rep *Report, until time.Time) error {
	for i, c := range r.opt.Configs {
		if err := r.generateConfig(ctx, rep, c, dealt(until, len(r.opt.Configs)-i)); err != nil {
			return fmt.Errorf("bench: generating with %s: %w", c.Name, err)
		}
	}
	return nil
}

type generateCase struct {
	*workload
	batch int
}

func (r *runner) generateConfig(ctx context.Context, rep *Report, c Config, until time.Time) error {
	m, err := nn.NewRandom(c.model(), rand.New(rand.NewPCG(3, 4)))
	if err != nil {
		return err
	}
	computers := map[int]*nn.Computer{}
	defer func() {
		for _, k := range computers {
			k.Close()
		}
	}()
	var cases []generateCase
	var ws []*workload
	for _, batch := range c.Generate {
		ps := prompts(c, batch)
		for _, p := range r.opt.Precisions {
			for _, threads := range r.opt.Threads {
				tokens := float64(batch * c.New)
				w := &workload{name: fmt.Sprintf("generate %s %s batch %d x%d", c.Name, p, batch, threads), precision: p, threads: threads,
					flops: c.generateFlops() * tokens, units: tokens}
				if !r.keep(w, 1, 0.5) {
					continue
				}
				if computers[threads] == nil {
					computers[threads] = nn.NewComputer(c.model(), threads)
				}
				w.prepare = func() error { return m.SetPrecision(p.nn()) }
				sample := func(ctx context.Context, most int) error {
					_, err := computers[threads].Generate(ctx, m, ps, endless{}, nn.GenerateOptions{MaxNew: most, TopP: 1})
					return err
				}
				w.warm = func(ctx context.Context) error { return sample(ctx, 2) }
				w.call = func(ctx context.Context) error { return sample(ctx, c.New) }
				ws, cases = append(ws, w), append(cases, generateCase{w, batch})
			}
		}
	}
	err = r.run(ctx, ws, plan{rounds: r.rounds(), calls: 1, slice: carefulTime, probe: probeBeside, until: until})
	for _, w := range cases {
		if w.measured() {
			rep.Generate = append(rep.Generate, Generate{Config: c.Name, Precision: w.precision, Batch: w.batch, Threads: w.threads,
				TokensPerS: w.rate(), NewTokens: c.New, Stats: w.stats()})
			r.tell(fmt.Sprintf("%s: %.0f tokens/s", w.name, w.rate()), true)
		}
	}
	return err
}
