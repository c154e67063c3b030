package experiments

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Formula says what a logged measure is.
type Formula struct {
	Measure   string
	Title     string
	Text      string // how it is computed
	Unit      string
	Estimator string // "" where it is counted or computed, not estimated
	// Names of logged measures: the count behind it, its standard error, and what
	// else it was computed from. "" and nil where there are none.
	N, StdErr string
	Inputs    []string
}

const (
	nats     = "nats per program"
	perToken = "nats per token"
	share    = "share"
	perMC    = "Monte-Carlo mean over q's annotations"
)

// formulas are those of the measures in the log, by name. A measure of a look at
// validation traces (probe_) is that of the held-out evaluation without it.
var formulas = index([]Formula{
	// E-step: the bound.
	{"bound", "bound", "mean over programs of the mean over annotations of sum_t [log pi(a_t|s_t,z) + log p(u_t|z,s_t) - log q(u_t|x,a)]", nats, perMC, "bound_samples", "bound_se", []string{"bound_code", "bound_prior", "bound_entropy"}},
	{"bound_code", "code", "E_q sum_t log pi(a_t | s_t, z_<=t)", nats, perMC, "bound_samples", "bound_code_se", nil},
	{"bound_prior", "prior", "E_q sum_t log p(u_t | z_(t-1), s_t)", nats, perMC, "bound_samples", "bound_prior_se", []string{"rho"}},
	{"bound_entropy", "entropy of q", "E_q sum_t -log q(u_t | x, a)", nats, perMC, "bound_samples", "bound_entropy_se", nil},
	{"bound_residual", "residual", "bound - (code + prior + entropy): 0 but for rounding if the terms add up", nats, "", "", "", []string{"bound", "bound_code", "bound_prior", "bound_entropy"}},
	{"bound_importance", "importance-weighted bound", "mean over programs of log mean_g exp(summed terms of annotation g): between the bound and log p(a|x) in expectation", nats, "log-mean-exp over q's annotations", "bound_samples", "bound_importance_se", nil},
	{"bound_se", "standard error of the bound", "sample deviation of the programs' means over the root of their number", nats, "", "bound_programs", "", nil},
	{"bound_code_se", "standard error of code", "as of the bound", nats, "", "bound_programs", "", nil},
	{"bound_prior_se", "standard error of prior", "as of the bound", nats, "", "bound_programs", "", nil},
	{"bound_entropy_se", "standard error of entropy", "as of the bound", nats, "", "bound_programs", "", nil},
	{"bound_importance_se", "standard error of the importance-weighted bound", "as of the bound", nats, "", "bound_programs", "", nil},
	{"bound_samples", "annotations", "annotations behind the estimates", "", "", "", "", nil},
	{"bound_programs", "programs", "programs behind the standard errors", "", "", "", "", nil},
	{"q_entropy", "entropy of q, closed form", "mean over programs of sum_t H(q(.|x,a)) (foresight: estimated from the draws)", nats, "", "bound_programs", "", nil},
	{"advantage_var", "variance of advantages", "mean square of rewards to go minus their leave-one-out means", "nats^2", "", "", "", nil},
	{"effective_samples", "effective samples", "mean over programs of 1 / sum_g w_g^2, w the softmax of the annotations' summed terms", "annotations", "", "", "", nil},
	{"anchor_kl", "KL to the initial sampler", "mean over programs of sum_t KL(q || initial q)", nats, "", "", "", nil},
	{"latent_entropy", "entropy of latents used", "of the shares of latents among thinks", "nats", "", "", "", nil},
	{"latents_used", "latents used", "exp of their entropy", "latents", "", "", "", []string{"latent_entropy"}},
	{"think_rate", "think rate", "lines that think / lines", share, "", "", "", nil},
	{"tau", "mean duration", "lines / lines that think", "lines", "", "", "", []string{"think_rate"}},
	{"rho", "rho", "prior probability of thinking", share, "", "", "", nil},
	{"thinking_cost", "cost of thinking", "log((1 - rho)/rho), before the rationale's own", "nats", "", "", "", []string{"rho"}},
	// Annotation: the exact reference and the answer key.
	{"exact_bound", "exact reference", "log p(a|x): sum over the beam's and q's annotations, completed by importance sampling from a trellis", nats, "beam and importance sampling", "exact_programs", "exact_bound_se", []string{"exact_certified"}},
	{"exact_certified", "certified lower bound", "log of the sum of p(a,u|x) over the annotations reached: a lower bound whatever was pruned", nats, "", "exact_programs", "", nil},
	{"exact_trellis", "trellis", "log of the trellis' whole mass", nats, "", "exact_programs", "", nil},
	{"exact_gap", "gap to the exact reference", "exact reference - bound under q, on the same programs", nats, "mean over programs", "exact_programs", "exact_gap_se", []string{"exact_bound", "q_bound"}},
	{"exact_gap_relative", "relative gap", "gap / |exact reference|", share, "", "exact_programs", "", []string{"exact_gap", "exact_bound"}},
	{"exact_gap_se", "standard error of the gap", "of the programs' own gaps", nats, "", "exact_programs", "", nil},
	{"exact_bound_se", "standard error of the exact reference", "over programs", nats, "", "exact_programs", "", nil},
	{"exact_programs", "programs", "validation programs held against the reference", "", "", "", "", nil},
	{"q_bound", "bound under q there", "the bound on the reference's programs", nats, perMC, "q_samples", "q_bound_se", nil},
	{"q_bound_se", "standard error of that bound", "over programs", nats, "", "exact_programs", "", nil},
	{"q_importance", "importance-weighted bound there", "log mean_g exp(summed terms)", nats, "log-mean-exp over q's annotations", "q_samples", "", nil},
	{"q_samples", "annotations there", "annotations behind the bound on the reference's programs", "", "", "", "", nil},
	{"annotated", "traces annotated", "so far", "traces", "", "", "", nil},
	{"nmi", "NMI", "mutual information of latents and hidden intents over the mean of their entropies", share, "", "annotated", "", nil},
	{"purity", "purity", "share of lines in their latent's most frequent intent", share, "", "annotated", "", nil},
	{"line_accuracy", "lines right", "share of lines whose latent words the hidden intent", share, "", "annotated", "", nil},
	{"program_accuracy", "programs right", "share of programs right in every line", share, "", "annotated", "", nil},
	{"boundary_precision", "boundary precision", "of the lines after the first that think, the share where a step begins", share, "", "annotated", "", nil},
	{"boundary_recall", "boundary recall", "of the lines after the first where a step begins, the share that thinks", share, "", "annotated", "", nil},
	{"usage_entropy", "entropy of latents used", "of the shares of latents among thinks", "nats", "", "annotated", "", nil},
	// Gradient updates.
	{"loss_code", "loss on code", "mean of -log pi over code tokens of the batch", perToken, "", "tokens", "", nil},
	{"loss_decision", "loss on decisions", "mean of -log pi (sampler: -log q) over decision tokens", perToken, "", "tokens", "", nil},
	{"loss_rationale", "loss on rationales", "mean of -log pi over rationale tokens", perToken, "", "tokens", "", nil},
	{"nats_program", "nats of the batch", "sum of -log pi over its programs / programs", nats, "", "", "", nil},
	{"grad_norm", "gradient norm", "L2 norm of the gradient before clipping", "", "", "", "", nil},
	{"lr", "learning rate", "of the schedule", "", "", "", "", nil},
	{"tokens", "tokens", "of the batch", "tokens", "", "", "", nil},
	{"tokens_trained", "tokens trained", "by the lane in mid-training so far", "tokens", "", "", "", nil},
	{"stop_pass@1", "validation pass@1", "share of samples that pass, on the problems stops are chosen on", share, "", "", "", nil},
	// Evaluation.
	{"nats", "nats per held-out program", "mean of -log pi(code|x); with latents minus the bound", nats, "", "", "", nil},
	{"nats_importance", "nats, importance-weighted", "minus the importance-weighted bound", nats, "", "", "", nil},
	{"log_effective", "effective decision space", "sum of log n95 over decisions / programs", nats, "", "", "", nil},
	{"log_effective_code", "effective space of code", "that of code tokens", nats, "", "", "", nil},
	{"log_effective_rationale", "effective space of rationales", "that of decision and rationale tokens", nats, "", "", "", nil},
	{"log_all", "whole decision space", "sum of log of all allowed actions / programs", nats, "", "", "", nil},
	{"kept_share", "kept share", "mean share of allowed actions in the n95 sets", share, "", "", "", []string{"log_effective", "log_all"}},
	{"recall", "recall", "share of decisions whose n95 set holds the expert's action", share, "", "", "", nil},
	{"horizon", "effective horizon", "decisions with entropy above 0.1 nats / programs", "decisions", "", "", "", nil},
	{"horizon_code", "horizon of code", "that of code tokens", "decisions", "", "", "", nil},
	{"horizon_rationale", "horizon of rationales", "that of decision and rationale tokens", "decisions", "", "", "", nil},
	{"pass@1", "pass@1", "mean over problems of passing samples / samples", share, "unbiased pass@k", "problems", "", nil},
	{"pass@1_plus", "pass@1, plus tests", "the same samples, judged on plus tests as well", share, "unbiased pass@k", "problems", "", nil},
	{"pass@1_full", "pass@1 at temperature 1", "share of samples that pass", share, "", "", "", nil},
	{"pass@1_cut", "pass@1 of the cut policy", "the same, sampled from the n95 sets", share, "", "", "", nil},
	{"problems", "problems", "evaluated so far", "problems", "", "", "", nil},
	{"unfinished", "unfinished", "share of samples that reached the token limit", share, "", "", "", nil},
	{"tune_code", "temperature of code tried", "", "", "", "", "", nil},
	{"tune_rationale", "temperature of rationales tried", "", "", "", "", "", nil},
	{"validate_pass@1", "validation pass@1", "share of samples that pass at these temperatures", share, "", "", "", nil},
	{"validate_pass_many", "validation pass@k", "k the number of samples", share, "unbiased pass@k", "", "", nil},
	// RLVR.
	{"reward", "reward", "share of the update's samples that pass all tests", share, "", "", "", nil},
	{"groups", "groups", "problems sampled in the update", "problems", "", "", "", nil},
	{"solved_any", "solved by any", "share of groups with a sample that passes", share, "", "groups", "", nil},
	{"zero_variance", "groups without variance", "share of groups whose rewards are all equal", share, "", "groups", "", nil},
	{"entropy_code", "entropy of code", "mean over sampled code tokens of the policy's entropy", perToken, "", "", "", nil},
	{"entropy_decision", "entropy of decisions", "mean over sampled decision tokens", perToken, "", "", "", nil},
	{"entropy_rationale", "entropy of rationales", "mean over sampled rationale tokens", perToken, "", "", "", nil},
	{"kl", "KL to the initial policy", "on the update's samples", perToken, "", "", "", nil},
	{"clip_fraction", "clipped", "share of tokens whose ratio was clipped", share, "", "", "", nil},
	{"ratio_max", "largest ratio", "of new to old probability of a sampled token", "", "", "", "", nil},
	{"logp_gap", "sampler and trainer", "largest difference of their log-probabilities", "nats", "", "", "", nil},
	{"tokens_sampled", "tokens sampled", "in post-training so far", "tokens", "", "", "", nil},
	{"heldout_start", "held-out pass@1 at the start", "share of samples that pass before the first update", share, "unbiased pass@k", "heldout_problems", "", nil},
	{"heldout_pass@1", "held-out pass@1", "mean over problems of passing samples / samples", share, "unbiased pass@k", "heldout_problems", "", nil},
	{"heldout_problems", "held-out problems", "of both families", "problems", "", "", "", nil},
})

