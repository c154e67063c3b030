package experiments

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"ra3/experiments/store"
)

// Query picks runs by their configuration and results. It is read from text of
// terms that must all hold:
//
//	quick                    the name contains it
//	preset=quick seed>3      = != < <= > >= on settings, and on what a listing shows:
//	state=finished           name, state, preset, seed, version, instruction_set, precision, events
//	domain.nuisance!=0
//	ra3.doc.pass@1>0.5       results: a path in summary.json, of which "lanes." in
//	pruning.ra3.horizon<4    front and ".mean" at the end may be left out
//	ra3-ntp>0.02             a lane minus another, mean of pass@1, 5 and 10
//	name~map                 ~ contains, !~ does not
//
// Values with spaces stand in double quotes. A term on something that a run does
// not have does not hold.
type Query struct{ terms []term }

type term struct{ field, op, value string }

var operators = []string{"!=", "<=", ">=", "!~", "=", "<", ">", "~"}

// ParseQuery reads a query; its errors are one line. An empty one picks all runs.
func ParseQuery(text string) (Query, error) {
	var q Query
	words, err := queryWords(text)
	if err != nil {
		return q, fmt.Errorf("query %q: %w", text, err)
	}
	for _, w := range words {
		t := term{field: "name", op: "~", value: unquote(w)}
		at := strings.IndexAny(w, "!<>=~\"")
		if at >= 0 && w[at] != '"' {
			t = term{field: w[:at]}
			for _, op := range operators {
				if strings.HasPrefix(w[at:], op) {
					t.op, t.value = op, unquote(w[at+len(op):])
					break
				}
			}
			if t.field != "" && t.op != "" && t.value == "" {
				return Query{}, fmt.Errorf("query %q: %q: a value is missing, as in %s%s3", text, w, t.field, t.op)
			}
			if t.field == "" || t.op == "" {
				return Query{}, fmt.Errorf("query %q: %q: want field, comparison and value, as in seed>3", text, w)
			}
			if _, err := strconv.ParseFloat(t.value, 64); err != nil && strings.ContainsAny(t.op, "<>") {
				return Query{}, fmt.Errorf("query %q: %q: want a number after %s", text, w, t.op)
			}
		}
		q.terms = append(q.terms, t)
	}
	return q, nil
}

// queryWords splits at spaces outside quotes.
func queryWords(text string) ([]string, error) {
	var words []string
	var b strings.Builder
	quoted := false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
			b.WriteRune(r)
		case !quoted && (r == ' ' || r == '\t' || r == '\n' || r == '\r'):
			if b.Len() > 0 {
				words = append(words, b.String())
			}
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	if quoted {
		return nil, fmt.Errorf("a quote is not closed")
	}
	if b.Len() > 0 {
		words = append(words, b.String())
	}
	return words, nil
}

func unquote(s string) string { return strings.ReplaceAll(s, `"`, "") }

// RunValues are what queries ask about: a run's listing, settings and results by
// name. Numbers and texts are as written in run.toml and summary.json.
type RunValues map[string]string

// ValuesOf reads a run's values. It reads files. Of a run that cannot be read
// there is the listing alone.
func ValuesOf(info store.Info) RunValues {
	v := RunValues{"name": info.Name, "state": string(info.State), "events": strconv.FormatInt(info.Events, 10)}
	if info.Problem != "" {
		return v
	}
	run, err := store.View(info.Dir)
	if err != nil {
		return v
	}
	if c, err := ConfigOf(run); err == nil {
		if settings, err := c.settings(); err == nil {
			for field, x := range settings {
				v[field] = strings.Trim(tomlValue(x), `"`)
			}
		}
	}
	m := info.Manifest
	v["preset"], v["seed"] = m.Preset, strconv.FormatInt(m.Seed, 10)
	v["version"], v["instruction_set"], v["precision"] = m.Version, m.InstructionSet, PrecisionOf(m)
	var summary map[string]any
	if run.ReadSummary(&summary) == nil {
		v.flatten("", summary)
	}
	for name, x := range v {
		if pair, ok := strings.CutSuffix(name, "."+Average+"."+Average+".mean"); ok && strings.HasPrefix(pair, "differences.") {
			v[strings.TrimPrefix(pair, "differences.")] = x
		}
	}
	return v
}

