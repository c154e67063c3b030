package experiments

import "testing"

// A label says a unit once.
func TestLabels(t *testing.T) {
	for measure, want := range map[string]string{
		"tokens": "tokens", "tokens_trained": "tokens trained", "nats": "nats per held-out program", "bound": "bound, nats per program", "nats_program": "nats of the batch, per program",
		"annotated": "traces annotated", "problems": "problems", "mix_2": "share of 2-step problems", "nmi": "NMI, share", "lr": "learning rate", "probe_nats": "nats per held-out program, validation traces",
	} {
		if f, ok := FormulaOf(measure); !ok || f.Label() != want {
			t.Errorf("%s: %q, want %q", measure, f.Label(), want)
		}
	}
}

func TestCounted(t *testing.T) {
	for measure, want := range map[string]bool{"problems": true, "bound_samples": true, "tokens_sampled": true, "annotated": true, "heldout_problems": true, "groups": true, "nmi": false, "tau": false, "latents_used": false, "": false} {
		if Counted(measure) != want {
			t.Errorf("%q is a count: %v", measure, !want)
		}
	}
}
