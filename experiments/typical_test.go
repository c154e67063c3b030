package experiments

import (
	"fmt"
	"testing"
)

// What is everywhere as frequent is not typical, however often it occurs; of what
// stands under the latent alone the most frequent comes first.
func TestTypicalLines(t *testing.T) {
	var traces []AnnotatedTrace
	for i := range 60 {
		other := AnnotatedTrace{}
		other.Lines = []string{"res = []", "  x = x * 2", "return xs", "return xs"}
		other.Latents = []string{"scale", "", "", ""}
		kept := AnnotatedTrace{}
		kept.Lines = []string{"res = []", "if x % 2 == 0:", "return xs", "return xs"}
		if i%3 == 0 {
			kept.Lines[1] = "if not x % 2:"
		}
		if i == 0 {
			kept.Lines[0] = "once = 1"
		}
		kept.Latents = []string{"keep even", "", "", ""}
		other.ID, kept.ID = fmt.Sprint("a", i), fmt.Sprint("b", i)
		traces = append(traces, other, kept)
	}
	u := UseOf(traces, "keep even", 5)
	if len(u.Typical) != 2 || u.Typical[0].Text != "if x % 2 == 0:" || u.Typical[1].Text != "if not x % 2:" {
		t.Fatalf("%+v", u.Typical)
	}
	if x := u.Typical[0]; x.N != 40 || x.Share != 40./240 || x.Corpus != 40./480 || x.Lift != 2 {
		t.Errorf("%+v", x)
	}
	// What was seen too rarely counts where nothing else does.
	if u := UseOf(traces[:2], "keep even", 5); len(u.Typical) != 2 || u.Typical[0].N != 1 {
		t.Errorf("%+v", u.Typical)
	}
	if u := UseOf(nil, "keep even", 5); u.Typical != nil {
		t.Errorf("%+v", u.Typical)
	}
}
