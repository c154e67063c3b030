package nn

import (
	"ra3/core/arena"
	"ra3/core/simd"
)

// promptCache holds a prompt's keys and values, packed for the products that
// all its samples share.
type promptCache struct {
	n      int
	keys   []simd.Packed // [layer*KVHeads + head], K^T [hd, n]
	values []simd.Packed // [layer*KVHeads + head], V [n, hd]
	last   []float32     // [D] residual stream at the prompt's last token
}

// slots is a worker's memory for the keys and values of its own sequences, a
// slot for each. It outlives a call of Generate.
type slots struct {
	mem  *arena.Arena
	size int // floats in a slot
	room int // positions in a slot
	free [][]float32
	n    int
}

// fit makes at least n slots of at least room positions. All slots are free then.
func (s *slots) fit(c Config, n, room int) error {
	if s.mem != nil && n <= s.n && room <= s.room {
		return nil
	}
	n, room = max(n, s.n), max(room, s.room)
	s.close()
	size := arena.Size(2 * c.Layers * c.kvDim() * room)
	mem, err := arena.New(n * size)
	if err != nil {
		return err
	}
	*s = slots{mem: mem, size: size, room: room, n: n}
	for range n {
		s.free = append(s.free, mem.Floats(size))
	}
	return nil
}

func (s *slots) take() []float32 {
	last := len(s.free) - 1
	slot := s.free[last]
	s.free = s.free[:last]
	return slot
}

func (s *slots) give(slot []float32) { s.free = append(s.free, slot) }

func (s *slots) close() {
	s.mem.Close()
	*s = slots{}
}

// keys and values of a slot lie head by head, [layer][key or value][head][room, hd],
// so that a head's are read in one stream.
func (s *slots) keys(c Config, slot []float32, layer, head int) []float32 {
	return slot[(2*layer*c.KVHeads+head)*s.room*c.HeadDim():]
}

func (s *slots) values(c Config, slot []float32, layer, head int) []float32 {
	return slot[((2*layer+1)*c.KVHeads+head)*s.room*c.HeadDim():]
}
