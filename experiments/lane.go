package experiments

import (
	"math/rand/v2"
	"slices"

	"ra3/core/trace"
)

// labels says which annotation a lane's M-steps train on.
type labels uint8

const (
	noLabels       labels = iota
	emLabels              // the sampler's, renewed by EM
	initialLabels         // the initial sampler's, never renewed
	shuffledLabels        // the same, rationales permuted over the corpus
	actLabels             // slots without latents
	oracleLabels          // true intents in the prompt's own words
)

// lane is a mid-training treatment from the same base policy.
type lane struct {
	name, title string
	trains      bool
	format      trace.Format
	labels      labels
	// aside marks controls and the upper reference: they make a result mean
	// something and are compared with, never claimed for.
	aside bool
}

// lanes in the order of display. The three that the claims compare stand first;
// then come Base with rationales allowed, NTP at RA3's compute, RA3 with the
// initial sampler's annotation and no EM, the format with act alone, rationales
// permuted over the corpus, and the true intents as an upper reference.
var lanes = []lane{
	{name: "base", title: "Base"},
	{name: "ntp", title: "NTP", trains: true},
	{name: "ra3", title: "RA3", trains: true, format: trace.Slotted, labels: emLabels},
	{name: "base-think", title: "Base think", format: trace.Slotted, aside: true},
	{name: "ntp-compute", title: "NTP compute", trains: true, aside: true},
	{name: "initial", title: "no EM", trains: true, format: trace.Slotted, labels: initialLabels, aside: true},
	{name: "act", title: "act only", trains: true, format: trace.ActOnly, labels: actLabels, aside: true},
	{name: "shuffled", title: "shuffled", trains: true, format: trace.Slotted, labels: shuffledLabels, aside: true},
	{name: "oracle", title: "oracle", trains: true, format: trace.Slotted, labels: oracleLabels, aside: true},
}

// LaneNames lists the lanes there are, in the order of display.
func LaneNames() []string {
	var names []string
	for _, l := range lanes {
		names = append(names, l.name)
	}
	return names
}

// LaneTitle is a lane's name for reading.
func LaneTitle(name string) string {
	if l := laneOf(name); l.title != "" {
		return l.title
	}
	return name
}

// IsControl reports whether a lane is a control or the upper reference.
func IsControl(name string) bool { return laneOf(name).aside }

func laneOf(name string) lane {
	for _, l := range lanes {
		if l.name == name {
			return l
		}
	}
	return lane{name: name}
}

// policyOf names the model that a lane's policy is after mid-training.
func policyOf(name string) string {
	if !laneOf(name).trains {
		return "base"
	}
	return name
}

// hasAny reports whether any lane of a configuration trains on such labels.
func (c Config) hasAny(ls ...labels) bool {
	return slices.ContainsFunc(c.Lanes, func(name string) bool { return slices.Contains(ls, laneOf(name).labels) })
}

// labelsOf is the annotation that a lane's M-step puts on trace i; nil for plain.
func (e *Engine) labelsOf(l lane, i int) trace.Annotation {
	switch l.labels {
	case emLabels, initialLabels:
		return e.st.annotations[i]
	case shuffledLabels:
		if e.seed.shuffled == nil {
			e.seed.shuffled = shuffle(e.st.annotations, stream(e.seed.of, "shuffle", 0))
		}
		return e.seed.shuffled[i]
	case actLabels:
		return e.seed.mid[i].ActOnly()
	case oracleLabels:
		return e.World.truth(e.seed.mid[i])
	}
	return nil
}

// shuffle permutes the latents chosen over all lines of all traces that think:
// boundaries and frequencies stay, what a latent says of its line is lost.
func shuffle(as []trace.Annotation, rng *rand.Rand) []trace.Annotation {
	var chosen []int
	for _, a := range as {
		for _, u := range a {
			if u != trace.Act {
				chosen = append(chosen, u)
			}
		}
	}
	rng.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	out := make([]trace.Annotation, len(as))
	for i, a := range as {
		out[i] = slices.Clone(a)
		for t, u := range a {
			if u != trace.Act {
				out[i][t], chosen = chosen[0], chosen[1:]
			}
		}
	}
	return out
}
