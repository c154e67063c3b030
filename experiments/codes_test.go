package experiments

import (
	"slices"
	"testing"

	"ra3/core/nn"
	"ra3/core/token"
	"ra3/core/trace"
)

// Codes stand behind the vocabulary that phrases are written in, as a kind of
// their own; all else is as in a world of phrases.
func TestWorldOfCodes(t *testing.T) {
	words, err := NewWorld()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(RA3Config{Latents: Codes, Codes: 24})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Domain.Vocab
	if v.Size() != words.Domain.Vocab.Size()+24 || w.Inventory.K() != 24 || w.Worded() || !words.Worded() {
		t.Errorf("%d tokens, %d latents", v.Size(), w.Inventory.K())
	}
	for z, ids := range w.Layout.Rationales {
		if len(ids) != 1 || v.Kind(ids[0]) != token.Latent || v.Decode(ids) != " "+w.Inventory.Texts[z] {
			t.Errorf("code %d is %v", z, ids)
		}
	}
	if got, want := w.Commented.Rationales, words.Layout.Rationales; !slices.EqualFunc(got, want, slices.Equal[[]int32]) {
		t.Error("comments of the base corpus are in other words")
	}
	ps, err := (corpus{w, resolved(t, "quick"), 1}).validation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		a, comments := w.truth(p), p.Comments()
		for i, u := range a {
			if (u == trace.Act) != (comments[i] == trace.Act) || u != trace.Act && u != p.Key[i].Intent {
				t.Errorf("%s line %d: %d, its intent is %d", p.ID, i, u, p.Key[i].Intent)
			}
		}
	}
}

// A base gets its codes as rows of its own: a run with codes starts from the base
// of a run with phrases.
func TestCodesLeaveTheBaseAsItIs(t *testing.T) {
	for _, source := range []string{"train", "embedded"} {
		var bases []*nn.Model
		for _, settings := range [][]string{{"ra3.latents=words"}, {"ra3.latents=codes", "ra3.codes=7"}} {
			c := resolved(t, "quick", append(settings, "base.source="+source)...)
			e, err := NewEngine(t.Context(), c, nil, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if err := e.startBase(3); err != nil {
				t.Fatal(err)
			}
			bases = append(bases, e.st.models["base"])
			if has := e.st.models[samplerName] != nil; has != (source == "embedded" && e.World.Worded()) {
				t.Errorf("%s, %v: a sampler stands there: %v", source, settings, has)
			}
		}
		plain, coded := bases[0], bases[1]
		if coded.Config.Vocab != plain.Config.Vocab+7 || !slices.Equal(plain.Params.Embed, coded.Params.Embed[:len(plain.Params.Embed)]) ||
			!slices.Equal(plain.Params.Layers[1].Wqkv, coded.Params.Layers[1].Wqkv) {
			t.Errorf("%s: the base with codes is another", source)
		}
	}
}

// A code counts as the intent of most of its lines.
func TestIntentsOfCodes(t *testing.T) {
	c := resolved(t, "quick", "ra3.latents=codes", "ra3.codes=3")
	e, err := NewEngine(t.Context(), c, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	key := func(intents ...int) *trace.Program {
		p := &trace.Program{}
		for i, n := range intents {
			p.Lines = append(p.Lines, []int32{1})
			step := 0
			if i > 0 {
				step = p.Key[i-1].Step
				if n != intents[i-1] {
					step++
				}
			}
			p.Key = append(p.Key, trace.LineKey{Step: step, Intent: n})
		}
		return p
	}
	ps := []*trace.Program{key(5, 5, 2), key(2, 2, 5)}
	as := []trace.Annotation{{1, trace.Act, 0}, {0, trace.Act, trace.Act}}
	if got := e.intentsOf(ps, as); !slices.Equal(got, []int{2, 5, -1}) {
		t.Errorf("intents %v", got)
	}
	m := e.latentQuality(ps, as)
	if m["line_accuracy"] != 5./6 || m["program_accuracy"] != 0.5 || m["purity"] != 5./6 || !(m["nmi"] > 0 && m["nmi"] < 1) {
		t.Errorf("%v", m)
	}
}
