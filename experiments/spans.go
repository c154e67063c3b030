package experiments

// Span is a stretch of a branch's line that was one stage, or one EM iteration:
// updates From+1 to To.
type Span struct {
	Stage         // Updates is 0: the log does not say how many were planned
	Branch string // that wrote its last record
	From   int
	To     int
}

// Spans lists the stretches of a branch's line by stage (ByPhase) or by EM
// iteration (ByIteration), in order. A stage in which a branch left is one.
func (h *History) Spans(branch string, by Granularity) []Span {
	h.mu.RLock()
	defer h.mu.RUnlock()
	var out []Span
	for _, p := range h.parts(Position{branch, h.head(branch)}) {
		for _, s := range p.spans {
			if s.From >= p.n {
				break
			}
			s.From, s.To = s.From+p.Update, min(s.To, p.n)+p.Update
			n := len(out)
			switch {
			case n > 0 && (out[n-1].Stage == s.Stage || by == ByIteration && sameIteration(out[n-1].Stage, s.Stage)):
				out[n-1].To, out[n-1].Branch, out[n-1].Stage = s.To, s.Branch, s.Stage
			default:
				out = append(out, s)
			}
		}
	}
	return out
}

// Seek moves a position by n units of a granularity: forwards to ends of units,
// backwards to ends before it, at most to the line's ends.
func (h *History) Seek(p Position, by Granularity, n int) Position {
	p = h.Clamp(p)
	if by == ByUpdate {
		return h.Clamp(Position{p.Branch, p.Update + n})
	}
	spans := h.Spans(p.Branch, by)
	for ; n > 0; n-- {
		for _, s := range spans {
			if s.To > p.Update {
				p.Update = s.To
				break
			}
		}
	}
	for ; n < 0; n++ {
		before := 0
		for _, s := range spans {
			if s.To < p.Update {
				before = s.To
			}
		}
		p.Update = before
	}
	return p
}
