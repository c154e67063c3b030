package tasks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ra3/core/judge/pyvalue"
)

// JSON has lists only where MBPP+ had tuples, sets and complex numbers. What to
// make of the arguments of which task is a table of the benchmark's own loader
// (evalplus/data/mbpp.py); here it is one of shapes.

// shape turns an argument back into the value it was before JSON.
type shape func(Value) (Value, error)

// signature is the shapes of a task's arguments; all tells that one shape holds
// for every argument, however many.
type signature struct {
	tasks  []int
	shapes []shape
	all    bool
}

var signatures = []signature{
	{[]int{2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809}, []shape{toTuple}, true},
	{[]int{63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780}, []shape{listOf(toTuple)}, true},
	{[]int{259, 401, 445}, []shape{tupleOf(toTuple)}, true},
	{[]int{278}, []shape{tupleOf(listToTuple)}, true},
	{[]int{580, 615, 791}, []shape{deepTuple}, true},
	{[]int{75, 413, 444, 753}, []shape{listOf(toTuple), asIs}, false},
	{[]int{106, 750}, []shape{asIs, toTuple}, false},
	{[]int{115}, []shape{listOf(listToSet)}, false},
	{[]int{124}, []shape{toFloat, toComplex}, false},
	{[]int{250, 405, 446, 617, 720, 763, 808}, []shape{toTuple, asIs}, false},
	{[]int{252}, []shape{toComplex}, false},
	{[]int{307}, []shape{toTuple, asIs, asIs}, false},
	{[]int{722}, []shape{dictOf(toTuple), asIs}, false},
}

func restoreNothing(args []Value) ([]Value, error) { return args, nil }

// restorer gives the arguments of the numbered task of MBPP+ their types back.
func restorer(task string) func([]Value) ([]Value, error) {
	id, err := strconv.Atoi(task)
	if err != nil {
		return restoreNothing
	}
	for _, s := range signatures {
		if slices.Contains(s.tasks, id) {
			return s.restore
		}
	}
	return restoreNothing
}

func (s signature) restore(args []Value) ([]Value, error) {
	if !s.all && len(args) != len(s.shapes) {
		return nil, fmt.Errorf("want %d arguments, not %d", len(s.shapes), len(args))
	}
	out := make([]Value, len(args))
	for i, a := range args {
		to := s.shapes[0]
		if !s.all {
			to = s.shapes[i]
		}
		v, err := to(a)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		out[i] = v
	}
	return out, nil
}

func asIs(v Value) (Value, error) { return v, nil }

// iterate lists what Python's for would give.
func iterate(v Value) ([]Value, error) {
	switch v := v.(type) {
	case pyvalue.List:
		return v, nil
	case pyvalue.Tuple:
		return v, nil
	case pyvalue.Str:
		var out []Value
		for i := 0; i < len(v); {
			n := 1
			if v[i] >= utf8.RuneSelf { // a lone surrogate is three bytes too
				for i+n < len(v) && v[i+n]&0xc0 == 0x80 {
					n++
				}
			}
			out = append(out, v[i:i+n])
			i += n
		}
		return out, nil
	case pyvalue.Dict:
		out := make([]Value, len(v))
		for i, it := range v {
			out[i] = it.Key
		}
		return out, nil
	}
	return nil, fmt.Errorf("want a list, not %s", pyvalue.Repr(v, 40))
}

func toTuple(v Value) (Value, error) {
	vs, err := iterate(v)
	return pyvalue.Tuple(vs), err
}

// each is vs with to applied to every element.
func each(v Value, to shape) ([]Value, error) {
	vs, err := iterate(v)
	if err != nil {
		return nil, err
	}
	out := make([]Value, len(vs))
	for i, e := range vs {
		if out[i], err = to(e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func listOf(to shape) shape {
	return func(v Value) (Value, error) {
		vs, err := each(v, to)
		return pyvalue.List(vs), err
	}
}

func tupleOf(to shape) shape {
	return func(v Value) (Value, error) {
		vs, err := each(v, to)
		return pyvalue.Tuple(vs), err
	}
}

func dictOf(to shape) shape {
	return func(v Value) (Value, error) {
		d, ok := v.(pyvalue.Dict)
		if !ok {
			return nil, fmt.Errorf("want an object, not %s", pyvalue.Repr(v, 40))
		}
		out := make(pyvalue.Dict, len(d))
		for i, it := range d {
			e, err := to(it.Value)
			if err != nil {
				return nil, err
			}
			out[i] = pyvalue.Item{Key: it.Key, Value: e}
		}
		return out, nil
	}
}

func listToTuple(v Value) (Value, error) {
	if l, ok := v.(pyvalue.List); ok {
		return pyvalue.Tuple(l), nil
	}
	return v, nil
}

func deepTuple(v Value) (Value, error) {
	if l, ok := v.(pyvalue.List); ok {
		return tupleOf(deepTuple)(l)
	}
	return v, nil
}

// listToSet makes a set of a list that is not empty, and an empty dict of
// everything else, as the loader does.
func listToSet(v Value) (Value, error) {
	l, ok := v.(pyvalue.List)
	if !ok || len(l) == 0 {
		return pyvalue.Dict{}, nil
	}
	var s pyvalue.Set
	for _, e := range l {
		switch e.(type) {
		case pyvalue.List, pyvalue.Dict:
			return nil, fmt.Errorf("a set cannot hold %s", pyvalue.Repr(e, 40))
		}
		if !slices.ContainsFunc(s, func(x Value) bool { return pyvalue.Equal(x, e) }) {
			s = append(s, e)
		}
	}
	return s, nil
}

func toFloat(v Value) (Value, error) {
	switch v := v.(type) {
	case pyvalue.Float:
		return v, nil
	case pyvalue.Int:
		f, _ := v.V.Float64()
		return pyvalue.Float(f), nil
	case pyvalue.Str:
		if f, err := strconv.ParseFloat(strings.TrimSpace(string(v)), 64); err == nil {
			return pyvalue.Float(f), nil
		}
	}
	return nil, fmt.Errorf("want a number, not %s", pyvalue.Repr(v, 40))
}

// toComplex reads Python's text of a complex number, as in (1-2j).
func toComplex(v Value) (Value, error) {
	s, ok := v.(pyvalue.Str)
	if !ok {
		f, err := toFloat(v)
		if err != nil {
			return nil, err
		}
		return pyvalue.Complex(complex(float64(f.(pyvalue.Float)), 0)), nil
	}
	text := strings.TrimSpace(string(s))
	c, err := strconv.ParseComplex(strings.NewReplacer("j", "i", "J", "i", "i", "?").Replace(text), 128)
	if err != nil {
		return nil, fmt.Errorf("%q is no complex number", cut(string(s), 40))
	}
	return pyvalue.Complex(c), nil
}

func element(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }
