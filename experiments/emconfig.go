package experiments

import (
	"fmt"

	"ra3/core/latent"
	"ra3/core/ra3"
)

// Kinds of posterior that annotate.
const (
	Hindsight = "hindsight" // a sampler that reads the program backwards
	Foresight = "foresight" // the policy itself, from left to right
)

// Kinds of latents.
const (
	Words = "words" // the domain's phrases
	Codes = "codes" // learned tokens, started from clusters of lines
)

// RA3Config is the EM loop.
type RA3Config struct {
	Warm         int          `toml:"warm"`       // M-step updates before the first E-step
	Iterations   int          `toml:"iterations"` // EM iterations; the remaining M-step updates are shared among them
	EUpdates     int          `toml:"e_updates"`  // E-step updates an iteration
	EBatch       int          `toml:"e_batch"`    // traces an E-step update
	Group        int          `toml:"group"`      // annotations a trace
	LearningRate float64      `toml:"learning_rate"`
	Prior        latent.Prior `toml:"prior"`

	Latents     string    `toml:"latents"`     // Words or Codes; none means Words
	Words       int       `toml:"words"`       // of a rationale: 2, or 4 for a phrase and another wording of it; 0 means 2
	Codes       int       `toml:"codes"`       // how many, where latents are codes
	Posterior   string    `toml:"posterior"`   // Hindsight or Foresight; none means Hindsight
	Refit       ra3.Refit `toml:"refit"`       // rl or reweight; none means rl
	Temperature float64   `toml:"temperature"` // of q; 0 means 1
	Entropy     float64   `toml:"entropy"`     // bonus on top of the bound's own entropy
	Anchor      float64   `toml:"anchor"`      // of -KL(q || initial sampler)
	// Exact is the number of validation traces that every annotation's bound is
	// held against the exact reference on; 0: not measured.
	Exact int `toml:"exact"`
}

// foresight reports whether the policy is its own posterior.
func (c RA3Config) foresight() bool { return c.Posterior == Foresight }

// codes is the number of learned latents, 0 where they are phrases.
func (c RA3Config) codes() int {
	if c.Latents == Codes {
		return c.Codes
	}
	return 0
}

// mostCodes bounds ra3.codes.
const mostCodes = 512

func (c RA3Config) ranges() []bounded {
	i := func(name string, v, lo, hi int) bounded { return bounded{name, float64(v), float64(lo), float64(hi)} }
	return []bounded{
		i("ra3.warm", c.Warm, 0, 1e6), i("ra3.iterations", c.Iterations, 0, 100), i("ra3.e_updates", c.EUpdates, 0, 1e5),
		i("ra3.e_batch", c.EBatch, 1, 4096), i("ra3.group", c.Group, 2, 256), {"ra3.learning_rate", c.LearningRate, 1e-7, 0.1},
		{"ra3.temperature", c.Temperature, 0, 10}, {"ra3.entropy", c.Entropy, 0, 100}, {"ra3.anchor", c.Anchor, 0, 100},
		i("ra3.words", c.Words, 0, 4), i("ra3.codes", c.Codes, 0, mostCodes), i("ra3.exact", c.Exact, 0, validationTraces),
	}
}

func (c RA3Config) validate() error {
	switch {
	case c.Latents != "" && c.Latents != Words && c.Latents != Codes:
		return fmt.Errorf("ra3.latents = %q: allowed are %s, %s", c.Latents, Words, Codes)
	case c.Words == 1 || c.Words == 3:
		return fmt.Errorf("ra3.words = %d: allowed are 2, 4; no single word tells the intents apart", c.Words)
	case c.Words > 0 && c.Latents == Codes:
		return fmt.Errorf("ra3.words = %d has no effect on codes, which are one token each: set it to 0", c.Words)
	case c.Latents == Codes && c.Codes < 2:
		return fmt.Errorf("ra3.codes = %d is out of range: allowed with ra3.latents = %q is 2 to %d", c.Codes, Codes, mostCodes)
	case c.Latents != Codes && c.Codes > 0:
		return fmt.Errorf("ra3.codes = %d has no effect on phrases: add ra3.latents=%s", c.Codes, Codes)
	case c.Posterior != "" && c.Posterior != Hindsight && c.Posterior != Foresight:
		return fmt.Errorf("ra3.posterior = %q: allowed are %s, %s", c.Posterior, Hindsight, Foresight)
	case c.Refit != "" && c.Refit != ra3.RL && c.Refit != ra3.Reweight:
		return fmt.Errorf("ra3.refit = %q: allowed are %s, %s", c.Refit, ra3.RL, ra3.Reweight)
	case c.Temperature != 0 && c.Temperature < 0.05:
		return fmt.Errorf("ra3.temperature = %g is out of range: allowed is 0.05 to 10, or 0 for 1", c.Temperature)
	case c.foresight() && c.Anchor > 0:
		return fmt.Errorf("ra3.anchor = %g with ra3.posterior = %q, which has no sampler to hold: set it to 0", c.Anchor, c.Posterior)
	case c.foresight() && c.Refit == ra3.Reweight && c.Entropy > 0:
		return fmt.Errorf("ra3.entropy = %g with a reweighted foresight posterior, which has no rewards to add it to: set it to 0, or ra3.refit to %s", c.Entropy, ra3.RL)
	}
	if err := c.Prior.Validate(); err != nil {
		return fmt.Errorf("ra3.%w", err)
	}
	return nil
}
