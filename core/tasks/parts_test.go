package tasks

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

func TestUnpickleString(t *testing.T) {
	for _, x := range []struct{ hex, want, err string }{
		// pickle.dumps("héllo", protocol) of protocols 2 to 5.
		{"8002580600000068c3a96c6c6f71002e", "héllo", ""},
		{"8003580600000068c3a96c6c6f71002e", "héllo", ""},
		{"8004950a000000000000008c0668c3a96c6c6f942e", "héllo", ""},
		{"8005950a000000000000008c0668c3a96c6c6f942e", "héllo", ""},
		{"80048d0100000000000000612e", "a", ""},
		{"", "", "no pickle"},
		{"8001580100000061" + "2e", "", "no pickle"},
		{"8004", "", "ends early"},
		{"80048c0161", "", "ends early"},
		{"80048c0561" + "2e", "", "ends early"},
		{"80048dffffffffffffffff612e", "", "ends early"},
		{"80042e", "", "holds nothing"},
		{"800494", "", "keeps nothing"},
		{"80048c01612e00", "", "bytes after"},
		{"80048c01618c01622e", "", "more than one"},
		{"80048c01ff2e", "", "not UTF-8"},
		{"8004950f000000000000008c01612e", "", "frame longer"},
		{"80035d71002e", "", "opcode 0x5d"},                          // []
		{"8003634f730a73797374656d0a", "", "opcode 0x63"},            // a global, what runs code
		{"80044b012e", "", "opcode 0x4b"},                            // 1
		{"8004958b0000000000000028" + "2e", "", "frame longer"},      // a mark
		{"80040c000000000000002e", "", "opcode 0x0c: only a string"}, // no opcode
	} {
		b, err := hex.DecodeString(x.hex)
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpickleString(b)
		if got != x.want || (err == nil) != (x.err == "") || err != nil && !strings.Contains(err.Error(), x.err) {
			t.Errorf("%s: %q, %v; want %q, %q", x.hex, got, err, x.want, x.err)
		}
	}
}

