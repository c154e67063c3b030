package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"ra3/core/measure"
	"ra3/core/theory/discover"
)

// Learned is what tabular EM makes of expert trajectories, held against the
// options planted. A step that an expert took by a plain action belongs to none
// of them and is left out of the agreement.
type Learned struct {
	Latents      int `json:"latents"`
	Trajectories int `json:"trajectories"`
	Steps        int `json:"steps"`
	// Planted is the share of steps under an option, Used how many options those are.
	Planted float64 `json:"share_planted"`
	Used    int     `json:"options_used"`
	// LogP is log p(actions), nats a step, by EM iteration; the exact posterior
	// makes the bound equal it. Bound is the same by the transformer's estimator.
	LogP  []float64 `json:"nats_per_step"`
	Bound float64   `json:"bound_per_step"`
	// Alone is log p of the best policy without latents, nats a step.
	Alone float64   `json:"nats_without_latents"`
	Begin Agreement `json:"before_em"`
	End   Agreement `json:"after_em"`
	Rho   float64   `json:"rho"`
	// Tau is the mean span of a latent, TauPlanted of the experts' decisions, steps.
	Tau        float64 `json:"tau"`
	TauPlanted float64 `json:"tau_planted"`
	// Match is, for each option used, the share of its steps that carry the latent
	// which most of them carry.
	Match []Match `json:"match"`
}

// Agreement of latents with planted options.
type Agreement struct {
	NMI       Number `json:"nmi"`
	Purity    Number `json:"purity"`
	Precision Number `json:"boundary_precision"`
	Recall    Number `json:"boundary_recall"`
	// Given is how much of the options' entropy the latents explain where it is
	// known which options can be under way: I(z; option | available) /
	// H(option | available). A latent that serves an option in each of several
	// places lowers NMI and not this.
	Given Number `json:"explained_given_place"`
}

// Match is how one planted option fared.
type Match struct {
	Option string  `json:"option"`
	Steps  int     `json:"steps"`
	Latent int     `json:"latent"`
	Share  float64 `json:"share"`
}

// Trajectories that latents are learned from: up to so many, and no more once
// they have so many steps.
const (
	mostWalks = 128
	manySteps = 1500
)

// walked is an expert's trajectory with what it followed: the option in force,
// -1 for an action, and where decisions began.
type walked struct {
	steps  []discover.Step
	option []int
	starts []bool
	place  []string // which options can be under way there
}

// Discover learns latents from expert trajectories of the family.
func (w *World) Discover(ctx context.Context) (Learned, error) {
	rng := rand.New(rand.NewPCG(uint64(w.Settings.Seed), streamDiscover))
	var walks []walked
	var trs [][]discover.Step
	l := Learned{Latents: w.Settings.Latents}
	if l.Latents == 0 {
		l.Latents = len(w.Model.Options)
	}
	for len(walks) < mostWalks && l.Steps < manySteps {
		p, err := w.Model.Problem(w.Family.Draw(rng))
		if err != nil {
			return l, err
		}
		ds, err := w.demonstrate(ctx, p)
		if err != nil {
			return l, err
		}
		tr := w.walk(ds[lanes-1], rng)
		walks, trs = append(walks, tr), append(trs, tr.steps)
		l.Steps += len(tr.steps)
	}
	l.Trajectories = len(walks)
	if l.Steps == 0 {
		return l, fmt.Errorf("learned abstractions: no expert has anywhere to go: raise the duration")
	}
	c := discover.DefaultConfig(l.Latents, w.Family.Views, w.Model.Actions)
	f, err := discover.Learn(ctx, trs, c, w.threads, rng)
	if err != nil {
		return l, err
	}
	single := c
	single.Latents, single.Restarts, single.Iterations = 1, 1, 1
	alone, err := discover.Learn(ctx, trs, single, 1, rng)
	if err != nil {
		return l, err
	}
	n := float64(l.Steps)
	for _, x := range f.LogP {
		l.LogP = append(l.LogP, x/n)
	}
	l.Alone = alone.LogP[1] / n
	l.Bound = f.Model.Bound(trs, rng).Bound * float64(len(trs)) / n
	l.Begin, l.End, l.Rho = w.agree(f.Begin, walks, nil), w.agree(f.Model, walks, &l), f.Model.Prior.Rho
	return l, nil
}

