package rlvr

import "math"

// compare sets the advantages of a group's samples and whether its rewards vary.
// Without variance every advantage is 0.
func (s Settings) compare(group []rollout) {
	n := float64(len(group))
	var sum float64
	varies := false
	for _, r := range group {
		sum += r.reward
		varies = varies || r.reward != group[0].reward
	}
	scale := 1.0
	if s.Std && varies {
		var squares float64
		for _, r := range group {
			squares += (r.reward - sum/n) * (r.reward - sum/n)
		}
		scale = math.Sqrt(squares / n)
	}
	for i := range group {
		r := &group[i]
		r.varies, r.advantage = varies, 0
		switch {
		case !varies:
		case s.Advantage == GroupMean:
			r.advantage = (r.reward - sum/n) / scale
		default:
			r.advantage = (r.reward - (sum-r.reward)/(n-1)) / scale
		}
	}
}
