package tasks

import (
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string and its escapes.
func (p *jsonParser) string() (node, error) {
	start := p.at
	p.at++
	from := p.at
	for p.at < len(p.text) { // most strings have no escapes
		c := p.text[p.at]
		if c == '"' {
			s := p.text[from:p.at]
			p.at++
			if !utf8.Valid(s) {
				p.at = start
				return nil, p.errorf("a string that is not UTF-8")
			}
			return string(s), nil
		}
		if c == '\\' {
			break
		}
		if c < ' ' {
			return nil, p.errorf("a control character in a string")
		}
		p.at++
	}
	b := append([]byte(nil), p.text[from:p.at]...)
	if !utf8.Valid(b) {
		p.at = start
		return nil, p.errorf("a string that is not UTF-8")
	}
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			p.at++
			return string(b), nil
		case c < ' ':
			return nil, p.errorf("a control character in a string")
		case c == '\\':
			var err error
			if b, err = p.escape(b); err != nil {
				return nil, err
			}
		default:
			r, n := utf8.DecodeRune(p.text[p.at:])
			if r == utf8.RuneError && n == 1 {
				return nil, p.errorf("a string that is not UTF-8")
			}
			b = append(b, p.text[p.at:p.at+n]...)
			p.at += n
		}
	}
	p.at = start
	return nil, p.errorf("a string does not end")
}

const badEscape = "an escape that JSON does not know"

var plainEscapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *jsonParser) escape(b []byte) ([]byte, error) {
	if p.at+1 == len(p.text) {
		return nil, p.errorf(badEscape)
	}
	c := p.text[p.at+1]
	if c == 'u' {
		r, ok := p.unit()
		if !ok {
			return nil, p.errorf(badEscape)
		}
		if utf16.IsSurrogate(r) {
			before := p.at
			if low, ok := p.unit(); ok {
				if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
					return utf8.AppendRune(b, full), nil
				}
			}
			p.at = before
			return append(b, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f), nil
		}
		return utf8.AppendRune(b, r), nil
	}
	x, ok := plainEscapes[c]
	if !ok {
		return nil, p.errorf(badEscape)
	}
	p.at += 2
	return append(b, x), nil
}

// unit reads \uXXXX, if it comes next.
func (p *jsonParser) unit() (rune, bool) {
	if len(p.text)-p.at < 6 || p.text[p.at] != '\\' || p.text[p.at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range p.text[p.at+2 : p.at+6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.at += 6
	return r, true
}
