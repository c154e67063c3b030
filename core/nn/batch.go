package nn

import (
	"fmt"
	"slices"
)

// Batch is a packed ragged batch: sequence s has the tokens
// Tokens[Offsets[s]:Offsets[s+1]] at the positions beside them. Rows are the
// points where something is predicted, ascending by Index.
type Batch struct {
	Tokens    []int32
	Positions []int32
	Offsets   []int32
	Rows      []Row
	Classes   []Class
}

// Row asks for the probability of Target after the token at Index. The batch's
// loss is -sum over rows of Weight*log p, so a policy gradient is a row whose
// weight is its advantage.
type Row struct {
	Index  int32   // into Tokens
	Target int32   // in [0, Out)
	Class  int32   // into Classes
	Weight float32 // 0: scored, without gradient
}

// Class is the set of outcomes allowed at a kind of position, and its
// temperature: p is the softmax of InvTemp*logits over Allowed.
type Class struct {
	Allowed []bool // of length Out; nil allows everything
	InvTemp float32
}

// forbidden is added to the logits of outcomes that a class does not allow. It
// is finite, so that 0*forbidden is 0 in sums over probabilities.
const forbidden = -1e30

// mask is the additive form: 0 where allowed, forbidden elsewhere; nil for all.
func (c Class) mask(out int) []float32 {
	if c.Allowed == nil {
		return nil
	}
	m := make([]float32, out)
	for i := range m {
		if !c.Allowed[i] {
			m[i] = forbidden
		}
	}
	return m
}

func masks(classes []Class, out int) ([][]float32, error) {
	ms := make([][]float32, len(classes))
	for i, c := range classes {
		if c.Allowed != nil && len(c.Allowed) != out {
			return nil, fmt.Errorf("model: class %d allows %d outcomes, the head has %d", i, len(c.Allowed), out)
		}
		if !(c.InvTemp > 0) {
			return nil, fmt.Errorf("model: class %d has inverse temperature %g, must be positive", i, c.InvTemp)
		}
		if c.Allowed != nil && !slices.Contains(c.Allowed, true) {
			return nil, fmt.Errorf("model: class %d allows no outcome", i)
		}
		ms[i] = c.mask(out)
	}
	return ms, nil
}

// Append adds one sequence whose positions are start, start+1, ... and returns
// the index of its first token.
func (b *Batch) Append(tokens []int32, start int) int {
	if len(b.Offsets) == 0 {
		b.Offsets = append(b.Offsets, 0)
	}
	at := len(b.Tokens)
	b.Tokens = append(b.Tokens, tokens...)
	for i := range tokens {
		b.Positions = append(b.Positions, int32(start+i))
	}
	b.Offsets = append(b.Offsets, int32(len(b.Tokens)))
	return at
}

// Sequences is the number of sequences.
func (b *Batch) Sequences() int { return max(0, len(b.Offsets)-1) }

// Reset empties the batch and keeps its storage and classes.
func (b *Batch) Reset() {
	b.Tokens, b.Positions, b.Offsets, b.Rows = b.Tokens[:0], b.Positions[:0], b.Offsets[:0], b.Rows[:0]
}

// tile is a run of whole sequences computed together by one worker.
type tile struct{ seqFrom, seqTo, rowFrom, rowTo int }

// tileTokens bounds the tokens of a tile (a longer single sequence is a tile
// of its own): enough rows to feed the matrix multiply, few enough for what a
// sub-layer touches to stay in the core's own cache.
const tileTokens = 256

// tiles cuts the batch into tiles of whole sequences with their rows.
func (b *Batch) tiles() ([]tile, error) {
	var ts []tile
	row := 0
	for s := 0; s < b.Sequences(); {
		t := tile{seqFrom: s, rowFrom: row}
		for s++; s < b.Sequences() && int(b.Offsets[s+1]-b.Offsets[t.seqFrom]) <= tileTokens; s++ {
		}
		t.seqTo = s
		for row < len(b.Rows) && b.Rows[row].Index < b.Offsets[s] {
			if row > 0 && b.Rows[row].Index < b.Rows[row-1].Index {
				return nil, fmt.Errorf("model: rows are not ascending at %d", row)
			}
			row++
		}
		t.rowTo = row
		ts = append(ts, t)
	}
	if row != len(b.Rows) {
		return nil, fmt.Errorf("model: row %d points at token %d of %d, or rows are not ascending", row, b.Rows[row].Index, len(b.Tokens))
	}
	return ts, nil
}