// Label is the title with the unit, as far as the title does not name that itself.
func (f Formula) Label() string {
	title, unit := strings.Fields(f.Title), strings.Fields(f.Unit)
	for len(unit) > 0 && slices.ContainsFunc(title, func(w string) bool { return strings.Trim(w, ",") == unit[0] }) {
		unit = unit[1:]
	}
	if len(unit) == 0 {
		return f.Title
	}
	return f.Title + ", " + strings.Join(unit, " ")
}

// counted are the measures that count something: those that other measures are
// means over, and tokens.
var counted = func() map[string]bool {
	all := map[string]bool{"tokens_trained": true, "tokens_sampled": true}
	for _, f := range formulas {
		if f.N != "" {
			all[f.N] = true
		}
	}
	return all
}()

// Counted says whether a logged measure is a count, a whole number.
func Counted(measure string) bool {
	return counted[strings.TrimPrefix(measure, "probe_")]
}

func index(all []Formula) map[string]Formula {
	m := make(map[string]Formula, len(all))
	for _, f := range all {
		m[f.Measure] = f
	}
	return m
}

var (
	heldOutPass = regexp.MustCompile(`^heldout_pass@([1-9][0-9]*)$`)
	mixOfLength = regexp.MustCompile(`^mix_([1-9])$`)
	probed      = regexp.MustCompile(`^probe_(.+)$`)
)

