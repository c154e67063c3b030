package tasks

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options choose a part of a file.
type Options struct {
	Format Format // "": found out from the first row
	// Split is one of MBPP's; "" is all of it. Shots is 0 or 3, the number of
	// worked examples in MBPP's prompts.
	Split string
	Shots int
	// From and To are the first and the last day of contests to take, of
	// LiveCodeBench; zero is open.
	From, To time.Time
}

func (o Options) check() error {
	switch {
	case o.Format != "" && !slices.Contains(Formats(), o.Format):
		return fmt.Errorf("format %q is unknown: choose one of %s", o.Format, formatList())
	case o.Split != "" && !slices.Contains(Splits(), o.Split):
		return fmt.Errorf("split %q is unknown: choose one of %s", o.Split, strings.Join(Splits(), ", "))
	case o.Shots != 0 && o.Shots != len(fewShot):
		return fmt.Errorf("prompts with %d examples are not defined: choose 0 or %d", o.Shots, len(fewShot))
	case !o.From.IsZero() && !o.To.IsZero() && o.To.Before(o.From):
		return fmt.Errorf("the last day %s is before the first, %s: swap them", o.To.Format(time.DateOnly), o.From.Format(time.DateOnly))
	}
	return nil
}

func formatList() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// fits refuses options that the format does not know.
func (o Options) fits(f Format) error {
	mbpp := f == MBPP || f == MBPPSanitized
	switch {
	case o.Split != "" && !mbpp:
		return fmt.Errorf("%s has no splits, only mbpp and mbpp-sanitized have: leave the split away", f)
	case o.Shots != 0 && !mbpp:
		return fmt.Errorf("%s has no prompts with examples, only mbpp and mbpp-sanitized have: leave them away", f)
	case (!o.From.IsZero() || !o.To.IsZero()) && f != LiveCodeBench:
		return fmt.Errorf("%s has no dates, only livecodebench has: leave the days away", f)
	}
	return nil
}

// chosen says in words what the options leave of the file.
func (o Options) chosen() string {
	var parts []string
	if o.Split != "" {
		parts = append(parts, "split "+o.Split)
	}
	if !o.From.IsZero() {
		parts = append(parts, "from "+o.From.Format(time.DateOnly))
	}
	if !o.To.IsZero() {
		parts = append(parts, "to "+o.To.Format(time.DateOnly))
	}
	return strings.Join(parts, ", ")
}

// Read reads a file of problems.
func Read(path string, o Options) (*Set, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("tasks: %s is no regular file: name a file of problems", path)
	}
	s, err := parse(path, f, info.Size(), o)
	if err != nil {
		return nil, fmt.Errorf("tasks: %w", err)
	}
	return s, nil
}

// file is what a set can be read from: Parquet needs to jump in it.
type file interface {
	io.Reader
	io.ReaderAt
}

func parse(path string, f file, size int64, o Options) (*Set, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(f, 0, size)); err != nil {
		return nil, err
	}
	b := &builder{options: o, set: &Set{File: filepath.Base(path), Format: o.Format, SHA256: hex.EncodeToString(hash.Sum(nil)), Chosen: o.chosen(), Shots: o.Shots}, lines: map[string]int{}}
	magic := make([]byte, 4)
	if n, _ := f.ReadAt(magic, 0); n == 4 && string(magic) == "PAR1" {
		if err := b.parquet(f, size); err != nil {
			return nil, err
		}
	} else if err := eachRow(path, io.NewSectionReader(f, 0, size), b.row); err != nil {
		return nil, err
	}
	return b.finish()
}

// builder collects a file's rows.
type builder struct {
	options Options
	set     *Set
	mbpp    []mbppRow
	lines   map[string]int // of the problems seen
	outside int            // problems not in the wanted window
}