// A small text may inflate to any size; reading stops at the bound.
func TestInflationIsBounded(t *testing.T) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(bytes.Repeat([]byte{0}, 1<<20))
	z.Close()
	if _, err := unpackTests(base64.StdEncoding.EncodeToString(b.Bytes()), 1<<10); err == nil || !strings.Contains(err.Error(), "unpacks to more than") {
		t.Error(err)
	}
	for text, want := range map[string]string{"###": "neither JSON nor base64", "aGVsbG8=": "no zlib"} {
		if _, err := unpackTests(text, 1<<10); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTruncate(t *testing.T) {
	stops := Stops(HumanEval, 0)
	for _, x := range []struct{ in, out, stop string }{
		{"    return 1\n", "    return 1\n", ""},
		{"    return 1\n\ndef g():\n", "    return 1\n", "\ndef "},
		{"    return 1\nprint(f())\nclass A:", "    return 1", "\nprint("},
		{"    return '</s>'", "    return '", "</s>"},
		{"", "", ""},
		{"\ndef main():\n", "", "\ndef main("},
	} {
		if out, stop := Truncate(x.in, stops); out != x.out || stop != x.stop {
			t.Errorf("%q: %q at %q, want %q at %q", x.in, out, stop, x.out, x.stop)
		}
	}
}

func TestFenced(t *testing.T) {
	for in, out := range map[string]string{
		"x = 1": "x = 1",
		"so:\n```python\nx = 1\ny = 2\n```\ndone": "x = 1\ny = 2",
		"```\na\n```\nbetter:\n```\nb\n```":       "b",
		"```python\nx = 1":                        "```python\nx = 1",
	} {
		if got := Fenced(in); got != out {
			t.Errorf("%q: %q, want %q", in, got, out)
		}
	}
}

func TestEntryOf(t *testing.T) {
	for test, want := range map[string]string{
		"assert min_cost([[1]], 2) == 8":                   "min_cost",
		"assert set(similar((1, 2))) == {1}":               "similar",
		"assert(f([1])==({10: 4}))":                        "f",
		"assert sum(10,15)==6":                             "sum",
		"assert not is_ok(3)":                              "is_ok",
		"assert math.isclose(area(3), 2.5, rel_tol=0.001)": "area",
		"assert 1 == 1":                                    "",
		"assert (max_of_two (10,20)) == 20":                "max_of_two",
	} {
		if got := entryOf(test); got != want {
			t.Errorf("%s: %q, want %q", test, got, want)
		}
	}
}

func TestSamples(t *testing.T) {
	set := fixture(t, "humaneval.jsonl", Options{})
	in := `{"task_id": "HumanEval/1", "completion": "    return x / 2"}
{"task_id": "HumanEval/0", "solution": "def double_all(xs): return xs", "completion": "no", "_identifier": 3}

{"task_id": "HumanEval/1", "completion": "    return 1\ndef g(): pass"}
`
	s, err := parseSamples("s.jsonl", strings.NewReader(in), set)
	if err != nil {
		t.Fatal(err)
	}
	if len(s) != 3 || s[2].Index != 1 || s[2].Line != 4 || !s[1].Whole || s[1].Text != "def double_all(xs): return xs" {
		t.Errorf("%+v", s)
	}
	if src, stop := s[2].Source(set, set.Problems[1], set.Stops); src != set.Problems[1].Head+"    return 1" || stop != "\ndef " {
		t.Errorf("%q at %q", src, stop)
	}
	if src, stop := s[2].Source(set, set.Problems[1], nil); !strings.HasSuffix(src, "g(): pass") || stop != "" {
		t.Errorf("%q at %q", src, stop)
	}
	for in, want := range map[string]string{
		`{"task_id": "HumanEval/9", "completion": ""}`:  `no problem "HumanEval/9"`,
		`{"task_id": "HumanEval/1"}`:                    "neither completion nor solution",
		`{"task_id": "HumanEval/1", "solution": ["a"]}`: `line 1, field "solution": want a string, not a list`,
		`{"completion": "x"}`:                           `field "task_id": is missing`,
		"\n":                                            "it is empty",
		`[]`:                                            "holds no samples",
	} {
		if _, err := parseSamples("s.jsonl", strings.NewReader(in), set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", in, err, want)
		}
	}
	mbpp := fixture(t, "mbpp.jsonl", Options{})
	if s, err := parseSamples("s.jsonl", strings.NewReader(`{"task_id": 11, "completion": ""}`+"\n"+`{"task_id": "MBPP/11", "solution": "x"}`), mbpp); err != nil || s[1].Task != "11" || s[1].Index != 1 {
		t.Errorf("%+v %v", s, err)
	}
	cf := fixture(t, "codeforces.jsonl", Options{})
	if _, err := parseSamples("s.jsonl", strings.NewReader(`{"task_id": "9001/C", "solution": "x"}`), cf); err == nil || !strings.Contains(err.Error(), "cannot be scored: interactive") {
		t.Error(err)
	}
}

// Parquet and JSON Lines of the same rows give the same problems.
func TestParquet(t *testing.T) {
	str := func(s string) *string { return &s }
	num := func(f float64) *float64 { return &f }
	yes := true
	rows := []codeforcesRow{{ID: "9001/A", Title: str("Split"), Description: str("Split n into two whole numbers."), Input: str("One number n."), Output: str("Two numbers."), Mode: str("stdio"),
		Checker: str("print(1)"), Time: num(2), Memory: num(256), Examples: []parquetCase{{"4", "2 2"}}, Tests: []parquetCase{{"4", "2 2"}, {"7", "3 4"}}, Complete: &yes},
		{ID: "9001/C", Title: str("T"), Interaction: str("Ask."), Complete: &yes}}
	path := filepath.Join(t.TempDir(), "train-00000.parquet")
	if err := parquet.WriteFile(path, rows); err != nil {
		t.Fatal(err)
	}
	s, err := Read(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := fixture(t, "codeforces.jsonl", Options{})
	if len(s.Problems) != 1 || len(s.Left) != 1 || s.Problems[0].Prompt != want.Problems[0].Prompt || !slices.Equal(s.Problems[0].Groups[0].Stdio.Cases, want.Problems[0].Groups[0].Stdio.Cases) || s.Problems[0].Limits != want.Problems[0].Limits {
		t.Errorf("%+v", s)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, cut := range []int{5, 40, len(b) / 2, len(b) - 1} {
		if _, err := parse("f.parquet", bytes.NewReader(b[:cut]), int64(cut), Options{}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	if _, err := Read(path, Options{Format: HumanEval}); err == nil || !strings.Contains(err.Error(), "for codeforces only") {
		t.Error(err)
	}
	type other struct {
		ID string `parquet:"id"`
	}
	if err := parquet.WriteFile(path, []other{{"x"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, Options{}); err == nil || !strings.Contains(err.Error(), `column "title" is missing`) {
		t.Error(err)
	}
}
