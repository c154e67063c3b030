package grid

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ra3/experiments"
)

// Factor is a setting with the values it takes.
type Factor struct {
	Field  string   `json:"field"`
	Values []string `json:"values"`
}

// Cell is one combination of the factors' values.
type Cell struct {
	Name   string   // of its directory
	Values []string // by factor
	Config experiments.Config
}

// Cells combines the factors' values, the last factor's fastest, and checks every
// configuration: what is wrong with one is said before anything starts.
func (s Spec) Cells() ([]Factor, []Cell, error) {
	factors, err := s.factors()
	if err != nil {
		return nil, nil, err
	}
	combine := cross
	if s.Design == Star {
		combine = star
	}
	cells, err := combine(factors)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]string{}
	for i := range cells {
		c := &cells[i]
		settings := s.fixed()
		for j, f := range factors {
			settings = append(settings, f.Field+"="+c.Values[j])
		}
		at := label(factors, c.Values)
		c.Name = fmt.Sprintf("%03d-%s", i+1, slug(s.short(factors, cells[0].Values, c.Values)))
		if c.Config, err = experiments.Resolve(s.Preset, []byte(s.Document), settings); err != nil {
			return nil, nil, fmt.Errorf("cell %s: %w", at, err)
		}
		if err := s.check(c.Config); err != nil {
			return nil, nil, fmt.Errorf("cell %s: %w", at, err)
		}
		doc, err := c.Config.TOML()
		if err != nil {
			return nil, nil, fmt.Errorf("cell %s: %w", at, err)
		}
		if other, ok := seen[string(doc)]; ok {
			return nil, nil, fmt.Errorf("cells %s and %s are the same configuration: give each value once", other, at)
		}
		seen[string(doc)] = at
	}
	return factors, cells, nil
}

// maxCells is beyond what anybody runs on one machine.
const maxCells = 1000

// cross makes a cell of every combination.
func cross(factors []Factor) ([]Cell, error) {
	cells := []Cell{{}}
	for _, f := range factors {
		var next []Cell
		for _, c := range cells {
			for _, v := range f.Values {
				next = append(next, Cell{Values: append(slices.Clip(c.Values), v)})
			}
		}
		if len(next) > maxCells {
			return nil, tooMany(len(next))
		}
		cells = next
	}
	return cells, nil
}

// star makes a cell of all first values, and one of every other value with the
// other factors at their first.
func star(factors []Factor) ([]Cell, error) {
	var centre Cell
	for _, f := range factors {
		centre.Values = append(centre.Values, f.Values[0])
	}
	cells := []Cell{centre}
	for i, f := range factors {
		for _, v := range f.Values[1:] {
			c := Cell{Values: slices.Clone(centre.Values)}
			c.Values[i] = v
			cells = append(cells, c)
		}
	}
	if len(cells) > maxCells {
		return nil, tooMany(len(cells))
	}
	return cells, nil
}

func tooMany(n int) error {
	return fmt.Errorf("%d cells and more: at most %d are one ablation; vary less", n, maxCells)
}

// check refuses cells without the lanes that are compared, and gates that the
// configuration does not allow.
func (s Spec) check(c experiments.Config) error {
	for _, lane := range []string{"ntp", "ra3"} {
		if !c.Has(lane) {
			return fmt.Errorf("lanes lacks %q: an ablation compares RA3 with NTP", lane)
		}
	}
	if _, err := c.Precision(); err != nil {
		return err
	}
	if s.Gate == NoGate {
		return nil
	}
	if err := gateConfig(c).Validate(); err != nil {
		return fmt.Errorf("its gate: %w", err)
	}
	return nil
}

func (s Spec) factors() ([]Factor, error) {
	if len(s.Vary) == 0 {
		return nil, errors.New("nothing varies: name a factor with --vary field=value,value, or vary in the grid file")
	}
	var factors []Factor
	for _, text := range s.Vary {
		field, list, ok := strings.Cut(text, "=")
		field = strings.TrimSpace(field)
		if !ok || field == "" || strings.ContainsAny(text, "\n\r") {
			return nil, fmt.Errorf("vary %q: want field=value,value, as in mid.traces=250,1000", text)
		}
		if slices.Contains([]string{"preset", "seed", "seeds", "lanes"}, field) {
			return nil, fmt.Errorf("vary %s: cells differ in settings of the experiment, and share preset, seeds and lanes", field)
		}
		f := Factor{Field: field, Values: splitValues(list)}
		for i, v := range f.Values {
			if v == "" || slices.Contains(f.Values[:i], v) {
				return nil, fmt.Errorf("vary %s: value %q stands twice or is empty", text, v)
			}
		}
		if slices.ContainsFunc(factors, func(g Factor) bool { return g.Field == field }) {
			return nil, fmt.Errorf("vary %s: the field varies already", text)
		}
		factors = append(factors, f)
	}
	return factors, nil
}

// splitValues cuts at the commas that are not within brackets or quotes.
func splitValues(list string) []string {
	var values []string
	depth, quote, start := 0, rune(0), 0
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			values, start = append(values, strings.TrimSpace(list[start:i])), i+1
		}
	}
	return append(values, strings.TrimSpace(list[start:]))
}

// label names a combination of values in words.
func label(factors []Factor, values []string) string {
	parts := make([]string, len(factors))
	for i, f := range factors {
		parts[i] = f.Field + "=" + values[i]
	}
	return strings.Join(parts, " ")
}

// short names a cell: in a star by what sets it apart from the centre.
func (s Spec) short(factors []Factor, centre, values []string) string {
	if s.Design == Star {
		for i, f := range factors {
			if values[i] != centre[i] {
				return f.Field + "=" + values[i]
			}
		}
		return "centre"
	}
	return label(factors, values)
}

// slug is text as a part of a file name.
func slug(text string) string {
	keep := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		}
		return '_'
	}
	text = strings.Map(keep, text)
	return text[:min(len(text), 80)]
}
