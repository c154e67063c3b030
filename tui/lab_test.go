package tui

import (
	"math"
	"strings"
	"sync"
	"testing"

	"ra3/experiments"
	"ra3/experiments/store"
	"ra3/tui/chart"
	"ra3/tui/theme"
)

// recorder keeps what a program wrote and says when it drew the header.
type recorder struct {
	mu   sync.Mutex
	b    strings.Builder
	seen chan struct{}
	once sync.Once
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.b.Write(p)
	if strings.Contains(r.b.String(), "paused") {
		r.once.Do(func() { close(r.seen) })
	}
	return len(p), nil
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// The numbers of the newest event and of the summary stand on the page, to the
// digits shown.
func TestNumbersOnScreenAreTheLogs(t *testing.T) {
	f := newFake(t)
	for n, measures := range map[int][]string{
		57:  {"loss_code"},
		192: {"bound", "bound_code"},
		197: {"annotated"},
		281: {"pass@1"},
	} {
		m := screen(f, 120, 40, theme.Options{})
		m.feed(f, f.snapshot(n, experiments.Paused))
		last := f.log(n)[n-1]
		page := plainText(m)
		for _, name := range measures {
			v, ok := last.Measures[name]
			if !ok {
				t.Fatalf("event %d has no %s", n, name)
			}
			if !strings.Contains(page, number(v)) {
				t.Errorf("event %d: %s = %v is not shown as %s:\n%s", n, name, v, number(v), page)
			}
		}
	}
	m := screen(f, 170, 50, theme.Options{})
	s := f.snapshot(316, experiments.Finished)
	m.feed(f, s)
	pageOf[*labPage](m).chosen = indexOf("found")
	pageOf[*labPage](m).zoomed = true
	page := plainText(m)
	for _, lane := range laneOrder[:3] {
		x := s.Summary.Lanes[lane]["doc"]
		of := func(x experiments.Measured) string {
			return chart.Interval(float64(x.Mean), float64(x.Lo), float64(x.Hi), m.theme.Glyphs)
		}
		for _, want := range []string{of(x.Pass1), of(x.Pass10), number(float64(x.Nats.Mean)), number(float64(s.Summary.Pruning[lane].LogEffective.Mean))} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: %s is missing:\n%s", lane, want, page)
			}
		}
	}
	for _, want := range []string{"not distinguishable", "higher", "not reached", "0.989"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing:\n%s", want, page)
		}
	}
}

func TestHeader(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(192, experiments.Running))
	m.w = 120
	if first, _, _ := strings.Cut(plainText(m), "\n"); !strings.Contains(first, "ra3  base-s1  ● running  4.7 updates/s ") {
		t.Errorf("with room the header begins %q", first)
	}
	m.w = 80 // the pages' names come first
	page := plainText(m)
	for _, want := range []string{"● running  4.7/s", "2 Trace", "7 Runs", "seed 1", "lane RA3", "EM 1/2", "E-step: latent discovery", "update 4/8", "▸1 Lab"} {
		if !strings.Contains(page, want) {
			t.Errorf("the header lacks %q:\n%s", want, strings.Join(strings.Split(page, "\n")[:3], "\n"))
		}
	}
	line := strings.Split(page, "\n")[2]
	if strings.Count(line, "●") != 1 || !strings.Contains(line, "E●") {
		t.Errorf("timeline %q", line)
	}
	// A plan that is too long shows the part around the engine.
	f.config.RA3.Iterations = 40
	f.config.Mid.Updates = 400
	f.plan = experiments.Plan(f.config)
	m = screen(f, 80, 24, theme.Options{Glyphs: theme.Braille})
	m.feed(f, f.snapshot(700, experiments.Running))
	line = strings.Split(plainText(m), "\n")[2]
	if strings.Count(line, "●") != 1 || strings.Count(line, "…") != 2 {
		t.Errorf("long timeline %q", line)
	}
}

func TestChartsSayWhatTheyWaitFor(t *testing.T) {
	f := newFake(t)
	m := screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(5, experiments.Paused))
	for i, v := range views {
		pageOf[*labPage](m).chosen = i
		page := plainText(m)
		if v.figure == nil || v.name == "loss" {
			continue
		}
		if !strings.Contains(page, "is phase") && !strings.Contains(page, "Measured every") {
			t.Errorf("%s does not say how to get there:\n%s", v.name, page)
		}
	}
	f.config.RLVR.Updates = 0
	f.plan = experiments.Plan(f.config)
	m = screen(f, 80, 24, theme.Options{})
	m.feed(f, f.snapshot(5, experiments.Paused))
	pageOf[*labPage](m).chosen = indexOf("rlvr")
	if !strings.Contains(plainText(m), "no such phase") {
		t.Error("a chart of a phase that is not planned promises it")
	}
}

func TestFewerBars(t *testing.T) {
	f := experiments.PassFigure(exampleSummary())
	for h := range 30 {
		g := fewerBars(f, h)
		for _, s := range g.Series {
			if len(s.X) != len(g.Categories) || len(s.Lo) != len(s.X) || len(s.Y) != len(s.X) {
				t.Fatalf("height %d: %+v", h, s)
			}
		}
		if rows := len(g.Categories) * len(g.Series); rows > h && len(g.Categories) > 2 {
			t.Errorf("height %d: %d bars, %v", h, rows, g.Categories)
		}
		for i, c := range g.Categories {
			for k, all := range f.Categories {
				if c == all && g.Series[0].Y[i] != f.Series[0].Y[k] {
					t.Errorf("%s has the value of another", c)
				}
			}
		}
	}
}

func TestEventsInWords(t *testing.T) {
	e := store.Event{Lane: "ntp", Phase: experiments.PhaseM, Update: 60, Measures: store.Measures{"loss_code": 0.10444, "tokens_trained": 21300}}
	if got := tell(e, 120).fit(80); got != "NTP M 60/120  loss 0.104 nats/token, "+chart.SI(21300)+" tokens" {
		t.Errorf("%q", got)
	}
	if got := tell(e, 120).fit(25); got != "NTP M 60/120  loss 0.104" {
		t.Errorf("%q", got)
	}
	e = store.Event{Lane: "ra3", Phase: experiments.PhaseE, Iteration: 2, Update: 3, Measures: store.Measures{"bound": math.NaN(), "alarm": 1}}
	if got := tell(e, 8); !got.alarm || got.fit(80) != "RA3 EM2 E 3/8  ALARM: latents collapse, bound nan nats" {
		t.Errorf("%q", got.fit(80))
	}
}
