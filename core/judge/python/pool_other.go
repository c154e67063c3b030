//go:build !linux

package python

import (
	"context"

	"ra3/core/judge/protect"
)

// Pool cannot be made here.
type Pool struct {
	protections protect.Protections
	interpreter Interpreter
}

// NewPool fails: the sandbox is made of what Linux offers.
func NewPool(context.Context, Options) (*Pool, error) { return nil, protect.ErrUnsupported }

// Run is not reached.
func (p *Pool) Run(context.Context, []Job) ([]Outcome, error) { return nil, protect.ErrUnsupported }

// Do is not reached.
func (p *Pool) Do(context.Context, Job) (Outcome, error) { return Outcome{}, protect.ErrUnsupported }

// Close is not reached.
func (p *Pool) Close() error { return nil }
