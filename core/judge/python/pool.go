package python

import (
	"errors"
	"fmt"

	"ra3/core/judge/protect"
)

// Mode says where a program's process comes from.
type Mode string

// The modes.
const (
	// Fresh: a sandbox and an interpreter for every program, thrown away after
	// it. For scoring.
	Fresh Mode = "fresh"
	// ForkServer: a copy of a warmed interpreter for every program. Faster, and
	// weaker in that programs share an address layout and a sandbox, one after
	// the other. For rewards.
	ForkServer Mode = "forkserver"
)

// Options choose how a Pool works.
type Options struct {
	// Workers is how many programs run at once; 0 means 1.
	Workers int
	Mode    Mode // "" is Fresh
	// Python is the interpreter; empty looks for python3.
	Python string
	// Site lets programs import installed packages (numpy), at the price of a
	// slower start.
	Site bool
	// AllowUnprotected runs programs even where the protections come to none.
	AllowUnprotected bool
}

func (o Options) withDefaults() (Options, error) {
	if o.Workers == 0 {
		o.Workers = 1
	}
	if o.Mode == "" {
		o.Mode = Fresh
	}
	switch {
	case o.Workers < 0:
		return o, fmt.Errorf("python: %d workers; choose at least 1", o.Workers)
	case o.Mode != Fresh && o.Mode != ForkServer:
		return o, fmt.Errorf("python: unknown mode %q; choose %s or %s", o.Mode, Fresh, ForkServer)
	}
	return o, nil
}

// ErrClosed is returned by Run and Do after Close.
var ErrClosed = errors.New("python: the pool is closed")

// ErrUnprotected: a program here could do harm.
var ErrUnprotected = errors.New("programs cannot be run safely here")

// Protections are what holds for the programs of this pool.
func (p *Pool) Protections() protect.Protections { return p.protections }

// Interpreter is the Python in use.
func (p *Pool) Interpreter() Interpreter { return p.interpreter }
