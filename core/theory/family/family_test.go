package family

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ra3/core/theory/mdp"
)

func rng(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

var usual = Settings{Kind: Rooms, Actions: 6, Options: 8, Duration: 5, Words: 3, Doors: 4, Gamma: 0.95, Off: 0.25}

func build(t *testing.T, s Settings) (*Family, *mdp.Model) {
	t.Helper()
	f, err := New(t.Context(), s, rng(1))
	if err != nil {
		t.Fatal(err)
	}
	m, err := mdp.NewModel(t.Context(), f.MDP, f.Options)
	if err != nil {
		t.Fatal(err)
	}
	return f, m
}

// durations lists how long an option lasts from each state where it may start.
func durations(m *mdp.Model, option int) map[int]float64 {
	out := map[int]float64{}
	for i := range m.Rows() {
		if s, z := m.Row(i); z == m.Actions+option {
			out[s] = m.Duration(i)
		}
	}
	return out
}

// Hallway options of rooms last as long as the walk to the hallway.
func TestRooms(t *testing.T) {
	f, m := build(t, usual)
	if m.States != 4*25+4 || len(f.Options) != 8 || f.Map.W != 13 {
		t.Fatalf("%d states, %d options, a map %d wide", m.States, len(f.Options), f.Map.W)
	}
	for i, o := range f.Options {
		goal := -1
		for s, e := range o.Ends {
			if e == 1 && !o.Starts[s] && strings.HasSuffix(o.Name, f.Label(s)) {
				goal = s
			}
		}
		if goal < 0 || !strings.Contains(o.Name, "hall") {
			t.Fatalf("option %s has no goal", o.Name)
		}
		ds := durations(m, i)
		if len(ds) != 26 { // the room and its other hallway
			t.Errorf("option %s starts in %d states", o.Name, len(ds))
		}
		gx, gy := f.Map.Place[goal]%13, f.Map.Place[goal]/13
		for s, d := range ds {
			x, y := f.Map.Place[s]%13, f.Map.Place[s]/13
			if r := f.Map.room(f.Map.Place[s]); r < 0 {
				continue // from hallway to hallway there is a corner to go round
			}
			if want := math.Abs(float64(x-gx)) + math.Abs(float64(y-gy)); math.Abs(d-want) > 1e-9 {
				t.Errorf("option %s from %s lasts %g, want %g", o.Name, f.Label(s), d, want)
			}
		}
	}
	for range 50 {
		task := f.Draw(rng(9))
		if len(task.Pays) != 1 || task.Pays[0].Value != 1-usual.Gamma {
			t.Fatalf("%+v", task)
		}
	}
}

// A word's option lasts its letters, and the best that can be made of a phrase
// of words that options spell is the discounted sum of its words.
func TestPhrases(t *testing.T) {
	s := usual
	s.Kind, s.Off, s.Duration = Phrases, 0, 4
	f, m := build(t, s)
	for i, o := range f.Options {
		if d := durations(m, i)[0]; math.Abs(d-4) > 1e-9 {
			t.Errorf("option %s lasts %g", o.Name, d)
		}
	}
	r := rng(3)
	for range 20 {
		task := f.Draw(r)
		p, err := m.Problem(task)
		if err != nil {
			t.Fatal(err)
		}
		v, err := p.Solve(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for k := range 3 {
			want += math.Pow(s.Gamma, float64(4*k+3)) / 3
		}
		if math.Abs(v[0]-want) > 1e-10 {
			t.Errorf("%s is worth %g, want %g", task.Name, v[0], want)
		}
		if n := len(strings.Fields(task.Name)); n != 3 {
			t.Errorf("phrase %q", task.Name)
		}
	}
	if f.Views != 5 || f.View[0] != 0 {
		t.Errorf("%d views, the first %d", f.Views, f.View[0])
	}
}

func TestRandom(t *testing.T) {
	s := usual
	s.Kind = Random
	f, m := build(t, s)
	if m.States != 80 || len(f.Options) != 8 {
		t.Fatalf("%d states, %d options", m.States, len(f.Options))
	}
	for i := range f.Options {
		if ds := durations(m, i); len(ds) < 10 {
			t.Errorf("option %d starts in %d states", i, len(ds))
		}
	}
}

// Families are as large as asked for, the same from the same seed, and faults
// are one line.
func TestSizesAndFaults(t *testing.T) {
	for _, c := range []struct {
		change func(*Settings)
		want   string // "" for none
	}{
		{func(s *Settings) { s.Duration = 30 }, ""},
		{func(s *Settings) { s.Options = 40 }, ""},
		{func(s *Settings) { s.Doors = 0; s.Options = 3 }, ""},
		{func(s *Settings) { s.Duration = 1; s.Options = 8 }, ""},
		{func(s *Settings) { s.Kind, s.Options, s.Duration, s.Actions = Phrases, 60, 6, 26 }, ""},
		{func(s *Settings) { s.Kind, s.Options, s.Duration, s.Slip = Random, 20, 30, 0.2 }, ""},
		{func(s *Settings) { s.Kind, s.Options, s.Duration = Random, 1, 1 }, ""},
		{func(s *Settings) { s.Actions = 4 }, "at least 5"},
		{func(s *Settings) { s.Duration = 35 }, "at most 34"},
		{func(s *Settings) { s.Duration = 1; s.Options = 9 }, "no more than"},
		{func(s *Settings) { s.Doors = 5 }, "0 to 4"},
		{func(s *Settings) { s.Kind, s.Actions, s.Duration = Phrases, 2, 2 }, "cannot be drawn"},
		{func(s *Settings) { s.Kind, s.Actions = Phrases, 27 }, "2 to 26"},
		{func(s *Settings) { s.Kind, s.Words = Phrases, 0 }, "at least 1"},
		{func(s *Settings) { s.Kind, s.Options, s.Words, s.Duration = Phrases, 200, 20, 8 }, "must be 1 to"},
		{func(s *Settings) { s.Kind, s.Options, s.Duration = Random, 100, 30 }, "at most 5000"},
		{func(s *Settings) { s.Kind, s.Actions = Random, 1 }, "at least 2"},
		{func(s *Settings) { s.Gamma = 1 }, "discount 1"},
		{func(s *Settings) { s.Options = 0 }, "at least 1"},
		{func(s *Settings) { s.Kind = "maze" }, "not one of"},
	} {
		s := usual
		c.change(&s)
		f, err := New(t.Context(), s, rng(1))
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%+v: %v, want one line with %q", s, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", s, err)
			continue
		}
		again, err := New(t.Context(), s, rng(1))
		if err != nil || !reflect.DeepEqual(f.Options, again.Options) || f.Draw(rng(2)).Name != again.Draw(rng(2)).Name {
			t.Errorf("%+v: another family from the same seed (%v)", s, err)
		}
	}
}
