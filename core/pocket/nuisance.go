package pocket

import (
	"fmt"
	"math"

	"ra3/core/trace"
)

// NuisanceNats is the information in a program's choices that do not matter to
// its tests: -log P(code | composition) in nats, templates and identifiers as
// Draw chooses them at these settings. A body that Draw cannot write is an error.
func (d *Domain) NuisanceNats(s Settings, p *trace.Program) (float64, error) {
	segments, whole := d.Segments(d.text(p.Lines))
	if !whole || len(segments) != len(p.Steps) {
		return 0, fmt.Errorf("nuisance: the body of problem %q is none of the domain's: ask for programs that Draw gave", p.ID)
	}
	if s.Nuisance == 0 {
		return 0, nil
	}
	var nats float64
	var drawn [len(roles)]bool
	for step, g := range segments {
		if g.Intent != p.Steps[step] {
			return 0, fmt.Errorf("nuisance: step %d of problem %q is %s in its body and %s by its key", step+1, p.ID, d.Intents[g.Intent].Name, d.Intents[p.Steps[step]].Name)
		}
		nats += math.Log(float64(len(d.Intents[g.Intent].Templates)))
		if s.Nuisance >= 2 {
			drawn = [len(roles)]bool{}
		}
		// Names that are drawn and not used leave no mark on the code.
		for role, name := range g.Names {
			if name != "" && !drawn[role] {
				drawn[role] = true
				nats += math.Log(float64(len(d.names[roles[role:role+1]])))
			}
		}
	}
	return nats, nil
}
