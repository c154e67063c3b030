package verbs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ra3/core/checkpoint/durable"
	"ra3/core/measure"
	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/experiments/store"
	"ra3/plots"
)

func plotVerb() *verb {
	return &verb{name: "plot", summary: "figures and tables of one or several runs, as files", run: plot,
		usage: "plot --run DIR... [--at BRANCH:UPDATE]... [--figure NAME] [--out FILE.png|svg|pdf|csv|DIR]\n    [--format EXT] [--program P] [--line N] [--answer] [--latent TEXT] [--json]",
		detail: wrapNames(append([]string{"Charts: " + experiments.FigureNames[0]}, experiments.FigureNames[1:]...), 79, 4) + `.
` + wrapNames(append([]string{"Tables: " + experiments.TableNames[0]}, experiments.TableNames[1:]...), 79, 4) + `.
Of one program or latent: ` + strings.Join(experiments.LookNames, ", ") + `.
Of runs side by side, whatever their seeds: ` + strings.Join(compareNames, ", ") + `.
Of an ablation, named as a run, the map of a measure or its main effects:
    ` + wrapNames(grid.FigureNames(), 79, 4) + `,
` + wrapNames(grid.TableNames(), 79, 4) + `.

With --figure, --out names a file and its extension the format. Without, all
charts and tables go into the directory --out; for one run the default is its
plots directory. --at draws one run as it stood at a position (or a branch's
head: --at BRANCH:head); several lay branches over each other, tables below one
another. Several runs are drawn together and must differ in their seeds.`}
}

// compareNames are the figures of runs side by side.
var compareNames = []string{experiments.RunsFigure, experiments.RunsTable}

func plot(ctx context.Context, e *Env, v *verb, args []string) error {
	var dirs list
	f := newFlags(v)
	f.Var(&dirs, "run", "run directory `DIR`; may be repeated, and more may follow it")
	figure := f.String("figure", "", "only the chart or table `NAME`")
	format := f.String("format", "png", "`EXT` of the files in a directory: png, svg, pdf, csv")
	var look experiments.LookRequest
	f.StringVar(&look.Program, "program", "", "of trace, table-posterior and table-program: identifier or number of the program, `P` (default the first)")
	f.IntVar(&look.Line, "line", 0, "of table-posterior: only line `N`")
	f.BoolVar(&look.Answer, "answer", false, "of trace: with the hidden intents")
	f.StringVar(&look.Latent, "latent", "", "of table-latent: its rationale, `TEXT` (default the most used)")
	out := f.String("out", "", "`FILE` of one figure, or directory for all")
	var at list
	f.Var(&at, "at", "of one run: branch and update, `BRANCH:UPDATE`, as in main:120 or f1:head; repeated, the later ones are laid over the first, dashed")
	asJSON := f.Bool("json", false, "print the files written as JSON")
	more, err := f.parse(e, args, -1)
	if err != nil {
		return err
	}
	dirs = append(dirs, more...)
	if len(dirs) == 0 {
		return usagef("plot: which run: name it with --run DIR; ra3 runs ls lists the runs there are")
	}
	if err := checkFigure(f, *figure, *format, dirs); err != nil {
		return err
	}
	ctx, stop := e.interruptible(ctx, true)
	defer stop()
	target, err := plotTarget(*figure, *out, "."+*format, dirs)
	if err != nil {
		return err
	}
	look.Name = *figure
	figures, again, err := e.figures(dirs, at, look)
	if err != nil {
		return err
	}
	if *figure != "" {
		figures = slices.DeleteFunc(figures, func(x measure.Figure) bool { return x.Name != *figure })
		if len(figures) == 0 {
			return fmt.Errorf("no data for the figure %s yet: go on with %s", *figure, again)
		}
	}
	if len(figures) == 0 {
		return fmt.Errorf("no data for any figure yet: go on with %s", again)
	}
	var paths []string
	if target.file != "" {
		paths, err = []string{target.file}, saveFigure(figures[0], target.file)
	} else {
		paths, err = saveFigures(ctx, figures, target.dir, "."+*format)
	}
	if err != nil {
		return err
	}
	return e.printPaths(paths, *asJSON)
}