func (b *builder) row(r *row) error {
	if b.set.Format == "" {
		f, err := detect(r)
		if err != nil {
			return err
		}
		b.set.Format = f
	}
	if len(b.lines) == 0 {
		if err := b.options.fits(b.set.Format); err != nil {
			return err
		}
	}
	p, left, err := b.read(r)
	if err != nil {
		return err
	}
	id := ""
	if p != nil {
		id = p.ID
	} else {
		id = fmt.Sprint(b.mbpp[len(b.mbpp)-1].id)
	}
	if first, twice := b.lines[id]; twice {
		return r.errorf("", "problem %s stands on line %d already", cut(id, 60), first)
	}
	b.lines[id] = r.line
	if p == nil {
		return nil
	}
	p.line = r.line
	switch {
	case b.options.outside(p):
		b.outside++
	case left != "":
		b.set.Left = append(b.set.Left, Left{p.ID, left})
	default:
		b.set.Problems = append(b.set.Problems, p)
	}
	return nil
}

// outside tells whether a problem's contest was on another day than wanted.
func (o Options) outside(p *Problem) bool {
	day := p.Date.Truncate(24 * time.Hour)
	return !o.From.IsZero() && day.Before(o.From) || !o.To.IsZero() && day.After(o.To)
}

// read takes a row as the set's format; MBPP's wait for their prompts.
func (b *builder) read(r *row) (p *Problem, left string, err error) {
	switch b.set.Format {
	case HumanEval:
		p, err = humanEval(r)
	case HumanEvalPlus:
		p, err = humanEvalPlus(r)
	case MBPPPlus:
		p, err = mbppPlus(r)
	case LiveCodeBench:
		p, err = lcb(r)
	case Codeforces:
		return codeforces(r)
	case Pocket:
		p, err = pocketRow(r)
	case MBPP, MBPPSanitized:
		take := mbpp
		if b.set.Format == MBPPSanitized {
			take = mbppSanitized
		}
		var m mbppRow
		if m, err = take(r); err == nil {
			b.mbpp = append(b.mbpp, m)
		}
	default:
		err = fmt.Errorf("format %q is unknown: choose one of %s", b.set.Format, formatList())
	}
	return p, "", err
}

// detect tells a row's format by fields that others lack.
func detect(r *row) (Format, error) {
	has := func(fields ...string) bool {
		for _, f := range fields {
			if _, ok := r.values[f]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("question_id", "public_test_cases"):
		return LiveCodeBench, nil
	case has("base_input", "assertion"):
		return MBPPPlus, nil
	case has("base_input"):
		return HumanEvalPlus, nil
	case has("test_list", "text"):
		return MBPP, nil
	case has("test_list", "test_imports"):
		return MBPPSanitized, nil
	case has("official_tests"):
		return Codeforces, nil
	case has("head", "tests"):
		return Pocket, nil
	case has("entry_point", "test"):
		return HumanEval, nil
	}
	return "", r.errorf("", "its fields are those of no known format: want one of %s", formatList())
}

func (b *builder) finish() (*Set, error) {
	s := b.set
	if len(b.mbpp) > 0 {
		ps, err := mbppProblems(s.File, b.mbpp, b.options)
		if err != nil {
			return nil, err
		}
		s.Problems = ps
	}
	s.Stops = Stops(s.Format, s.Shots)
	if len(s.Problems) == 0 {
		msg := "holds no problems: name a file with some"
		switch {
		case b.outside > 0:
			msg = fmt.Sprintf("none of its %d problems is of the days asked for: widen them", b.outside)
		case len(s.Left) > 0:
			msg = fmt.Sprintf("none of its %d problems can be scored; the first, %s, %s", len(s.Left), cut(s.Left[0].ID, 60), s.Left[0].Reason)
		case len(b.mbpp) > 0:
			msg = "none of its problems is of split " + b.options.Split + ": name another split or file"
		}
		return nil, &Error{File: s.File, Msg: msg}
	}
	slices.SortStableFunc(s.Problems, func(x, y *Problem) int { return cmp.Compare(x.line, y.line) })
	return s, nil
}

// ByID finds a problem; nil if there is none.
func (s *Set) ByID() map[string]*Problem {
	m := make(map[string]*Problem, len(s.Problems))
	for _, p := range s.Problems {
		m[p.ID] = p
	}
	return m
}
