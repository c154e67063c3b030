package experiments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"ra3/experiments/store"
)

// crashDir, in the environment, makes this binary carry on a run with forks until
// it is killed; with crashDriver through the driver, as the workbench does.
const (
	crashDir    = "RA3_TEST_CRASH_DIR"
	crashDriver = "RA3_TEST_CRASH_DRIVER"
)

func crashIfChild() {
	dir := os.Getenv(crashDir)
	if dir == "" {
		return
	}
	run := forkedRun
	if os.Getenv(crashDriver) != "" {
		run = drivenRun
	}
	if err := run(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// forkedRun makes a run with two branches, or goes on with it wherever it was
// left: main into its first EM iteration, a branch from its E-step to the end,
// main to the end, and a branch of the branch with fresh random numbers.
func forkedRun(ctx context.Context, dir string) (err error) {
	e, err := leftRun(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	e1, m1 := startOf(e.Plan, PhaseE, 1), startOf(e.Plan, PhaseM, 1)
	if err := goOn(ctx, e, m1+1); err != nil {
		return err
	}
	if err := branchTo(ctx, e, ForkRequest{From: Position{store.Main, e1}, Name: "hot", Overrides: []string{"ra3.learning_rate=0.01"}}); err != nil {
		return err
	}
	if err := goOn(ctx, e, 1<<30); err != nil {
		return err
	}
	if err := e.Switch(ctx, store.Main); err != nil {
		return err
	}
	if err := goOn(ctx, e, 1<<30); err != nil {
		return err
	}
	if err := branchTo(ctx, e, ForkRequest{From: Position{"hot", m1}, Name: "again", Random: store.Fresh}); err != nil {
		return err
	}
	return goOn(ctx, e, 1<<30)
}

// leftRun opens the run wherever it was left, or makes it.
func leftRun(ctx context.Context, dir string) (*Engine, error) {
	c, err := Resolve("quick", nil, oneSeed())
	if err != nil {
		return nil, err
	}
	e, err := Resume(ctx, dir, 2)
	if errors.Is(err, store.ErrNotRun) || errors.Is(err, fs.ErrNotExist) {
		e, err = Create(ctx, dir, c, 2)
	}
	return e, err
}

// drivenRun is forkedRun as the workbench makes it: by intents.
func drivenRun(ctx context.Context, dir string) (err error) {
	e, err := leftRun(ctx, dir)
	if err != nil {
		return err
	}
	past, _, err := e.Run().Events()
	if err != nil {
		return errors.Join(err, e.Close())
	}
	made, _ := e.Updates()
	d := Drive(ctx, e, past)
	defer func() {
		for !d.Send(Intent{Kind: Stop}) {
			select {
			case <-d.Done():
				return
			default:
			}
		}
		<-d.Done()
	}()
	// ask sends an intent and waits until the driver stands after it.
	ask := func(i Intent, ok func(Snapshot) bool) error {
		if !d.Send(i) {
			return fmt.Errorf("%s is not taken", i.Kind)
		}
		for s := range d.Snapshots() {
			if s.Err != nil || s.Refused != "" {
				return fmt.Errorf("%s: %w %s", i.Kind, s.Err, s.Refused)
			}
			if s.Pending == "" && s.State != Running && ok(s) {
				return nil
			}
		}
		return fmt.Errorf("%s: the driver has ended", i.Kind)
	}
	plan := d.Plan()
	e1, m1 := startOf(plan, PhaseE, 1), startOf(plan, PhaseM, 1)
	stand := func(q ForkRequest) error {
		on := func(s Snapshot) bool { return s.Branch == q.Name }
		if _, ok := d.Record().Branch(q.Name); ok {
			return ask(Intent{Kind: Switch, Branch: q.Name}, on)
		}
		return ask(Intent{Kind: Fork, Fork: &q}, on)
	}
	end := func() error {
		return ask(Intent{Kind: Run}, func(s Snapshot) bool { return s.State == Finished })
	}
	for _, do := range []func() error{
		func() error {
			if made > m1 { // a run that is opened stands on main
				return nil
			}
			return ask(Intent{Kind: Until, When: fmt.Sprint("at ", m1+1)}, func(s Snapshot) bool { return s.Made == m1+1 })
		},
		func() error {
			return stand(ForkRequest{From: Position{store.Main, e1}, Name: "hot", Overrides: []string{"ra3.learning_rate=0.01"}})
		},
		end,
		func() error {
			return ask(Intent{Kind: Switch, Branch: store.Main}, func(s Snapshot) bool { return s.Branch == store.Main })
		},
		end,
		func() error { return stand(ForkRequest{From: Position{"hot", m1}, Name: "again", Random: store.Fresh}) },
		end,
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func startOf(plan []Stage, phase string, iteration int) int {
	at := 0
	for _, s := range plan {
		if s.Phase == phase && s.Iteration == iteration {
			break
		}
		at += s.Updates
	}
	return at
}

// branchTo stands on a branch, made if it is not there.
func branchTo(ctx context.Context, e *Engine, q ForkRequest) error {
	branches, err := e.Run().Branches()
	if err != nil {
		return err
	}
	for _, b := range branches {
		if b.Name == q.Name {
			return e.Switch(ctx, q.Name)
		}
	}
	_, err = e.Fork(ctx, q)
	return err
}

// goOn makes updates until so many are made, and concludes the branch at its end.
func goOn(ctx context.Context, e *Engine, until int) error {
	for {
		made, _ := e.Updates()
		if made >= until {
			return e.Save()
		}
		_, err := e.Step(ctx)
		if errors.Is(err, io.EOF) {
			if err := e.Save(); err != nil {
				return err
			}
			_, err := e.Finish()
			return err
		}
		if err != nil {
			return err
		}
		if err := e.Run().Flush(); err != nil {
			return err
		}
		if made%4 == 0 {
			if err := e.Save(); err != nil {
				return err
			}
		}
	}
}
