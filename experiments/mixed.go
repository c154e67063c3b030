package experiments

import (
	"fmt"
	"slices"
	"strings"

	"ra3/experiments/store"
)

// Mixed says which changed settings hold for some lanes or seeds of a branch only,
// because the others were made before it left, after made updates of old's plan:
// what lanes differ by, or vary by, is then the setting's doing as well.
func Mixed(old, c Config, made int) ([]string, error) {
	changes, err := ConfigDiff(old, c)
	if err != nil {
		return nil, err
	}
	before, err := planned(old)
	if err != nil {
		return nil, err
	}
	after, err := planned(c)
	if err != nil {
		return nil, err
	}
	_, stage, within := placeIn(before, made)
	if stage >= len(before) || stage >= len(after) {
		return nil, nil
	}
	begun := before[:stage]
	if within > 0 {
		begun = before[:stage+1]
	}
	seed := after[stage].Seed
	var out []string
	for _, x := range changes {
		r, _ := reachOf(x.Field)
		had, gets := lanesReading(r, x.Field, begun, seed), lanesReading(r, x.Field, after[stage:], seed)
		old := slices.DeleteFunc(slices.Clone(had), func(lane string) bool { return slices.Contains(gets, lane) })
		if len(old) > 0 && len(gets) > 0 {
			out = append(out, fmt.Sprintf("%s: %s made with %s, %s with %s", x.Field, laneTitles(old), x.From, laneTitles(gets), x.To))
		}
		for _, s := range begun {
			if s.Seed != seed && slices.Contains(r.phases, s.Phase) {
				out = append(out, fmt.Sprintf("%s: seeds before %d made with %s", x.Field, seed, x.From))
				break
			}
		}
	}
	return out, nil
}

// MixedOf is Mixed along a stored branch's line.
func MixedOf(run *store.Run, branch string) ([]string, error) {
	base, err := ConfigOf(run)
	if err != nil {
		return nil, err
	}
	branches, err := run.Branches()
	if err != nil {
		return nil, err
	}
	var out []string
	for branch != store.Main {
		i := slices.IndexFunc(branches, func(b store.Branch) bool { return b.Name == branch })
		if i < 0 {
			break // along says so
		}
		b := branches[i]
		before, _, err := along(base, branches, b.Parent)
		if err != nil {
			return nil, err
		}
		after, _, err := along(base, branches, branch)
		if err != nil {
			return nil, err
		}
		mixed, err := Mixed(before, after, b.Update)
		if err != nil {
			return nil, err
		}
		out, branch = append(mixed, out...), b.Parent
	}
	return out, nil
}

// lanesReading lists the lanes of a seed whose stages read a setting.
func lanesReading(r reach, field string, stages []Stage, seed int) []string {
	var out []string
	for _, s := range stages {
		of := s.Lane
		if s.Seed != seed || of == "" || slices.Contains(out, of) || !slices.Contains(r.phases, s.Phase) {
			continue
		}
		if strings.HasPrefix(field, "ra3.") && laneOf(of).labels == noLabels {
			continue // it has no latents
		}
		out = append(out, of)
	}
	return out
}

func laneTitles(names []string) string {
	titles := make([]string, len(names))
	for i, n := range names {
		titles[i] = LaneTitle(n)
	}
	return strings.Join(titles, " and ")
}
