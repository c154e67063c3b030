package pocket_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ra3/core/pocket"
	"ra3/core/token"
	"ra3/core/trace"
)

func TestExpertsReadAsTheirOwnSteps(t *testing.T) {
	d := domain(t)
	rng := rand.New(rand.NewPCG(11, 11))
	for i := range 1000 {
		s := settings
		s.Nuisance = i % 3
		p, err := d.Draw(rng, s, pocket.Request{Split: pocket.Mid, Steps: 2 + i%5, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, l := range p.Lines {
			lines = append(lines, d.Vocab.Decode(l))
		}
		segments, whole := d.Segments(lines)
		var steps []int
		at := 0
		for k, g := range segments {
			steps = append(steps, g.Intent)
			if p.Key[at].Step != k || p.Key[at+g.Lines-1].Step != k {
				t.Fatalf("segment %d lies on lines %d to %d, key %v", k, at, at+g.Lines, p.Key)
			}
			at += g.Lines
		}
		if !whole || !slices.Equal(steps, p.Steps) {
			t.Fatalf("%v reads as %v", p.Steps, steps)
		}
	}
}

// written takes a body as text; a line "# words" is the rationale of the next.
func written(t *testing.T, d *pocket.Domain, body string) trace.Written {
	t.Helper()
	var w trace.Written
	var words []int32
	for _, line := range strings.Split(strings.TrimSpace(body), "\n") {
		line = strings.TrimPrefix(line, "\t")
		if phrase, ok := strings.CutPrefix(line, "#"); ok {
			var err error
			if words, err = d.Vocab.Encode(phrase); err != nil {
				t.Fatal(err)
			}
			continue
		}
		ids, err := d.Vocab.Encode("    " + line + "\n")
		if err != nil {
			t.Fatal(err)
		}
		w.Code = append(w.Code, ids...)
		w.Lines, w.Phrases = append(w.Lines, ids), append(w.Phrases, words)
		words = nil
	}
	return w
}

func TestFailureClasses(t *testing.T) {
	d := domain(t)
	intent := func(name string) int {
		return slices.IndexFunc(d.Intents, func(in pocket.Intent) bool { return in.Name == name })
	}
	p := &trace.Problem{Steps: []int{intent("keep_even"), intent("square"), intent("sort_up")}}
	const (
		even   = "xs = [v for v in xs if v % 2 == 0]\n"
		odd    = "xs = [v for v in xs if v % 2 == 1]\n"
		square = "res = []\nfor j in range(len(xs)):\n    res.append(xs[j] * xs[j])\nxs = res\n"
		sorted = "xs = sorted(xs)\n"
		end    = "return xs"
		broken = "res = []\nfor j in range(len(xs)):\n    res.append(xs[i] * xs[j])\nxs = res\n"
	)
	for _, c := range []struct {
		name, body       string
		parses, finished bool
		want             pocket.Failure
	}{
		{"another intent", odd + square + sorted + end, true, true, pocket.WrongIntent},
		{"another intent and one too few", odd + square + end, true, true, pocket.WrongIntent},
		{"swapped", square + even + sorted + end, true, true, pocket.WrongOrder},
		{"one step", even + end, true, true, pocket.StopsEarly},
		{"nothing", end, true, true, pocket.StopsEarly},
		{"middle left out", even + sorted + end, true, true, pocket.SkipsSteps},
		{"first left out", square + sorted + end, true, true, pocket.SkipsSteps},
		{"one more at the end", even + square + sorted + odd + end, true, true, pocket.ExtraSteps},
		{"one more within", even + odd + square + sorted + end, true, true, pocket.ExtraSteps},
		{"another index", even + broken + sorted + end, true, true, pocket.WrongCode},
		{"one name for two roles", "ys = []\nfor ys in xs:\n    ys.append(ys * ys)\nxs = ys\n" + end, true, true, pocket.WrongCode},
		{"the input as a name", "xs = [xs * xs for xs in xs]\n" + end, true, true, pocket.WrongCode},
		{"returns something else", even + square + sorted + "return ys", true, true, pocket.WrongCode},
		{"right plan", even + square + sorted + end, true, true, pocket.WrongCode},
		{"does not parse", even + "xs = sorted(\n" + end, false, true, pocket.DoesNotParse},
		{"cut", even + "xs = sorted(", true, false, pocket.Unfinished},
		{"cut where it does not parse", even + "xs = sorted(", false, false, pocket.Unfinished},
		{"right rationales, wrong code", "# keep even\n" + odd + "# square each\n" + square + "# sort ascending\n" + sorted + end, true, true, pocket.WrongCode},
		{"wrong rationale, no intent's code", "# keep odd\n" + odd + "# square each\n" + broken + "# sort ascending\n" + sorted + end, true, true, pocket.WrongIntent},
		{"swapped rationales, no intent's code", "# square each\n" + broken + "# keep even\n" + even + "# sort ascending\n" + sorted + end, true, true, pocket.WrongOrder},
		{"rationale twice, no intent's code", "# keep even\n" + even + "# square each\nres = []\n# power two\nfor j in xs:\nxs = res\n# sort ascending\n" + sorted + end, true, true, pocket.WrongCode},
		{"one rationale for all, no intent's code", "# keep even\n" + even + broken + sorted + end, true, true, pocket.WrongCode},
		{"no phrase of any intent", "# even even\n" + even + broken + sorted + end, true, true, pocket.WrongIntent},
		{"plain, other code than the rationales", "# keep even\n" + odd + square + sorted + end, true, true, pocket.WrongIntent},
	} {
		if got := d.Classify(p, written(t, d, c.body), c.parses, c.finished); got != c.want {
			t.Errorf("%s: %s, want %s\n%s", c.name, got, c.want, c.body)
		}
		if !slices.Contains(pocket.Failures, c.want) {
			t.Errorf("%s is not listed", c.want)
		}
	}
}

// Learned codes plan nothing: code that is no intent's is wrong code, whatever
// codes stand before it.
func TestCodesAreNoPlan(t *testing.T) {
	d := domain(t)
	var err error
	if d.Vocab, err = d.Vocab.With(token.Latent, " z0", " z1"); err != nil {
		t.Fatal(err)
	}
	w := written(t, d, "res = []\nfor j in range(len(xs)):\n    res.append(xs[i] * xs[j])\nxs = res\nreturn xs")
	for i := range w.Lines {
		w.Phrases[i] = []int32{int32(d.Vocab.Size() - 1 - i%2)}
	}
	if got := d.Classify(&trace.Problem{Steps: []int{0, 1}}, w, true, true); got != pocket.WrongCode {
		t.Errorf("%s, want %s", got, pocket.WrongCode)
	}
}