// walk follows an expert from the start until it repeats one decision for ever,
// or for the family's horizon.
func (w *World) walk(d Demonstration, rng *rand.Rand) walked {
	var out walked
	s := d.Problem.Task.Start
	for len(out.steps) < w.Family.Horizon {
		i := int(d.Policy[s])
		if i < 0 || w.Model.Last(i) {
			break
		}
		_, z := w.Model.Row(i)
		began := true
		s = w.Model.Run(s, z, w.Family.Horizon-len(out.steps), rng, func(st, a, _ int) {
			out.steps = append(out.steps, discover.Step{View: w.Family.View[st], Action: a})
			out.option, out.starts = append(out.option, max(z-w.Model.Actions, -1)), append(out.starts, began)
			out.place = append(out.place, w.available(st))
			began = false
		})
	}
	return out
}

// available names the set of options that can be under way in a state.
func (w *World) available(s int) string {
	set := make(Set, len(w.Model.Options))
	for i, o := range w.Model.Options {
		set[i] = o.Policy[s] != nil
	}
	return set.key()
}

// agree compares a model's most probable latents with the planted options; into
// gets the rest of what is reported, where not nil.
func (w *World) agree(m *discover.Model, walks []walked, into *Learned) Agreement {
	var got, want []int
	var places []string
	var gotStart, wantStart, spans, decisions []bool
	steps := 0
	for _, tr := range walks {
		zs, starts := m.Posterior(tr.steps).Greedy()
		for t, z := range zs {
			steps++
			spans, decisions = append(spans, starts[t]), append(decisions, tr.starts[t])
			if tr.option[t] < 0 {
				continue
			}
			got, want, places = append(got, z), append(want, tr.option[t]), append(places, tr.place[t])
			if t > 0 {
				gotStart, wantStart = append(gotStart, starts[t]), append(wantStart, tr.starts[t])
			}
		}
	}
	precision, recall := measure.BoundaryScores(gotStart, wantStart)
	a := Agreement{Number(measure.NMI(got, want)), Number(measure.Purity(got, want)), Number(precision), Number(recall), Number(explained(got, want, places))}
	if into == nil {
		return a
	}
	into.Planted = float64(len(got)) / float64(steps)
	into.Tau, into.TauPlanted = measure.Durations(spans), measure.Durations(decisions)
	counts := make([][]int, len(w.Model.Options))
	for i, o := range want {
		if counts[o] == nil {
			counts[o] = make([]int, into.Latents)
		}
		counts[o][got[i]]++
	}
	for o, c := range counts {
		if c == nil {
			continue
		}
		into.Used++
		match := Match{Option: w.Model.Options[o].Name}
		best := 0
		for z, n := range c {
			match.Steps += n
			if n > best {
				best, match.Latent = n, z
			}
		}
		match.Share = float64(best) / float64(match.Steps)
		into.Match = append(into.Match, match)
	}
	return a
}

// explained is I(got; want | place) / H(want | place); NaN where place decides.
func explained(got, want []int, places []string) float64 {
	type triple struct {
		place     string
		got, want int
	}
	joint := map[triple]float64{}
	var order []triple // of first appearance: sums must not depend on the map
	for i := range got {
		for _, k := range []triple{{places[i], got[i], want[i]}, {places[i], got[i], -1}, {places[i], -1, want[i]}, {places[i], -1, -1}} {
			if joint[k] == 0 {
				order = append(order, k)
			}
			joint[k]++
		}
	}
	before, after := 0.0, 0.0 // H(want|place), H(want|got, place), times the steps
	for _, k := range order {
		switch n := joint[k]; {
		case k.want < 0:
		case k.got < 0:
			before -= n * math.Log(n/joint[triple{k.place, -1, -1}])
		default:
			after -= n * math.Log(n/joint[triple{k.place, k.got, -1}])
		}
	}
	return 1 - after/before
}
