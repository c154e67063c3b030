package experiments

import (
	"bytes"
	"fmt"
	"strconv"

	"ra3/core/checkpoint"
	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/experiments/store"
	"ra3/fixtures"
)

// EmbeddedBase reads the pocket base checkpoint that is part of the binary: the
// pre-trained policy and the started sampler, to compute in p. It knows phrases
// and no codes, whatever the world's latents are.
func EmbeddedBase(w *World, shape nn.Config, p nn.Precision) (base, sampler *nn.Model, err error) {
	f, err := checkpoint.Read(bytes.NewReader(fixtures.Base), checkpoint.Limits{})
	if err != nil {
		return nil, nil, fmt.Errorf("embedded base: %w", err)
	}
	shape.Vocab, shape.Out = shape.Vocab-w.codes, shape.Out-w.codes
	phrases := len(w.Commented.Rationales)
	if got, want := f.Meta["vocab"]+"/"+f.Meta["k"], strconv.Itoa(shape.Vocab)+"/"+strconv.Itoa(phrases); got != want {
		return nil, nil, fmt.Errorf("embedded base: made for vocabulary/latents %s, this domain has %s: remake it as the README says", got, want)
	}
	if base, err = getModel(f, "model/base", shape, p); err != nil {
		return nil, nil, fmt.Errorf("embedded base: %w (base.source = \"train\" pre-trains one of any shape)", err)
	}
	if sampler, err = getModel(f, "model/"+samplerName, latent.Config(shape, phrases), p); err != nil {
		return nil, nil, fmt.Errorf("embedded base: %w", err)
	}
	return base, sampler, nil
}

// ExportBase writes the base policy and sampler of a run's branch as an embeddable
// checkpoint in bfloat16.
func ExportBase(run *store.Run, branch, path string) error {
	seed := run.Manifest().Seed
	if _, err := ConfigOfBranch(run, branch); err != nil {
		return fmt.Errorf("%s: %w", run.Dir(), err)
	}
	cp, err := seedEnd(run, branch, int(seed))
	if err != nil {
		return err
	}
	if cp == nil {
		return fmt.Errorf("%s has not finished seed %d: go on with %s", ofRun(run, branch), seed, resumeCommand(run, branch))
	}
	f, err := run.LoadCheckpoint(cp.Branch, cp.Update)
	if err != nil {
		return err
	}
	st, _, err := decodeState(f, nil, nn.FP32)
	if err != nil {
		return err
	}
	base, sampler := st.models["base"], st.models[samplerName]
	if base == nil || sampler == nil {
		return fmt.Errorf("%s holds no base and sampler: use a run of the base preset", run.Dir())
	}
	m := run.Manifest()
	of := ""
	if branch != store.Main {
		of = ", branch " + branch
	}
	origin := fmt.Sprintf("ra3 run --preset %s --seed %d (version %s, %s%s)", m.Preset, m.Seed, m.Version, m.InstructionSet, of)
	return checkpoint.Save(path, encodeBase(base, sampler, origin), checkpoint.BF16)
}
