package experiments

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"

	"ra3/core/nn"
	"ra3/fixtures"
)

// Presets lists the names of the embedded presets.
func Presets() []string { return fixtures.PresetNames() }

// Resolve builds a configuration from a preset, an optional TOML document over
// it, and settings of the form field=value (fields as in run.toml, a.b).
func Resolve(preset string, document []byte, settings []string) (Config, error) {
	var c Config
	// A document may name the preset it builds on.
	if preset == "" && len(document) > 0 {
		var head struct {
			Preset string `toml:"preset"`
		}
		if _, err := toml.Decode(string(document), &head); err != nil {
			return c, fmt.Errorf("configuration: %s", oneLine(err))
		}
		preset = head.Preset
	}
	if preset == "" {
		preset = "quick"
	}
	raw, ok := fixtures.Preset(preset)
	if !ok {
		return c, fmt.Errorf("preset %q is unknown: choose one of %s", preset, strings.Join(Presets(), ", "))
	}
	if err := decode(&c, raw); err != nil {
		return c, fmt.Errorf("preset %s: %w", preset, err)
	}
	if len(document) > 0 {
		if err := decode(&c, document); err != nil {
			return c, fmt.Errorf("configuration: %w", err)
		}
	}
	for _, s := range settings {
		s = strings.TrimSpace(s)
		field, value, ok := strings.Cut(s, "=")
		switch {
		case !ok || field == "" || strings.ContainsAny(s, "\n\r"):
			return c, fmt.Errorf("--set %q: want field=value, as in mid.updates=100", s)
		case strings.TrimSpace(field) == "preset":
			return c, fmt.Errorf("--set %s: a preset is chosen by --preset", s)
		}
		before := c
		if err := decode(&c, []byte(assignment(field, value))); err != nil {
			return c, fmt.Errorf("--set %s: %w", s, before.mismatch(strings.TrimSpace(field), err))
		}
	}
	c.Preset = preset
	if err := c.Validate(); err != nil {
		return c, err
	}
	return c, c.unusedBase()
}

// unusedBase refuses settings of a pre-training that does not take place.
func (c Config) unusedBase() error {
	if c.Base.Source != "embedded" {
		return nil
	}
	raw, _ := fixtures.Preset("base")
	var made Config
	if err := decode(&made, raw); err != nil {
		return fmt.Errorf("preset base: %w", err)
	}
	made.Base.Source = c.Base.Source
	if c.startsSampler() { // in codes
		made.Sampler = c.Sampler
	}
	if !reflect.DeepEqual(c.Base, made.Base) || !reflect.DeepEqual(c.Sampler, made.Sampler) {
		return errors.New("settings of base and sampler have no effect on the embedded base: add base.source=train to pre-train one with them")
	}
	return nil
}

// mismatch says by an example what a field takes, where err is about its type.
func (c Config) mismatch(field string, err error) error {
	all, serr := c.settings()
	if v, ok := all[field]; ok && serr == nil && strings.Contains(err.Error(), "incompatible types") {
		return fmt.Errorf("want a value such as %s=%s", field, tomlValue(v))
	}
	return err
}

// assignment writes one setting as a TOML document; a value that is not TOML by
// itself is taken as a string.
func assignment(field, value string) string {
	var probe map[string]any
	if _, err := toml.Decode("x = "+value, &probe); err != nil {
		value = fmt.Sprintf("%q", value)
	}
	return field + " = " + value
}

// decode lays a TOML document over c and refuses fields it does not know.
func decode(c *Config, raw []byte) error {
	meta, err := toml.Decode(string(raw), c)
	if err != nil {
		return errors.New(oneLine(err))
	}
	// Each run file ends in a [run] table that belongs to the store.
	for _, key := range meta.Undecoded() {
		if key[0] != "run" {
			return fmt.Errorf("unknown field %s: see run.toml of a run, or the presets, for the fields there are", key)
		}
	}
	return nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// TOML writes the configuration as a document that Resolve reads.
func (c Config) TOML() ([]byte, error) {
	var b bytes.Buffer
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(c); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return b.Bytes(), nil
}

// fingerprint tells configurations apart that compute different things. That of
// fp32 is without it, as when there was nothing else.
func (c Config) fingerprint() string {
	if c.Model.Precision == nn.FP32.String() {
		c.Model.Precision = ""
	}
	raw, err := c.TOML()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw))
}
