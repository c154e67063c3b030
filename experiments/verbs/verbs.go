// Package verbs is ra3's command line: it runs, evaluates, plots and lists
// experiments without a screen. Results go to standard output, progress and
// errors to standard error; the exit status is the package's answer.
package verbs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"ra3/core/simd"
	"ra3/experiments"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // by a signal; what was computed is saved
)

// Env is what the command line may touch of its surroundings.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Which of the three are terminals.
	StdinTTY, StdoutTTY, StderrTTY bool
	// Size of the terminal in columns and rows; ok is false where there is none.
	Size func() (w, h int, ok bool)
	// Terminal names the colours the workbench would use, and says whether the
	// locale and the terminal allow it more than ASCII.
	Terminal func() (colours string, utf8 bool)
	// ScreenUsable says why the workbench cannot use this terminal, or nil.
	ScreenUsable func() error
	// Workbench shows a run until the user leaves; it stops the source.
	Workbench func(ctx context.Context, d experiments.Source, s Screen) error
}

// Screen is how the workbench is to look, as asked for on the command line.
type Screen struct {
	Theme  string // auto, dark or light
	Glyphs string // auto, ascii, block or braille
}

// verb is one command.
type verb struct {
	name    string
	summary string // one line of the overview
	usage   string // after "ra3 "
	detail  string // what the flags do not say
	run     func(ctx context.Context, e *Env, v *verb, args []string) error
}

// table lists the verbs in the order of the help.
func table() []*verb {
	return []*verb{runVerb(), ablateVerb(), evalVerb(), plotVerb(), theoryVerb(), viewVerb(), runsVerb(), benchVerb(), doctorVerb(), helpVerb(), versionVerb()}
}

// Main runs one command line, without the program's name, and returns the exit
// status. Cancelling ctx has the effect of an interrupt.
func Main(ctx context.Context, e Env, args []string) int {
	ignoreFileSignals()
	err := dispatch(ctx, &e, args)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errHelped):
		return exitDone
	case errors.Is(err, syscall.EPIPE):
		return exitDone // whoever read the output had enough of it
	}
	fmt.Fprintln(e.Stderr, "ra3: "+oneLine(err.Error()))
	var u *usageError
	switch {
	case errors.As(err, &u):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitFailed
}

func dispatch(ctx context.Context, e *Env, args []string) error {
	name, rest := "", args
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, rest = args[0], args[1:]
	}
	if name == "" {
		v := workbenchVerb()
		return v.run(ctx, e, v, rest)
	}
	names := make([]string, 0, 8)
	for _, v := range table() {
		if v.name == name {
			return v.run(ctx, e, v, rest)
		}
		names = append(names, v.name)
	}
	return usagef("%q is not a verb: %s", name, nearest(name, names, "ra3 help lists them"))
}

// errHelped ends a command whose help was asked for and given.
var errHelped = errors.New("help given")

// usageError is a mistake on the command line, not of the run.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// interrupted says what became of the work when it was cut short.
type interrupted struct{ text string }

func (i *interrupted) Error() string        { return i.text }
func (i *interrupted) Is(target error) bool { return target == context.Canceled }

// instructionSet refuses to compute with other kernels than were asked for.
func instructionSet() error {
	if simd.ForcedError() == nil {
		return nil
	}
	var names []string
	for _, isa := range simd.Available() {
		names = append(names, isa.String())
	}
	return usagef("RA3_ISA names no kernels that this machine can run: choose one of %s, or unset it", strings.Join(names, ", "))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// print writes a result; a reader that has gone away is an error like any other.
func (e *Env) print(text string) error {
	if _, err := io.WriteString(e.Stdout, text); err != nil {
		return fmt.Errorf("standard output: %w: write to a file or another disk", err)
	}
	return nil
}

// note tells the user something that is not a result. Nobody may be reading
// standard error, which must not end the work.
func (e *Env) note(format string, args ...any) {
	fmt.Fprintf(e.Stderr, format+"\n", args...)
}
