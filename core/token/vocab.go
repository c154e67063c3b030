// Package token holds vocabularies whose tokens carry their exact text, spaces
// included: decoding is concatenation, and encoding takes the longest token
// that fits, left to right.
package token

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says at which kind of position a token may be predicted.
type Kind uint8

const (
	Special  Kind = iota // markers without text of their own
	Decision             // act, think: the slot before a line
	Word                 // words of prompts and rationales
	Code                 // program text
	Frame                // fixed parts of prompts, never predicted
	Latent               // learned codes: nothing to read, never in a text
)

// Vocab is an immutable set of tokens with dense ids.
type Vocab struct {
	text  []string
	kinds []Kind
	id    map[string]int32
	long  int // bytes of the longest text
}

// New makes a vocabulary; ids follow the order of the texts. Empty or repeated
// texts are an error.
func New(text []string, kinds []Kind) (*Vocab, error) {
	if len(text) != len(kinds) {
		return nil, fmt.Errorf("vocabulary: %d texts and %d kinds", len(text), len(kinds))
	}
	v := &Vocab{text: text, kinds: kinds, id: make(map[string]int32, len(text))}
	for i, t := range text {
		if t == "" {
			return nil, fmt.Errorf("vocabulary: token %d is empty", i)
		}
		if _, ok := v.id[t]; ok {
			return nil, fmt.Errorf("vocabulary: token %q stands twice", t)
		}
		v.id[t] = int32(i)
		v.long = max(v.long, len(t))
	}
	return v, nil
}

// With is the vocabulary with more tokens of one kind at its end.
func (v *Vocab) With(kind Kind, text ...string) (*Vocab, error) {
	kinds := slices.Clone(v.kinds)
	for range text {
		kinds = append(kinds, kind)
	}
	return New(slices.Concat(v.text, text), kinds)
}

// Size is the number of tokens.
func (v *Vocab) Size() int { return len(v.text) }

// ID finds a token by its exact text.
func (v *Vocab) ID(text string) (int32, bool) {
	id, ok := v.id[text]
	return id, ok
}

// Text is a token's text; markers give theirs in angle brackets.
func (v *Vocab) Text(id int32) string { return v.text[id] }

// Kind is a token's kind.
func (v *Vocab) Kind(id int32) Kind { return v.kinds[id] }

// Allowed marks the tokens of the given kinds, as a class of the model's head.
func (v *Vocab) Allowed(kinds ...Kind) []bool {
	set := make([]bool, len(v.text))
	for i, k := range v.kinds {
		for _, want := range kinds {
			set[i] = set[i] || k == want
		}
	}
	return set
}

// Decode concatenates the tokens' texts, leaving out markers and decisions.
func (v *Vocab) Decode(ids []int32) string {
	var b strings.Builder
	for _, id := range ids {
		if k := v.kinds[id]; k != Special && k != Decision {
			b.WriteString(v.text[id])
		}
	}
	return b.String()
}

// Encode cuts text into tokens, the longest that fits first. Text that no token
// starts is an error naming the place.
func (v *Vocab) Encode(text string) ([]int32, error) {
	var ids []int32
	for at := 0; at < len(text); {
		n := min(v.long, len(text)-at)
		for ; n > 0; n-- {
			if id, ok := v.id[text[at:at+n]]; ok && v.kinds[id] != Special && v.kinds[id] != Decision && v.kinds[id] != Latent {
				ids = append(ids, id)
				break
			}
		}
		if n == 0 {
			return nil, fmt.Errorf("vocabulary: no token for %.12q at byte %d", text[at:], at)
		}
		at += n
	}
	return ids, nil
}
