package experiments

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"ra3/core/latent"
	"ra3/core/pocket"
	"ra3/core/rlvr"
	"ra3/core/token"
	"ra3/core/trace"
	"ra3/fixtures"
)

// stream is the generator of one update of one named activity of one seed. All
// randomness of a run comes from such streams, so that an update depends on
// nothing but its place in the plan, and a resumed run repeats it exactly.
func stream(seed int, name string, update int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s", seed, name)
	return rand.New(rand.NewPCG(h.Sum64(), uint64(update)))
}

// World is the pocket domain as an experiment sees it: the domain, its latents
// and the layout of sequences.
type World struct {
	Domain    *pocket.Domain
	Inventory *latent.Inventory
	Layout    *trace.Layout
	// Commented lays out the base corpus, whose comments are the domain's phrases
	// whatever the latents are.
	Commented *trace.Layout
	codes     int // learned codes at the vocabulary's end; 0: latents are the phrases
}

// NewWorld parses the embedded domain; its latents are the domain's phrases.
func NewWorld() (*World, error) { return newWorld(RA3Config{}) }

// newWorld parses the embedded domain and makes its latents: phrases of the
// length asked for, or codes in their place.
func newWorld(c RA3Config) (*World, error) {
	codes := c.codes()
	d, err := pocket.Parse(fixtures.Pocket)
	if err != nil {
		return nil, err
	}
	w := &World{Domain: d, codes: codes}
	var texts []string
	for z := range codes {
		texts = append(texts, fmt.Sprintf(" z%d", z))
	}
	if d.Vocab, err = d.Vocab.With(token.Latent, texts...); err != nil {
		return nil, err
	}
	phrases, coded := &latent.Inventory{}, &latent.Inventory{}
	for i := range d.Phrases {
		text, tokens := rationale(d, i, c.Words)
		phrases.Texts, phrases.Tokens = append(phrases.Texts, text), append(phrases.Tokens, tokens)
	}
	for z, text := range texts {
		coded.Texts = append(coded.Texts, strings.TrimSpace(text))
		coded.Tokens = append(coded.Tokens, []int32{int32(d.Vocab.Size() - codes + z)})
	}
	layout := func(v *latent.Inventory) *trace.Layout {
		m := d.Marks()
		return trace.NewLayout(d.Vocab, m.Act, m.Think, m.Rev, m.Newline, m.Return, v.Tokens)
	}
	w.Commented = layout(phrases)
	w.Inventory, w.Layout = phrases, w.Commented
	if codes > 0 {
		w.Inventory, w.Layout = coded, layout(coded)
	}
	return w, nil
}

// rationale is phrase i as a rationale: itself or, of four words, itself and its
// intent's next wording.
func rationale(d *pocket.Domain, i, words int) (string, []int32) {
	p := d.Phrases[i]
	if words == 4 {
		next := d.Phrases[d.Reworded(i)]
		return p.Text + ", " + next.Text, append(p.Words[:], next.Words[:]...)
	}
	return p.Text, p.Words[:]
}

// Worded reports whether latents are phrases, each of which words an intent.
func (w *World) Worded() bool { return w.codes == 0 }

// truth annotates a program with its true intents: by the prompt's own phrases,
// by an intent's first where the prompt does not name it (any other choice would
// be noise that nothing foretells), or in codes by a code for each intent.
func (w *World) truth(p *trace.Program) trace.Annotation {
	a := p.Comments()
	for t, u := range a {
		switch key := p.Key[t]; {
		case u == trace.Act:
		case !w.Worded():
			a[t] = key.Intent % w.codes
		case p.Telling(key.Step) != trace.Named:
			a[t] = w.Domain.Phrase(key.Intent)
		}
	}
	return a
}

// Source is a generated body as a program that can be run.
func (w *World) Source(code []int32) string { return "def f(xs):\n" + w.Domain.Vocab.Decode(code) }

// corpus generates a seed's programs. Splits are by composition, so none of
// these sets can share a program with another split's.
type corpus struct {
	world *World
	cfg   Config
	seed  int
}

// draw generates n programs of a split, families and lengths in turn.
func (c corpus) draw(ctx context.Context, name string, split pocket.Split, n int, steps []int, families []string) ([]*trace.Program, error) {
	out := make([]*trace.Program, n)
	for i := range out {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q := pocket.Request{Split: split, Steps: steps[i/len(families)%len(steps)], Family: families[i%len(families)]}
		// The family is part of the stream: problem i of one family is not
		// problem i of the other in other words.
		p, err := c.world.Domain.Draw(stream(c.seed, "corpus/"+name+"/"+q.Family, i), c.cfg.Domain, q)
		if err != nil {
			return nil, err
		}
		p.ID = fmt.Sprintf("%s/%s/%d/%05d", name, q.Family, c.seed, i)
		out[i] = &p
	}
	return out, nil
}

