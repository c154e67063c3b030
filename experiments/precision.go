package experiments

import (
	"cmp"
	"fmt"

	"ra3/core/nn"
	"ra3/core/simd"
	"ra3/experiments/store"
)

// auto is the value of model.precision that leaves the choice to autoPrecision.
const auto = "auto"

// autoPrecision is what auto means on a machine with bfloat16 tiles; on others
// it means fp32. The standard experiment decided it: over its seeds bf16 is not
// distinguishable from fp32, and runs take little more than half the time (see
// README).
const autoPrecision = nn.BF16

// precisions are the values that model.precision takes.
var precisions = []string{auto, nn.FP32.String(), nn.BF16.String()}

// Precision is what the models of an engine made here compute in. It fails if
// that was named and the machine cannot.
func (c Config) Precision() (nn.Precision, error) {
	if c.Model.Precision == auto {
		if simd.HasBF16() {
			return autoPrecision, nil
		}
		return nn.FP32, nil
	}
	p, err := nn.ParsePrecision(c.Model.Precision)
	if err == nil && p == nn.BF16 && !simd.HasBF16() {
		err = fmt.Errorf("model.precision = %q is not available here: %w: use --set model.precision=fp32, or auto", p, simd.BF16Error())
	}
	return p, err
}

// PrecisionOf names what a run was computed in: fp32 if its manifest does not
// say, as none did before there was a choice.
func PrecisionOf(m store.Manifest) string { return cmp.Or(m.Precision, nn.FP32.String()) }

// settle puts the precision that a run was computed in where its configuration
// has the one asked for.
func (c *Config) settle(m store.Manifest) error {
	made := PrecisionOf(m)
	if _, err := nn.ParsePrecision(made); err != nil {
		return fmt.Errorf("run.toml: %w", err)
	}
	if asked := c.Model.Precision; asked != auto && asked != made {
		return fmt.Errorf("run.toml asks for model.precision = %q and records %s: put it back, or start another run", asked, made)
	}
	c.Model.Precision = made
	return nil
}

// computable refuses a run that was computed in what this machine lacks.
func computable(run *store.Run) error {
	if made := PrecisionOf(run.Manifest()); made == nn.BF16.String() && !simd.HasBF16() {
		return fmt.Errorf("%s was computed in %s, which is not available here: %w: use a machine that has it, or start another run with --set model.precision=fp32",
			run.Dir(), made, simd.BF16Error())
	}
	return nil
}
