package python

import (
	"context"

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

// Pool runs programs. Its methods may be called concurrently.
type Pool struct {
	opt         Options
	protections protect.Protections
	interpreter Interpreter
}

// Interpreter is the Python that a pool runs.
type Interpreter struct {
	Path    string `json:"path"`
	Version string `json:"version"` // as in 3.11.7
}

// NewPool finds the interpreter and probes the protections. It fails where
// Python or the system is missing what it takes, and where the protections come
// to none unless AllowUnprotected is set. The pool closes itself when ctx ends.
func NewPool(ctx context.Context, opt Options) (*Pool, error) { panic("being written") }

// Protections are what holds for the programs of this pool.
func (p *Pool) Protections() protect.Protections { return p.protections }

// Interpreter is the Python in use.
func (p *Pool) Interpreter() Interpreter { return p.interpreter }

// Run returns one outcome per job, in order. Errors are for the caller's
// mistakes, for a sandbox that cannot be started, and for ctx; whatever a
// program does is an outcome.
func (p *Pool) Run(ctx context.Context, jobs []Job) ([]Outcome, error) { panic("being written") }

// Do runs one job as soon as a worker is free.
func (p *Pool) Do(ctx context.Context, job Job) (Outcome, error) { panic("being written") }

// Close kills what runs and waits for its end. A Run under way returns
// ErrClosed. Closing twice is allowed.
func (p *Pool) Close() error { panic("being written") }
