package grid

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"

	"ra3/core/checkpoint/durable"
	"ra3/core/simd"
	"ra3/experiments"
	"ra3/experiments/store"
)

// The files of an ablation's directory; runs of cells and their gates are below.
const (
	gridFile  = "grid.toml"
	cellsName = "cells"
	gatesName = "gates"
	plotsName = "plots"
	mark      = "# ra3 grid 1\n"
)

// Ablation is a grid in its directory, held by this process.
type Ablation struct {
	Dir     string
	Spec    Spec
	Factors []Factor
	Cells   []Cell
	Made    Made
	release func() error
}

// Made is what the cells' results depend on besides their configuration.
type Made struct {
	Version        string `toml:"version" json:"version"`
	InstructionSet string `toml:"instruction_set" json:"instruction_set"`
	Precision      string `toml:"precision" json:"precision"` // of cells that leave it to auto
}

func thisMachine() (Made, error) {
	var c experiments.Config
	c.Model.Precision = "auto"
	p, err := c.Precision()
	return Made{experiments.Version, simd.Active().String(), p.String()}, err
}

// Open starts an ablation in a new directory, or goes on with the same one in
// its own; a directory with another is refused.
func Open(dir string, spec Spec) (*Ablation, error) {
	factors, cells, err := spec.Cells()
	if err != nil {
		return nil, err
	}
	made, err := thisMachine()
	if err != nil {
		return nil, err
	}
	if err := vacant(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain("create", dir, err)
	}
	// Without a name it was the default one, which the directory then says.
	spec.Preset = cells[0].Config.Preset
	doc, err := spec.encode()
	if err != nil {
		return nil, err
	}
	a := &Ablation{Dir: dir, Spec: spec, Factors: factors, Cells: cells, Made: made}
	if a.release, err = hold(dir); err != nil {
		return nil, err
	}
	if err := a.settle(doc); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Resume goes on with the ablation in a directory.
func Resume(dir string) (*Ablation, error) {
	spec, err := read(dir)
	if err != nil {
		return nil, err
	}
	return Open(dir, spec)
}

// IsAblation reports whether a directory holds an ablation.
func IsAblation(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, gridFile))
	return err == nil
}

// View opens an ablation for reading, also while another process writes it.
func View(dir string) (*Ablation, error) {
	spec, err := read(dir)
	if err != nil {
		return nil, err
	}
	a := &Ablation{Dir: dir, Spec: spec}
	if a.Factors, a.Cells, err = spec.Cells(); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	a.Made, err = madeIn(dir)
	return a, err
}

// read is the grid of a directory.
func read(dir string) (Spec, error) {
	path := filepath.Join(dir, gridFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Spec{}, fmt.Errorf("%s is no ablation: it has no %s; start one with ra3 ablate --vary field=value,value --out DIR", dir, gridFile)
	}
	if err != nil {
		return Spec{}, durable.Explain("read", path, err)
	}
	if !bytes.HasPrefix(text, []byte(mark)) {
		return Spec{}, fmt.Errorf("%s: the first line is not %q: use the ra3 that wrote it", path, strings.TrimSpace(mark))
	}
	spec, err := Parse(text)
	if err != nil {
		return spec, fmt.Errorf("%s: %w", path, err)
	}
	return spec, nil
}

// vacant accepts a directory that is new, empty or an ablation's.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return durable.Explain("read", dir, err)
	}
	foreign := ""
	for _, e := range entries {
		switch {
		case e.Name() == gridFile:
			return nil
		case strings.HasPrefix(e.Name(), "lock"), durable.IsAside(e.Name()):
		default:
			foreign = e.Name()
		}
	}
	if foreign != "" {
		return fmt.Errorf("%s: the directory holds other files (%s) and is no ablation: choose an empty or a new one", dir, foreign)
	}
	return nil
}

func hold(dir string) (func() error, error) {
	release, err := store.Hold(dir)
	var held *store.HeldError
	if errors.As(err, &held) {
		return nil, fmt.Errorf("%s is being written by process %d: stop that first, or choose another directory", dir, held.PID)
	}
	return release, err
}

// settle writes grid.toml, or compares with the one that is there.
func (a *Ablation) settle(doc []byte) error {
	for _, dir := range []string{a.Dir, a.PlotsDir()} { // of a process that was killed
		if err := durable.Sweep(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	path := filepath.Join(a.Dir, gridFile)
	if _, err := os.Stat(path); err == nil {
		return a.same()
	}
	return durable.Replace(path, func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "%s%s\n[made]\n", mark, doc); err != nil {
			return err
		}
		return toml.NewEncoder(w).Encode(a.Made)
	})
}

// same refuses to mix cells of different grids or machines.
func (a *Ablation) same() error {
	there, err := read(a.Dir)
	if err != nil {
		return err
	}
	had, want := reflect.ValueOf(there), reflect.ValueOf(a.Spec)
	for i := range had.NumField() {
		name := had.Type().Field(i).Tag.Get("toml")
		x, y := had.Field(i), want.Field(i)
		// Quoted, a list that is empty is one that is not given.
		if fmt.Sprintf("%q", x) != fmt.Sprintf("%q", y) && !strings.HasPrefix(name, "out") {
			return fmt.Errorf("%s holds another ablation: its %s is %v, not %v: choose another directory, or go on with it by ra3 ablate --resume %s", a.Dir, name, x, y, a.Dir)
		}
	}
	made, err := madeIn(a.Dir)
	if err != nil {
		return err
	}
	if made.InstructionSet != a.Made.InstructionSet {
		return fmt.Errorf("%s was computed with %s, this process uses %s, and cells of both do not compare: set RA3_ISA=%s", a.Dir, made.InstructionSet, a.Made.InstructionSet, made.InstructionSet)
	}
	if made.Precision != a.Made.Precision {
		return fmt.Errorf("%s was computed where model.precision = \"auto\" means %s, here it means %s: go on there", a.Dir, made.Precision, a.Made.Precision)
	}
	a.Made = made
	return nil
}

// madeIn is what the cells of a directory were begun with.
func madeIn(dir string) (Made, error) {
	var file struct {
		Made Made `toml:"made"`
	}
	if _, err := toml.DecodeFile(filepath.Join(dir, gridFile), &file); err != nil {
		return file.Made, fmt.Errorf("%s: %w", dir, err)
	}
	return file.Made, nil
}

// Close gives the directory free.
func (a *Ablation) Close() error {
	if a.release == nil {
		return nil
	}
	release := a.release
	a.release = nil
	return release()
}
