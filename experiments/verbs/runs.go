package verbs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"ra3/experiments"
	"ra3/experiments/store"
)

func runsVerb() *verb {
	return &verb{name: "runs", summary: "list, show, compare, export and remove stored runs", run: runs,
		usage: "runs ls|show|diff|export|rm|note|notes [DIR...] [--root DIR] [--json]",
		detail: `  runs ls [--where QUERY]     the runs under --root, or those that a query picks,
                              as in 'preset=quick seed>3 ra3-ntp>0.02': a part of
                              the name, or field, = != < <= > >= ~ or !~, value;
                              fields are name, state, preset, seed, version,
                              instruction_set, precision, events, ra3-ntp (RA3
                              minus NTP, mean of pass@1, 5 and 10; other lanes
                              likewise), settings as in run.toml and results as
                              in summary.json, such as ra3.doc.pass@1
  runs show DIR               configuration, state, last events, results
  runs diff A B               settings that differ, and headline numbers side by side
  runs export DIR --out FILE  write what the run found in another form, --what
` + exportHelp() + `
  runs rm DIR... [--yes]      delete runs
  runs note DIR TEXT          add a remark; --at BRANCH:UPDATE says on what, --mark
                              makes it a bookmark, --drop ID takes one away
  runs notes DIR              the remarks and bookmarks
A run is named by its directory, or by its name under --root.`}
}

// runsFlags are the flags of runs and its subcommands.
type runsFlags struct {
	root, what, out, where, at string
	branch                     string
	json, yes, mark            bool
	drop                       int
}

func runs(ctx context.Context, e *Env, v *verb, args []string) error {
	f := newFlags(v)
	var o runsFlags
	f.StringVar(&o.root, "root", runsRoot, "directory of runs, `DIR` (default runs)")
	f.BoolVar(&o.json, "json", false, "print results as JSON")
	f.StringVar(&o.what, "what", "events-csv", "of export: `WHAT`, as listed above (default events-csv)")
	f.StringVar(&o.out, "out", "", "of export: `FILE` to write, a folder for tensorboard; - for standard output")
	f.StringVar(&o.branch, "branch", store.Main, "of export --what base: branch `B` (default main)")
	f.BoolVar(&o.yes, "yes", false, "of rm: do not ask")
	f.StringVar(&o.where, "where", "", "of ls: only runs that `QUERY` picks, as in 'preset=quick seed>3'")
	f.StringVar(&o.at, "at", "", "of note: position `BRANCH:UPDATE`")
	f.BoolVar(&o.mark, "mark", false, "of note: a bookmark")
	f.IntVar(&o.drop, "drop", 0, "of note: `ID` of a note to take away")
	rest, err := f.parse(e, args, -1)
	if err != nil {
		return err
	}
	subs := map[string]struct {
		least, most int
		takes       string
		run         func(context.Context, *Env, runsFlags, []string) error
	}{
		"ls": {0, 0, "no further argument", runsList}, "show": {1, 1, "one run", runsShow}, "diff": {2, 2, "two runs", runsDiff},
		"export": {1, 1, "one run", runsExport}, "rm": {1, 1 << 20, "runs to remove", runsRemove},
		"note": {1, 1 << 20, "a run and a text", runsNote}, "notes": {1, 1, "one run", runsNotes},
	}
	if len(rest) == 0 {
		return usagef("runs: what to do: choose one of ls, show, diff, export, rm, note, notes")
	}
	sub, ok := subs[rest[0]]
	if !ok {
		return usagef("runs: %q is unknown: %s", rest[0], nearest(rest[0], sortedKeys(subs), "choose one of ls, show, diff, export, rm, note, notes"))
	}
	for _, x := range []struct{ flag, of string }{{"what", "export"}, {"out", "export"}, {"branch", "export"}, {"yes", "rm"}, {"where", "ls"}, {"at", "note"}, {"mark", "note"}, {"drop", "note"}} {
		if f.given(x.flag) && rest[0] != x.of {
			return usagef("runs %s: --%s belongs to runs %s: leave it away", rest[0], x.flag, x.of)
		}
	}
	if err := f.choice("what", o.what, exportNames()...); err != nil {
		return err
	}
	names := rest[1:]
	if len(names) < sub.least || len(names) > sub.most {
		return usagef("runs %s: takes %s, not %d: ra3 runs ls lists the runs there are", rest[0], sub.takes, len(names))
	}
	for i, n := range names {
		if rest[0] != "note" || i == 0 {
			names[i] = locate(o.root, n)
			if err := noAblation(names[i]); err != nil {
				return err
			}
		}
	}
	return sub.run(ctx, e, o, names)
}

