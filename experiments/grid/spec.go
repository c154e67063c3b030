// Package grid crosses settings into cells, each an ordinary run, keeps them in
// one directory that can be gone on with, and puts their results side by side:
// ablations and the regime map.
package grid

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Gate says whether every cell first passes a cheap test: do true intents as
// latents (the oracle) pay at all, in nats a validation program, rationale plus
// code, against NTP's?
type Gate string

// The gates.
const (
	NoGate   Gate = ""
	ShowGate Gate = "show" // measured, and every cell is run
	SkipGate Gate = "skip" // cells that fail are not run
)

// Set reads a gate's name; "true" is show, as of a flag without a value.
func (g *Gate) Set(text string) error {
	switch text {
	case "true", string(ShowGate):
		*g = ShowGate
	case "false", string(NoGate):
		*g = NoGate
	case string(SkipGate):
		*g = SkipGate
	default:
		return fmt.Errorf("gate %q is unknown: choose one of show, skip", text)
	}
	return nil
}

func (g *Gate) String() string { return string(*g) }

// IsBoolFlag lets --gate stand alone.
func (g *Gate) IsBoolFlag() bool { return true }

// UnmarshalTOML reads gate = true as well as gate = "skip".
func (g *Gate) UnmarshalTOML(v any) error { return g.Set(fmt.Sprint(v)) }

// Design says which combinations of the factors' values are cells.
type Design string

// The designs.
const (
	Cross Design = ""     // every combination
	Star  Design = "star" // every factor's first value, and from there one factor at a time
)

// Set reads a design's name.
func (d *Design) Set(text string) error {
	switch text {
	case "cross", string(Cross):
		*d = Cross
	case string(Star):
		*d = Star
	default:
		return fmt.Errorf("design %q is unknown: choose one of cross, star", text)
	}
	return nil
}

func (d *Design) String() string { return string(*d) }

// UnmarshalTOML reads a design.
func (d *Design) UnmarshalTOML(v any) error { return d.Set(fmt.Sprint(v)) }

// Spec is what an ablation consists of.
type Spec struct {
	Preset   string   `toml:"preset"`
	Document string   `toml:"document"` // TOML laid over the preset
	Set      []string `toml:"set"`      // field=value over that, in every cell
	Vary     []string `toml:"vary"`     // field=value,value,...: a factor each
	Seeds    int      `toml:"seeds"`    // replicates of every cell; 0: the preset's
	Lanes    []string `toml:"lanes"`    // none: the preset's
	Gate     Gate     `toml:"gate"`
	Design   Design   `toml:"design,omitempty"`
	// Out is the directory, where a file says it; it is no part of the ablation.
	Out string `toml:"out,omitempty"`
}

// Parse reads a grid file and refuses fields it does not know.
func Parse(text []byte) (Spec, error) {
	var s Spec
	meta, err := toml.Decode(string(text), &s)
	if err != nil {
		return s, errors.New(strings.Join(strings.Fields(err.Error()), " "))
	}
	for _, key := range meta.Undecoded() {
		// What a directory records beside its grid.
		if key[0] != "made" {
			return s, fmt.Errorf("unknown field %s: a grid has preset, document, set, vary, seeds, lanes, gate, design, out", key)
		}
	}
	return s, nil
}

// encode writes the spec without the directory.
func (s Spec) encode() ([]byte, error) {
	s.Out = ""
	for _, l := range []*[]string{&s.Set, &s.Vary, &s.Lanes} {
		if *l == nil {
			*l = []string{}
		}
	}
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("grid: %w", err)
	}
	return b.Bytes(), nil
}

// DirName is a directory's name that is the same for the same ablation.
func (s Spec) DirName() (string, error) {
	_, cells, err := s.Cells()
	if err != nil {
		return "", err
	}
	s.Preset = cells[0].Config.Preset
	doc, err := s.encode()
	return fmt.Sprintf("ablate-%s-%.4x", s.Preset, sha256.Sum256(doc)), err
}

// fixed are the settings of every cell besides the factors.
func (s Spec) fixed() []string {
	fixed := slices.Clone(s.Set)
	if s.Seeds != 0 {
		fixed = append(fixed, fmt.Sprintf("seeds=%d", s.Seeds))
	}
	if len(s.Lanes) > 0 {
		fixed = append(fixed, fmt.Sprintf(`lanes=["%s"]`, strings.Join(s.Lanes, `","`)))
	}
	return fixed
}
