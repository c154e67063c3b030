package pocket

import "strings"

// roles of the identifiers in templates, as {i} {x} {y} {z}.
const roles = "ixyz"

// Segment is a stretch of a body that reads as a template of an intent.
type Segment struct {
	Intent   int
	Template int
	Lines    int
	Names    [len(roles)]string // identifiers by role, "" where the template has none
}

// closing is the line after the last segment of a body.
const closing = "    return xs\n"

// Segments reads a body's lines (text with indentation and newline) as templates
// one after the other, whatever their identifiers. whole says that they and the
// closing line are all of the body; otherwise the segments lead up to the first
// line that none fits.
//
// No template is the beginning of another, so there is one reading at most.
func (d *Domain) Segments(lines []string) (segments []Segment, whole bool) {
	for len(lines) > 0 {
		s, ok := d.segment(lines)
		if !ok {
			break
		}
		segments, lines = append(segments, s), lines[s.Lines:]
	}
	return segments, len(lines) == 1 && lines[0] == closing
}

// segment finds the template that lines begin with.
func (d *Domain) segment(lines []string) (Segment, bool) {
	for i := range d.Intents {
	templates:
		for t, template := range d.Intents[i].Templates {
			if len(template) > len(lines) {
				continue
			}
			s := Segment{Intent: i, Template: t, Lines: len(template)}
			for l := range template {
				if !s.match("    "+template[l]+"\n", lines[l]) {
					continue templates
				}
			}
			return s, true
		}
	}
	return Segment{}, false
}

// match reads a line as a line of a template. An identifier keeps to one role
// throughout a segment, or the segment would mean something else.
func (s *Segment) match(template, line string) bool {
	for template != "" {
		fixed, hole, _ := strings.Cut(template, "{")
		rest, ok := strings.CutPrefix(line, fixed)
		if !ok {
			return false
		}
		if hole == "" {
			return rest == ""
		}
		role := strings.IndexByte(roles, hole[0])
		name := rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz"))]
		if name == "" || name == "xs" {
			return false
		}
		for r, known := range s.Names {
			if known != "" && (r == role) != (known == name) {
				return false
			}
		}
		s.Names[role] = name
		template, line = hole[len("x}"):], rest[len(name):]
	}
	return line == ""
}

// text is a body's lines as Segments reads them.
func (d *Domain) text(lines [][]int32) []string {
	text := make([]string, len(lines))
	for i, l := range lines {
		text[i] = d.Vocab.Decode(l)
	}
	return text
}
