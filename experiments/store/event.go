package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// Event is one line of the event log. Seq counts from 1 without gaps, so it is
// also the line's number. A position in a run is (Branch, Update).
type Event struct {
	Seq       int64    `json:"seq"`
	Branch    string   `json:"branch"`
	Seed      int      `json:"seed"`
	Lane      string   `json:"lane,omitempty"`
	Phase     string   `json:"phase"`
	Iteration int      `json:"iteration"`
	Update    int      `json:"update"`
	Kind      string   `json:"kind"`
	Measures  Measures `json:"measures,omitempty"`
	Text      string   `json:"text,omitempty"`
}

// Measures are named numbers. In JSON the names are sorted, numbers are in
// shortest form, NaN is null and the infinities are "inf" and "-inf".
type Measures map[string]float64

// MarshalJSON writes equal measures as equal bytes.
func (m Measures) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, fmt.Errorf("measure %q: %w", name, err)
		}
		b = append(append(b, key...), ':')
		switch v := m[name]; {
		case math.IsNaN(v):
			b = append(b, "null"...)
		case math.IsInf(v, 1):
			b = append(b, `"inf"`...)
		case math.IsInf(v, -1):
			b = append(b, `"-inf"`...)
		default:
			number, err := json.Marshal(v)
			if err != nil {
				return nil, fmt.Errorf("measure %q: %w", name, err)
			}
			b = append(b, number...)
		}
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Measures) UnmarshalJSON(text []byte) error {
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	if raw == nil {
		return errors.New("measures are null")
	}
	*m = make(Measures, len(raw))
	for name, value := range raw {
		number, ok := value.(float64)
		switch {
		case ok:
		case value == nil:
			number = math.NaN()
		case value == "inf":
			number = math.Inf(1)
		case value == "-inf":
			number = math.Inf(-1)
		default:
			return fmt.Errorf("measure %q is not a number", name)
		}
		(*m)[name] = number
	}
	return nil
}

// encodeLine returns v as JSON with a line break. Code is full of < and >, so
// they are not escaped.
func encodeLine(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, oneLine(err)
	}
	return b.Bytes(), nil
}

// parseEvent reads one line of the log, without its line break.
func parseEvent(line []byte) (Event, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	var e Event
	if err := dec.Decode(&e); err != nil {
		return Event{}, oneLine(truncatedJSON(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return Event{}, errors.New("text after the event")
	}
	if e.Seq < 1 {
		return Event{}, fmt.Errorf("seq is %d, it counts from 1", e.Seq)
	}
	return e, nil
}

func truncatedJSON(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the line ends within the event")
	}
	return err
}

// unmarshal reads one JSON value of known fields and nothing after it.
func unmarshal(line []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return oneLine(truncatedJSON(err))
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("text after it")
	}
	return nil
}
