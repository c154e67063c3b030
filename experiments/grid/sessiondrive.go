package grid

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"ra3/experiments"
)

// task makes one run to its end.
func (s *Session) task(ctx context.Context, st *State, t Task, threads int) (err error) {
	eng, err := t.Engine(ctx, threads)
	if err != nil {
		return err
	}
	defer func() { // after a panic as well: the run would stay held
		if cerr := eng.Close(); err == nil {
			err = cerr
		}
	}()
	if err := s.drive(ctx, st, eng); err != nil {
		return err
	}
	return s.hooks.Conclude(ctx, eng)
}

// drive makes every update of a run that is left, saving now and then and at
// the end, whatever the end.
func (s *Session) drive(ctx context.Context, st *State, eng *experiments.Engine) error {
	var saved, shown time.Time
	since, at := time.Now(), -1 // that the rate is over
	for {
		stage, _, update, _ := eng.Position()
		began := time.Now()
		_, err := eng.Step(ctx)
		if errors.Is(err, io.EOF) {
			return eng.Save()
		}
		if ctx.Err() != nil {
			if err := eng.Save(); err != nil {
				return err
			}
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		now := time.Now()
		st.Pace.Add(stage.Phase, 1, now.Sub(began))
		st.Stage, st.Update = stage, update+1
		made, total := eng.Updates()
		if at < 0 {
			at = made - 1
		}
		if now.Sub(shown) > sessionShows {
			shown = now
			st.Tasks = slices.Clone(st.Tasks) // what was shown stays as it is
			p := &st.Tasks[st.At]
			p.State, p.Made, p.Total = Running, made, total
			if d := now.Sub(since); d > sessionRates/6 {
				st.Rate = float64(made-at) / d.Seconds()
			}
			st.Left, _ = st.Pace.Estimate(s.a.Left(st.Tasks))
			s.publish(*st)
			if err := eng.Run().Flush(); err != nil {
				return err
			}
		}
		if now.Sub(since) > sessionRates {
			since, at = now, made
		}
		if now.Sub(saved) > sessionSaves {
			saved = now
			if err := eng.Save(); err != nil {
				return err
			}
		}
	}
}
