package experiments

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Overrides lists, as field=value, the settings in which c differs from its
// preset; Resolve of the preset with them gives c again. The seed is among them.
func (c Config) Overrides() ([]string, error) {
	preset, err := Resolve(c.Preset, nil, nil)
	if err != nil {
		return nil, err
	}
	mine, err := c.settings()
	if err != nil {
		return nil, err
	}
	theirs, err := preset.settings()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, field := range slices.Sorted(maps.Keys(mine)) {
		if !reflect.DeepEqual(mine[field], theirs[field]) {
			out = append(out, field+"="+tomlValue(mine[field]))
		}
	}
	return out, nil
}

// settings lists the fields of c as a.b with their TOML values.
func (c Config) settings() (map[string]any, error) {
	doc, err := c.TOML()
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if _, err := toml.NewDecoder(bytes.NewReader(doc)).Decode(&tree); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	fields := map[string]any{}
	flatten(tree, "", fields)
	return fields, nil
}

func flatten(tree map[string]any, prefix string, into map[string]any) {
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			flatten(sub, prefix+k+".", into)
		} else {
			into[prefix+k] = v
		}
	}
}

// tomlValue writes a decoded TOML value as --set takes it.
func tomlValue(v any) string {
	switch x := v.(type) {
	case string:
		return strconv.Quote(x)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case []any:
		parts := make([]string, len(x))
		for i, e := range x {
			parts[i] = tomlValue(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	return fmt.Sprint(v)
}

// ShellWord quotes s for a POSIX shell where it needs that.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._=,/:+-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