// FormulaOf says what a logged measure is.
func FormulaOf(measure string) (Formula, bool) {
	if f, ok := formulas[measure]; ok {
		return f, true
	}
	if m := heldOutPass.FindStringSubmatch(measure); m != nil {
		return Formula{measure, "held-out pass@" + m[1], "mean over problems of 1 - C(n-c,k)/C(n,k), c of n samples passing, k = " + m[1], share, "unbiased pass@k", "heldout_problems", "", nil}, true
	}
	if m := mixOfLength.FindStringSubmatch(measure); m != nil {
		return Formula{measure, "share of " + m[1] + "-step problems", "probability that the next update draws this length", share, "", "", "", nil}, true
	}
	if m := probed.FindStringSubmatch(measure); m != nil {
		if f, ok := formulas[m[1]]; ok {
			f.Measure, f.Title = measure, f.Title+", validation traces"
			inputs := f.Inputs
			f.Inputs = nil
			for _, in := range inputs {
				f.Inputs = append(f.Inputs, "probe_"+in)
			}
			return f, true
		}
	}
	return Formula{}, false
}

// checkMeasure refuses names that no phase logs.
func checkMeasure(name string) error {
	if _, ok := FormulaOf(name); !ok {
		return fmt.Errorf("no measure is called %q: the log's names are as in exact_gap, bound, loss_code, reward", name)
	}
	return nil
}