// checkFigure holds the figure asked for and its flags together.
func checkFigure(f *flags, figure, format string, dirs []string) error {
	names := slices.Concat(experiments.FigureNames, experiments.TableNames, experiments.LookNames, compareNames)
	if len(dirs) == 1 && grid.IsAblation(dirs[0]) {
		names = append(grid.FigureNames(), grid.TableNames()...)
	}
	if figure != "" {
		if err := f.choice("figure", figure, names...); err != nil {
			return err
		}
	}
	for name, of := range map[string][]string{"program": {experiments.TracePicture, experiments.PosteriorTable, experiments.OverTimeTable}, "line": {experiments.PosteriorTable}, "answer": {experiments.TracePicture}, "latent": {experiments.UseTable}} {
		if f.given(name) && !slices.Contains(of, figure) {
			return usagef("plot: --%s belongs to --figure %s", name, strings.Join(of, " or "))
		}
	}
	if slices.Contains(compareNames, figure) && f.given("at") {
		return usagef("plot: --figure %s compares whole runs: leave --at out", figure)
	}
	return f.choice("format", format, "png", "svg", "pdf", "csv")
}

// place is where figures go: one file, or a directory.
type place struct{ file, dir string }

var formats = []string{".png", ".svg", ".pdf", ".csv"}

func plotTarget(figure, out, ext string, dirs []string) (place, error) {
	if out == "" {
		if len(dirs) > 1 || figure != "" {
			return place{}, usagef("plot: where to: name it with --out FILE.png, .svg, .pdf or .csv, or --out DIR for all figures")
		}
		return place{dir: filepath.Join(dirs[0], "plots")}, nil
	}
	info, err := os.Stat(out)
	isDir := strings.HasSuffix(out, "/") || strings.HasSuffix(out, string(filepath.Separator)) || err == nil && info.IsDir()
	own := strings.ToLower(filepath.Ext(out))
	known := slices.Contains(formats, own)
	switch {
	case isDir && figure != "":
		return place{file: filepath.Join(out, figure+ext)}, nil
	case isDir, figure == "" && own == "":
		return place{dir: out}, nil
	case !known:
		return place{}, usagef("plot: --out %s: the extension gives the format: choose one of png, svg, pdf, csv", out)
	case figure == "":
		return place{}, usagef("plot: --out %s is one file: choose its figure with --figure (%s, ...), or name a directory for all", out, strings.Join(experiments.FigureNames, ", "))
	}
	return place{file: out}, nil
}

// figures builds the figures of runs drawn together, of runs side by side, or of
// one ablation; again is the command that goes on with what is there.
func (e *Env) figures(dirs, at []string, look experiments.LookRequest) (figures []measure.Figure, again string, err error) {
	again = "ra3 run --resume " + dirs[0]
	switch {
	case len(dirs) == 1 && grid.IsAblation(dirs[0]):
		a, err := grid.View(dirs[0])
		if err != nil {
			return nil, "", err
		}
		r, err := a.Result()
		if err != nil {
			return nil, "", err
		}
		return append(r.Every(), r.Tables()...), "ra3 ablate --resume " + dirs[0], nil
	case slices.Contains(compareNames, look.Name):
		runs, err := compared(dirs)
		return experiments.CompareRuns(runs), again, err
	case len(at) > 0 || slices.Contains(experiments.LookNames, look.Name):
		if len(dirs) > 1 {
			return nil, "", usagef("plot: --at and %s are of one run: name one --run", strings.Join(experiments.LookNames, ", "))
		}
		if len(at) == 0 {
			at = []string{store.Main + ":head"}
		}
		figures, err := e.figuresAt(dirs[0], at, look)
		return figures, again, err
	}
	events, summary, c, err := e.gather(dirs)
	return append(experiments.Figures(events, summary), experiments.Tables(events, summary, c)...), again, err
}

// compared reads runs to be set side by side.
func compared(dirs []string) ([]experiments.ComparedRun, error) {
	var runs []experiments.ComparedRun
	for _, dir := range dirs {
		run, c, err := view(dir)
		if err != nil {
			return nil, err
		}
		s, err := experiments.SummaryOf(run)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(filepath.Clean(dir))
		if slices.ContainsFunc(runs, func(r experiments.ComparedRun) bool { return r.Name == name }) {
			name = dir
		}
		runs = append(runs, experiments.ComparedRun{Name: name, Config: c, Summary: s})
	}
	return runs, nil
}