// listingFields are what every run has beside its settings.
var listingFields = []string{"name", "state", "preset", "seed", "version", "instruction_set", "precision", "events"}

// QueryFields says in a line what a query may ask about.
var QueryFields = strings.Join(listingFields, ", ") + ", ra3-ntp (RA3 minus NTP, mean of pass@1, 5 and 10), a setting such as mid.updates, a result such as ra3.doc.pass@1 or pruning.ra3.horizon"

// Check refuses terms on fields that there are not: what is no field of a listing,
// no setting, and no result of any of the runs. Of runs without results any
// result may be asked about. The error is one line and names the fields.
func (q Query) Check(runs []RunValues) error {
	for _, t := range q.terms {
		if known, err := t.known(runs); err != nil {
			return err
		} else if !known {
			return fmt.Errorf("query: there is no field %q: there are %s", t.field, QueryFields)
		}
	}
	return nil
}

func (t term) known(runs []RunValues) (bool, error) {
	if slices.Contains(listingFields, t.field) {
		return true, nil
	}
	measured := false
	for _, v := range runs {
		if _, ok := v.Get(t.field); ok {
			return true, nil
		}
		measured = measured || v["interval"] != "" // which every summary has
	}
	c, err := Resolve("quick", nil, nil) // all presets have the same settings
	if err != nil {
		return false, err
	}
	settings, err := c.settings()
	if err != nil {
		return false, err
	}
	if _, ok := settings[t.field]; ok {
		return true, nil
	}
	return pairLike(t.field) || !measured && resultLike(t.field), nil
}

// pairLike tells differences between two lanes.
func pairLike(field string) bool {
	for at, r := range field {
		if r == '-' && slices.Contains(LaneNames(), field[:at]) && slices.Contains(LaneNames(), field[at+1:]) {
			return true
		}
	}
	return false
}

// resultLike tells names that a summary may come to have.
func resultLike(field string) bool {
	first, _, ok := strings.Cut(field, ".")
	if !ok {
		return false
	}
	parts := reflect.TypeFor[Summary]()
	for i := range parts.NumField() {
		if name, _, _ := strings.Cut(parts.Field(i).Tag.Get("json"), ","); name == first {
			return true
		}
	}
	return slices.Contains(LaneNames(), first)
}

func (v RunValues) flatten(prefix string, tree map[string]any) {
	for name, x := range tree {
		at := prefix + name
		switch x := x.(type) {
		case map[string]any:
			v.flatten(at+".", x)
		case float64:
			v[at] = strconv.FormatFloat(x, 'g', -1, 64)
		case string:
			if _, setting := v[at]; !setting {
				v[at] = x
			}
		case bool, nil:
		default:
			if raw, err := json.Marshal(x); err == nil && len(raw) < 200 {
				if _, setting := v[at]; !setting {
					v[at] = string(raw)
				}
			}
		}
	}
}

// Get looks a value up by its name or short name.
func (v RunValues) Get(name string) (string, bool) {
	for _, at := range []string{name, name + ".mean", "lanes." + name, "lanes." + name + ".mean"} {
		if x, ok := v[at]; ok {
			return x, true
		}
	}
	return "", false
}

// Match reports whether a run is picked.
func (q Query) Match(v RunValues) bool {
	for _, t := range q.terms {
		if !t.holds(v) {
			return false
		}
	}
	return true
}

func (t term) holds(v RunValues) bool {
	have, ok := v.Get(t.field)
	if !ok {
		return false
	}
	switch t.op {
	case "~":
		return strings.Contains(strings.ToLower(have), strings.ToLower(t.value))
	case "!~":
		return !strings.Contains(strings.ToLower(have), strings.ToLower(t.value))
	}
	a, errA := strconv.ParseFloat(have, 64)
	b, errB := strconv.ParseFloat(t.value, 64)
	if errA == nil && errB == nil {
		switch t.op {
		case "=":
			return a == b
		case "!=":
			return a != b
		case "<":
			return a < b
		case "<=":
			return a <= b
		case ">":
			return a > b
		case ">=":
			return a >= b
		}
	}
	switch t.op {
	case "=":
		return have == t.value
	case "!=":
		return have != t.value
	}
	return false
}
