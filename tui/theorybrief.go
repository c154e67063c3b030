package tui

import (
	"slices"
	"strings"

	"ra3/core/measure"
)

// narrow is the width below which legends take brief names.
const narrow = 90

var briefly = strings.NewReplacer("primitives", "prim", "abstractions", "abstr", "options only", "opt", "everything", "all", ", measured", "", ", used", "", ", minimal", " min",
	", gamma^(tau N)", " g^tN", "certain bound, gamma^N", "bound g^N", "with all actions", "with", "without actions", "without", ", with actions", "", " and options", "+opt", ", actions", "", "contraction ", "", ", bound", " bound",
	"pruning error", "pruning", "planning error", "planning", "regret, measured", "regret", " EM", "")

// axes are brief names of what is across.
var axes = map[string]string{"demonstrations (log2)": "log2 demos", "iterations of value iteration": "iterations", "options kept, most used first": "options kept",
	"duration tau of a decision": "duration tau"}

// brief is the figure with short names in its legend and across.
func brief(f measure.Figure) measure.Figure {
	out := f
	out.Series = slices.Clone(f.Series)
	for i, s := range out.Series {
		name, _, _ := strings.Cut(s.Name, " (")
		out.Series[i].Name = briefly.Replace(name)
	}
	if name, ok := axes[f.XLabel]; ok {
		out.XLabel = name
	}
	return out
}
