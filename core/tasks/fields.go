package tasks

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// The getters below take a field that must be there and be of their type; the
// first failure is returned with file, line and field. done then refuses fields
// that nothing took: a row is of its format exactly, or of another.

func (r *row) get(field string) (node, error) {
	v, ok := r.values[field]
	if !ok {
		return nil, r.errorf(field, "is missing")
	}
	r.used[field] = true
	return v, nil
}

func (r *row) str(field string) (string, error) {
	v, err := r.get(field)
	if err != nil {
		return "", err
	}
	s, ok := v.(string)
	if !ok {
		return "", r.errorf(field, "want a string, not %s", kindOf(v))
	}
	return s, nil
}

// word is a string that is not empty.
func (r *row) word(field string) (string, error) {
	s, err := r.str(field)
	if err == nil && strings.TrimSpace(s) == "" {
		return "", r.errorf(field, "is empty")
	}
	return s, err
}

// maybe is a string, or "" where the field holds null.
func (r *row) maybe(field string) (string, error) {
	if v, ok := r.values[field]; ok && v == nil {
		r.used[field] = true
		return "", nil
	}
	return r.str(field)
}

func (r *row) integer(field string) (int, error) {
	v, err := r.get(field)
	if err != nil {
		return 0, err
	}
	if n, ok := v.(number); ok && n.isInt() {
		if i, err := strconv.Atoi(string(n)); err == nil {
			return i, nil
		}
	}
	return 0, r.errorf(field, "want a whole number, not %s", kindOf(v))
}

// amount is a finite number from 0 up.
func (r *row) amount(field string) (float64, error) {
	v, err := r.get(field)
	if err != nil {
		return 0, err
	}
	n, ok := v.(number)
	if !ok {
		return 0, r.errorf(field, "want a number, not %s", kindOf(v))
	}
	if f := n.float(); f >= 0 && !math.IsInf(f, 0) {
		return f, nil
	}
	return 0, r.errorf(field, "want a number from 0 up, not %s", cut(string(n), 40))
}

func (r *row) boolean(field string) (bool, error) {
	v, err := r.get(field)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, r.errorf(field, "want true or false, not %s", kindOf(v))
	}
	return b, nil
}

func (r *row) list(field string) ([]node, error) {
	v, err := r.get(field)
	if err != nil {
		return nil, err
	}
	l, ok := v.([]node)
	if !ok {
		return nil, r.errorf(field, "want a list, not %s", kindOf(v))
	}
	return l, nil
}

func (r *row) strings(field string) ([]string, error) {
	l, err := r.list(field)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(l))
	for i, v := range l {
		s, ok := v.(string)
		if !ok {
			return nil, r.errorf(field+"["+strconv.Itoa(i)+"]", "want a string, not %s", kindOf(v))
		}
		out[i] = s
	}
	return out, nil
}

// skip accepts fields that hold nothing of use here, present or not.
func (r *row) skip(fields ...string) {
	for _, f := range fields {
		r.used[f] = true
	}
}

// done refuses fields that were not taken.
func (r *row) done(format Format) error {
	for _, k := range r.keys {
		if !r.used[k] {
			return r.errorf(k, "is no field of %s: the file is of another format or version", format)
		}
	}
	return nil
}

// name checks a Python name, which is put into programs.
func (r *row) name(field, s string) error {
	if !identifier(s) {
		return r.errorf(field, "%q is no name of a Python function", cut(s, 40))
	}
	return nil
}

var pythonKeywords = strings.Fields("False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield")

func identifier(s string) bool {
	if s == "" || len(s) > 128 || slices.Contains(pythonKeywords, s) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func kindOf(v node) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case number:
		return "the number " + cut(string(v), 40)
	case string:
		return "the string " + strconv.Quote(cut(v, 40))
	case []node:
		return "a list"
	}
	return "an object"
}