// base is the pre-training corpus; mid the expert traces of mid-training.
func (c corpus) base(ctx context.Context) ([]*trace.Program, error) {
	return c.draw(ctx, "base", pocket.Base, c.cfg.Base.Programs, c.cfg.Base.Steps, Families)
}

func (c corpus) mid(ctx context.Context) ([]*trace.Program, error) {
	return c.draw(ctx, "mid", pocket.Mid, c.cfg.Mid.Traces, c.cfg.Mid.Steps, Families)
}

// validationTraces is how many there are to choose by and to watch.
const validationTraces = 48

// validation traces are for choosing and watching; heldOut for reporting.
func (c corpus) validation(ctx context.Context) ([]*trace.Program, error) {
	return c.draw(ctx, "validate", pocket.Validate, validationTraces, c.cfg.Mid.Steps, Families)
}

// tuneProblems are what temperatures are chosen on.
func (c corpus) tuneProblems(ctx context.Context) ([]*trace.Program, error) {
	return c.draw(ctx, "tune", pocket.Validate, len(Families)*c.cfg.Eval.TuneProblems, c.cfg.Eval.Steps, Families)
}

// heldOut problems come from the split that eval.split names.
func (c corpus) heldOut(ctx context.Context, family string, long bool, n int) ([]*trace.Program, error) {
	steps, name, split := c.cfg.Eval.Steps, c.cfg.Eval.Split, pocket.HeldOut
	if name == "validate" {
		split = pocket.Validate
	}
	if long {
		steps, name = c.cfg.Eval.LongSteps, name+"-long"
	}
	return c.draw(ctx, "eval-"+name, split, n, steps, []string{family})
}

// commented reports whether program i of the base corpus carries its phrases as
// rationales: it belongs to the program, not to the draw.
func (c corpus) commented(i int) bool {
	return stream(c.seed, "corpus/commented", i).Float64() < c.cfg.Base.Commented
}

// concatenations bounds the search for one within the base split.
const concatenations = 10000

// concatenation draws what the sampler starts on: commented programs of the
// base corpus, alone or joined up to a drawn length. Joined compositions stay
// within the base split, so the sampler learns from no other.
func (c corpus) concatenation(ctx context.Context, rng *rand.Rand, commented []*trace.Program) (*trace.Program, error) {
	if len(commented) == 0 {
		return nil, fmt.Errorf("base.commented = %g leaves no commented program to start the sampler on: raise it or base.programs", c.cfg.Base.Commented)
	}
	for range concatenations {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		want := c.cfg.Sampler.Steps[rng.IntN(len(c.cfg.Sampler.Steps))]
		var parts []*trace.Program
		var steps []int
		for tries := 0; len(steps) < want && tries < 4*want; tries++ {
			p := commented[rng.IntN(len(commented))]
			if len(steps)+len(p.Steps) <= want {
				parts, steps = append(parts, p), append(steps, p.Steps...)
			}
		}
		if len(parts) == 0 {
			continue
		}
		if len(parts) == 1 {
			return parts[0], nil
		}
		if c.world.Domain.SplitOf(steps) == pocket.Base {
			p, err := c.world.Domain.Concat(rng, c.cfg.Domain, parts)
			return &p, err
		}
	}
	return nil, fmt.Errorf("sampler: no concatenation of %v steps within the base split after %d draws: raise base.programs", c.cfg.Sampler.Steps, concatenations)
}

// problem draws a fresh problem of post-training, its length by the mix.
func (c corpus) problem(rng *rand.Rand, mix rlvr.Mix) (*trace.Problem, error) {
	lengths := c.cfg.RLVR.Steps
	var steps int
	if c.cfg.RLVR.Mix == rlvr.MixAdaptive {
		steps = mix.Draw(rng, lengths)
	} else {
		steps = lengths[rng.IntN(len(lengths))]
	}
	q := pocket.Request{Split: pocket.RL, Steps: steps, Family: Families[rng.IntN(2)]}
	p, err := c.world.Domain.Draw(rng, c.cfg.Domain, q)
	return &p.Problem, err
}
