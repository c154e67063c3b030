package verbs

import (
	"context"
	"fmt"
	"slices"

	"ra3/experiments"
)

// flatten lists a configuration's fields as a.b with their values as text.
func flatten(tree map[string]any, prefix string, into map[string]string) {
	for k, v := range tree {
		if sub, ok := v.(map[string]any); ok {
			flatten(sub, prefix+k+".", into)
		} else {
			into[prefix+k] = fmt.Sprint(v)
		}
	}
}

// fieldsOf is a resolved configuration, field by field. A configuration made
// by Resolve always encodes and reads back.
func fieldsOf(c experiments.Config) map[string]string {
	fields := map[string]string{}
	doc, err := c.TOML()
	if err != nil {
		return fields
	}
	if tree, err := settings(doc); err == nil {
		flatten(tree, "", fields)
	}
	return fields
}

// change is a field that two configurations do not share.
type change struct {
	Field string `json:"field"`
	A     string `json:"a"`
	B     string `json:"b"`
}

func changes(a, b experiments.Config) []change {
	fa, fb := fieldsOf(a), fieldsOf(b)
	cs := []change{}
	for _, name := range sortedKeys(fa) {
		if fa[name] != fb[name] {
			cs = append(cs, change{name, fa[name], fb[name]})
		}
	}
	return cs
}

// settingsThatDiffer names the fields besides the seeds.
func settingsThatDiffer(a, b experiments.Config) []string {
	var names []string
	for _, c := range changes(a, b) {
		if !slices.Contains([]string{"seed", "seeds", "preset"}, c.Field) {
			names = append(names, c.Field)
		}
	}
	return names
}

// headline is a number of two runs side by side.
type headline struct {
	Measure string                `json:"measure"`
	A       *experiments.Measured `json:"a"`
	B       *experiments.Measured `json:"b"`
	format  string
}

// headlines picks a summary's main numbers by name, in order.
func headlines(s *experiments.Summary) (names []string, values map[string]experiments.Measured, formats map[string]string) {
	values, formats = map[string]experiments.Measured{}, map[string]string{}
	if s == nil {
		return nil, values, formats
	}
	add := func(format string, m experiments.Measured, name string, args ...any) {
		name = fmt.Sprintf(name, args...)
		names, values[name], formats[name] = append(names, name), m, format
	}
	for _, lane := range lanesOf(s.Lanes) {
		for _, family := range familiesOf(s.Lanes[lane]) {
			r := s.Lanes[lane][family]
			add("%.3f", r.Pass1, "%s %s pass@1", lane, family)
			add("%.3f", r.Pass10, "%s %s pass@10", lane, family)
			if r.Nats != nil {
				add("%.2f", *r.Nats, "%s %s nats/program", lane, family)
			}
		}
		if p, ok := s.Pruning[lane]; ok {
			add("%.2f", p.LogEffective, "%s log n95", lane)
			add("%.2f", p.Horizon, "%s horizon", lane)
		}
		if r, ok := s.RLVR[lane]; ok {
			add("%.3f", r.Final, "%s RLVR final pass@1", lane)
			add("%.3f", r.AUC, "%s RLVR area", lane)
		}
	}
	if n := len(s.Latents.Iterations); n > 0 {
		if m, ok := s.Latents.Iterations[n-1]["nmi"]; ok {
			add("%.3f", m, "latents NMI")
		}
	}
	return names, values, formats
}

func runsDiff(_ context.Context, e *Env, o runsFlags, dirs []string) error {
	var configs [2]experiments.Config
	var sums [2]*experiments.Summary
	for i, dir := range dirs {
		run, c, err := view(dir)
		if err != nil {
			return err
		}
		configs[i] = c
		if sums[i], err = experiments.SummaryOf(run); err != nil {
			return err
		}
		if sums[i] == nil {
			e.note("note: %s has not finished, so it has no results yet", dir)
		}
	}
	cs := changes(configs[0], configs[1])
	names, a, formats := headlines(sums[0])
	more, b, otherFormats := headlines(sums[1])
	for _, n := range more {
		if !slices.Contains(names, n) {
			names, formats[n] = append(names, n), otherFormats[n]
		}
	}
	hs := []headline{}
	for _, n := range names {
		h := headline{Measure: n, format: formats[n]}
		if m, ok := a[n]; ok {
			h.A = &m
		}
		if m, ok := b[n]; ok {
			h.B = &m
		}
		hs = append(hs, h)
	}
	if o.json {
		return e.printJSON(map[string]any{"a": dirs[0], "b": dirs[1], "settings": cs, "results": hs})
	}
	return e.print(diffText(dirs[0], dirs[1], cs, hs))
}

func diffText(a, b string, cs []change, hs []headline) string {
	t := &columns{layout: "lll"}
	t.row("setting", a, b)
	for _, c := range cs {
		t.row(c.Field, c.A, c.B)
	}
	text := "The settings are the same.\n"
	if len(cs) > 0 {
		text = t.String()
	}
	if len(hs) == 0 {
		return text
	}
	r := &columns{layout: "lll"}
	r.row("result", a, b)
	for _, h := range hs {
		cells := []string{h.Measure, "-", "-"}
		for i, m := range []*experiments.Measured{h.A, h.B} {
			if m != nil {
				cells[1+i] = interval(h.format, *m)
			}
		}
		r.row(cells...)
	}
	return text + "\n" + r.String()
}
