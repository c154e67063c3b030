package verbs

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ra3/core/checkpoint/durable"
	"ra3/core/tasks"
	"ra3/core/trace"
	"ra3/experiments"
	"ra3/experiments/export"
	"ra3/experiments/store"
)

// exported is one thing that runs export writes.
type exported struct {
	what    string
	summary string
	// stream writes to a file or standard output; files writes to out itself and
	// returns what it wrote.
	stream func(ctx context.Context, x *exporting, w io.Writer) error
	files  func(ctx context.Context, x *exporting, out string) ([]string, error)
}

// exporting is a run being exported.
type exporting struct {
	env    *Env
	run    *store.Run
	branch string
}

// exports lists what there is, in the order of the help.
func exports() []exported {
	return []exported{
		{"events-csv", "every measure of every update, CSV", exportEventsCSV, nil},
		{"events-parquet", "the same, Parquet", exportEventsParquet, nil},
		{"tensorboard", "the same as TensorBoard event files, a folder for each seed and lane under --out", nil, exportTensorBoard},
		{"results-csv", "every sample's verdict, CSV", resultsAs(export.ResultsCSV), nil},
		{"results-parquet", "the same, Parquet", resultsAs(export.Parquet[export.Result]), nil},
		{"trl-sft", "annotated traces for TRL's SFTTrainer, JSON Lines", tracesAs(export.TraceSFT, export.Lines[export.SFT]), nil},
		{"trl-grpo", "held-out problems as prompts for TRL's GRPOTrainer, JSON Lines", exportGRPO, nil},
		{"trl-rollouts", "judged samples as TRL's prompt, completion and label, JSON Lines", exportRolloutsTRL, nil},
		{"verl-sft", "annotated traces for verl's SFT trainers, Parquet", tracesAs(export.TraceVerl, export.Parquet[export.VerlSFT]), nil},
		{"verl-rl", "held-out problems for verl's RL, Parquet", exportVerlRL, nil},
		{"verl-rollouts", "judged samples as verl dumps rollouts, JSON Lines", exportRolloutsVerl, nil},
		{"problems", "held-out problems for ra3 judge and ra3 eval --tasks, JSON Lines", exportProblems, nil},
		{"samples", "samples as the public harnesses write them, for ra3 judge, JSON Lines", exportSamples, nil},
		{"base", "base policy and sampler, as embedded", nil, exportBase},
	}
}

func exportNames() []string {
	var names []string
	for _, x := range exports() {
		names = append(names, x.what)
	}
	return names
}

// exportHelp lists the exports under one another.
func exportHelp() string {
	var b strings.Builder
	for _, x := range exports() {
		fmt.Fprintf(&b, "    %-16s %s\n", x.what, x.summary)
	}
	return strings.TrimRight(b.String(), "\n")
}

func runsExport(ctx context.Context, e *Env, o runsFlags, dirs []string) error {
	if o.out == "" {
		return usagef("runs export: where to: name it with --out FILE")
	}
	all := exports()
	at := slices.IndexFunc(all, func(w exported) bool { return w.what == o.what })
	if at < 0 {
		return usagef("runs export: --what %q is unknown: choose one of %s", o.what, strings.Join(exportNames(), ", "))
	}
	w := all[at]
	if o.branch != store.Main && w.what != "base" {
		return usagef("runs export: --branch belongs to --what base: %s is of the whole run", w.what)
	}
	if w.files != nil && o.out == "-" {
		return usagef("runs export: %s is not for standard output: name a file with --out FILE", w.what)
	}
	run, err := store.View(dirs[0])
	if err != nil {
		return err
	}
	x := &exporting{e, run, o.branch}
	switch {
	case w.files != nil:
		paths, err := w.files(ctx, x, o.out)
		if err != nil {
			return err
		}
		return e.printPaths(paths, o.json)
	case o.out == "-":
		if err := w.stream(ctx, x, e.Stdout); err != nil {
			return fmt.Errorf("standard output: %w", err)
		}
		return nil
	}
	if err := durable.Replace(o.out, func(out io.Writer) error { return w.stream(ctx, x, out) }); err != nil {
		return err
	}
	return e.printPaths([]string{o.out}, o.json)
}

