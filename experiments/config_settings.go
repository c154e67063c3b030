package experiments

import (
	"maps"
	"slices"
)

// Setting is a setting by its name, with its value as --set takes it.
type Setting struct{ Field, Value string }

// Settings lists all settings of c by name.
func (c Config) Settings() ([]Setting, error) {
	all, err := c.settings()
	if err != nil {
		return nil, err
	}
	var out []Setting
	for _, field := range slices.Sorted(maps.Keys(all)) {
		out = append(out, Setting{field, tomlValue(all[field])})
	}
	return out, nil
}
