// Package judge executes generated programs against tests, outside the
// process that asks, and answers with verdicts.
//
// The programs are Python functions of the pocket domain (lists, numbers,
// strings). They run in Starlark, a Python dialect without input or output, in
// child processes of the same binary. A child only maps inputs to outputs: the
// expected results stay in the parent, which compares values and exact types.
//
// Three limits bound a program: interpreter steps per test (deterministic),
// bytes allocated per test (deterministic up to allocator rounding) with a
// bound on the process behind it, and wall time per program. A child that dies,
// hangs or grows is killed and replaced; only the program it was on suffers.
//
// # Where verdicts differ from CPython
//
// Starlark rejects at parse time what the pocket domain does not use: chained
// comparison, **, is, f-strings, class, try, import, annotations, generator
// expressions, del, global, starred assignment, set literals. Such programs get
// "error". At run time, these CPython programs fail here or behave otherwise:
//
//   - bool is a number only for +, -, *, sum, pow, divmod and round; True == 1
//     is false, True / 2 and xs[True] are errors;
//   - recursion is an error, however shallow;
//   - changing a list or dict while iterating over it is an error;
//   - list + tuple and comparison of unlike types are errors, as in CPython,
//     but so is ordering deeply nested lists;
//   - strings are bytes in UTF-8: len and indices count bytes, while iteration
//     yields characters;
//   - dict.keys, values and items return lists; % and str.format show
//     containers with double quotes;
//   - names of Starlark that Python lacks (fail, hasattr on methods, elems)
//     exist.
//
// Added with Python's semantics: sum, round, pow, divmod, isinstance, type,
// map, filter, default= of max and min, list.sort, list.reverse, list.copy,
// list.count, arithmetic on bools, iteration over strings, one-shot iterators from zip, enumerate, reversed, map and filter, and
// Python's str and repr of containers. Globals stay mutable after the module
// has run, so state persists from test to test as in one CPython process.
// Float sums are plain left-to-right sums, as CPython before 3.12 has them.
//
// Scores from this executor are not scores of any public benchmark.
package judge

import (
	"fmt"
	"strings"
	"time"
)

// Kind says how a program fared; the zero value is no verdict.
type Kind string

// The verdict kinds.
const (
	Passed  Kind = "passed"  // every test returned the expected value
	Wrong   Kind = "wrong"   // a test returned another value
	Error   Kind = "error"   // does not parse, or raised, or returned no plain value
	Timeout Kind = "timeout" // step limit or wall limit
	Memory  Kind = "memory"  // memory limit
	Refused Kind = "refused" // not run at all
	Crashed Kind = "crashed" // took its worker down twice, cause unknown
)

// Case is one program with its tests. Inputs[i] are the positional arguments
// of test i and Want[i] its expected result. Values are int64, float64, bool,
// string, nil and []any of these, nested at most 64 deep.
type Case struct {
	Source string
	Entry  string
	Inputs [][]any
	Want   []any
}

// Verdict answers a Case. Kind and Reason describe the first test that failed.
// Passed counts the tests that passed, and is 0 where the process was stopped.
type Verdict struct {
	Kind   Kind   `json:"kind"`
	Reason string `json:"reason"`
	Passed int    `json:"passed"`
	Total  int    `json:"total"`
}

// Parses reports whether the program got as far as being parsed.
func (v Verdict) Parses() bool { return v.Kind != Error || !strings.HasPrefix(v.Reason, reasonParse) }

// Limits bound a program. Zero fields take the default.
type Limits struct {
	// Steps is the number of interpreter steps per test, and for the module
	// body. Built-ins that walk a sequence are charged its length.
	Steps uint64
	// MemoryMB is how far a worker's data may grow, in MiB. A single test may
	// allocate an eighth of it in total, freed or not, so that the verdict does
	// not depend on when the collector runs.
	MemoryMB int
	// Timeout is wall time per program, all tests together. A program that
	// exceeds it is given a second chance on a new worker, since the machine may
	// have slept; so it can cost twice this.
	Timeout time.Duration
	// MaxOutput bounds one test's result, in encoded bytes.
	MaxOutput int
}

// DefaultLimits suit the pocket domain, whose programs take tens to thousands
// of steps.
func DefaultLimits() Limits {
	return Limits{Steps: 200_000, MemoryMB: 512, Timeout: 2 * time.Second, MaxOutput: 64 << 10}
}

const (
	// maxSource bounds a program's text: also what keeps the recursive parser
	// within the stack on a run of opening brackets.
	maxSource = 32 << 10
	maxEntry  = 256
	// minMemoryMB is what the runtime of a worker itself needs.
	minMemoryMB = 64
	maxMemoryMB = 1 << 20
	maxOutput   = 16 << 20
	maxTimeout  = time.Hour
)

func (l Limits) withDefaults() (Limits, error) {
	d := DefaultLimits()
	if l.Steps == 0 {
		l.Steps = d.Steps
	}
	if l.MemoryMB == 0 {
		l.MemoryMB = d.MemoryMB
	}
	if l.Timeout == 0 {
		l.Timeout = d.Timeout
	}
	if l.MaxOutput == 0 {
		l.MaxOutput = d.MaxOutput
	}
	switch {
	case l.MemoryMB < minMemoryMB || l.MemoryMB > maxMemoryMB:
		return l, fmt.Errorf("judge: memory limit %d MB is outside %d to %d; choose one within", l.MemoryMB, minMemoryMB, maxMemoryMB)
	case l.Timeout < 0 || l.Timeout > maxTimeout:
		return l, fmt.Errorf("judge: timeout %v is outside 0 to %v; choose one within", l.Timeout, maxTimeout)
	case l.MaxOutput < 0 || l.MaxOutput > maxOutput:
		return l, fmt.Errorf("judge: output limit %d is outside 0 to %d bytes; choose one within", l.MaxOutput, maxOutput)
	}
	return l, nil
}

// result is what one test gave: a value, or the kind and reason it has none.
type result struct {
	kind   Kind // "" if value holds
	reason string
	value  any
}

// outcome is all a program did: one result per test run. Shorter than the
// tests if the program was stopped or its module body failed.
type outcome []result

// stopped is the outcome of a program whose worker did not live to answer.
func stopped(kind Kind, reason string) outcome { return outcome{{kind: kind, reason: reason}} }
