package checkpoint

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// entry is one tensor of a header; its data are the bytes begin to end of the data section.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	elements   int64
	begin, end int64
}

// parseHeader reads the JSON header. It walks tokens because encoding/json
// would take duplicate keys, keys in other letter case and null for a size.
func parseHeader(raw []byte) ([]entry, map[string]string, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, nil, errors.New("it does not begin with {; the file is not safetensors")
	}
	if !utf8.Valid(raw) {
		return nil, nil, errors.New("not UTF-8; the file is damaged or not safetensors")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	var (
		entries []entry
		meta    map[string]string
	)
	err := walkObject(dec, func(key string) error {
		if key == metadataKey {
			var err error
			meta, err = parseMeta(dec)
			return err
		}
		e, err := parseEntry(dec, key)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", key, err)
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, nil, errors.New("text after the closing brace")
	}
	return entries, meta, nil
}

// walkObject reads one object from dec and calls value for each key, which must
// read that key's value. Duplicate keys are refused.
func walkObject(dec *json.Decoder, value func(key string) error) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return fmt.Errorf("an object is due, not %v", open)
	}
	seen := make(map[string]bool)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return fmt.Errorf("a key is due, not %v", token)
		}
		if seen[key] {
			return fmt.Errorf("%q occurs twice", key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	_, err = dec.Token() // the closing brace
	return err
}

func parseMeta(dec *json.Decoder) (map[string]string, error) {
	meta := make(map[string]string)
	err := walkObject(dec, func(key string) error {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		text, ok := token.(string)
		if !ok {
			return fmt.Errorf("%s %q: not a string", metadataKey, key)
		}
		meta[key] = text
		return nil
	})
	return meta, err
}

func parseEntry(dec *json.Decoder, name string) (entry, error) {
	if name == "" {
		return entry{}, errors.New("empty name")
	}
	var (
		dtype          string
		shape, offsets []int64
	)
	err := walkObject(dec, func(key string) (err error) {
		switch key {
		case "dtype":
			token, err := dec.Token()
			if err != nil {
				return err
			}
			var ok bool
			if dtype, ok = token.(string); !ok {
				return errors.New("dtype is not a string")
			}
			return nil
		case "shape":
			shape, err = parseSizes(dec)
		case "data_offsets":
			offsets, err = parseSizes(dec)
		default:
			return fmt.Errorf("unknown field %q", key)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return entry{}, err
	}
	return newEntry(name, dtype, shape, offsets)
}

func newEntry(name, dtype string, shape, offsets []int64) (entry, error) {
	e := entry{name: name, elements: 1, shape: make([]int, len(shape))}
	switch dtype {
	case "F32":
		e.dtype = F32
	case "BF16":
		e.dtype = BF16
	default:
		return entry{}, fmt.Errorf("dtype %q is not supported; convert the file to F32 or BF16", dtype)
	}
	if shape == nil || len(offsets) != 2 {
		return entry{}, errors.New("needs a shape and two data_offsets")
	}
	for i, d := range shape {
		var ok bool
		if e.elements, ok = mulBounded(e.elements, d); !ok || int64(int(d)) != d {
			return entry{}, fmt.Errorf("shape %v is too large", shape)
		}
		e.shape[i] = int(d)
	}
	e.begin, e.end = offsets[0], offsets[1]
	if want := e.elements * int64(e.dtype.Size()); e.end < e.begin || e.end-e.begin != want {
		return entry{}, fmt.Errorf("shape %v of %s needs %d bytes, data_offsets are %v", shape, dtype, want, offsets)
	}
	return e, nil
}

// parseSizes reads an array of integers >= 0; the result is not nil.
func parseSizes(dec *json.Decoder) ([]int64, error) {
	var raw []json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, errors.New("null instead of an array")
	}
	sizes := make([]int64, len(raw))
	for i, text := range raw {
		n, err := strconv.ParseUint(string(text), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%.40q is not a size", text)
		}
		sizes[i] = int64(n)
	}
	return sizes, nil
}

// checkLayout sorts entries by place and returns the bytes of data they
// describe; they must follow each other from 0 without overlap or hole.
func checkLayout(entries []entry) (int64, error) {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.name, b.name))
	})
	var at int64
	for _, e := range entries {
		if e.begin < at {
			return 0, fmt.Errorf("tensor %q: data_offsets [%d %d] overlap the tensor before", e.name, e.begin, e.end)
		}
		if e.begin > at {
			return 0, fmt.Errorf("tensor %q: data_offsets [%d %d] leave a hole from %d", e.name, e.begin, e.end, at)
		}
		at = e.end
	}
	return at, nil
}
