package latent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ra3/core/nn"
	"ra3/core/trace"
)

// feature is a sparse vector of a line: a weight for each of its tokens, of
// length 1. Tokens ascend.
type feature struct {
	token  []int32
	weight []float64
}

// features describes every line of every program by its tokens, each weighted by
// its surprisal under a language model that reads the program plainly: what the
// model did not see coming is what a latent has to say.
func features(ctx context.Context, m *nn.Model, k *nn.Computer, l *trace.Layout, ps []*trace.Program) ([]feature, error) {
	var seq trace.Sequences
	seq.Reset(l.Classes(trace.Unit()))
	first := make([]int, len(ps)) // line of each program among all
	lines := 0
	for i, p := range ps {
		first[i] = lines
		lines += len(p.Lines)
		l.Policy(&seq, p, nil, 0, 0)
	}
	preds, err := k.Score(ctx, m, &seq.Batch, nn.ScoreOptions{})
	if err != nil {
		return nil, err
	}
	bags := make([]map[int32]float64, lines)
	for r, at := range seq.Info {
		line := first[at.Sequence] + at.Line
		if bags[line] == nil {
			bags[line] = map[int32]float64{}
		}
		bags[line][seq.Batch.Rows[r].Target] -= float64(preds[r].LogP)
	}
	out := make([]feature, lines)
	for i, bag := range bags {
		out[i] = unit(bag)
	}
	return out, nil
}

// unit makes a bag of weights a vector of length 1; one without weight stays 0.
func unit(bag map[int32]float64) feature {
	var f feature
	for id := range bag {
		f.token = append(f.token, id)
	}
	slices.Sort(f.token)
	var squares float64
	for _, id := range f.token {
		f.weight = append(f.weight, bag[id])
		squares += bag[id] * bag[id]
	}
	for i := range f.weight {
		if squares > 0 {
			f.weight[i] /= math.Sqrt(squares)
		}
	}
	return f
}

// Rounds of k-means at most, and lines that the centres are fitted to.
const (
	clusterRounds = 25
	clusterLines  = 6000
)

// Cluster annotates programs for a sampler of k codes to start from: lines are
// clustered by k-means on their surprisal-weighted tokens, a program thinks where
// the cluster changes and acts elsewhere. The same rng gives the same annotations.
func Cluster(ctx context.Context, m *nn.Model, c *nn.Computer, l *trace.Layout, ps []*trace.Program, k int, rng *rand.Rand) ([]trace.Annotation, error) {
	fs, err := features(ctx, m, c, l, ps)
	if err != nil {
		return nil, fmt.Errorf("clusters: %w", err)
	}
	labels, err := kmeans(ctx, fs, k, m.Config.Vocab, rng)
	if err != nil {
		return nil, fmt.Errorf("clusters: %w", err)
	}
	out := make([]trace.Annotation, len(ps))
	at := 0
	for i, p := range ps {
		out[i] = make(trace.Annotation, len(p.Lines))
		for t := range out[i] {
			out[i][t] = labels[at+t]
			if t > 0 && labels[at+t] == labels[at+t-1] {
				out[i][t] = trace.Act
			}
		}
		at += len(p.Lines)
	}
	return out, nil
}

// kmeans labels vectors of so many dimensions by the nearest of k centres, begun
// by k-means++ (Arthur and Vassilvitskii, 2007) and fitted to a sample. A centre
// that loses all its vectors stays where it is.
func kmeans(ctx context.Context, fs []feature, k, dims int, rng *rand.Rand) ([]int, error) {
	if k < 1 || len(fs) < k {
		return nil, fmt.Errorf("%d lines for %d codes: have at least as many traces as codes", len(fs), k)
	}
	sample := fs
	if len(fs) > clusterLines {
		sample = make([]feature, clusterLines)
		for i, from := range rng.Perm(len(fs))[:clusterLines] {
			sample[i] = fs[from]
		}
	}
	centres := begin(sample, k, dims, rng)
	labels := make([]int, len(sample))
	for range clusterRounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		moved := false
		for i, f := range sample {
			z, _ := nearest(centres, f)
			moved = moved || z != labels[i]
			labels[i] = z
		}
		if !moved {
			break
		}
		settle(centres, sample, labels)
	}
	all := make([]int, len(fs))
	for i, f := range fs {
		all[i], _ = nearest(centres, f)
	}
	return all, nil
}

// centre is a cluster's mean [dims] and its squared length.
type centre struct {
	mean    []float64
	squares float64
}

// begin draws the first centres: each next one in proportion to the squared
// distance from those before.
func begin(fs []feature, k, dims int, rng *rand.Rand) []centre {
	at := func(f feature) centre {
		c := centre{mean: make([]float64, dims)}
		for i, id := range f.token {
			c.mean[id] = f.weight[i]
			c.squares += f.weight[i] * f.weight[i]
		}
		return c
	}
	centres := []centre{at(fs[rng.IntN(len(fs))])}
	far := make([]float64, len(fs))
	for i, f := range fs {
		far[i] = distance(centres[0], f)
	}
	for len(centres) < k {
		var total float64
		for _, d := range far {
			total += d
		}
		u, chosen := rng.Float64()*total, len(fs)-1
		for i, d := range far {
			if u -= d; u < 0 {
				chosen = i
				break
			}
		}
		c := at(fs[chosen])
		centres = append(centres, c)
		for i, f := range fs {
			far[i] = min(far[i], distance(c, f))
		}
	}
	return centres
}

// distance is the squared Euclidean distance; vectors have length 1 or 0.
func distance(c centre, f feature) float64 {
	d := c.squares
	for i, id := range f.token {
		d += f.weight[i] * (f.weight[i] - 2*c.mean[id])
	}
	return max(0, d)
}

// nearest is the closest centre, the first of equals.
func nearest(centres []centre, f feature) (int, float64) {
	best, closest := 0, math.Inf(1)
	for z, c := range centres {
		if d := distance(c, f); d < closest {
			best, closest = z, d
		}
	}
	return best, closest
}

// settle moves each centre to the mean of its vectors.
func settle(centres []centre, fs []feature, labels []int) {
	counts := make([]float64, len(centres))
	for _, z := range labels {
		counts[z]++
	}
	for z := range centres {
		if counts[z] > 0 {
			clear(centres[z].mean)
			centres[z].squares = 0
		}
	}
	for i, f := range fs {
		for n, id := range f.token {
			centres[labels[i]].mean[id] += f.weight[n] / counts[labels[i]]
		}
	}
	for z := range centres {
		if counts[z] > 0 {
			for _, v := range centres[z].mean {
				centres[z].squares += v * v
			}
		}
	}
}
