package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/tui/keys"
	"ra3/tui/theme"
)

// Whatever tab offers makes a grid, with the settings that it brings along.
func TestFactorsOfferedAreValid(t *testing.T) {
	for _, o := range factorOffers {
		s := grid.Spec{Preset: "quick", Vary: []string{o.factor}}
		if o.needs != "" {
			if _, _, err := s.Cells(); err == nil {
				t.Errorf("%s needs no %s", o.factor, o.needs)
			}
			s.Set = []string{o.needs}
		}
		if _, cells, err := s.Cells(); err != nil || len(cells) < 2 || o.says == "" {
			t.Errorf("%s: %d cells, %v", o.factor, len(cells), err)
		}
	}
}

func TestOffers(t *testing.T) {
	// Tab goes through all of them, without an end.
	seen, text := map[string]bool{}, ""
	for range factorOffers {
		text = offersFor(text, nil)[0]
		seen[text] = true
	}
	if len(seen) != len(factorOffers) || offersFor(text, nil)[0] != factorOffers[0].factor {
		t.Errorf("%d of %d, then %q", len(seen), len(factorOffers), offersFor(text, nil)[0])
	}
	for text, want := range map[string]string{"post": `ra3.posterior="hindsight","foresight"`, "stickiness": "ra3.prior.rho=0.1,0.3,0.5", "latent count": "ra3.codes=16,32,64", "credit": `rlvr.credit="all","rationale"`, "data size": "mid.traces=250,1000,4000", "EM iterations": "ra3.iterations=1,2,4"} {
		if got := offersFor(text, nil); len(got) == 0 || got[0] != want {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	if got := offersFor("", []string{"mid.traces=1,2"}); got[0] == "mid.traces=250,1000,4000" {
		t.Error("a field that varies already is offered")
	}
	if got := offersFor("mid.traces=7", nil); len(got) != 0 {
		t.Errorf("offers for levels of one's own: %v", got)
	}
}

// The form says what a grid costs before it starts, and refuses a wrong one.
func TestAblateForm(t *testing.T) {
	f := newFake(t)
	m := screen(f, 110, 44, theme.Options{})
	s := f.snapshot(30, experiments.Paused)
	s.Rate = 0
	m.feed(f, s)
	p := onPage[*ablatePage](m, keys.Ablate)
	m.desk.Root = t.TempDir()
	m.absorb(m.key("n"))
	if got := plainText(m); !strings.Contains(got, "nothing varies yet") || strings.Contains(got, "--vary") {
		t.Errorf("an empty form:\n%s", got)
	}
	m.key("enter")
	if m.sheet == nil {
		t.Fatal("an empty form was carried out")
	}
	m.typeText("rlvr.epo")
	m.key("tab")
	if got := m.sheet.(*form).fields[1].String(); got != "rlvr.epochs=1" {
		t.Errorf("any setting may be a factor: %q", got)
	}
	m.sheet.(*form).fields[1].set("")
	m.typeText("mid.traces=20,40,x")
	if got := plainText(m); !strings.Contains(got, "mid.traces") || strings.Contains(got, "What it costs") {
		t.Errorf("a wrong level:\n%s", got)
	}
	form := m.sheet.(*form)
	form.fields[1].set("mid.traces=20,40")
	form.fields[2].set("domain.nuisance=0,1,2")
	spec := grid.Spec{Preset: "quick", Vary: []string{"mid.traces=20,40", "domain.nuisance=0,1,2"}, Seeds: 3}
	cost, err := spec.Cost()
	must(t, err)
	got := plainText(m)
	for _, want := range []string{"6 cells x 3 seeds", fmt.Sprintf("%d updates", cost.Updates), "goes to " + m.desk.Root + "/ablate-quick-", "known once some updates have been made", "every combination"} {
		if !strings.Contains(got, want) {
			t.Errorf("the form lacks %q:\n%s", want, got)
		}
	}
	// A pace known from before tells the time.
	p.past.Add("", 10, 20*time.Second)
	p.pastOf = []string{"runs/before"}
	if got, want := plainText(m), "about "+duration(2*float64(cost.Updates)); !strings.Contains(got, want) || !strings.Contains(got, "mean pace of before") {
		t.Errorf("the form lacks %q:\n%s", want, got)
	}
	form.fields[5].set("star")
	if got := plainText(m); !strings.Contains(got, "4 cells x 3 seeds") || !strings.Contains(got, "one factor at a time") {
		t.Errorf("a star:\n%s", got)
	}
	for _, none := range []string{"0", "abc"} {
		form.fields[6].set(none)
		if got := plainText(m); !strings.Contains(got, "want a number from 1") || strings.Contains(got, "What it costs") || strings.Contains(got, "enter starts it") {
			t.Errorf("no seeds:\n%s", got)
		}
	}
	// A factor brings the setting that it needs, and takes it away again.
	form.fields[6].set("2")
	form.fields[1].set("latent count")
	form.at = 1
	m.key("tab")
	if got := form.fields[7].String(); got != "ra3.latents=codes" || form.wrong() != nil {
		t.Errorf("settings %q, %v", got, form.wrong())
	}
	m.key("tab")
	if got := form.fields[7].String(); got != "" {
		t.Errorf("settings %q after the next offer", got)
	}
	if cost.Updates == 0 || cost.Cells != 6 || cost.Tokens == 0 {
		t.Errorf("%+v", cost)
	}
}