func exportBase(_ context.Context, x *exporting, out string) ([]string, error) {
	return []string{out}, experiments.ExportBase(x.run, x.branch, out)
}

func (x *exporting) events() ([]store.Event, error) {
	events, notices, err := x.run.Events()
	for _, n := range notices {
		x.env.note("note: %s: %s", x.run.Dir(), n)
	}
	return events, err
}

func measureNames(m store.Measures) []string { return sortedKeys(m) }

// exportEventsCSV writes events in long format, a row per measure. Numbers read
// back as the same float64.
func exportEventsCSV(_ context.Context, x *exporting, out io.Writer) error {
	events, err := x.events()
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	if err := w.Write([]string{"seq", "branch", "seed", "lane", "phase", "iteration", "update", "measure", "value"}); err != nil {
		return err
	}
	for _, m := range export.Metrics(events, measureNames) {
		row := []string{strconv.FormatInt(m.Seq, 10), m.Branch, strconv.FormatInt(m.Seed, 10), m.Lane, m.Phase, strconv.FormatInt(m.Iteration, 10), strconv.FormatInt(m.Update, 10),
			m.Measure, strconv.FormatFloat(m.Value, 'g', -1, 64)}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func exportEventsParquet(_ context.Context, x *exporting, out io.Writer) error {
	events, err := x.events()
	if err != nil {
		return err
	}
	return export.Parquet(out, export.Metrics(events, measureNames))
}

// exportTensorBoard writes an event file for every seed and lane. A point's step
// counts the updates of its phase; events have no time of their own, so that all
// bear the log's.
func exportTensorBoard(ctx context.Context, x *exporting, out string) ([]string, error) {
	events, err := x.events()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(filepath.Join(x.run.Dir(), "events.jsonl"))
	if err != nil {
		return nil, err
	}
	wall := float64(info.ModTime().Unix())
	byPlace := map[string][]store.Event{}
	for _, ev := range events {
		lane := ev.Lane
		if lane == "" {
			lane = "shared"
		}
		place := filepath.Join(fmt.Sprintf("seed-%d", ev.Seed), lane)
		byPlace[place] = append(byPlace[place], ev)
	}
	var paths []string
	for _, place := range sortedKeys(byPlace) {
		dir := filepath.Join(out, place)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, durable.Explain("make", dir, err)
		}
		path := filepath.Join(dir, "events.out.tfevents.0000000000.ra3")
		err := durable.Replace(path, func(w io.Writer) error {
			tb, err := export.NewEvents(w, wall)
			if err != nil {
				return err
			}
			steps := map[string]int64{}
			for _, ev := range byPlace[place] {
				if err := ctx.Err(); err != nil {
					return err
				}
				steps[ev.Phase]++
				for _, name := range sortedKeys(ev.Measures) {
					if err := tb.Scalar(ev.Phase+"/"+name, wall, steps[ev.Phase], ev.Measures[name]); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// resultsAs makes an export of verdicts in a form.
func resultsAs(write func(io.Writer, []export.Result) error) func(context.Context, *exporting, io.Writer) error {
	return func(ctx context.Context, x *exporting, out io.Writer) error {
		var rows []export.Result
		if err := x.rollouts(ctx, func(_ *experiments.Problems, r *experiments.Rollout) error {
			rows = append(rows, export.ResultOf(r))
			return nil
		}); err != nil {
			return err
		}
		return write(out, rows)
	}
}

func (x *exporting) rollouts(ctx context.Context, f func(*experiments.Problems, *experiments.Rollout) error) error {
	ps, err := experiments.ProblemsOf(x.run)
	if err != nil {
		return err
	}
	n := 0
	err = experiments.Rollouts(ctx, x.run, ps, func(r *experiments.Rollout) error { n++; return f(ps, r) })
	if err == nil && n == 0 {
		err = fmt.Errorf("%s has no judged samples yet: go on with ra3 run --resume %s", x.run.Dir(), x.run.Dir())
	}
	return err
}

// tracesAs makes an export of the traces that each seed's last EM iteration
// annotated.
func tracesAs[T any](row func(experiments.AnnotatedTrace) T, write func(io.Writer, []T) error) func(context.Context, *exporting, io.Writer) error {
	return func(ctx context.Context, x *exporting, out io.Writer) error {
		names, err := x.run.Traces()
		if err != nil {
			return err
		}
		last := map[string]string{} // by seed: names sort by iteration within one
		for _, n := range names {
			seed, _, _ := strings.Cut(n, "-em")
			last[seed] = n
		}
		var rows []T
		for _, seed := range sortedKeys(last) {
			if err := store.EachJSONL(x.run, last[seed], func(t experiments.AnnotatedTrace) error {
				rows = append(rows, row(t))
				return ctx.Err()
			}); err != nil {
				return err
			}
		}
		if len(rows) == 0 {
			return fmt.Errorf("%s has no annotated traces: they come with the first EM iteration of the RA3 lane", x.run.Dir())
		}
		return write(out, rows)
	}
}

// problems calls f with every problem that the run sampled, once.
func (x *exporting) problems(ctx context.Context, f func(*experiments.Problems, *trace.Program) error) error {
	seen := map[string]bool{}
	return x.rollouts(ctx, func(ps *experiments.Problems, r *experiments.Rollout) error {
		if seen[r.Program.ID] {
			return nil
		}
		seen[r.Program.ID] = true
		return f(ps, r.Program)
	})
}

func exportGRPO(ctx context.Context, x *exporting, out io.Writer) error {
	var rows []export.GRPO
	if err := x.problems(ctx, func(ps *experiments.Problems, p *trace.Program) error {
		rows = append(rows, export.PromptGRPO(ps.Vocab(), p))
		return nil
	}); err != nil {
		return err
	}
	return export.Lines(out, rows)
}

func exportVerlRL(ctx context.Context, x *exporting, out io.Writer) error {
	var rows []export.VerlRL
	if err := x.problems(ctx, func(ps *experiments.Problems, p *trace.Program) error {
		r, err := export.PromptVerl(ps.Vocab(), p, "test", len(rows))
		rows = append(rows, r)
		return err
	}); err != nil {
		return err
	}
	return export.Parquet(out, rows)
}

func exportProblems(ctx context.Context, x *exporting, out io.Writer) error {
	var rows []tasks.Row
	if err := x.problems(ctx, func(ps *experiments.Problems, p *trace.Program) error {
		rows = append(rows, tasks.PocketRow(ps.Vocab(), p))
		return nil
	}); err != nil {
		return err
	}
	return export.Lines(out, rows)
}

func exportRolloutsTRL(ctx context.Context, x *exporting, out io.Writer) error {
	return rolloutLines(ctx, x, out, func(ps *experiments.Problems, r *experiments.Rollout) export.Unpaired {
		return export.RolloutTRL(ps.Vocab(), r)
	})
}

func exportRolloutsVerl(ctx context.Context, x *exporting, out io.Writer) error {
	return rolloutLines(ctx, x, out, func(ps *experiments.Problems, r *experiments.Rollout) export.VerlRollout {
		return export.RolloutVerl(ps.Vocab(), r)
	})
}

// publicSample is a sample as the public harnesses write it.
type publicSample struct {
	Task       string `json:"task_id"`
	Completion string `json:"completion"`
	Lane       string `json:"lane"`
	Phase      string `json:"phase"`
}

func exportSamples(ctx context.Context, x *exporting, out io.Writer) error {
	return rolloutLines(ctx, x, out, func(_ *experiments.Problems, r *experiments.Rollout) publicSample {
		return publicSample{r.SampleRecord.Problem, r.Completion, r.Lane, r.Phase}
	})
}

func rolloutLines[T any](ctx context.Context, x *exporting, out io.Writer, row func(*experiments.Problems, *experiments.Rollout) T) error {
	var rows []T
	if err := x.rollouts(ctx, func(ps *experiments.Problems, r *experiments.Rollout) error {
		rows = append(rows, row(ps, r))
		return nil
	}); err != nil {
		return err
	}
	return export.Lines(out, rows)
}