// gather reads the events and summaries of runs as if they were one.
// The configuration is the first one's.
func (e *Env) gather(dirs []string) (events []store.Event, s *experiments.Summary, first experiments.Config, err error) {
	var parts []*experiments.Summary
	by := map[int]string{} // seed to run
	for i, dir := range dirs {
		run, c, err := view(dir)
		if err != nil {
			return nil, nil, first, err
		}
		for s := c.Seed; s < c.Seed+c.Seeds; s++ {
			if other, taken := by[s]; taken {
				return nil, nil, first, usagef("plot: %s and %s both have seed %d: runs drawn together must have seeds of their own", other, dir, s)
			}
			by[s] = dir
		}
		if i == 0 {
			first = c
		} else if fields := settingsThatDiffer(first, c); len(fields) > 0 {
			e.note("note: %s and %s differ in %s, yet are drawn as one experiment", dirs[0], dir, strings.Join(fields, ", "))
		}
		h, notices, err := experiments.ReadHistory(run)
		if err != nil {
			return nil, nil, first, err
		}
		for _, n := range notices {
			e.note("note: %s: %s", dir, n)
		}
		events = append(events, h.Whole(store.Main)...)
		s, err := experiments.SummaryOf(run)
		switch {
		case err != nil:
			return nil, nil, first, err
		case s == nil:
			e.note("note: %s has not finished: figures that need its summary leave it out", dir)
		default:
			parts = append(parts, s)
		}
	}
	return events, pool(parts), first, nil
}

// view opens a run for reading, with its configuration.
func view(dir string) (*store.Run, experiments.Config, error) {
	run, err := store.View(dir)
	if err != nil {
		return nil, experiments.Config{}, err
	}
	c, err := experiments.ConfigOf(run)
	return run, c, err
}

// poolLevel is the confidence of intervals over the seeds of several runs.
const poolLevel = 0.95

// pool puts the pass@k of several runs' seeds into one summary, with intervals
// over seeds; nil without any.
func pool(parts []*experiments.Summary) *experiments.Summary {
	if len(parts) < 2 {
		if len(parts) == 1 {
			return parts[0]
		}
		return nil
	}
	all := &experiments.Summary{Preset: parts[0].Preset, Interval: "95% t-interval over seeds", Lanes: map[string]experiments.LaneSummary{}}
	for _, p := range parts {
		all.Seeds = append(all.Seeds, p.Seeds...)
		for lane, families := range p.Lanes {
			if all.Lanes[lane] == nil {
				all.Lanes[lane] = experiments.LaneSummary{}
			}
			for family, r := range families {
				f := all.Lanes[lane][family]
				f.Problems = max(f.Problems, r.Problems)
				f.Pass1.BySeed = append(f.Pass1.BySeed, r.Pass1.BySeed...)
				f.Pass5.BySeed = append(f.Pass5.BySeed, r.Pass5.BySeed...)
				f.Pass10.BySeed = append(f.Pass10.BySeed, r.Pass10.BySeed...)
				all.Lanes[lane][family] = f
			}
		}
	}
	for _, families := range all.Lanes {
		for family, f := range families {
			f.Pass1, f.Pass5, f.Pass10 = overSeeds(f.Pass1.BySeed), overSeeds(f.Pass5.BySeed), overSeeds(f.Pass10.BySeed)
			families[family] = f
		}
	}
	return all
}

func overSeeds(bySeed []experiments.Number) experiments.Measured {
	values := make([]float64, len(bySeed))
	for i, x := range bySeed {
		values[i] = float64(x)
	}
	e := measure.TInterval(values, poolLevel)
	return experiments.Measured{Mean: experiments.Number(e.Mean), Lo: experiments.Number(e.Lo), Hi: experiments.Number(e.Hi), N: e.N, BySeed: bySeed}
}

// saveFigures writes every figure into a directory and returns the paths. A
// figure without a finite point is passed over.
func saveFigures(ctx context.Context, figures []measure.Figure, dir, ext string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, durable.Explain("create", dir, err)
	}
	var paths []string
	for _, f := range figures {
		if err := ctx.Err(); err != nil {
			return paths, fmt.Errorf("save figures: %w", err)
		}
		path := filepath.Join(dir, f.Name+ext)
		err := saveFigure(f, path)
		if errors.Is(err, plots.ErrEmpty) {
			continue
		}
		if err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func saveFigure(f measure.Figure, path string) error {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return durable.Replace(path, func(w io.Writer) error { return plots.CSV(f, w) })
	}
	return plots.Save(f, path, 0, 0)
}

// printPaths prints what was written, a path a line.
func (e *Env) printPaths(paths []string, asJSON bool) error {
	if asJSON {
		return e.printJSON(map[string][]string{"files": paths})
	}
	return e.print(strings.Join(paths, "\n") + "\n")
}

func (e *Env) printJSON(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	return e.print(string(text) + "\n")
}
