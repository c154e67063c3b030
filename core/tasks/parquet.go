package tasks

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"
)

// codeforcesRow is the columns of open-r1/codeforces that are read.
type codeforcesRow struct {
	ID          string        `parquet:"id,optional"`
	Title       *string       `parquet:"title,optional"`
	Description *string       `parquet:"description,optional"`
	Input       *string       `parquet:"input_format,optional"`
	Output      *string       `parquet:"output_format,optional"`
	Interaction *string       `parquet:"interaction_format,optional"`
	Note        *string       `parquet:"note,optional"`
	Mode        *string       `parquet:"input_mode,optional"`
	Checker     *string       `parquet:"generated_checker,optional"`
	Time        *float64      `parquet:"time_limit,optional"`
	Memory      *float64      `parquet:"memory_limit,optional"`
	Examples    []parquetCase `parquet:"examples,list,optional"`
	Tests       []parquetCase `parquet:"official_tests,list,optional"`
	Complete    *bool         `parquet:"official_tests_complete,optional"`
}

type parquetCase struct {
	Input  string `parquet:"input,optional"`
	Output string `parquet:"output,optional"`
}

// parquet reads a Parquet file, in which Codeforces is published. The library
// panics on some damaged files, which is an error here.
func (b *builder) parquet(f io.ReaderAt, size int64) (err error) {
	fail := func(format string, a ...any) error {
		return &Error{File: b.set.File, Msg: fmt.Sprintf(format, a...)}
	}
	defer func() {
		if p := recover(); p != nil {
			err = fail("damaged Parquet (%v): fetch the file again", p)
		}
	}()
	if b.set.Format == "" {
		b.set.Format = Codeforces
	}
	if b.set.Format != Codeforces {
		return fail("Parquet is read for codeforces only, not for %s: write it as JSON Lines", b.set.Format)
	}
	pf, err := parquet.OpenFile(f, size)
	if err != nil {
		return fail("damaged Parquet (%v): fetch the file again", err)
	}
	if pf.NumRows() > maxRows {
		return fail("more than %d rows: cut the file into parts", maxRows)
	}
	for _, want := range []string{"id", "title", "description", "time_limit", "memory_limit", "official_tests", "official_tests_complete", "input_mode"} {
		if pf.Root().Column(want) == nil {
			return fail("column %q is missing: it is no file of open-r1/codeforces", want)
		}
	}
	rows := parquet.NewGenericReader[codeforcesRow](pf)
	defer func() { err = errors.Join(err, rows.Close()) }()
	batch := make([]codeforcesRow, 16)
	for line := 1; ; {
		n, rerr := rows.Read(batch)
		for i := range batch[:n] {
			r := &row{b.set.File, line, batch[i].object(), map[string]bool{}}
			if err := b.row(r); err != nil {
				return err
			}
			batch[i] = codeforcesRow{}
			line++
		}
		if rerr == io.EOF {
			return nil
		}
		if rerr != nil {
			return fail("row %d: damaged Parquet (%v): fetch the file again", line, rerr)
		}
	}
}

// object is the row as JSON would have it.
func (c *codeforcesRow) object() *object {
	o := &object{values: map[string]node{}}
	set := func(k string, v node) {
		o.keys = append(o.keys, k)
		o.values[k] = v
	}
	set("id", c.ID)
	for _, s := range []struct {
		name string
		text *string
	}{{"title", c.Title}, {"description", c.Description}, {"input_format", c.Input}, {"output_format", c.Output}, {"interaction_format", c.Interaction},
		{"note", c.Note}, {"input_mode", c.Mode}, {"generated_checker", c.Checker}} {
		if s.text == nil {
			set(s.name, nil)
		} else {
			set(s.name, *s.text)
		}
	}
	for _, x := range []struct {
		name string
		v    *float64
	}{{"time_limit", c.Time}, {"memory_limit", c.Memory}} {
		if x.v == nil {
			set(x.name, nil)
		} else {
			set(x.name, number(strconv.FormatFloat(*x.v, 'f', -1, 64)))
		}
	}
	for _, x := range []struct {
		name string
		cs   []parquetCase
	}{{"examples", c.Examples}, {"official_tests", c.Tests}} {
		list := make([]node, len(x.cs))
		for i, t := range x.cs {
			list[i] = &object{keys: []string{"input", "output"}, values: map[string]node{"input": t.Input, "output": t.Output}}
		}
		set(x.name, list)
	}
	if c.Complete == nil {
		set("official_tests_complete", nil)
	} else {
		set("official_tests_complete", *c.Complete)
	}
	return o
}