// locate finds a run by its directory or by its name under root.
func locate(root, name string) string {
	if _, err := os.Stat(name); err != nil {
		if at := filepath.Join(root, name); filepath.IsLocal(name) {
			if _, err := os.Stat(at); err == nil {
				return at
			}
		}
	}
	return name
}

// listed is a run in ra3 runs ls --json.
type listed struct {
	Name      string      `json:"name"`
	Dir       string      `json:"dir"`
	State     store.State `json:"state"`
	Preset    string      `json:"preset"`
	Seed      int64       `json:"seed"`
	Version   string      `json:"version"`
	ISA       string      `json:"instruction_set"`
	Precision string      `json:"precision"`
	Events    int64       `json:"events"`
	Bytes     int64       `json:"bytes"`
	Updated   string      `json:"updated"` // RFC 3339, UTC
	Problem   string      `json:"problem,omitempty"`
}

func listing(i store.Info) listed {
	l := listed{i.Name, i.Dir, i.State, i.Manifest.Preset, i.Manifest.Seed, i.Manifest.Version, i.Manifest.InstructionSet, "", i.Events, i.Size, "", i.Problem}
	if i.Problem == "" {
		l.Precision = experiments.PrecisionOf(i.Manifest)
	}
	if !i.Updated.IsZero() {
		l.Updated = i.Updated.UTC().Format("2006-01-02T15:04:05Z")
	}
	return l
}

func runsList(_ context.Context, e *Env, o runsFlags, _ []string) error {
	infos, err := store.List(o.root)
	if err != nil {
		return err
	}
	if infos, err = picked(infos, o.where); err != nil {
		return err
	}
	all := make([]listed, len(infos))
	for i, info := range infos {
		all[i] = listing(info)
	}
	if o.json {
		return e.printJSON(all)
	}
	if len(all) == 0 && o.where != "" {
		e.note("no run under %s is picked by --where", o.root)
		return nil
	}
	if len(all) == 0 {
		e.note("no runs under %s: ra3 run makes one, --root DIR looks elsewhere", o.root)
		return nil
	}
	t := &columns{layout: "lllrrrl"}
	t.row("NAME", "STATE", "PRESET", "SEED", "EVENTS", "SIZE", "UPDATED (UTC)")
	for _, l := range all {
		if l.Problem != "" {
			t.row(l.Name, string(l.State), "-", "-", "-", bytesText(l.Bytes), oneLine(l.Problem))
			continue
		}
		t.row(l.Name, string(l.State), l.Preset, fmt.Sprint(l.Seed), fmt.Sprint(l.Events), bytesText(l.Bytes), strings.TrimSuffix(strings.Replace(l.Updated, "T", " ", 1), "Z"))
	}
	return e.print(t.String())
}

// stateOf is a run as a listing shows it, by its directory.
func stateOf(dir string) (store.Info, error) {
	info, err := store.Inspect(dir)
	if errors.Is(err, store.ErrNotRun) {
		err = fmt.Errorf("%w; ra3 runs ls lists the runs there are", err)
	}
	return info, err
}

// lastEvents is how many events runs show prints.
const lastEvents = 8

