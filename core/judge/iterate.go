package judge

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"
)

// characters turns a string into the list of its characters, and leaves other
// values alone. It charges the thread for what the caller will walk.
func characters(t *starlark.Thread, v starlark.Value) (starlark.Value, error) {
	switch v := v.(type) {
	case starlark.String:
		if err := charge(t, len(v)); err != nil {
			return nil, err
		}
		elems := make([]starlark.Value, 0, len(v))
		for i := 0; i < len(v); {
			n := runeLen(string(v[i:]))
			elems = append(elems, v[i:i+n])
			i += n
		}
		return starlark.NewList(elems), nil
	case starlark.Sequence:
		return v, charge(t, v.Len())
	}
	return v, nil
}

// runeLen is the length in bytes of the first character; stray bytes count as
// characters.
func runeLen(s string) int {
	for i := range s {
		if i > 0 {
			return i
		}
	}
	return len(s)
}

// overSequences wraps one of Starlark's built-ins so that strings count as
// sequences of characters and walking is paid for.
func overSequences(inner *starlark.Builtin) function {
	return func(t *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
		a = slices.Clone(a)
		for i, v := range a {
			var err error
			if a[i], err = characters(t, v); err != nil {
				return nil, err
			}
		}
		return starlark.Call(t, inner, a, kw)
	}
}

// extreme wraps max or min: max("a", "b") compares strings, max("ab") looks
// into one, and default= answers for an empty one.
func extreme(inner *starlark.Builtin) function {
	return func(t *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
		if len(a) != 1 {
			return starlark.Call(t, inner, a, kw)
		}
		i := slices.IndexFunc(kw, func(p starlark.Tuple) bool { return p[0] == starlark.String("default") })
		if i < 0 {
			return overSequences(inner)(t, inner, a, kw)
		}
		elems, err := elements(t, a[0])
		if err != nil {
			return nil, err
		}
		if len(elems) == 0 {
			return kw[i][1], nil
		}
		return starlark.Call(t, inner, args{starlark.NewList(elems)}, slices.Delete(slices.Clone(kw), i, i+1))
	}
}

// iterate is what loops call on their iterable: strings become characters.
func iterate(t *starlark.Thread, _ *starlark.Builtin, a args, _ kwargs) (starlark.Value, error) {
	switch v := a[0].(type) {
	case starlark.String:
		return characters(t, v)
	case starlark.Iterable:
		return v, nil
	}
	return nil, notIterable(a[0])
}

func notIterable(v starlark.Value) error {
	return fmt.Errorf("'%s' object is not iterable", v.Type())
}

// elements collects an iterable, at the price of a step each.
func elements(t *starlark.Thread, v starlark.Value) ([]starlark.Value, error) {
	v, err := characters(t, v)
	if err != nil {
		return nil, err
	}
	it := starlark.Iterate(v)
	if it == nil {
		return nil, notIterable(v)
	}
	defer it.Done()
	var elems []starlark.Value
	var e starlark.Value
	for it.Next(&e) {
		elems = append(elems, e)
	}
	return elems, nil
}

// oneShot makes a built-in's list the kind of iterator Python returns: no len,
// no index, gone once walked, and not a list if returned.
func oneShot(f function) function {
	return func(t *starlark.Thread, b *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
		v, err := f(t, b, a, kw)
		if err != nil {
			return nil, err
		}
		list, ok := v.(*starlark.List)
		if !ok {
			return nil, fmt.Errorf("%s: no list to iterate over", b.Name())
		}
		return &iterator{name: b.Name(), list: list}, nil
	}
}

// iterator walks list once, over however many loops.
type iterator struct {
	name string
	list *starlark.List
	next int
}

var _ starlark.Iterable = (*iterator)(nil)
var _ starlark.Container = (*iterator)(nil)

func (it *iterator) String() string             { return "<" + it.name + " object>" }
func (it *iterator) Type() string               { return it.name }
func (it *iterator) Freeze()                    { it.list.Freeze() }
func (it *iterator) Truth() starlark.Bool       { return true }
func (it *iterator) Hash() (uint32, error)      { return 0, errors.New("unhashable: " + it.name) }
func (it *iterator) Iterate() starlark.Iterator { return it }
func (it *iterator) Done()                      {}
func (it *iterator) Next(v *starlark.Value) bool {
	if it.next >= it.list.Len() {
		return false
	}
	*v = it.list.Index(it.next)
	it.next++
	return true
}

// Has is Python's in, which walks up to the match.
func (it *iterator) Has(x starlark.Value) (bool, error) {
	var e starlark.Value
	for it.Next(&e) {
		if same, err := starlark.Equal(e, x); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

func mapOver(t *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	if len(kw) > 0 || len(a) < 2 {
		return nil, errors.New("map() must have at least two arguments")
	}
	cols := make([][]starlark.Value, len(a)-1)
	n := -1
	for i, v := range a[1:] {
		var err error
		if cols[i], err = elements(t, v); err != nil {
			return nil, err
		}
		if n < 0 || len(cols[i]) < n {
			n = len(cols[i])
		}
	}
	out := make([]starlark.Value, n)
	for i := range out {
		row := make(args, len(cols))
		for j := range cols {
			row[j] = cols[j][i]
		}
		var err error
		if out[i], err = callOne(t, a[0], row); err != nil {
			return nil, err
		}
	}
	return starlark.NewList(out), nil
}

// callOne calls f and charges a step: a built-in called from a built-in would
// otherwise cost nothing.
func callOne(t *starlark.Thread, f starlark.Value, a args) (starlark.Value, error) {
	if err := charge(t, 1); err != nil {
		return nil, err
	}
	return starlark.Call(t, f, a, nil)
}

func filterBy(t *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	if len(kw) > 0 || len(a) != 2 {
		return nil, fmt.Errorf("filter expected 2 arguments, got %d", len(a)+len(kw))
	}
	elems, err := elements(t, a[1])
	if err != nil {
		return nil, err
	}
	var out []starlark.Value
	for _, e := range elems {
		keep := e
		if a[0] != starlark.None {
			if keep, err = callOne(t, a[0], args{e}); err != nil {
				return nil, err
			}
		}
		if keep.Truth() {
			out = append(out, e)
		}
	}
	return starlark.NewList(out), nil
}
