package measure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap is the mean of values (one per problem) with the percentile
// interval: the (1-level)/2 and (1+level)/2 quantiles of the means of resamples
// draws, each of len(values) problems with replacement. Fewer than two problems,
// no resamples or a level outside (0, 1) leave Lo and Hi NaN. Problems that all
// score the same give an interval of no width: it speaks of these data, not of a
// certainty.
//
// Source: Efron 1979, "Bootstrap Methods: Another Look at the Jackknife",
// Annals of Statistics 7(1); Efron and Tibshirani 1993, chapter 13.
func Bootstrap(values []float64, resamples int, level float64, rng *rand.Rand) Estimate {
	values = observed(values)
	e := unbounded(values, intervalName(level, "bootstrap over problems"))
	if e.N >= 2 {
		e.setPercentiles(resamples, level, func() float64 { return resampledMean(values, rng) })
	}
	return e
}

// setPercentiles bounds e by the percentiles of draw, called resamples times.
func (e *Estimate) setPercentiles(resamples int, level float64, draw func() float64) {
	if resamples < 1 || !validLevel(level) || !isFinite(e.Mean) {
		return
	}
	means := make([]float64, resamples)
	for i := range means {
		means[i] = draw()
	}
	slices.Sort(means)
	e.Lo = quantile(means, (1-level)/2)
	e.Hi = quantile(means, (1+level)/2)
}

func resampledMean(values []float64, rng *rand.Rand) float64 {
	sum := 0.0
	for range values {
		sum += values[rng.IntN(len(values))]
	}
	return sum / float64(len(values))
}

// quantile interpolates linearly between order statistics, with the first at 0
// and the last at 1 (definition 7 of Hyndman and Fan 1996). gonum's LinInterp
// puts its points elsewhere and is not symmetric in the two tails.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := int(math.Floor(at))
	if below >= len(sorted)-1 {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

func mustPair(what string, a, b int) {
	if a != b {
		panic(fmt.Sprintf("measure: %s of %d and %d values: pass slices of one length", what, a, b))
	}
}
