// Package pocket is the pocket domain: a seeded generator of real Python
// functions on lists, composed of hidden intents. Each intent has several
// phrasings in words and several code templates of 1 to 6 lines, so that a line
// alone does not say which intent it serves. The hidden intents are an answer
// key for display and measures; nothing trains on them but the base corpus'
// comments.
package pocket

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"ra3/core/token"
)

// Intent is a hidden step of a program.
type Intent struct {
	Name      string     `json:"name"`
	Family    string     `json:"family"`
	Phrases   []string   `json:"phrases"`   // two words each
	Templates [][]string `json:"templates"` // lines, with {x} {y} {i} {z} for identifiers
	do        func([]int64) []int64
}

// Domain is the specification, parsed and indexed.
type Domain struct {
	Intents []Intent
	Vocab   *token.Vocab
	// Phrases is the inventory of two-word phrases, in the order of intents.
	Phrases []Phrase
	names   map[string][]string
	joins   joins
	frame   frame
	vague   map[string]string // wording of a step by its family
	hidden  string            // wording of a step that says nothing of it
	marks   Marks
	first   []int // first phrase of each intent
}

// Phrase is a worded way to say an intent.
type Phrase struct {
	Text   string
	Words  [2]int32 // tokens
	Intent int
}

// Marks are the tokens with a role of their own.
type Marks struct{ Rev, Act, Think, Newline, Return int32 }

// Marks returns the tokens with a role of their own.
func (d *Domain) Marks() Marks { return d.marks }

type joins struct {
	Then   []string `json:"then"`
	Last   []string `json:"last"`
	After  string   `json:"after"`
	Before string   `json:"before"`
}

type frame struct {
	DocOpen   string `json:"doc_open"`
	DocClose  string `json:"doc_close"`
	AskOpen   string `json:"ask_open"`
	AskAssert string `json:"ask_assert"`
	AskEquals string `json:"ask_equals"`
	AskClose  string `json:"ask_close"`
	// Around examples, where a prompt shows any beyond one assert. DocResult is
	// made of other tokens.
	DocExample string `json:"doc_example"`
	DocNext    string `json:"doc_next"`
	DocResult  string `json:"doc_result"`
	DocEnd     string `json:"doc_end"`
	AskNext    string `json:"ask_next"`
}

// Parse reads a domain specification (fixtures/pocket.json).
func Parse(raw []byte) (*Domain, error) {
	var spec struct {
		Specials    []string            `json:"specials"`
		Code        []string            `json:"code"`
		Frame       frame               `json:"frame"`
		Connectives joins               `json:"connectives"`
		Names       map[string][]string `json:"names"`
		Vague       map[string]string   `json:"vague"`
		Hidden      string              `json:"hidden"`
		Intents     []Intent            `json:"intents"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&spec); err != nil {
		return nil, fmt.Errorf("pocket domain: %w", err)
	}
	d := &Domain{Intents: spec.Intents, names: spec.Names, joins: spec.Connectives, frame: spec.Frame,
		vague: spec.Vague, hidden: spec.Hidden}
	var texts []string
	var kinds []token.Kind
	seen := map[string]bool{}
	add := func(k token.Kind, ts ...string) {
		for _, t := range ts {
			if !seen[t] {
				seen[t] = true
				texts, kinds = append(texts, t), append(kinds, k)
			}
		}
	}
	for _, s := range spec.Specials {
		k := token.Special
		if s == "<act>" || s == "<think>" {
			k = token.Decision
		}
		add(k, s)
	}
	add(token.Code, spec.Code...)
	f, j := spec.Frame, spec.Connectives
	add(token.Frame, f.DocOpen, f.DocClose, f.AskOpen, f.AskAssert, f.AskEquals, f.AskClose)
	add(token.Frame, j.Then...)
	add(token.Frame, j.Last...)
	add(token.Frame, j.After, j.Before)
	for _, in := range spec.Intents {
		for _, p := range in.Phrases {
			for _, w := range strings.Fields(p) {
				add(token.Word, " "+w)
			}
		}
	}
	// Last, so that all other tokens have the ids they had without examples.
	add(token.Frame, f.DocExample, f.DocNext, f.DocEnd, f.AskNext)
	v, err := token.New(texts, kinds)
	if err != nil {
		return nil, fmt.Errorf("pocket domain: %w", err)
	}
	d.Vocab = v
	for _, m := range []struct {
		text string
		dst  *int32
	}{{"<rev>", &d.marks.Rev}, {"<act>", &d.marks.Act}, {"<think>", &d.marks.Think}, {"\n", &d.marks.Newline}, {"return ", &d.marks.Return}} {
		id, ok := v.ID(m.text)
		if !ok {
			return nil, fmt.Errorf("pocket domain: token %q is missing", m.text)
		}
		*m.dst = id
	}
	for i := range d.Intents {
		if err := d.index(i); err != nil {
			return nil, fmt.Errorf("pocket domain: intent %q: %w", d.Intents[i].Name, err)
		}
	}
	if _, err := v.Encode(" " + d.hidden + f.DocResult); err != nil {
		return nil, fmt.Errorf("pocket domain: wording of a hidden step: %w", err)
	}
	return d, nil
}

func (d *Domain) index(i int) error {
	in := &d.Intents[i]
	in.do = semantics[in.Name]
	if in.do == nil {
		return fmt.Errorf("no such operation")
	}
	if len(in.Phrases) == 0 || len(in.Templates) == 0 {
		return fmt.Errorf("needs at least one phrase and one template")
	}
	if w := d.vague[in.Family]; w == "" {
		return fmt.Errorf("family %q has no vague wording", in.Family)
	} else if _, err := d.Vocab.Encode(" " + w); err != nil {
		return fmt.Errorf("vague wording of family %q: %w", in.Family, err)
	}
	d.first = append(d.first, len(d.Phrases))
	for _, p := range in.Phrases {
		w := strings.Fields(p)
		if len(w) != 2 {
			return fmt.Errorf("phrase %q is not two words", p)
		}
		var ph Phrase
		ph.Text, ph.Intent = p, i
		for k := range w {
			ph.Words[k], _ = d.Vocab.ID(" " + w[k])
		}
		d.Phrases = append(d.Phrases, ph)
	}
	return nil
}

// Phrase is an intent's first phrase.
func (d *Domain) Phrase(intent int) int { return d.first[intent] }

// Reworded is the next phrase of a phrase's intent, cyclically.
func (d *Domain) Reworded(phrase int) int {
	i := d.Phrases[phrase].Intent
	return d.first[i] + (phrase-d.first[i]+1)%len(d.Intents[i].Phrases)
}

// Apply runs a composition on an input.
func (d *Domain) Apply(intents []int, xs []int64) []int64 {
	for _, i := range intents {
		xs = d.Intents[i].do(xs)
	}
	return xs
}
