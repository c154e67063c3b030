package nn

import (
	"math"

	"ra3/core/arena"
	"ra3/core/simd"
)

// promptCache holds a prompt's keys and values: packed for the products that all
// its samples share or, if it is short, as rows to be copied to each of them.
type promptCache struct {
	n            int
	keys, values []factor    // [layer*KVHeads + head], K^T [hd, n] and V [n, hd]
	rows         [][]float32 // [layer][n * 2*kv], if n is below sharedFrom
	last         []float32   // [D] residual stream at the prompt's last token
}

// sharedFrom is the shortest prompt that is kept packed: shorter ones would
// leave the packing mostly empty.
const sharedFrom = 16

// shared is the number of positions in the packed part.
func (p *promptCache) shared() int {
	if p.rows != nil {
		return 0
	}
	return p.n
}

// slots is a worker's memory for the keys and values of its own sequences, a
// slot for each. It outlives a call of Generate.
type slots struct {
	mem  *arena.Arena
	half bool // in bfloat16
	room int  // positions in a slot
	all  []slot
	free []slot
}

// slot holds [layer][key or value][head][room, hd], so that a head's keys, and
// its values, are read in one stream. One of the two forms is used.
type slot struct {
	full []float32
	half []uint16
}

// slotBytes is the size of a slot of room positions.
func slotBytes(c Config, room int, half bool) int {
	b := 4 * 2 * c.Layers * c.kvDim() * room
	if half {
		b /= 2
	}
	return b
}

// fit makes at least n slots of at least room positions and frees all, also
// those that a call which ended early had taken.
func (s *slots) fit(c Config, n, room int, half bool) error {
	if s.mem != nil && s.half == half && n <= len(s.all) && room <= s.room {
		s.free = append(s.free[:0], s.all...)
		return nil
	}
	n, room = max(n, len(s.all)), max(room, s.room)
	s.close()
	floats := slotBytes(c, room, half) / 4
	mem, err := arena.New(n * arena.Size(floats))
	if err != nil {
		return err
	}
	*s = slots{mem: mem, half: half, room: room}
	for range n {
		if half {
			s.all = append(s.all, slot{half: mem.Halves(2 * floats)})
		} else {
			s.all = append(s.all, slot{full: mem.Floats(floats)})
		}
	}
	s.free = append(s.free, s.all...)
	return nil
}

func (s *slots) take() slot {
	last := len(s.free) - 1
	taken := s.free[last]
	s.free = s.free[:last]
	return taken
}

func (s *slots) give(x slot) { s.free = append(s.free, x) }

func (s *slots) close() {
	s.mem.Close()
	*s = slots{}
}

// head finds a head's keys or values (which 0 or 1) in a slot.
func (s *slots) head(c Config, layer, which, head int) int {
	return ((2*layer+which)*c.KVHeads + head) * s.room * c.HeadDim()
}

// put stores kv [2*kv], a token's keys and values of a layer, at a position.
func (s *slots) put(c Config, x slot, layer, position int, kv []float32) {
	hd := c.HeadDim()
	for which := range 2 {
		for head := range c.KVHeads {
			at := s.head(c, layer, which, head) + position*hd
			from := kv[(which*c.KVHeads+head)*hd:][:hd]
			if !s.half {
				copy(x.full[at:at+hd], from)
				continue
			}
			for i, v := range from {
				x.half[at+i] = uint16(math.Float32bits(v) >> 16)
			}
		}
	}
}

// match sets scores to the products of q [hd] with a head's first keys.
func (s *slots) match(c Config, x slot, layer, head int, scores, q []float32) {
	at := s.head(c, layer, 0, head)
	if s.half {
		simd.MatVec16(scores, x.half[at:], c.HeadDim(), q)
		return
	}
	simd.MatVec(scores, x.full[at:], c.HeadDim(), q)
}

// blend adds the head's first values, weighted with p, to o [hd].
func (s *slots) blend(c Config, x slot, layer, head int, o, p []float32) {
	at := s.head(c, layer, 1, head)
	if s.half {
		simd.VecMat16(o, p, x.half[at:], c.HeadDim())
		return
	}
	simd.VecMat(o, p, x.full[at:], c.HeadDim())
}
