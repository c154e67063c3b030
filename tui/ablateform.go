package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
	"ra3/tui/chart"
)

// factorFields are how many factors the form has room for.
const factorFields = 4

// ablating is the form of a new ablation.
type ablating struct {
	m                                *ablatePage
	preset, design, seeds, set, gate *field
	vary                             []*field
	costed                           string // what cost and wrong are about
	cost                             grid.Cost
	wrong                            error
}

// ablateForm asks for factors and levels, and says what they cost.
func (m *ablatePage) ablateForm() *form {
	a := &ablating{m: m,
		preset: &field{label: "preset", edit: editOf(m.config.Preset), choices: experiments.Presets()},
		design: &field{label: "design", edit: editOf("cross"), choices: []string{"cross", "star"}},
		seeds:  &field{label: "seeds", edit: editOf("3")}, set: &field{label: "settings"},
		gate: &field{label: "gate", edit: editOf("off"), choices: []string{"off", "show", "skip"}}}
	if !slices.Contains(a.preset.choices, m.config.Preset) {
		a.preset.set(a.preset.choices[0])
	}
	a.design.judge = func(text string) (string, error) {
		if text == "star" {
			return "the factors' first levels, and from there one factor at a time", nil
		}
		return "every combination of the factors' levels", nil
	}
	a.gate.judge = func(text string) (string, error) {
		return map[string]string{"off": "", "show": "first, whether true intents pay at all in each cell", "skip": "the same, and cells where they do not are left out"}[text], nil
	}
	a.seeds.judge = func(text string) (string, error) {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		switch {
		case err != nil || n < 1 || n > 1000:
			return "", fmt.Errorf("seeds: want a number from 1 to 1000")
		case n == 1:
			return "one replicate of every cell: no intervals over seeds", nil
		}
		return "replicates of every cell; intervals are over them", nil
	}
	fields := []*field{a.preset}
	for i := range factorFields {
		f := &field{label: fmt.Sprintf("factor %d", i+1), judge: judgeFactor}
		f.offers = func(text string) []string { return append(offersFor(text, a.others(f)), a.settingsLike(text)...) }
		f.picked = a.picked
		a.vary, fields = append(a.vary, f), append(fields, f)
	}
	return &form{m: m.model, title: "New ablation", fields: append(fields, a.design, a.seeds, a.set, a.gate), at: 1,
		help:  "A factor is a setting and its levels, as in ra3.prior.rho=0.1,0.3; tab goes through those asked for most, by name or by a word such as stickiness. Settings hold in every cell, as in mid.updates=60.",
		fault: func() error { _, err := a.price(); return err },
		below: a.costLines,
		submit: func() (tea.Cmd, error) {
			if m.desk.busy() {
				working, _ := m.desk.latest()
				return nil, fmt.Errorf("%s is at work: stop it first with g", working)
			}
			return m.begun(a.spec()), nil
		},
	}
}

// settingsLike are the settings that begin as a text does, with the preset's
// value as the first level: any of them may be a factor.
func (a *ablating) settingsLike(text string) []string {
	text = strings.TrimSpace(text)
	if text == "" || strings.Contains(text, "=") {
		return nil
	}
	c, err := experiments.Resolve(a.preset.String(), nil, nil)
	if err != nil {
		return nil // the cost says so
	}
	all, err := c.Settings()
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range all {
		if strings.HasPrefix(s.Field, text) {
			out = append(out, s.Field+"="+s.Value)
		}
	}
	return out
}

// others are the factors beside one.
func (a *ablating) others(but *field) []string {
	var out []string
	for _, f := range a.vary {
		if f != but && f.String() != "" {
			out = append(out, f.String())
		}
	}
	return out
}

// picked adds the setting that a factor needs to the others.
func (a *ablating) picked(before, now string) {
	words := strings.Fields(a.set.String())
	if was := needs(before); was != "" {
		words = slices.DeleteFunc(words, func(w string) bool { return w == was })
	}
	if need := needs(now); need != "" && !slices.Contains(words, need) {
		words = append(words, need)
	}
	a.set.set(strings.Join(words, " "))
}

func (a *ablating) spec() grid.Spec {
	s := grid.Spec{Preset: a.preset.String(), Set: strings.Fields(a.set.String())}
	for _, f := range a.vary {
		if text := strings.TrimSpace(f.String()); text != "" {
			s.Vary = append(s.Vary, text)
		}
	}
	s.Seeds, _ = strconv.Atoi(strings.TrimSpace(a.seeds.String()))
	if a.design.String() == "star" {
		s.Design = grid.Star
	}
	if g := a.gate.String(); g != "off" {
		s.Gate = grid.Gate(g)
	}
	return s
}

// price counts what the grid costs. It is crossed at every key; one that is the
// same is not crossed again.
func (a *ablating) price() (grid.Cost, error) {
	if _, err := a.seeds.judge(a.seeds.String()); err != nil {
		return grid.Cost{}, err
	}
	s := a.spec()
	if len(s.Vary) == 0 {
		return grid.Cost{}, fmt.Errorf("nothing varies yet: write a factor, or take one with tab")
	}
	if key := fmt.Sprintf("%+v", s); key != a.costed {
		a.costed = key
		a.cost, a.wrong = s.Cost()
	}
	return a.cost, a.wrong
}

// costLines say what the grid has to compute, before anything starts.
func (a *ablating) costLines(w int) []string {
	m := a.m
	c, err := a.price()
	if err != nil {
		return nil
	}
	phases := make([]string, 0, len(c.ByPhase))
	for _, p := range experiments.Phases {
		if n := c.ByPhase[p]; n > 0 {
			phases = append(phases, fmt.Sprintf("%s %d", phaseOf(experiments.Stage{Phase: p}).name, n))
		}
	}
	runs := count(c.Cells, "cell") + " x " + count(c.Seeds, "seed")
	if c.Gates > 0 {
		runs += ", " + count(c.Gates, "gate") + " before them"
	}
	lines := []string{runs + fmt.Sprintf(", %d updates, %s tokens of mid-training", c.Updates, chart.SI(float64(c.Tokens))), m.time(c), "updates by phase: " + strings.Join(phases, ", ")}
	if name, err := a.spec().DirName(); err == nil {
		lines = append(lines, "goes to "+m.root()+"/"+name)
	}
	for i, l := range lines {
		style := m.theme.Text
		if i == 1 {
			style = m.theme.Strong
		}
		lines[i] = style.Render(m.theme.Glyphs.Fit(m.plain(l), w))
	}
	return append([]string{m.rule("What it costs", "enter starts it", w, false)}, lines...)
}
