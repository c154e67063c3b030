// Package python runs programs written by models in CPython, in sandboxed
// processes, and returns what they did: exact typed values, texts, kinds of
// failure. It compares nothing. Inputs are sent to the candidate's process one
// at a time and expected values never enter it, so that nothing a candidate
// does to its own process can turn a wrong answer into a right one.
package python

import (
	"fmt"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// Form says how a program is exercised.
type Form string

// The forms.
const (
	// Calls: the entry is called once with each list of arguments.
	Calls Form = "calls"
	// Asserts: a text of asserts follows the program.
	Asserts Form = "asserts"
	// Stdio: the program is a script, run anew for each standard input.
	Stdio Form = "stdio"
)

// Job is one program with what to try on it.
type Job struct {
	ID     string // the caller's, not looked at
	Source string
	Form   Form

	// Entry names what Calls calls: a global "f", or "Class.method" of an
	// instance that is made once, without arguments.
	Entry string
	// Args are the positional arguments of each test. Every call gets them
	// made anew, so that what a program does to them is not seen by later ones.
	Args [][]pyvalue.Value

	// Tests is the text of Asserts. By default it runs in a process of its own
	// that holds no candidate code: the program's functions stand in it as stubs
	// that pass exact values to the candidate's process and back, so that no
	// __eq__, patched builtin or frame walk can answer for an assert.
	Tests string
	// SameProcess runs Tests after Source in the candidate's own process, for
	// texts that need more of it than functions on plain values (classes,
	// iterators, arguments changed in place). It passes only if a nonce comes
	// back that the process is given after the last assert. This is weaker: a
	// program written against it can pass without being right.
	SameProcess bool

	// Stdin are the standard inputs of Stdio.
	Stdin []string

	// Continue, if not nil, sees each result as it comes and tells whether to go
	// on with the tests; it is called by one goroutine at a time.
	Continue func(test int, r Result) bool
	// Forget leaves Value and Stdout out of the outcome's results, once Continue
	// has seen them: together they may take more memory than there is.
	Forget bool

	Limits Limits
}

// Limits bound one program. Zero fields take the default.
type Limits struct {
	// PerTest is wall time for each test, and for the program's own body before
	// the first. Asserts is one test. The start of the interpreter does not count.
	PerTest time.Duration
	// Total is wall time for the body and all tests together.
	Total time.Duration
	// MemoryMB is the address space of the process in MiB, the interpreter's own
	// (about 20) included.
	MemoryMB int
	// MaxOutput bounds in bytes each result, and what each process prints: that
	// of each test of Stdio, of all tests together otherwise.
	MaxOutput int
}

// DefaultLimits suit functions of the public benchmarks.
func DefaultLimits() Limits {
	return Limits{PerTest: 4 * time.Second, Total: 60 * time.Second, MemoryMB: 1024, MaxOutput: 1 << 20}
}

const (
	minMemoryMB = 64
	maxMemoryMB = 1 << 20
	maxOutput   = 64 << 20
	maxTime     = 24 * time.Hour
	maxSource   = 1 << 20
	maxInput    = 64 << 20
)

func (l Limits) withDefaults() (Limits, error) {
	d := DefaultLimits()
	if l.PerTest == 0 {
		l.PerTest = d.PerTest
	}
	if l.Total == 0 {
		l.Total = d.Total
	}
	if l.MemoryMB == 0 {
		l.MemoryMB = d.MemoryMB
	}
	if l.MaxOutput == 0 {
		l.MaxOutput = d.MaxOutput
	}
	switch {
	case l.PerTest < 0 || l.PerTest > maxTime:
		return l, fmt.Errorf("python: %v for each test is outside 0 to %v; choose one within", l.PerTest, maxTime)
	case l.Total < 0 || l.Total > maxTime:
		return l, fmt.Errorf("python: %v in total is outside 0 to %v; choose one within", l.Total, maxTime)
	case l.MemoryMB < minMemoryMB || l.MemoryMB > maxMemoryMB:
		return l, fmt.Errorf("python: memory limit %d MB is outside %d to %d; choose one within", l.MemoryMB, minMemoryMB, maxMemoryMB)
	case l.MaxOutput < 0 || l.MaxOutput > maxOutput:
		return l, fmt.Errorf("python: output limit %d is outside 0 to %d bytes; choose one within", l.MaxOutput, maxOutput)
	}
	return l, nil
}

// Result is what one test gave.
type Result struct {
	// Kind is empty where the test gave something to compare: Value for Calls,
	// Stdout for Stdio. For Asserts it is judge.Passed, or judge.Wrong if an
	// assert failed. Otherwise it says why there is nothing: Error (raised, or
	// returned no plain value), Timeout, Memory, Refused, Crashed.
	Kind   judge.Kind
	Reason string
	// Value is the returned value of Calls.
	Value pyvalue.Value
	// Stdout is what Stdio printed, also where it then failed, up to MaxOutput.
	Stdout string
}

// Outcome is what one program did.
type Outcome struct {
	ID string
	// Parsed: the source compiled.
	Parsed bool
	// Results has one entry for each test that was run, in order; Asserts is one
	// test. It is shorter than the tests where Continue said so and where nothing
	// could follow: the body failed, the process was lost. The last entry then
	// has the Kind.
	Results []Result
	// Duration is wall time without the interpreter's start.
	Duration time.Duration
}
