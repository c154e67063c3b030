package judge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

type args = starlark.Tuple
type kwargs = []starlark.Tuple
type function = func(t *starlark.Thread, b *starlark.Builtin, a args, kw kwargs) (starlark.Value, error)

// builtins are the names programs see besides, or instead of, Starlark's own.
// They hold no state, so one set serves every program.
func builtins() starlark.StringDict {
	d := starlark.StringDict{}
	def := func(name string, f function) { d[name] = starlark.NewBuiltin(name, f) }

	// Starlark's own, given strings to iterate over and a price per element.
	for _, name := range []string{"list", "tuple", "set", "sorted", "any", "all", "max", "min"} {
		def(name, overSequences(starlark.Universe[name].(*starlark.Builtin)))
	}
	for _, name := range []string{"zip", "enumerate", "reversed"} {
		def(name, oneShot(overSequences(starlark.Universe[name].(*starlark.Builtin))))
	}
	def("map", oneShot(mapOver))
	def("filter", oneShot(filterBy))
	def("sum", sum)
	def("round", round)
	def("pow", pow)
	def("divmod", divmod)
	def("isinstance", isinstance)
	def("str", strOf)
	def("repr", reprOf)
	def("print", func(*starlark.Thread, *starlark.Builtin, args, kwargs) (starlark.Value, error) {
		return starlark.None, nil
	})
	def("type", typeOf(d))
	def(iterName, iterate)
	for name, f := range listMethods {
		d[methodName+name] = starlark.NewBuiltin(name, f)
	}
	return d
}

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
	return func(t *starlark.Thread, b *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
		// max("a", "b") compares strings; max("ab") looks into one.
		if name := b.Name(); len(a) == 1 || name != "max" && name != "min" {
			a = slices.Clone(a)
			for i, v := range a {
				var err error
				if a[i], err = characters(t, v); err != nil {
					return nil, err
				}
			}
		}
		return starlark.Call(t, inner, a, kw)
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

// isinstance knows the classes by the names of their constructors.
func isinstance(_ *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	if len(kw) > 0 || len(a) != 2 {
		return nil, fmt.Errorf("isinstance expected 2 arguments, got %d", len(a)+len(kw))
	}
	classes, ok := a[1].(starlark.Tuple)
	if !ok {
		classes = starlark.Tuple{a[1]}
	}
	have := pythonType(a[0])
	for _, c := range classes {
		class, ok := c.(*starlark.Builtin)
		if !ok {
			return nil, errors.New("isinstance() arg 2 must be a type or a tuple of types")
		}
		// Python's bool is a subclass of int.
		if class.Name() == have || class.Name() == "int" && have == "bool" {
			return starlark.True, nil
		}
	}
	return starlark.False, nil
}

func pythonType(v starlark.Value) string {
	switch name := v.Type(); name {
	case "string":
		return "str"
	default:
		return name
	}
}

// typeOf gives the constructor for a value, so that type(x) == int holds and
// type(x) == "int" does not.
func typeOf(d starlark.StringDict) function {
	return func(_ *starlark.Thread, _ *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
		if len(kw) > 0 || len(a) != 1 {
			return nil, errors.New("type() takes 1 argument")
		}
		name := pythonType(a[0])
		if c, ok := d[name]; ok {
			return c, nil
		}
		if c, ok := starlark.Universe[name]; ok {
			return c, nil
		}
		return starlark.NewBuiltin(name, notCallable), nil
	}
}

func notCallable(_ *starlark.Thread, b *starlark.Builtin, _ args, _ kwargs) (starlark.Value, error) {
	return nil, fmt.Errorf("cannot create '%s' instances", b.Name())
}

func strOf(t *starlark.Thread, b *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	if len(a) == 0 && len(kw) == 0 {
		return starlark.String(""), nil
	}
	if len(a) == 1 {
		if s, ok := a[0].(starlark.String); ok {
			return s, nil
		}
	}
	return reprOf(t, b, a, kw)
}

func reprOf(t *starlark.Thread, b *starlark.Builtin, a args, kw kwargs) (starlark.Value, error) {
	if len(kw) > 0 || len(a) != 1 {
		return nil, fmt.Errorf("%s() takes 1 argument", b.Name())
	}
	var s strings.Builder
	if err := writeRepr(t, &s, a[0], 0); err != nil {
		return nil, err
	}
	return starlark.String(s.String()), nil
}

// writeRepr writes Python's repr. Cycles end at the depth bound, and sharing
// that would double the text at each level ends by the price per element.
func writeRepr(t *starlark.Thread, s *strings.Builder, v starlark.Value, depth int) error {
	if depth > maxDepth {
		return errors.New("value " + reasonDepth)
	}
	if err := charge(t, 1); err != nil {
		return err
	}
	seq := func(open, end string, v starlark.Iterable) error {
		s.WriteString(open)
		n := 0
		for e := range starlark.Elements(v) {
			if n++; n > 1 {
				s.WriteString(", ")
			}
			if err := writeRepr(t, s, e, depth+1); err != nil {
				return err
			}
		}
		if n == 1 && open == "(" {
			s.WriteByte(',')
		}
		s.WriteString(end)
		return nil
	}
	switch v := v.(type) {
	case starlark.String:
		if err := charge(t, len(v)); err != nil {
			return err
		}
		s.WriteString(stringRepr(string(v)))
	case starlark.Float:
		s.WriteString(floatRepr(float64(v)))
	case *starlark.List:
		return seq("[", "]", v)
	case starlark.Tuple:
		return seq("(", ")", v)
	case *starlark.Set:
		if v.Len() == 0 {
			s.WriteString("set()")
			return nil
		}
		return seq("{", "}", v)
	case *starlark.Dict:
		s.WriteByte('{')
		for i, kv := range v.Items() {
			if i > 0 {
				s.WriteString(", ")
			}
			if err := writeRepr(t, s, kv[0], depth+1); err != nil {
				return err
			}
			s.WriteString(": ")
			if err := writeRepr(t, s, kv[1], depth+1); err != nil {
				return err
			}
		}
		s.WriteByte('}')
	default:
		s.WriteString(v.String())
	}
	return nil
}

// listMethods are those Starlark lacks, called with the receiver first. Other
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

// plus is Python's +, for which a bool is an int.
func plus(x, y starlark.Value) (starlark.Value, error) {
	return starlark.Binary(syntax.PLUS, number(x), number(y))
}
