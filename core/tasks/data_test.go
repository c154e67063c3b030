package tasks

import (
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"ra3/core/judge/pyvalue"
)

// dataDir is the folder with the benchmarks' own files, which are no part of
// this repository; tests that want them are skipped without.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("RA3_DATA")
	if dir == "" {
		t.Skip("RA3_DATA names no folder with benchmark files")
	}
	return dir
}

func read(t testing.TB, name string, o Options) *Set {
	t.Helper()
	s, err := Read(filepath.Join(dataDir(t), name), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPublishedFiles(t *testing.T) {
	for _, x := range []struct {
		name     string
		o        Options
		format   Format
		problems int
		tests    int // over all groups
		first    string
		entry    string
	}{
		{"HumanEval.jsonl", Options{}, HumanEval, 164, 164, "HumanEval/0", "has_close_elements"},
		{"HumanEvalPlus-v0.1.10.jsonl.gz", Options{}, HumanEvalPlus, 164, 124253, "HumanEval/0", "has_close_elements"},
		{"mbpp.jsonl", Options{}, MBPP, 974, 974, "1", "min_cost"},
		{"mbpp.jsonl", Options{Split: "test", Shots: 3}, MBPP, 500, 500, "11", "remove_Occ"},
		{"mbpp.jsonl", Options{Split: "prompt"}, MBPP, 10, 10, "1", "min_cost"},
		{"mbpp.jsonl", Options{Split: "validation"}, MBPP, 90, 90, "511", "find_Min_Sum"},
		{"mbpp.jsonl", Options{Split: "train"}, MBPP, 374, 374, "601", "max_chain_length"},
	} {
		s := read(t, x.name, x.o)
		tests := 0
		for _, p := range s.Problems {
			for i := range p.Groups {
				tests += p.Groups[i].Tests()
			}
			if p.Reference == "" || p.Prompt == "" || p.Entry == "" {
				t.Errorf("%s: problem %s lacks reference, prompt or entry", x.name, p.ID)
			}
		}
		if s.Format != x.format || len(s.Problems) != x.problems || tests != x.tests || s.Problems[0].ID != x.first || s.Problems[0].Entry != x.entry {
			t.Errorf("%s %+v: %s, %d problems, %d tests, first %s with entry %s", x.name, x.o, s.Format, len(s.Problems), tests, s.Problems[0].ID, s.Problems[0].Entry)
		}
	}
}

// Integers beyond 64 bits and floats keep their types; the file has 2356 of the
// former.
func TestPlusInputTypes(t *testing.T) {
	kinds := map[string]int{}
	big := new(big.Int).Lsh(big.NewInt(1), 63)
	var count func(v Value)
	count = func(v Value) {
		kinds[pyvalue.TypeName(v)]++
		switch v := v.(type) {
		case pyvalue.Int:
			if v.V.CmpAbs(big) > 0 {
				kinds["big"]++
			}
		case pyvalue.List:
			for _, e := range v {
				count(e)
			}
		case pyvalue.Dict:
			for _, it := range v {
				count(it.Key)
				count(it.Value)
			}
		}
	}
	for _, p := range read(t, "HumanEvalPlus-v0.1.10.jsonl.gz", Options{}).Problems {
		for _, g := range p.Groups {
			for _, args := range g.Calls.Args {
				count(pyvalue.List(args))
			}
		}
	}
	// Counted by Python's json module over the same file; every list of
	// arguments is counted here too, as there.
	for kind, want := range map[string]int{"int": 635026, "str": 116116, "float": 76752, "bool": 2306, "dict": 1714, "NoneType": 151, "big": 2356} {
		if kinds[kind] != want {
			t.Errorf("%d of %s, want %d", kinds[kind], kind, want)
		}
	}
}
