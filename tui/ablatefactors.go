package tui

import (
	"fmt"
	"sort"
	"strings"
)

// factorOffer is a setting whose effect is asked for often, with levels to
// begin with.
type factorOffer struct {
	factor string
	says   string // in the method's words
	needs  string // a setting without which it has no effect
}

var factorOffers = []factorOffer{
	{"mid.traces=250,1000,4000", "data size: expert programs of mid-training", ""},
	{"domain.nuisance=0,2", "choices that no test sees: templates and identifiers", ""},
	{"domain.vague=0.0,0.3", "share of the steps told by their family alone", ""},
	{"ra3.codes=16,32,64", "latent count: learned codes", "ra3.latents=codes"},
	{"ra3.prior.rho=0.1,0.3,0.5", "stickiness, thinking cost: the prior thinks with probability rho", ""},
	{`ra3.prior.kind="sticky","learned"`, "thinking cost: fixed, or by what the policy gives the rationale", ""},
	{`ra3.posterior="hindsight","foresight"`, "posterior kind: a sampler that looks back, or the policy", ""},
	{"ra3.iterations=1,2,4", "EM iterations", ""},
	{"ra3.e_updates=4,8,16", "size of an E-step, in updates", ""},
	{`ra3.refit="rl","reweight"`, "estimator of the E-step", ""},
	{"ra3.temperature=0.7,1.0,1.3", "exploration of the E-step: temperature of the sampler", ""},
	{"ra3.entropy=0.0,0.01", "exploration of the E-step: entropy bonus", ""},
	{"ra3.anchor=0.0,0.1", "KL to the initial sampler", ""},
	{"ra3.words=2,4", "words of a rationale; every cell trains a base that knows them", "base.source=train"},
	{`rlvr.credit="all","rationale"`, "credit in RLVR: which tokens carry it", ""},
	{"rlvr.temperatures.rationale=0.7,1.0,1.3", "exploration in RLVR: temperature of rationales", ""},
	{`rlvr.advantage="leave-one-out","group-mean"`, "baseline of RLVR's advantage", ""},
	{"rlvr.learning_rate=5e-5,1e-4,2e-4", "step size of RLVR", ""},
	{"mid.updates=60,120,240", "length of mid-training", ""},
}

// offersFor are the factors that begin as a text does, or contain it in name or
// meaning; where it is one of them, those after it, so that tab goes through
// all. Fields that vary already are left out.
func offersFor(text string, taken []string) []string {
	text = strings.TrimSpace(text)
	var out []string
	at := -1
	for i, o := range factorOffers {
		if o.factor == text {
			at = i
		}
	}
	if at >= 0 {
		for i := range factorOffers[1:] {
			out = append(out, factorOffers[(at+1+i)%len(factorOffers)].factor)
		}
	} else if !strings.Contains(text, "=") {
		want := strings.ToLower(text)
		for _, o := range factorOffers {
			if strings.Contains(o.factor, want) || strings.Contains(strings.ToLower(o.says), want) {
				out = append(out, o.factor)
			}
		}
		sort.SliceStable(out, func(i, j int) bool { return strings.HasPrefix(out[i], text) && !strings.HasPrefix(out[j], text) })
	}
	kept := out[:0]
	for _, f := range out {
		field, _, _ := strings.Cut(f, "=")
		used := false
		for _, other := range taken {
			name, _, _ := strings.Cut(other, "=")
			used = used || strings.TrimSpace(name) == field
		}
		if !used {
			kept = append(kept, f)
		}
	}
	return kept
}

// judgeFactor says what a factor is, or that it has no levels yet.
func judgeFactor(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	field, list, ok := strings.Cut(text, "=")
	field = strings.TrimSpace(field)
	if !ok || strings.TrimSpace(list) == "" {
		return "", fmt.Errorf("%s: write its levels after it, as in %s=1,2", field, field)
	}
	for _, o := range factorOffers {
		if name, _, _ := strings.Cut(o.factor, "="); name == field {
			return o.says, nil
		}
	}
	return "", nil
}

// needs is the setting that a factor has no effect without, "" for none.
func needs(text string) string {
	field, _, _ := strings.Cut(strings.TrimSpace(text), "=")
	for _, o := range factorOffers {
		if name, _, _ := strings.Cut(o.factor, "="); name == field {
			return o.needs
		}
	}
	return ""
}
