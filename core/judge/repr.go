package judge

import (
	"errors"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

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
