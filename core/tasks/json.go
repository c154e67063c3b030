package tasks

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// The trees that benchmark files are read into: JSON as Python's json module
// writes it. Beyond RFC 8259 that is NaN, Infinity and -Infinity, integers of
// any length, and strings with lone surrogates, which are kept as three bytes
// each, as UTF-8 would write them if it allowed them. Objects keep the order of
// their keys, as Python's dicts do.
//
// A node is nil, bool, number, string, []node or *object.
type node any

// number is a number's text; with a point, an exponent or letters it is a float.
type number string

func (n number) isInt() bool {
	for i := range len(n) {
		if c := n[i]; c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (n number) float() float64 {
	f, _ := strconv.ParseFloat(string(n), 64) // out of range is an infinity, as in Python
	return f
}

// object is a JSON object in the order of its text. at is its offset there.
type object struct {
	keys   []string
	values map[string]node
	at     int
}

const (
	maxJSONDepth = 128
	maxDigits    = 4300 // as in CPython, whose conversions beyond are refused
)

// jsonError is a fault at an offset of the text.
type jsonError struct {
	at  int
	msg string
}

func (e *jsonError) Error() string { return fmt.Sprintf("byte %d: %s", e.at+1, e.msg) }

// parseJSON reads one value that fills the text.
func parseJSON(text []byte) (node, error) {
	p := jsonParser{text: text}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(text) {
		return nil, p.errorf("text after the value")
	}
	return v, nil
}

type jsonParser struct {
	text []byte
	at   int
}

func (p *jsonParser) errorf(format string, a ...any) error {
	return &jsonError{p.at, fmt.Sprintf(format, a...)}
}

func (p *jsonParser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// take steps over a byte if it comes next.
func (p *jsonParser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *jsonParser) word(w string) bool {
	if len(p.text)-p.at < len(w) || string(p.text[p.at:p.at+len(w)]) != w {
		return false
	}
	p.at += len(w)
	return true
}

func (p *jsonParser) value(depth int) (node, error) {
	if depth > maxJSONDepth {
		return nil, p.errorf("nested deeper than %d", maxJSONDepth)
	}
	p.space()
	if p.at == len(p.text) {
		return nil, p.errorf("a value is missing")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case p.word("null"):
		return nil, nil
	case p.word("true"):
		return true, nil
	case p.word("false"):
		return false, nil
	case p.word("NaN"):
		return number("NaN"), nil
	case p.word("Infinity"):
		return number("Inf"), nil
	case p.word("-Infinity"):
		return number("-Inf"), nil
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return nil, p.errorf("not a JSON value")
}

func (p *jsonParser) object(depth int) (node, error) {
	o := &object{values: map[string]node{}, at: p.at}
	p.at++
	if p.space(); p.take('}') {
		return o, nil
	}
	for {
		p.space()
		if p.at == len(p.text) || p.text[p.at] != '"' {
			return nil, p.errorf("a key is missing")
		}
		start := p.at
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		k := key.(string)
		if _, twice := o.values[k]; twice {
			p.at = start
			return nil, p.errorf("key %q stands twice", cut(k, 40))
		}
		if p.space(); !p.take(':') {
			return nil, p.errorf("a colon is missing")
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.keys = append(o.keys, k)
		o.values[k] = v
		if p.space(); p.take('}') {
			return o, nil
		}
		if !p.take(',') {
			return nil, p.errorf("a comma or brace is missing")
		}
	}
}

func (p *jsonParser) array(depth int) (node, error) {
	p.at++
	list := []node{}
	if p.space(); p.take(']') {
		return list, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if p.space(); p.take(']') {
			return list, nil
		}
		if !p.take(',') {
			return nil, p.errorf("a comma or bracket is missing")
		}
	}
}

func (p *jsonParser) number() (node, error) {
	start := p.at
	digits := func() int {
		from := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		return p.at - from
	}
	p.take('-')
	if zero := p.take('0'); !zero && digits() == 0 {
		return nil, p.errorf("a digit is missing")
	}
	whole := p.at - start
	if p.take('.') && digits() == 0 {
		return nil, p.errorf("a digit is missing after the point")
	}
	if p.take('e') || p.take('E') {
		if !p.take('-') {
			p.take('+')
		}
		if digits() == 0 {
			return nil, p.errorf("a digit is missing in the exponent")
		}
	}
	if whole == p.at-start && whole > maxDigits {
		p.at = start
		return nil, p.errorf("an integer of more than %d digits", maxDigits)
	}
	return number(p.text[start:p.at]), nil
}

// cut is s, or its first n bytes and an ellipsis.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
