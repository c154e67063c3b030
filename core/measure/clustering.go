package measure

import "math"

// contingency counts two labelings of the same items. Labels are numbered by
// first appearance, so that sums run in an order that neither map iteration nor
// the labels' values can change.
type contingency struct {
	a, b  []float64 // items per label
	pairs []float64 // items per (a, b) pair that occurs
	pairA []int     // pair -> label of a
	pairB []int     // pair -> label of b
}

func contingencyOf(a, b []int) contingency {
	var t contingency
	indexA, indexB := map[int]int{}, map[int]int{}
	indexPair := map[[2]int]int{}
	for i := range a {
		x, seen := indexA[a[i]]
		if !seen {
			x = len(t.a)
			indexA[a[i]] = x
			t.a = append(t.a, 0)
		}
		y, seen := indexB[b[i]]
		if !seen {
			y = len(t.b)
			indexB[b[i]] = y
			t.b = append(t.b, 0)
		}
		p, seen := indexPair[[2]int{x, y}]
		if !seen {
			p = len(t.pairs)
			indexPair[[2]int{x, y}] = p
			t.pairs = append(t.pairs, 0)
			t.pairA = append(t.pairA, x)
			t.pairB = append(t.pairB, y)
		}
		t.a[x]++
		t.b[y]++
		t.pairs[p]++
	}
	return t
}

// NMI is the normalised mutual information of two labelings of the same items,
// 2 I(a; b) / (H(a) + H(b)), in [0, 1] (arithmetic mean normalisation). Two
// labelings of one cluster each agree: 1. No items: NaN. It panics if the
// lengths differ.
//
// Source: Vinh, Epps and Bailey 2010, JMLR 11, table 2 (NMI_sum).
func NMI(a, b []int) float64 {
	mustPair("NMI", len(a), len(b))
	if len(a) == 0 {
		return math.NaN()
	}
	t := contingencyOf(a, b)
	if len(t.a) == 1 && len(t.b) == 1 {
		return 1
	}
	n := float64(len(a))
	information := 0.0
	for p, count := range t.pairs {
		information += count / n * math.Log(count*n/(t.a[t.pairA[p]]*t.b[t.pairB[p]]))
	}
	nmi := 2 * information / (Entropy(t.a) + Entropy(t.b))
	return min(max(nmi, 0), 1)
}

// Purity is the share of items that carry the most frequent true label of their
// predicted cluster. It rises with the number of clusters and is 1 when each
// item has its own: read it beside NMI. No items: NaN. It panics if the lengths
// differ.
//
// Source: Manning, Raghavan and Schuetze 2008, "Introduction to Information
// Retrieval", section 16.3.
func Purity(pred, truth []int) float64 {
	mustPair("purity", len(pred), len(truth))
	if len(pred) == 0 {
		return math.NaN()
	}
	t := contingencyOf(pred, truth)
	largest := make([]float64, len(t.a))
	for p, count := range t.pairs {
		largest[t.pairA[p]] = max(largest[t.pairA[p]], count)
	}
	sum := 0.0
	for _, count := range largest {
		sum += count
	}
	return sum / float64(len(pred))
}

// BoundaryScores compares where spans begin, one flag per line: precision is the
// share of predicted boundaries that are true, recall the share of true ones
// that were predicted; NaN where there are none. A program's first line always
// begins a span, so leave first lines out or they flatter both. It panics if the
// lengths differ.
func BoundaryScores(pred, truth []bool) (precision, recall float64) {
	mustPair("boundary scores", len(pred), len(truth))
	var predicted, actual, both float64
	for i := range pred {
		if pred[i] {
			predicted++
		}
		if truth[i] {
			actual++
		}
		if pred[i] && truth[i] {
			both++
		}
	}
	return both / predicted, both / actual
}

// Entropy is -sum p log p in nats of p = counts / sum(counts). Zero counts add
// nothing. Negative, NaN or infinite counts, or a sum of zero, give NaN.
func Entropy(counts []float64) float64 {
	total := 0.0
	for _, c := range counts {
		if c < 0 {
			return math.NaN()
		}
		total += c
	}
	if !(total > 0) || math.IsInf(total, 1) {
		return math.NaN()
	}
	h := 0.0
	for _, c := range counts {
		if c > 0 {
			p := c / total
			h -= p * math.Log(p)
		}
	}
	return max(h, 0)
}

// Durations is the mean length in lines of the spans that starts marks, one flag
// per line. The first line begins a span whether marked or not. For several
// programs end to end, mark each one's first line. No lines: NaN.
func Durations(starts []bool) float64 {
	if len(starts) == 0 {
		return math.NaN()
	}
	spans := 1
	for _, start := range starts[1:] {
		if start {
			spans++
		}
	}
	return float64(len(starts)) / float64(spans)
}
