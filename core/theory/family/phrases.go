package family

import (
	"fmt"
	"math/rand/v2"

	"ra3/core/theory/mdp"
)

// tries bounds the draws of a word that is not there yet.
const tries = 1000

// phrases makes the family of spelling hidden phrases: a phrase is s.Words words
// of s.Duration letters each, an action types a letter. A state is how many words
// are written and which beginning of a word stands after them; a letter that
// continues no word clears that beginning. Entering the end of a word pays
// 1/s.Words if it is the phrase's word there. Words that options spell are drawn
// by falling frequency (1/rank), others, a share s.Off, evenly.
func phrases(s Settings, rng *rand.Rand) (*Family, error) {
	switch {
	case s.Actions < 2 || s.Actions > len(Letters):
		return nil, fmt.Errorf("%d actions: an alphabet has 2 to %d letters", s.Actions, len(Letters))
	case s.Words < 1:
		return nil, fmt.Errorf("phrases of %d words: at least 1", s.Words)
	}
	known := s.Options
	words, err := lexicon(known+max(2, known/2), s.Duration, s.Actions, rng)
	if err != nil {
		return nil, err
	}
	t := trieOf(words)
	per := len(t.prefix) // states a slot: its beginnings, the empty one first, and its whole words
	states := s.Words*per + 1
	end := states - 1
	// at is the state of a beginning in a slot.
	at := func(slot, node int) int { return slot*per + node }
	clean := func(st, a int) []mdp.Outcome {
		slot, node := st/per, st%per
		if st != end && t.word[node] >= 0 { // a whole word: the next one begins
			slot, node = slot+1, 0
		}
		to := end
		if slot < s.Words {
			to = at(slot, max(0, t.next[node][a]))
		}
		return []mdp.Outcome{{To: to, P: 1}}
	}
	names := make([]string, s.Actions)
	for a := range names {
		names[a] = Letters[a : a+1]
	}
	m, err := mdp.New(states, names, s.Gamma, slipping(s.Slip, upTo(s.Actions), clean))
	if err != nil {
		return nil, err
	}
	f := &Family{MDP: m, Views: s.Duration + 1, View: make([]int, states), Horizon: s.Words*s.Duration + 1}
	for st := range states {
		f.View[st] = s.Duration // nothing is left to write
		if node := st % per; st != end && (st/per < s.Words-1 || t.word[node] < 0) {
			f.View[st] = len(t.prefix[node]) % s.Duration
		}
	}
	f.label = func(st int) string {
		if st == end {
			return "end"
		}
		return fmt.Sprintf("%d:%s", st/per, t.prefix[st%per])
	}
	for w := range known {
		f.Options = append(f.Options, t.option(m, words[w], w, per, s.Words))
	}
	f.draw = func(rng *rand.Rand) mdp.Task {
		var task mdp.Task
		var text []string
		for slot := range s.Words {
			w := zipf(known, rng)
			if rng.Float64() < s.Off {
				w = known + rng.IntN(len(words)-known)
			}
			text = append(text, words[w])
			task.Pays = append(task.Pays, mdp.Reward{State: at(slot, t.leaf[w]), Value: 1 / float64(s.Words)})
		}
		task.Name = spaced(text)
		return task
	}
	return f, nil
}

// zipf draws 0 to n-1 in proportion to 1/(1+k).
func zipf(n int, rng *rand.Rand) int {
	total := 0.0
	for k := range n {
		total += 1 / float64(k+1)
	}
	u := rng.Float64() * total
	for k := range n {
		if u -= 1 / float64(k+1); u < 0 {
			return k
		}
	}
	return n - 1
}

// lexicon draws different words of a length over an alphabet.
func lexicon(n, length, letters int, rng *rand.Rand) ([]string, error) {
	seen := map[string]bool{}
	var words []string
	for try := 0; len(words) < n; try++ {
		if try > tries+20*n {
			return nil, fmt.Errorf("%d different words of %d letters out of %d cannot be drawn: raise the duration or the actions", n, length, letters)
		}
		b := make([]byte, length)
		for i := range b {
			b[i] = Letters[rng.IntN(letters)]
		}
		if w := string(b); !seen[w] {
			seen[w] = true
			words = append(words, w)
		}
	}
	return words, nil
}

// trie holds the beginnings of words.
type trie struct {
	prefix []string
	next   [][]int // by letter; -1
	word   []int   // the word that a node ends, -1
	leaf   []int   // node of a word
}

func trieOf(words []string) *trie {
	t := &trie{}
	grow := func(prefix string) int {
		t.prefix, t.next, t.word = append(t.prefix, prefix), append(t.next, fill(len(Letters), -1)), append(t.word, -1)
		return len(t.prefix) - 1
	}
	grow("")
	for i, w := range words {
		node := 0
		for k := range len(w) {
			a := int(w[k] - 'a')
			if t.next[node][a] < 0 {
				t.next[node][a] = grow(w[:k+1])
			}
			node = t.next[node][a]
		}
		t.word[node] = i
		t.leaf = append(t.leaf, node)
	}
	return t
}

// option spells a word from wherever its beginning stands, in every slot.
func (t *trie) option(m *mdp.MDP, word string, w, per, slots int) mdp.Option {
	o := mdp.Option{Name: word, Starts: make([]bool, m.States), Policy: make([][]float64, m.States), Ends: make([]float64, m.States)}
	for st := range m.States {
		o.Ends[st] = 1
	}
	acts := func(st, letter int) {
		o.Starts[st], o.Ends[st] = true, 0
		o.Policy[st] = make([]float64, m.Actions)
		o.Policy[st][letter] = 1
	}
	for slot := range slots {
		node := 0
		for k := range len(word) {
			acts(slot*per+node, int(word[k]-'a'))
			node = t.next[node][word[k]-'a']
		}
		if slot+1 < slots { // any whole word stands where the next one begins
			for _, leaf := range t.leaf {
				acts(slot*per+leaf, int(word[0]-'a'))
				o.Ends[slot*per+leaf] = 1
			}
		}
	}
	return o
}

func fill(n, v int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = v
	}
	return out
}
