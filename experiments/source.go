package experiments

import (
	"ra3/experiments/store"
)

// Source is a run as a face shows it: one that an engine here drives (*Driver),
// or one that is only read, also while another process writes it (*Follower).
type Source interface {
	// Send hands an intent over without blocking; false if it is not taken. A
	// follower takes Stop alone.
	Send(Intent) bool
	// Snapshots gives the newest snapshot whenever there is a newer one, and is
	// closed when the source ends.
	Snapshots() <-chan Snapshot
	Done() <-chan struct{}
	// Events returns up to limit records of the log from index from on, of all
	// branches in the order they were written.
	Events(from, limit int) []store.Event
	// Plan and Config are those of the branch under way.
	Plan() []Stage
	Config() Config
	Dir() string // "" where nothing is written
	World() *World
	ReadOnly() bool
	// Record is the run's past: branches, log index, stored states and views.
	Record() *Record
}

var (
	_ Source = (*Driver)(nil)
	_ Source = (*Follower)(nil)
)
