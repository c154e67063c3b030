package tasks

import (
	"fmt"
	"math/big"

	"ra3/core/judge/pyvalue"
)

// Value is a Python value: an argument, or what is expected for one.
type Value = pyvalue.Value

// valueOf is a tree of JSON as Python's json module would give it.
func valueOf(n node) (Value, error) {
	switch n := n.(type) {
	case nil:
		return pyvalue.None{}, nil
	case bool:
		return pyvalue.Bool(n), nil
	case string:
		return pyvalue.Str(n), nil
	case number:
		if !n.isInt() {
			return pyvalue.Float(n.float()), nil
		}
		i, ok := new(big.Int).SetString(string(n), 10)
		if !ok {
			return nil, fmt.Errorf("%q is no number", cut(string(n), 40))
		}
		return pyvalue.Int{V: i}, nil
	case []node:
		l := make(pyvalue.List, len(n))
		for i, e := range n {
			v, err := valueOf(e)
			if err != nil {
				return nil, err
			}
			l[i] = v
		}
		return l, nil
	case *object:
		d := make(pyvalue.Dict, len(n.keys))
		for i, k := range n.keys {
			v, err := valueOf(n.values[k])
			if err != nil {
				return nil, err
			}
			d[i] = pyvalue.Item{Key: pyvalue.Str(k), Value: v}
		}
		return d, nil
	}
	return nil, fmt.Errorf("%T is no JSON", n)
}

// arguments is a field with lists of arguments, one list a test.
func (r *row) arguments(field string) ([][]Value, error) {
	tests, err := r.list(field)
	if err != nil {
		return nil, err
	}
	out := make([][]Value, len(tests))
	for i, t := range tests {
		args, ok := t.([]node)
		if !ok {
			return nil, r.errorf(fmt.Sprintf("%s[%d]", field, i), "want a list of arguments, not %s", kindOf(t))
		}
		v, err := valueOf(args)
		if err != nil {
			return nil, r.errorf(fmt.Sprintf("%s[%d]", field, i), "%s", err)
		}
		out[i] = v.(pyvalue.List)
	}
	return out, nil
}
