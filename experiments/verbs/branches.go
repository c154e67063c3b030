package verbs

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ra3/experiments"
	"ra3/experiments/store"
)

// branching are the flags of run that make or choose a branch.
type branching struct {
	branch, fork, name, note string
	fresh                    bool
}

func (b *branching) add(f *flags) {
	f.StringVar(&b.branch, "branch", "", "of --resume: go on with branch `B` (default main)")
	f.StringVar(&b.fork, "fork", "", "new branch of a run, leaving `DIR@BRANCH:UPDATE` with the settings of --set; DIR alone leaves main's head")
	f.StringVar(&b.name, "name", "", "of --fork: the branch's name, `B` (default f1, f2, ...)")
	f.BoolVar(&b.fresh, "fresh", false, "of --fork: random numbers of its own instead of its parent's")
	f.StringVar(&b.note, "note", "", "of --fork: what it is for, `TEXT`")
}

// check refuses flags that do not go together.
func (b *branching) check(f *flags, resume string) error {
	if f.given("branch") && resume == "" {
		return usagef("run: --branch belongs to --resume: name the run with --resume DIR")
	}
	for _, name := range []string{"name", "fresh", "note"} {
		if f.given(name) && b.fork == "" {
			return usagef("run: --%s belongs to --fork: name the place with --fork DIR@BRANCH:UPDATE", name)
		}
	}
	if b.fork == "" {
		return nil
	}
	for _, name := range []string{"preset", "config", "seed", "out", "resume"} {
		if f.given(name) {
			return usagef("run: --fork changes a run's settings by --set: leave --%s away", name)
		}
	}
	return nil
}

// place splits DIR@BRANCH:UPDATE; head says that no update was named.
func (b *branching) place() (dir string, at experiments.Position, head bool, err error) {
	dir, text, ok := strings.Cut(b.fork, "@")
	if i := strings.LastIndexByte(b.fork, '@'); ok && i >= 0 {
		dir, text = b.fork[:i], b.fork[i+1:]
	}
	switch {
	case dir == "":
		return "", at, false, usagef("run: --fork %s names no run: want DIR@BRANCH:UPDATE, as in runs/a@main:120", b.fork)
	case !ok:
		return dir, experiments.Position{Branch: store.Main}, true, nil
	case !strings.ContainsAny(text, ":0123456789") || store.CheckBranchName(text) == nil && strings.Trim(text, "0123456789") != "":
		return dir, experiments.Position{Branch: text}, true, nil
	}
	if at, err = experiments.ParsePosition(text); err != nil {
		return "", at, false, usagef("run: --fork: %w", err)
	}
	return dir, at, false, nil
}

// open makes the branch and returns the engine that stands at its beginning.
func (b *branching) open(ctx context.Context, e *Env, x *experiment) (*experiments.Engine, error) {
	dir, at, head, err := b.place()
	if err != nil {
		return nil, err
	}
	eng, err := experiments.Resume(ctx, dir, x.threads)
	if err != nil {
		return nil, err
	}
	if head {
		h, _, err := experiments.ReadHistory(eng.Run())
		if err != nil {
			return nil, errors.Join(err, eng.Close())
		}
		at = h.Head(at.Branch)
	}
	q := experiments.ForkRequest{From: at, Name: b.name, Overrides: x.set, Note: b.note}
	if b.fresh {
		q.Random = store.Fresh
	}
	made, err := eng.Fork(ctx, q)
	if err != nil {
		return nil, errors.Join(&usageError{fmt.Errorf("run: --fork: %w", err)}, eng.Close())
	}
	changed := strings.Join(made.Overrides, ", ")
	if made.Random == store.Fresh {
		changed = strings.TrimPrefix(changed+", fresh random numbers", ", ")
	}
	e.note("branch %s leaves %s:%d with %s", made.Name, made.Parent, made.Update, changed)
	return eng, nil
}

// again is the command that goes on with an engine's branch.
func again(eng *experiments.Engine) string {
	text := "ra3 run --resume " + experiments.ShellWord(eng.Run().Dir())
	if b := eng.Branch(); b != store.Main {
		text += " --branch " + b
	}
	return text
}

// branchShown is a branch in ra3 runs show.
type branchShown struct {
	store.Branch
	Made  int                  `json:"updates"`
	Total int                  `json:"updates_planned"`
	Kept  []int                `json:"kept"`            // updates that branches can leave from, its own part of the line
	Mixed []string             `json:"mixed,omitempty"` // settings that hold for some lanes only
	Found *experiments.Summary `json:"summary,omitempty"`
}

func branchesShown(r *experiments.Record) []branchShown {
	out := []branchShown{}
	for _, b := range r.Branches() {
		x := branchShown{Branch: b.Branch, Made: b.Made, Total: b.Total, Kept: []int{}, Mixed: b.Mixed}
		for _, m := range r.Timeline(b.Name) {
			if m.State && m.To > b.Update {
				x.Kept = append(x.Kept, m.To)
			}
		}
		if b.Name != store.Main { // main's stands by itself
			if s, err := r.Summary(b.Name); err == nil {
				x.Found = s
			}
		}
		out = append(out, x)
	}
	return out
}

// branchText lists the branches and where others can leave them.
func branchText(all []branchShown) string {
	t := &columns{layout: "llrll"}
	t.row("BRANCH", "LEAVES", "UPDATES", "SETTINGS", "STATES KEPT AT")
	for _, b := range all {
		leaves, set := "-", strings.Join(b.Overrides, " ")
		if b.Name != store.Main {
			leaves = fmt.Sprintf("%s:%d", b.Parent, b.Update)
		}
		if b.Random == store.Fresh {
			set = strings.TrimSpace(set + " fresh random numbers")
		}
		if set == "" {
			set = "-"
		}
		if b.Note != "" {
			set += " (" + b.Note + ")"
		}
		kept := strings.Trim(fmt.Sprint(b.Kept), "[]")
		if kept == "" {
			kept = "-"
		}
		t.row(b.Name, leaves, fmt.Sprintf("%d/%d", b.Made, b.Total), set, kept)
	}
	text := "\nBranches\n" + t.String()
	for _, b := range all {
		for _, mixed := range b.Mixed {
			text += fmt.Sprintf("! %s, lanes mixed: %s\n", b.Name, mixed)
		}
	}
	return text
}
