package tui

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"ra3/experiments"
	"ra3/experiments/grid"
)

// factorsOffered are the settings whose effect is asked for most, with levels
// to begin with.
var factorsOffered = []string{
	"mid.traces=250,1000,4000", "domain.nuisance=0,2", "domain.vague=0.0,0.3",
	"ra3.prior.rho=0.1,0.3,0.5", "ra3.iterations=1,2,4", `ra3.posterior="hindsight","foresight"`, `ra3.refit="rl","reweight"`,
	"ra3.codes=16,32,64", "ra3.anchor=0.0,0.1", "ra3.entropy=0.0,0.01", "ra3.words=1,2,4",
	`rlvr.credit="all","rationale"`, "rlvr.temperatures.rationale=0.7,1.0,1.3", `rlvr.advantage="leave-one-out","mean"`,
	"mid.updates=60,120,240", "model.dim=64,96",
}

// factorFields are how many factors the form has room for.
const factorFields = 4

// ablateForm asks for factors and levels, and says what they cost.
func (m *ablatePage) ablateForm() *form {
	preset := &field{label: "preset", edit: editOf(m.config.Preset), choices: experiments.Presets()}
	if !slices.Contains(preset.choices, m.config.Preset) {
		preset.set(preset.choices[0])
	}
	set := &field{label: "settings"}
	seeds := &field{label: "seeds", edit: editOf("3")}
	gate := &field{label: "gate", edit: editOf("off"), choices: []string{"off", "show", "skip"}}
	fields := []*field{preset}
	var vary []*field
	for i := range factorFields {
		f := &field{label: fmt.Sprintf("factor %d", i+1), offers: offered}
		f.judge = judgeFactor
		vary = append(vary, f)
		fields = append(fields, f)
	}
	fields = append(fields, seeds, set, gate)
	spec := func() grid.Spec {
		s := grid.Spec{Preset: preset.String(), Set: strings.Fields(set.String())}
		for _, f := range vary {
			if text := strings.TrimSpace(f.String()); text != "" {
				s.Vary = append(s.Vary, text)
			}
		}
		s.Seeds, _ = strconv.Atoi(strings.TrimSpace(seeds.String()))
		if g := gate.String(); g != "off" {
			s.Gate = grid.Gate(g)
		}
		return s
	}
	seeds.judge = func(text string) (string, error) {
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err != nil || n < 1 || n > 1000 {
			return "", fmt.Errorf("seeds: want a number from 1")
		}
		return "replicates of every cell; intervals are over them", nil
	}
	// A grid is crossed at every key; one that is the same is not crossed again.
	var costed string
	var cost grid.Cost
	var wrong error
	price := func() (grid.Cost, error) {
		if key := fmt.Sprintf("%+v", spec()); key != costed {
			costed = key
			cost, wrong = spec().Cost()
		}
		return cost, wrong
	}
	return &form{m: m.model, title: "New ablation", fields: fields,
		help: "Every combination of the factors' levels is an ordinary run. A factor is a setting and its values, as in ra3.prior.rho=0.1,0.3; tab offers some. Settings hold in every cell, as in mid.updates=60.",
		fault: func() error {
			_, err := price()
			return err
		},
		below: func(w int) []string { return m.costLines(price, spec(), w) },
		submit: func() (tea.Cmd, error) {
			if m.desk.busy() {
				return nil, fmt.Errorf("%s is at work: stop it first with g", m.desk.working)
			}
			return m.begun(spec()), nil
		},
	}
}

// offered are the factors that begin as a text does, or contain it.
func offered(text string) []string {
	text = strings.TrimSpace(text)
	field, _, levels := strings.Cut(text, "=")
	var out []string
	for _, f := range factorsOffered {
		if strings.Contains(f, field) && f != text && !levels {
			out = append(out, f)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return strings.HasPrefix(out[i], text) && !strings.HasPrefix(out[j], text) })
	return out
}

// judgeFactor counts a factor's levels.
func judgeFactor(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	field, list, ok := strings.Cut(text, "=")
	if !ok || strings.TrimSpace(list) == "" {
		return "", fmt.Errorf("%s: write its levels after it, as in %s=1,2", field, strings.TrimSpace(field))
	}
	return "", nil
}

// costLines say what the grid has to compute, before anything starts.
func (m *ablatePage) costLines(price func() (grid.Cost, error), s grid.Spec, w int) []string {
	t := m.theme
	c, err := price()
	if err != nil {
		return nil
	}
	phases := make([]string, 0, len(c.ByPhase))
	for _, p := range experiments.Phases {
		if n := c.ByPhase[p]; n > 0 {
			phases = append(phases, fmt.Sprintf("%s %d", p, n))
		}
	}
	lines := []string{m.rule("What it costs", "", w, false),
		fmt.Sprintf("%d cells of %d seed(s)", c.Cells, c.Seeds) + fmt.Sprintf(", %d gates, %d updates", c.Gates, c.Updates),
	}
	if rate := m.snap.Rate; rate > 0 {
		lines = append(lines, fmt.Sprintf("about %s, at the %.2g updates/s of this run's last updates; phases and sizes differ in speed", eta(c.Updates, rate), rate))
	} else {
		lines = append(lines, "how long that takes is known once some updates have been made here")
	}
	lines = append(lines, "updates by phase: "+strings.Join(phases, ", "))
	if name, err := s.DirName(); err == nil {
		lines = append(lines, "goes to "+m.root()+"/"+name)
	}
	for i, l := range lines[1:] {
		lines[i+1] = t.Text.Render(m.theme.Glyphs.Fit(m.plain(l), w))
	}
	return lines
}
