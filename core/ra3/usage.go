package ra3

import (
	"math"

	"ra3/core/trace"
)

// usage adds to m how the latents are used: share of lines that think, mean
// span, entropy of the latents chosen and how many of them carry it.
func usage(m map[string]float64, annotations [][]trace.Annotation, k int) {
	counts := make([]float64, k)
	var lines, thinks float64
	for _, group := range annotations {
		for _, a := range group {
			for _, u := range a {
				lines++
				if u != trace.Act {
					thinks++
					counts[u]++
				}
			}
		}
	}
	if thinks == 0 {
		return
	}
	var h float64
	for _, c := range counts {
		if c > 0 {
			h -= c / thinks * math.Log(c/thinks)
		}
	}
	m["think_rate"] = thinks / lines
	m["tau"] = lines / thinks
	m["latent_entropy"] = h
	m["latents_used"] = math.Exp(h)
}

// Alarm names a collapse of the latents, if one shows in an E-step's measures:
// a single rationale, always act (past the first line) or always think.
func Alarm(m map[string]float64, linesPerProgram float64) string {
	switch {
	case m["latents_used"] > 0 && m["latents_used"] < 1.5:
		return "collapse: one rationale is used for nearly everything"
	case m["think_rate"] > 0.95:
		return "collapse: nearly every line thinks"
	case m["think_rate"] > 0 && m["think_rate"]*linesPerProgram < 1.05:
		return "collapse: no line after the first thinks"
	}
	return ""
}
