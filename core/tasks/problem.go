// Package tasks holds problem sets, and reads the public benchmarks in the forms
// their owners publish them: HumanEval, MBPP (full and sanitized), HumanEval+ and
// MBPP+, LiveCodeBench, and Codeforces as open-r1 has it. Problems of the pocket
// domain take the same form.
//
// Files are JSON Lines or a JSON array, plain or gzip, and Parquet where a
// benchmark comes so. A row must be of its format exactly; errors name file,
// line and field. Nothing that a file holds is run by reading it.
package tasks

import (
	"strings"
	"time"
)

// Format is a benchmark's file format.
type Format string

// The formats.
const (
	HumanEval     Format = "humaneval"
	HumanEvalPlus Format = "humaneval+"
	MBPP          Format = "mbpp"
	MBPPSanitized Format = "mbpp-sanitized"
	MBPPPlus      Format = "mbpp+"
	LiveCodeBench Format = "livecodebench"
	Codeforces    Format = "codeforces"
	Pocket        Format = "pocket"
)

// Formats lists them.
func Formats() []Format {
	return []Format{HumanEval, HumanEvalPlus, MBPP, MBPPSanitized, MBPPPlus, LiveCodeBench, Codeforces, Pocket}
}

// Set is a file's problems.
type Set struct {
	Format   Format
	File     string // base name
	SHA256   string // of the file's bytes as they are stored, in hex
	Problems []*Problem
	// Left are problems of the file that cannot be scored, with the reason.
	Left []Left
	// Chosen says in words which part of the file this is; "" is all of it.
	Chosen string
	// Shots is the number of worked examples in every prompt, and Stops are the
	// texts that end completions of them.
	Shots int
	Stops []string
}

// Left is a problem left out of a set.
type Left struct{ ID, Reason string }

// Problem is one problem, of whatever benchmark.
type Problem struct {
	ID     string
	Prompt string // what a policy continues
	// Head stands in front of a completion in the program that is judged: the
	// prompt where that is code, "" where completions are whole programs.
	Head string
	// Prelude stands before every program, a sample's own text or not.
	Prelude string
	// Entry is the function that tests call; "" for programs that read standard
	// input.
	Entry string
	// InClass tells that Entry may be a method of a class Solution (LeetCode).
	InClass bool
	// Reference is a whole program known to pass; "" where none is published.
	Reference string
	// Groups of tests, judged in order. A program passes a group if it passes all
	// tests of it and of those before.
	Groups []Group
	Date   time.Time // of the contest; zero where the benchmark has none
	Limits Limits
	line   int
}

// Line is where the problem stands in its file.
func (p *Problem) Line() int { return p.line }

// Limits are what a problem's owner allows a program; zero is the benchmark's
// usual.
type Limits struct {
	Test     time.Duration // wall time of one test
	Program  time.Duration // wall time of all tests together
	MemoryMB int
}

// Group is a named part of a problem's tests, of one of three kinds.
type Group struct {
	Name   string // base, plus, tests, public, private, official
	Calls  *Calls
	Assert *Assert
	Stdio  *Stdio
}

// Tests is how many tests the group has; assertions count as one.
func (g *Group) Tests() int {
	switch {
	case g.Calls != nil:
		return len(g.Calls.Args)
	case g.Stdio != nil:
		return len(g.Stdio.Cases)
	}
	return 1
}

// Calls are tests that call the entry function and compare what it returns,
// outside the program's process.
type Calls struct {
	Args [][]Value // positional arguments, by test
	// Want are the values expected, or nil if they are what Reference returns.
	Want []Value
	// Oracle decides whether a value will do.
	Oracle Oracle
	// Atol is the absolute tolerance of floats, where the oracle allows any.
	Atol float64
}

// Oracle names a way to compare a returned value with the expected one.
type Oracle string

// The oracles. All but Strict and Listed are those of EvalPlus.
const (
	Exact      Oracle = "exact"      // Python's ==, or close floats of one type and length
	SetEqual   Oracle = "set"        // the same elements, whatever order and number
	NotNone    Oracle = "not-none"   // whether it is None
	Root       Oracle = "root"       // a root of the polynomial in the arguments (HumanEval/32)
	Anything   Oracle = "anything"   // any value (Mbpp/164, whose task is ambiguous)
	OrZero     Oracle = "or-zero"    // Exact, or 0 (Mbpp/295)
	OrSurface  Oracle = "or-surface" // Exact, or by perpendicular height (Mbpp/581)
	OrDigits   Oracle = "or-digits"  // Exact, or digits padded with zeros (Mbpp/558)
	Listed     Oracle = "listed"     // Python's ==, a tuple taken as a list (LiveCodeBench)
	StrictType Oracle = "strict"     // the same value of the same types (the pocket domain)
)

// Assert is a test that is Python itself: statements that run after the program
// in its process, and raise where it is wrong.
type Assert struct {
	Setup string // runs after the program, before the statements
	Code  string
	// Count is the number of assert statements, where the format lists them.
	Count int
}

// Stdio are tests of a whole program, by what it writes for what it reads.
type Stdio struct {
	Cases   []Case
	Compare Compare
	// Checker is a Python program that decides, given the names of three files:
	// input, expected output, and the program's output. "" compares texts.
	Checker string
}

// Case is an input with the expected output.
type Case struct{ In, Out string }

// Compare names a way to compare output with what is expected.
type Compare string

// The comparisons.
const (
	// Lines compares line by line, each stripped: equal, or equal as decimal
	// numbers word by word (LiveCodeBench).
	Lines Compare = "lines"
	// Tokens compares words; a word that looks like a float may be off by 1e-6,
	// absolute or relative (Codeforces without a checker).
	Tokens Compare = "tokens"
)

// Source is a completion as the whole program that is judged.
func (p *Problem) Source(completion string) string { return p.Whole(p.Head + completion) }

// Whole is a program as it is judged.
func (p *Problem) Whole(program string) string { return p.Prelude + program }

// lf makes line breaks those of Unix: 972 of MBPP's programs have others.
func lf(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n") }
