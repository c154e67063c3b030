package judge

import (
	"crypto/sha256"
	"sync"
)

const (
	cacheEntries = 8192
	cacheLargest = 256 // plain values in an outcome worth keeping
)

// cache keeps outcomes of recent programs, first in, first out. The zero value
// is ready.
type cache struct {
	mu   sync.Mutex
	byID map[[sha256.Size]byte]outcome
	ring [][sha256.Size]byte
	next int
}

func (c *cache) get(key [sha256.Size]byte) (outcome, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out, ok := c.byID[key]
	return out, ok
}

func (c *cache) put(key [sha256.Size]byte, out outcome) {
	if !repeatable(out) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byID[key]; ok {
		return
	}
	if c.byID == nil {
		c.byID = make(map[[sha256.Size]byte]outcome)
	}
	if len(c.ring) < cacheEntries {
		c.ring = append(c.ring, key)
	} else {
		delete(c.byID, c.ring[c.next])
		c.ring[c.next] = key
		c.next = (c.next + 1) % cacheEntries
	}
	c.byID[key] = out
}

// repeatable says that running the program again would give the same, and that
// the outcome is small. Wall time and crashes depend on the machine's state.
func repeatable(out outcome) bool {
	size := 0
	for _, r := range out {
		if r.kind == Crashed || r.kind == Timeout && r.reason != reasonSteps {
			return false
		}
		size += 1 + weigh(r.value)
	}
	return size <= cacheLargest
}

// weigh counts plain values, a string as one per 16 bytes.
func weigh(v any) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/16
	case []any:
		n := 1
		for _, e := range v {
			n += weigh(e)
		}
		return n
	}
	return 1
}
