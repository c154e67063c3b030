package experiments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ra3/core/simd"
	"ra3/experiments/store"
)

// Resume goes on with a run's main branch where its last checkpoint stands:
// events logged after all checkpoints are dropped and made again, bit for bit.
func Resume(ctx context.Context, dir string, threads int) (*Engine, error) {
	return ResumeBranch(ctx, dir, Branch, threads)
}

// ResumeBranch is Resume for any branch.
func ResumeBranch(ctx context.Context, dir, branch string, threads int) (*Engine, error) {
	return resumeIn(ctx, dir, threads, func(*store.Run) string { return branch })
}

// ResumeLast is Resume for the branch that was at work last.
func ResumeLast(ctx context.Context, dir string, threads int) (*Engine, error) {
	return resumeIn(ctx, dir, threads, (*store.Run).LastBranch)
}

func resumeIn(ctx context.Context, dir string, threads int, branch func(*store.Run) string) (*Engine, error) {
	run, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	e, err := resume(ctx, run, branch(run), threads)
	if err != nil {
		return nil, errors.Join(err, run.Close())
	}
	return e, nil
}

func resume(ctx context.Context, run *store.Run, branch string, threads int) (*Engine, error) {
	// A run.toml that was changed is told of first: what follows may be its doing.
	if _, err := ConfigOf(run); err != nil {
		return nil, err
	}
	if made, have := run.Manifest().InstructionSet, simd.Active().String(); made != have {
		return nil, fmt.Errorf("%s was computed with %s, this process uses %s and would not repeat it: set RA3_ISA=%s", run.Dir(), made, have, made)
	}
	if err := computable(run); err != nil {
		return nil, err
	}
	e, err := onBranch(ctx, run, branch, threads)
	if err != nil {
		return nil, err
	}
	if err := e.restore(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// onBranch makes an engine for a branch of a run, without its state.
func onBranch(ctx context.Context, run *store.Run, branch string, threads int) (*Engine, error) {
	base, err := ConfigOf(run)
	if err != nil {
		return nil, err
	}
	branches, err := run.Branches()
	if err != nil {
		return nil, err
	}
	c, salt, err := along(base, branches, branch)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", run.Dir(), err)
	}
	e, err := NewEngine(ctx, c, run, threads)
	if err != nil {
		return nil, err
	}
	e.branch, e.salt = branch, salt
	return e, nil
}

// along gives a branch's configuration and the salt of its random numbers.
func along(base Config, branches []store.Branch, branch string) (c Config, salt string, err error) {
	if branch == store.Main {
		return base, "", nil
	}
	i := slices.IndexFunc(branches, func(b store.Branch) bool { return b.Name == branch })
	if i < 0 {
		names := []string{store.Main}
		for _, b := range branches {
			names = append(names, b.Name)
		}
		return c, "", fmt.Errorf("there is no branch %s: there are %s", branch, strings.Join(names, ", "))
	}
	b := branches[i]
	if c, salt, err = along(base, branches[:i], b.Parent); err != nil {
		return c, "", err
	}
	if b.Random == store.Fresh {
		salt = freshSalt(b.Name)
	}
	c, err = c.with(b.Overrides)
	if err != nil {
		err = fmt.Errorf("branch %s: %w", branch, err)
	}
	return c, salt, err
}

// freshSalt tells a branch's own random numbers from all others.
func freshSalt(branch string) string { return "branch/" + branch + "/" }

// restore sets the engine to its branch's last checkpoint and cuts the run's
// files back to what checkpoints cover.
func (e *Engine) restore() error {
	if err := e.cut(); err != nil {
		return err
	}
	cp, err := latest(e.run, e.branch)
	if err != nil {
		return err
	}
	if cp == nil {
		if e.branch != store.Main {
			return fmt.Errorf("%s: no state of branch %s is there: it was removed", e.run.Dir(), e.branch)
		}
		return nil
	}
	return e.load(Position{cp.Branch, cp.Update}, e.print)
}

// load sets the engine to a stored state; print is that of the configuration it
// was computed with.
func (e *Engine) load(at Position, print string) error {
	f, err := e.run.LoadCheckpoint(at.Branch, at.Update)
	if err != nil {
		return err
	}
	st, meta, err := decodeState(f, e.Plan, e.precision)
	if err != nil {
		return err
	}
	if meta.Config != print {
		return fmt.Errorf("%s: run.toml was changed since its checkpoint was made: put it back, or start another run", e.run.Dir())
	}
	if e.run.LastSeq() < meta.Seq {
		return fmt.Errorf("%s: the event log ends at %d, before its checkpoint at %d: it was cut, the run cannot go on", e.run.Dir(), e.run.LastSeq(), meta.Seq)
	}
	e.st, e.seed, e.seen, e.kept = st, seedCorpus{}, looked{}, -1
	e.elapsed = time.Duration(meta.Seconds * float64(time.Second))
	return nil
}

// cut drops from the log and the record files what no branch's newest checkpoint
// covers. A branch is saved before another one is written, so that is what the
// branch written last has done since: it makes that again.
func (e *Engine) cut() error {
	branches, err := e.run.Branches()
	if err != nil {
		return err
	}
	names := []string{store.Main}
	for _, b := range branches {
		names = append(names, b.Name)
	}
	var end stateMeta
	for _, name := range names {
		cp, err := latest(e.run, name)
		if err != nil {
			return err
		}
		if cp == nil {
			continue
		}
		raw, err := e.run.CheckpointMeta(cp.Branch, cp.Update)
		if err != nil {
			return err
		}
		meta, err := decodeMeta(raw)
		if err != nil {
			return err
		}
		if meta.Seq >= end.Seq {
			end = meta
		}
	}
	if err := e.run.Truncate(end.Seq); err != nil {
		return err
	}
	e.seq = end.Seq
	e.records.samples, e.records.verdicts = end.Samples, end.Verdicts
	for name, n := range map[string]int{store.SamplesFile: end.Samples, store.VerdictsFile: end.Verdicts} {
		if err := e.run.TruncateJSONL(name, n); err != nil {
			return err
		}
	}
	return nil
}

func latest(run *store.Run, branch string) (*store.Checkpoint, error) {
	all, err := run.Checkpoints()
	if err != nil {
		return nil, err
	}
	var newest *store.Checkpoint
	for i := range all {
		if all[i].Branch == branch && (newest == nil || all[i].Update > newest.Update) {
			newest = &all[i]
		}
	}
	return newest, nil
}

// Switch saves the branch under way and goes on with another one, where that was
// left. On an error nothing has changed.
func (e *Engine) Switch(ctx context.Context, branch string) error {
	if branch == e.branch {
		return nil
	}
	if e.run == nil {
		return errNothingStored
	}
	if err := e.Save(); err != nil {
		return err
	}
	n, err := onBranch(ctx, e.run, branch, e.threads)
	if err != nil {
		return err
	}
	cp, err := latest(e.run, branch)
	if err == nil && cp == nil {
		err = fmt.Errorf("%s: no state of branch %s is there: it was removed", e.run.Dir(), branch)
	}
	if err == nil {
		err = n.load(Position{cp.Branch, cp.Update}, n.print)
	}
	if err != nil {
		return errors.Join(err, n.release())
	}
	return e.become(n)
}

// Fork saves the branch under way, makes a new one from a kept state, and stands
// at its beginning. On an error nothing has changed.
func (e *Engine) Fork(ctx context.Context, q ForkRequest) (store.Branch, error) {
	if e.run == nil {
		return store.Branch{}, errNothingStored
	}
	if err := e.Save(); err != nil {
		return store.Branch{}, err
	}
	events, _, err := e.run.Events()
	if err != nil {
		return store.Branch{}, err
	}
	record, err := e.past(events)
	if err != nil {
		return store.Branch{}, err
	}
	b, c, err := record.CheckFork(q)
	if err != nil {
		return b, err
	}
	n, err := NewEngine(ctx, c, e.run, e.threads)
	if err != nil {
		return b, err
	}
	if err := n.start(ctx, record, b); err != nil {
		return b, errors.Join(err, n.release())
	}
	n.seq, n.records, n.keeping = e.seq, e.records, e.keeping
	// The state first: a branch that is on record has one.
	err = n.store()
	if err == nil {
		err = e.run.AddBranch(b)
	}
	if err != nil {
		return b, errors.Join(err, n.release())
	}
	return b, e.become(n)
}

// past is the run's record, of which events are the log.
func (e *Engine) past(events []store.Event) (*Record, error) {
	if e.run == nil {
		return newRecord(nil, e.Config, events)
	}
	base, err := ConfigOf(e.run)
	if err != nil {
		return nil, err
	}
	return newRecord(e.run, base, events)
}

// start sets an engine to where a branch leaves its parent.
func (e *Engine) start(ctx context.Context, r *Record, b store.Branch) error {
	e.branch = b.Name
	_, salt, err := along(r.base, r.History().Branches()[1:], b.Parent)
	if err != nil {
		return err
	}
	if e.salt = salt; b.Random == store.Fresh {
		e.salt = freshSalt(b.Name)
	}
	at, ok := r.stored(Position{b.Parent, b.Update})
	if !ok {
		return nil // the beginning: nothing is computed yet
	}
	wrote, _ := r.Branch(at.Branch)
	c, err := wrote.Config.computed(ctx, e.World)
	if err != nil {
		return err
	}
	if err := e.load(at, c.fingerprint()); err != nil {
		return err
	}
	return e.needs()
}

// become takes the place of e.
func (e *Engine) become(n *Engine) error {
	n.seq, n.records, n.excess, n.keeping = e.seq, e.records, e.excess, e.keeping
	err := e.release()
	*e = *n
	return err
}

// release frees what an engine holds but its run directory.
func (e *Engine) release() error {
	e.policy.Close()
	e.hind.Close()
	return e.closeJudges()
}

// ofBranch names a file of the branch under way: main's have no prefix.
func (e *Engine) ofBranch(name string) string { return ofBranch(e.branch, name) }

func ofBranch(branch, name string) string {
	if branch == store.Main {
		return name
	}
	return branch + "." + name
}

// annotationName is the record file of a corpus' annotation.
func annotationName(seed, iteration int) string { return fmt.Sprintf("s%d-em%02d", seed, iteration) }
