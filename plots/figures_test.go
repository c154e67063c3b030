package plots

import (
	"math"
	"math/rand/v2"

	"ra3/core/measure"
)

// boundFigure is the split of the bound over EM updates, without lanes.
func boundFigure() measure.Figure {
	r := rand.New(rand.NewPCG(1, 1))
	names := []string{"total (negative bound)", "code given rationale", "rationale prior", "posterior entropy"}
	level := []float64{62, 48, 26, -12}
	drop := []float64{31, 25, 9, 3}
	f := measure.Figure{
		Name: "bound", Title: "Terms of the bound over EM updates", Kind: measure.Lines,
		XLabel: "EM update", YLabel: "nats per program",
		Caption: "Held-out expert traces, n = 512 programs, 3 seeds; bands: 95% interval by bootstrap over programs. The total is the sum of its three terms.",
	}
	for k, name := range names {
		s := measure.Series{Name: name}
		for i := 0; i <= 120; i++ {
			y := level[k] - drop[k]*(1-math.Exp(-float64(i)/30)) + 0.5*r.NormFloat64()
			s.X, s.Y = append(s.X, float64(i*5)), append(s.Y, y)
			s.Lo, s.Hi = append(s.Lo, y-1.5-math.Abs(y)*0.02), append(s.Hi, y+1.5+math.Abs(y)*0.02)
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// pruningFigure is the effective decision space by program family and lane.
func pruningFigure() measure.Figure {
	f := measure.Figure{
		Name: "pruning", Title: "Effective decision space of the policy", Kind: measure.Bars,
		XLabel: "program family", YLabel: "log-size of the decision space (nats per program)",
		Categories: []string{"list filters", "string folds", "numeric recurrences", "nested loops", "all families"},
		Caption:    "Sum of log n95 over the decision points of held-out expert traces; n = 512 programs, 5 seeds; bars: mean, whiskers: 95% t interval over seeds.",
	}
	values := map[string][]float64{
		"base": {61.2, 74.8, 88.1, 102.4, 81.6}, "ntp": {31.5, 38.2, 47.7, 58.3, 43.9}, "ra3": {19.4, 24.1, 30.6, 39.8, 28.5},
	}
	for _, lane := range []string{"base", "ntp", "ra3"} {
		s := measure.Series{Name: map[string]string{"base": "Base", "ntp": "NTP", "ra3": "RA3"}[lane], Lane: lane}
		for i, y := range values[lane] {
			s.X, s.Y, s.N = append(s.X, float64(i)), append(s.Y, y), append(s.N, 512)
			s.Lo, s.Hi = append(s.Lo, y-2-y*0.03), append(s.Hi, y+2+y*0.03)
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// rlvrFigure is the lanes' held-out success with bands and single seeds.
func rlvrFigure() measure.Figure {
	r := rand.New(rand.NewPCG(2, 2))
	f := measure.Figure{
		Name: "rlvr", Title: "RLVR from three starting points", Kind: measure.Lines,
		XLabel: "RLVR update", YLabel: "held-out success (fraction of problems)",
		Caption: "256 held-out problems, 5 seeds (thin lines); thick: mean over seeds, bands: 95% t interval over seeds.",
	}
	for k, lane := range []string{"base", "ntp", "ra3"} {
		ceiling, rate := []float64{0.38, 0.55, 0.71}[k], []float64{140, 90, 45}[k]
		mean := measure.Series{Name: []string{"Base", "NTP", "RA3"}[k], Lane: lane}
		seeds := make([]measure.Series, 5)
		for i := 0; i <= 60; i++ {
			x := float64(i * 5)
			sum, sq := 0.0, 0.0
			for j := range seeds {
				y := ceiling*(1-math.Exp(-x/rate))*(0.92+0.04*float64(j)) + 0.02 + 0.012*r.NormFloat64()
				y = max(0, y)
				seeds[j].X, seeds[j].Y = append(seeds[j].X, x), append(seeds[j].Y, y)
				sum, sq = sum+y, sq+y*y
			}
			m := sum / 5
			half := 2.776 * math.Sqrt(max(0, sq/5-m*m)/4)
			mean.X, mean.Y = append(mean.X, x), append(mean.Y, m)
			mean.Lo, mean.Hi, mean.N = append(mean.Lo, m-half), append(mean.Hi, m+half), append(mean.N, 5)
		}
		for j := range seeds {
			seeds[j].Name, seeds[j].Lane, seeds[j].Thin = mean.Name+" seed", lane, true
		}
		f.Series = append(f.Series, seeds...)
		f.Series = append(f.Series, mean)
	}
	return f
}

// passkFigure is pass@k by lane.
func passkFigure() measure.Figure {
	f := measure.Figure{
		Name: "passk", Title: "pass@k before RLVR", Kind: measure.Bars,
		YLabel: "pass@k", Categories: []string{"pass@1", "pass@5", "pass@10"},
		Caption: "Unbiased estimator from 16 samples at temperature 0.8; n = 256 held-out problems, 5 seeds; whiskers: 95% interval by bootstrap over problems.",
	}
	values := [][]float64{{0.061, 0.182, 0.264}, {0.142, 0.347, 0.452}, {0.213, 0.468, 0.587}}
	for k, lane := range []string{"base", "ntp", "ra3"} {
		s := measure.Series{Name: []string{"Base", "NTP", "RA3"}[k], Lane: lane, X: []float64{0, 1, 2}, Y: values[k]}
		for _, y := range s.Y {
			s.Lo, s.Hi, s.N = append(s.Lo, y-0.03), append(s.Hi, y+0.035), append(s.N, 256)
		}
		f.Series = append(f.Series, s)
	}
	return f
}

// realistic are figures of every kind as ra3 draws them.
func realistic() []measure.Figure {
	return []measure.Figure{boundFigure(), pruningFigure(), rlvrFigure(), passkFigure(), heatFigure()}
}
