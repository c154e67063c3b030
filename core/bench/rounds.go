package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// runner is one run of the measurement.
type runner struct {
	opt     Options
	began   time.Time
	peaks   *peaks
	skipped []string
	done    int // cases times rounds
	total   int
}

func newRunner(o *Options) *runner {
	o.fill()
	r := &runner{opt: *o, began: time.Now(), peaks: newPeaks(runtime.GOMAXPROCS(0))}
	r.total = r.planned()
	return r
}

// workload is a case: something to call again and again.
type workload struct {
	name      string
	precision Precision
	threads   int
	flops     float64 // of one call
	units     float64 // tokens, or what else is counted, of one call
	prepare   func() error
	call      func(context.Context) error
	warm      func(context.Context) error // before the first round; nil: call
	cost      time.Duration               // of the last round
	spent     time.Duration               // in all rounds
	rates     []float64                   // units a second, by round
	shares    []float64                   // of the peak, by round
}

// plan is how a set of workloads is run.
type plan struct {
	rounds int
	calls  int           // at least so many a round
	slice  time.Duration // of a round, at least
	probe  time.Duration // of each of the two probes beside a round
	must   bool          // one round of each even if the budget is long gone
	until  time.Time     // start no further round that would end later; zero: no bound
}

// Rounds of a case unless asked for otherwise.
const (
	usualRounds = 5
	carefulTime = 150 * time.Millisecond
)

// run measures the workloads in turn, round by round. Each gets one round, after
// a call that is not timed; beyond that, those go on that end in time or have not
// had an equal share of it.
func (r *runner) run(ctx context.Context, ws []*workload, p plan) error {
	share := max(time.Until(p.until), r.opt.Budget/20) / time.Duration(max(1, len(ws)))
	for i := range p.rounds {
		for _, w := range ws {
			r.done++
			late := !p.until.IsZero() && time.Now().Add(w.cost).After(p.until)
			if i > 0 && (!w.measured() || late && w.spent+w.cost > share) {
				continue
			}
			if i == 0 {
				if !p.must && r.overdue() {
					r.skipped = append(r.skipped, w.name+" (no time left)")
					continue
				}
				if err := w.once(ctx); err != nil {
					return err
				}
			}
			if err := r.round(ctx, w, p); err != nil {
				return err
			}
			r.tell(fmt.Sprintf("%s round %d", w.name, i+1), false)
		}
	}
	return nil
}

// overdue tells that the budget is so far behind that no further case is begun.
func (r *runner) overdue() bool {
	return !r.opt.All && r.opt.Rounds == 0 && time.Since(r.began) > r.opt.Budget*3/2
}

func (w *workload) once(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.prepare != nil {
		if err := w.prepare(); err != nil {
			return err
		}
	}
	if w.warm != nil {
		return w.warm(ctx)
	}
	return w.call(ctx)
}

// round calls one workload for the slice, between two probes.
func (r *runner) round(ctx context.Context, w *workload, p plan) error {
	begin := time.Now()
	if w.prepare != nil {
		if err := w.prepare(); err != nil {
			return err
		}
	}
	peak := r.peaks.rate(w.precision, w.threads, p.probe)
	start, calls, took := time.Now(), 0, time.Duration(0)
	for calls < p.calls || took < p.slice {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.call(ctx); err != nil {
			return err
		}
		calls++
		took = time.Since(start)
	}
	peak = (peak + r.peaks.rate(w.precision, w.threads, p.probe)) / 2
	each := took.Seconds() / float64(calls)
	w.rates = append(w.rates, w.units/each)
	w.shares = append(w.shares, w.flops/each/1e9/(peak*float64(w.threads)))
	w.cost = time.Since(begin)
	w.spent += w.cost
	return nil
}

func (w *workload) rate() float64  { return median(w.rates) }
func (w *workload) share() float64 { return median(w.shares) }

// measured tells whether there is anything to report.
func (w *workload) measured() bool { return len(w.rates) > 0 }

func (w *workload) stats() Stats {
	if !w.measured() {
		return Stats{}
	}
	return Stats{Rounds: len(w.rates), Spread: (slices.Max(w.rates) - slices.Min(w.rates)) / w.rate()}
}

// fits tells whether a case is worth starting: one that would, at half the peak,
// use more than a part of the budget is left out, unless everything was asked
// for. calls counts the calls of its shortest measurement; seconds is what they
// would take.
func (r *runner) fits(w *workload, calls int, part float64) (seconds float64, ok bool) {
	peak := median(r.peaks.seen[probe{w.precision, 1}])
	seconds = float64(calls) * w.flops / 1e9 / (peak / 2 * float64(w.threads))
	if r.opt.All || r.opt.Rounds > 0 || seconds <= part*r.opt.Budget.Seconds() {
		return seconds, true
	}
	r.done += r.rounds()
	return seconds, false
}

// keep says whether a case fits and notes it if it does not.
func (r *runner) keep(w *workload, calls int, part float64) bool {
	seconds, ok := r.fits(w, calls, part)
	if !ok {
		r.skipped = append(r.skipped, fmt.Sprintf("%s (about %.0f s)", w.name, seconds))
	}
	return ok
}

// rounds is how many rounds are planned for a case.
func (r *runner) rounds() int {
	if r.opt.Rounds > 0 {
		return r.opt.Rounds
	}
	return usualRounds
}

// planned is the number of rounds of all cases, which progress is counted against.
func (r *runner) planned() int {
	cases := 0
	for _, c := range r.opt.Configs {
		for _, p := range r.opt.Precisions {
			for part, n := range map[string]int{
				PartGemm:     len(c.shapes()) * len(kinds(p)),
				PartTrain:    len(r.opt.Threads),
				PartGenerate: len(r.opt.Threads) * len(c.Generate),
			} {
				if slices.Contains(r.opt.Parts, part) {
					cases += n
				}
			}
		}
	}
	return cases * r.rounds()
}

func (r *runner) tell(text string, finished bool) {
	if r.opt.Progress != nil {
		r.opt.Progress(Progress{Done: r.done, Total: r.total, Text: text, Finished: finished})
	}
}

// median of xs, 0 if there are none.
func median(xs []float64) float64 {
	n := len(xs)
	if n == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(xs))
	return (s[(n-1)/2] + s[n/2]) / 2
}
