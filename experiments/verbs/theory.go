package verbs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"ra3/core/measure"
	"ra3/core/theory"
	"ra3/experiments"
)

func theoryVerb() *verb {
	return &verb{name: "theory", summary: "pruning error and planning error on finite families, exactly", run: runTheory,
		usage: "theory [--set FIELD=VALUE]... [--only PARTS] [--run DIR]\n    [--out DIR] [--figure NAME] [--format EXT] [--threads N] [--json]",
		detail: `Families: rooms (four rooms, options to hallways), phrases (spelling a hidden
phrase, options are words), random (a random MDP with planted sub-goals).
Everything is exact but for drawn tasks, demonstrations and exploration.

Parts: ` + strings.Join(partNames(), ", ") + `.
Charts: ` + wrapNames(theory.FigureNames, 71, 8) + `.
Tables: ` + wrapNames(theory.TableNames, 71, 8) + `.

Fields of --set: family=rooms|phrases|random, and
` + fieldHelp()}
}

// theoryFigures are the charts and tables there may be.
func theoryFigures() []string { return slices.Concat(theory.FigureNames, theory.TableNames) }

// partNames are the parts of a report as --only takes them.
func partNames() []string {
	var names []string
	for _, p := range theory.Parts() {
		names = append(names, partName(p))
	}
	return names
}

func partName(p theory.Part) string { return strings.ToLower(strings.ReplaceAll(p.Name, " ", "-")) }

// wrapNames joins names to lines of a width, indented from the second on.
func wrapNames(names []string, width, indent int) string {
	var b strings.Builder
	line := 0
	for i, n := range names {
		if i > 0 {
			n = ", " + n
		}
		if line+len(n) > width {
			n = ",\n" + strings.Repeat(" ", indent) + strings.TrimPrefix(n, ", ")
			line = 0
		}
		b.WriteString(n)
		line += len(n)
	}
	return b.String()
}

// fieldHelp lists the settings with their ranges and defaults.
func fieldHelp() string {
	s := theory.Default()
	var b strings.Builder
	for _, f := range theory.Fields() {
		b.WriteString(entry(f.Name+"="+fmt.Sprint(f.Get(&s)), fmt.Sprintf("%s; %g to %g", f.Help, f.Lo, f.Hi)))
	}
	return strings.TrimRight(b.String(), "\n")
}

func runTheory(ctx context.Context, e *Env, v *verb, args []string) error {
	f := newFlags(v)
	var set list
	f.Var(&set, "set", "one setting, `FIELD=VALUE` as in duration=7; may be repeated")
	only := f.String("only", "", "only these `PARTS`, separated by commas")
	run := f.String("run", "", "run `DIR` whose lanes are marked beside the decision spaces here")
	out := f.String("out", "", "write the figures into `DIR`")
	figure := f.String("figure", "", "only the chart or table `NAME`")
	format := f.String("format", "png", "`EXT` of figures: png, svg, pdf, csv")
	threads := f.Int("threads", 0, "threads to compute with, `N` (default: all cores); results do not depend on it")
	asJSON := f.Bool("json", false, "print every number as JSON")
	if _, err := f.parse(e, args, 0); err != nil {
		return err
	}
	if err := errors.Join(f.choice("format", *format, "png", "svg", "pdf", "csv")); err != nil {
		return err
	}
	switch {
	case *figure != "" && !slices.Contains(theoryFigures(), *figure):
		return f.choice("figure", *figure, theoryFigures()...)
	case *figure != "" && *out == "", f.given("format") && *out == "":
		return usagef("theory: where to: name the directory of the figures with --out DIR")
	case *threads < 0:
		return usagef("theory: --threads %d does not fit: want 1 or more", *threads)
	case *threads == 0:
		*threads = runtime.GOMAXPROCS(0)
	}
	parts, err := chosenParts(f, *only)
	if err != nil {
		return err
	}
	s := theory.Default()
	for _, assignment := range set {
		if s, err = s.With(assignment); err != nil {
			return usagef("theory: --set %s: %w", assignment, err)
		}
	}
	var markers []theory.Marker
	if *run != "" {
		if markers, err = runMarkers(*run); err != nil {
			return err
		}
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	report, err := e.lab(ctx, s, parts, *threads)
	if err != nil {
		if ctx.Err() != nil {
			return &interrupted{"interrupted: nothing was written"}
		}
		return fmt.Errorf("theory: %w", err)
	}
	report.Run = markers
	var paths []string
	if *out != "" {
		figures := append(report.Figures(), report.Tables()...)
		if *figure != "" {
			figures = slices.DeleteFunc(figures, func(x measure.Figure) bool { return x.Name != *figure })
		}
		if paths, err = saveFigures(ctx, figures, *out, "."+*format); err != nil {
			return err
		}
	}
	if *asJSON {
		return e.printJSON(struct {
			theory.Report
			Files []string `json:"files,omitempty"`
		}{report, paths})
	}
	text := theoryTable(report)
	for _, p := range paths {
		text += p + "\n"
	}
	return e.print(text)
}

// chosenParts reads --only.
func chosenParts(f *flags, only string) ([]theory.Part, error) {
	all := theory.Parts()
	if !f.given("only") {
		return all, nil
	}
	var out []theory.Part
	for name := range strings.SplitSeq(only, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		i := slices.IndexFunc(all, func(p theory.Part) bool { return partName(p) == name })
		if i < 0 {
			return nil, f.choice("only", name, partNames()...)
		}
		out = append(out, all[i])
	}
	return out, nil
}

// runMarkers places a run's lanes.
func runMarkers(dir string) ([]theory.Marker, error) {
	r, _, err := view(dir)
	if err != nil {
		return nil, err
	}
	events, _, err := r.Events()
	if err != nil {
		return nil, err
	}
	m := experiments.Markers(events)
	if len(m) == 0 {
		return nil, fmt.Errorf("%s has measured no decision space yet: go on with ra3 run --resume %s", dir, dir)
	}
	return m, nil
}

// lab computes a report, telling how far it is.
func (e *Env) lab(ctx context.Context, s theory.Settings, parts []theory.Part, threads int) (theory.Report, error) {
	p := e.newProgress()
	defer p.close()
	w, err := theory.New(ctx, s, threads)
	if err != nil {
		return theory.Report{}, err
	}
	report := w.Report()
	const share = 100 // of the bar, a part
	for i, part := range parts {
		p.bar(i*share, len(parts)*share, part.Name)
		err := part.Do(ctx, w, &report, func(step, steps int) { p.bar(i*share+share*step/steps, len(parts)*share, part.Name) })
		if err != nil {
			return report, err
		}
		if !e.StderrTTY {
			p.line("%s: done, %d of %d", part.Name, i+1, len(parts))
		}
	}
	return report, nil
}