// shown is ra3 runs show --json.
type shown struct {
	listed
	Config   map[string]any       `json:"config"`
	Made     int                  `json:"updates"`
	Total    int                  `json:"updates_planned"`
	Branches []branchShown        `json:"branches"`
	Last     []store.Event        `json:"last_events"`
	Notices  []string             `json:"notices,omitempty"`
	Summary  *experiments.Summary `json:"summary,omitempty"`
}

func runsShow(_ context.Context, e *Env, o runsFlags, dirs []string) error {
	dir := dirs[0]
	run, c, err := view(dir)
	if err != nil {
		return err
	}
	info, err := stateOf(dir)
	if err != nil {
		return err
	}
	record, notices, err := experiments.ReadRecord(run)
	if err != nil {
		return err
	}
	events := record.History().Whole(store.Main)
	s := shown{listed: listing(info), Made: len(events), Last: append([]store.Event{}, events[max(0, len(events)-lastEvents):]...)}
	for _, stage := range experiments.Plan(c) {
		s.Total += stage.Updates
	}
	s.Branches = branchesShown(record)
	for _, n := range notices {
		s.Notices = append(s.Notices, n.String())
	}
	if s.Config, err = settings(run.Config()); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	if s.Summary, err = experiments.SummaryOf(run); err != nil {
		return err
	}
	if o.json {
		return e.printJSON(s)
	}
	return e.print(s.text(c, string(run.Config())))
}

func (s shown) text(c experiments.Config, config string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d of %d updates, %s, last written %s UTC\n", s.Dir, s.State, s.Made, s.Total, bytesText(s.Bytes), strings.TrimSuffix(strings.Replace(s.Updated, "T", " ", 1), "Z"))
	fmt.Fprintf(&b, "made by version %s with %s in %s\n", s.Version, s.ISA, s.Precision)
	for _, n := range s.Notices {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	b.WriteString("\nConfiguration\n")
	for line := range strings.Lines(strings.TrimSpace(config) + "\n") {
		b.WriteString(strings.TrimRight("  "+line, " \n") + "\n")
	}
	b.WriteString("\nLast events\n")
	t := &columns{layout: "rlllrl"}
	for _, ev := range s.Last {
		phase := ev.Phase
		if ev.Iteration > 0 {
			phase += fmt.Sprintf(" (EM %d)", ev.Iteration)
		}
		t.row(fmt.Sprint(ev.Seq), fmt.Sprintf("seed %d", ev.Seed), ev.Lane, phase, fmt.Sprint(ev.Update), keyMeasures(ev, nil))
	}
	for line := range strings.Lines(t.String()) {
		b.WriteString("  " + line)
	}
	b.WriteString(branchText(s.Branches))
	if s.Summary == nil {
		fmt.Fprintf(&b, "\nNo results yet: finish it with ra3 run --resume %s\n", s.Dir)
	} else {
		b.WriteString("\nResults\n" + resultTable(c, s.Summary))
	}
	return b.String()
}

// settings are a configuration's fields as a tree.
func settings(doc []byte) (map[string]any, error) {
	tree := map[string]any{}
	if err := toml.Unmarshal(doc, &tree); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return tree, nil
}

func runsRemove(_ context.Context, e *Env, o runsFlags, dirs []string) error {
	in := bufio.NewReader(e.Stdin)
	for _, dir := range dirs {
		info, err := stateOf(dir)
		if err != nil {
			return err
		}
		if !o.yes {
			if !e.StdinTTY {
				return usagef("runs rm %s: nobody can be asked here: give --yes to delete it", dir)
			}
			fmt.Fprintf(e.Stderr, "delete %s (%s, %s)? [y/N] ", dir, info.State, bytesText(info.Size))
			answer, err := in.ReadString('\n')
			if err != nil || !strings.EqualFold(strings.TrimSpace(answer), "y") && !strings.EqualFold(strings.TrimSpace(answer), "yes") {
				e.note("%s is kept", dir)
				continue
			}
		}
		if err := store.Remove(dir); err != nil {
			return err
		}
		e.note("%s is deleted", dir)
	}
	return nil
}
