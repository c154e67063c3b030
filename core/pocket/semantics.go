package pocket

import "slices"

// semantics is what each intent does to a list: the meaning that its code
// templates must all have (a test runs them against it).
var semantics = map[string]func([]int64) []int64{
	"keep_even":     keep(func(x int64) bool { return x%2 == 0 }),
	"keep_odd":      keep(func(x int64) bool { return x%2 != 0 }),
	"keep_positive": keep(func(x int64) bool { return x > 0 }),
	"keep_big":      keep(func(x int64) bool { return x > 3 }),
	"square":        change(func(x int64) int64 { return x * x }),
	"double":        change(func(x int64) int64 { return 2 * x }),
	"negate":        change(func(x int64) int64 { return -x }),
	"increment":     change(func(x int64) int64 { return x + 1 }),
	"reverse": func(xs []int64) []int64 {
		ys := slices.Clone(xs)
		slices.Reverse(ys)
		return ys
	},
	"sort_up": func(xs []int64) []int64 { return slices.Sorted(slices.Values(xs)) },
	"sort_down": func(xs []int64) []int64 {
		ys := slices.Sorted(slices.Values(xs))
		slices.Reverse(ys)
		return ys
	},
	"unique": func(xs []int64) []int64 {
		var ys []int64
		for _, x := range xs {
			if !slices.Contains(ys, x) {
				ys = append(ys, x)
			}
		}
		return ys
	},
	"running_sum": scan(func(a, x int64) int64 { return a + x }),
	"running_max": scan(func(a, x int64) int64 { return max(a, x) }),
	"running_min": scan(func(a, x int64) int64 { return min(a, x) }),
	"differences": func(xs []int64) []int64 {
		var ys []int64
		for i := 1; i < len(xs); i++ {
			ys = append(ys, xs[i]-xs[i-1])
		}
		return ys
	},
	"first_three": func(xs []int64) []int64 { return xs[:min(3, len(xs))] },
	"last_three":  func(xs []int64) []int64 { return xs[max(0, len(xs)-3):] },
	"every_second": func(xs []int64) []int64 {
		var ys []int64
		for i := 0; i < len(xs); i += 2 {
			ys = append(ys, xs[i])
		}
		return ys
	},
	"drop_first": func(xs []int64) []int64 { return xs[min(1, len(xs)):] },
}

func keep(ok func(int64) bool) func([]int64) []int64 {
	return func(xs []int64) []int64 {
		var ys []int64
		for _, x := range xs {
			if ok(x) {
				ys = append(ys, x)
			}
		}
		return ys
	}
}

func change(f func(int64) int64) func([]int64) []int64 {
	return func(xs []int64) []int64 {
		ys := make([]int64, len(xs))
		for i, x := range xs {
			ys[i] = f(x)
		}
		return ys
	}
}

func scan(f func(acc, x int64) int64) func([]int64) []int64 {
	return func(xs []int64) []int64 {
		ys := make([]int64, len(xs))
		for i, x := range xs {
			ys[i] = x
			if i > 0 {
				ys[i] = f(ys[i-1], x)
			}
		}
		return ys
	}
}
