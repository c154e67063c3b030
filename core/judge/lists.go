package judge

import (
	"errors"
	"fmt"

	"go.starlark.net/starlark"
)

// listMethods are those Starlark lacks or cannot interrupt, called with the receiver first. Other
// receivers keep their own method of that name.
var listMethods = map[string]function{
	"sort": onList("sort", func(t *starlark.Thread, l *starlark.List, a args, kw kwargs) (starlark.Value, error) {
		if len(a) > 0 {
			return nil, errors.New("sort() takes no positional arguments")
		}
		if err := charge(t, l.Len()); err != nil {
			return nil, err
		}
		v, err := starlark.Call(t, starlark.Universe["sorted"], args{l}, kw)
		if err != nil {
			return nil, err
		}
		return starlark.None, refill(l, v.(*starlark.List))
	}),
	"reverse": onList("reverse", func(t *starlark.Thread, l *starlark.List, a args, kw kwargs) (starlark.Value, error) {
		if len(a)+len(kw) > 0 {
			return nil, errors.New("reverse() takes no arguments")
		}
		v, err := starlark.Call(t, starlark.Universe["reversed"], args{l}, nil)
		if err != nil {
			return nil, err
		}
		return starlark.None, refill(l, v.(*starlark.List))
	}),
	"copy": onList("copy", func(t *starlark.Thread, l *starlark.List, a args, kw kwargs) (starlark.Value, error) {
		if len(a)+len(kw) > 0 {
			return nil, errors.New("copy() takes no arguments")
		}
		return starlark.Call(t, starlark.Universe["list"], args{l}, nil)
	}),
	"extend": onList("extend", func(t *starlark.Thread, l *starlark.List, a args, kw kwargs) (starlark.Value, error) {
		if len(a) != 1 || len(kw) > 0 {
			return nil, errors.New("extend() takes exactly one argument")
		}
		return starlark.None, extend(t, l, a[0])
	}),
	"count": onList("count", func(t *starlark.Thread, l *starlark.List, a args, kw kwargs) (starlark.Value, error) {
		if len(a) != 1 || len(kw) > 0 {
			return nil, errors.New("count() takes exactly one argument")
		}
		if err := charge(t, l.Len()); err != nil {
			return nil, err
		}
		n := 0
		for e := range starlark.Elements(l) {
			same, err := starlark.Equal(e, a[0])
			if err != nil {
				return nil, err
			}
			if same {
				n++
			}
		}
		return starlark.MakeInt(n), nil
	}),
}

// extend appends the elements of v, collected first: l may be v.
func extend(t *starlark.Thread, l *starlark.List, v starlark.Value) error {
	elems, err := elements(t, v)
	if err != nil {
		return err
	}
	if err := reserve(t, elementBytes*(l.Len()+len(elems))); err != nil {
		return err
	}
	for _, e := range elems {
		if err := l.Append(e); err != nil {
			return err
		}
	}
	return nil
}

func onList(name string, f func(*starlark.Thread, *starlark.List, args, kwargs) (starlark.Value, error)) function {
	return func(t *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
		if l, ok := a[0].(*starlark.List); ok {
			return f(t, l, a[1:], kw)
		}
		if o, ok := a[0].(starlark.HasAttrs); ok {
			m, err := o.Attr(name)
			if err != nil {
				return nil, err
			}
			if m != nil {
				return starlark.Call(t, m, a[1:], kw)
			}
		}
		return nil, fmt.Errorf("'%s' object has no attribute '%s'", pythonType(a[0]), name)
	}
}

// refill replaces the elements of l in place by those of from.
func refill(l, from *starlark.List) error {
	for i := range from.Len() {
		if err := l.SetIndex(i, from.Index(i)); err != nil {
			return err
		}
	}
	return nil
}
