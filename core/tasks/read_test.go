package tasks

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ra3/core/judge/pyvalue"
)

func fixture(t testing.TB, name string, o Options) *Set {
	t.Helper()
	s, err := Read(filepath.Join("testdata", name), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// text parses a file's text in memory.
func text(s string, o Options) (*Set, error) {
	return parse("dir/f.jsonl", strings.NewReader(s), int64(len(s)), o)
}

func TestFixtures(t *testing.T) {
	for _, x := range []struct {
		name     string
		format   Format
		problems int
		groups   string // of the first problem
		left     int
	}{
		{"humaneval.jsonl", HumanEval, 2, "tests 1", 0},
		{"humanevalplus.jsonl", HumanEvalPlus, 3, "base 2, plus 2", 0},
		{"mbpp.jsonl", MBPP, 4, "tests 1", 0},
		{"sanitized-mbpp.json", MBPPSanitized, 3, "tests 1", 0},
		{"mbppplus.jsonl", MBPPPlus, 3, "base 1, plus 1", 0},
		{"livecodebench.jsonl", LiveCodeBench, 2, "public 1, private 2", 0},
		{"codeforces.jsonl", Codeforces, 2, "official 2", 2},
		{"pocket.jsonl", Pocket, 1, "tests 2", 0},
	} {
		s := fixture(t, x.name, Options{})
		var groups []string
		for i := range s.Problems[0].Groups {
			g := &s.Problems[0].Groups[i]
			groups = append(groups, g.Name+" "+string(rune('0'+g.Tests())))
		}
		if s.Format != x.format || len(s.Problems) != x.problems || strings.Join(groups, ", ") != x.groups || len(s.Left) != x.left || len(s.SHA256) != 64 {
			t.Errorf("%s: %s, %d problems, groups %v, left %v, hash %q", x.name, s.Format, len(s.Problems), groups, s.Left, s.SHA256)
		}
		// The same, said outright and packed.
		if o := fixture(t, x.name, Options{Format: x.format}); len(o.Problems) != x.problems {
			t.Errorf("%s as %s: %d problems", x.name, x.format, len(o.Problems))
		}
		plain, err := os.ReadFile(filepath.Join("testdata", x.name))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(plain)
		z.Close()
		if packed, err := text(b.String(), Options{}); err != nil || len(packed.Problems) != x.problems {
			t.Errorf("%s, gzip: %v", x.name, err)
		}
		if _, err := text(b.String()[:b.Len()-9], Options{}); err == nil || !strings.Contains(err.Error(), "gzip") {
			t.Errorf("%s, cut gzip: %v", x.name, err)
		}
	}
}

func TestFieldErrors(t *testing.T) {
	line := func(name string, n int) string {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(string(b), "\n")[n]
	}
	change := func(s, from, to string) string {
		if !strings.Contains(s, from) {
			t.Fatalf("%q is not in %q", from, s)
		}
		return strings.Replace(s, from, to, 1)
	}
	he, hep, mb, mp, lcb, cf, po := line("humaneval.jsonl", 0), line("humanevalplus.jsonl", 0), line("mbpp.jsonl", 0), line("mbppplus.jsonl", 0), line("livecodebench.jsonl", 1), line("codeforces.jsonl", 0), line("pocket.jsonl", 0)
	for _, x := range []struct{ text, want string }{
		{"", "f.jsonl: it is empty"},
		{"\n\n[1]", "f.jsonl: element 1: want an object"},
		{"[]", "holds no problems"},
		{"{}", "line 1: its fields are those of no known format"},
		{"5", "line 1: want an object"},
		{he + "\n" + he, "line 2: problem HumanEval/0 stands on line 1 already"},
		{he + "\n\n{", "line 3: not JSON, byte 2: a key is missing"},
		{change(he, `"prompt"`, `"prompts"`), `field "prompt": is missing`},
		{change(he, `"task_id": "HumanEval/0"`, `"task_id": 7`), `line 1, field "task_id": want a string, not the number 7`},
		{change(he, `"task_id"`, `"extra": 1, "task_id"`), `field "extra": is no field of humaneval`},
		{change(he, `"double_all", `, `"a b", `), `field "entry_point": "a b" is no name of a Python function`},
		{change(he, `"double_all", `, `"class", `), `field "entry_point": "class" is no name`},
		{change(he, `"task_id"`, `"prompt": "", "task_id"`), `key "prompt" stands twice`},
		{change(hep, `"atol": 0`, `"atol": -1`), `field "atol": want a number from 0 up`},
		{change(hep, `"atol": 0`, `"atol": NaN`), `field "atol": want a number from 0 up`},
		{change(hep, `"base_input": [[[1, 2]], [[]]]`, `"base_input": [5]`), `field "base_input[0]": want a list of arguments`},
		{change(hep, `"base_input": [[[1, 2]], [[]]]`, `"base_input": []`), `field "base_input": is empty`},
		{change(mb, `"task_id": 2`, `"task_id": 975`), `field "task_id": 975 is outside 1 to 974`},
		{change(mb, `"task_id": 2`, `"task_id": 2.0`), `field "task_id": want a whole number`},
		{change(mb, `"assert add(0, 0) == 0"`, `"print(1)"`), `field "test_list[1]": want an assert statement`},
		{change(mb, `"assert add(0, 0) == 0"`, `3`), `field "test_list[1]": want a string`},
		{change(mp, `[[[1, 2], [2, 3]]]`, `[[5, [2, 3]]]`), `field "base_input[0]": argument 1: want a list, not 5`},
		{change(lcb, `2024-06-01T00:00:00`, `June`), `field "contest_date": "June" is no date`},
		{change(lcb, `leetcode`, `elsewhere`), `field "platform": want leetcode`},
		{change(lcb, `func_name`, `name`), `field "public_test_cases[0].testtype": want stdin`},
		{change(lcb, `[1, 2, 3]\\n1`, `[1, 2, 3]\\nx`), `field "public_test_cases[0].input": line 2: not JSON`},
		{change(cf, `"time_limit": 2.0`, `"time_limit": "2"`), `field "time_limit": want a number`},
		{change(cf, `{"input": "4", "output": "2 2"}`, `{"input": "4"}`), `field "examples[0]": want input and output`},
		{change(po, `"tests": [`, `"tests": [5, `), `field "tests[0]": want an object`},
		{"{\"a\": \"\xff\"}", "not UTF-8"},
	} {
		_, err := text(x.text, Options{})
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.80q: %v, want %q", x.text, err, x.want)
		}
	}
}

func TestOptions(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, x := range []struct {
		from, to string
		ids      string
	}{{"2024-01-06", "2024-01-06", "abc001_a"}, {"2024-01-07", "2024-12-31", "9001"}, {"2024-01-01", "2024-06-01", "abc001_a 9001"}} {
		s := fixture(t, "livecodebench.jsonl", Options{From: day(x.from), To: day(x.to)})
		ids := ""
		for _, p := range s.Problems {
			ids += " " + p.ID
		}
		if ids != " "+x.ids {
			t.Errorf("%s to %s:%s, want %s", x.from, x.to, ids, x.ids)
		}
	}
	for _, x := range []struct {
		name string
		o    Options
		want string
	}{
		{"livecodebench.jsonl", Options{From: day("2030-01-01")}, "none of its 2 problems is of the days asked for"},
		{"livecodebench.jsonl", Options{From: day("2030-01-01"), To: day("2029-01-01")}, "swap them"},
		{"livecodebench.jsonl", Options{Split: "test"}, "has no splits"},
		{"humaneval.jsonl", Options{Shots: 3}, "no prompts with examples"},
		{"humaneval.jsonl", Options{From: day("2030-01-01")}, "has no dates"},
		{"mbpp.jsonl", Options{Shots: 2}, "choose 0 or 3"},
		{"mbpp.jsonl", Options{Split: "tests"}, "choose one of prompt, test"},
		{"mbpp.jsonl", Options{Split: "validation"}, "none of its problems is of split validation"},
		{"mbpp.jsonl", Options{Format: "x"}, "is unknown"},
		{"mbpp.jsonl", Options{Format: HumanEval}, `field "task_id": want a string`},
		{"sanitized-mbpp.json", Options{Shots: 3}, "task 4 is missing"},
		{"nothing.jsonl", Options{}, "no such file"},
		{".", Options{}, "no regular file"},
	} {
		if _, err := Read(filepath.Join("testdata", x.name), x.o); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s %+v: %v, want %q", x.name, x.o, err, x.want)
		}
	}
}

func TestFewShotPrompt(t *testing.T) {
	s := fixture(t, "mbpp.jsonl", Options{Split: "test", Shots: 3})
	p := s.Problems[0].Prompt
	if n := strings.Count(p, "[BEGIN]\n"); n != 4 {
		t.Errorf("%d programs begin in the prompt, want 4", n)
	}
	if strings.Count(p, "[DONE]") != 3 || !strings.HasSuffix(p, "[BEGIN]\n") || strings.Contains(p, "\r") {
		t.Errorf("prompt %q", p)
	}
	want := "You are an expert Python programmer, and here is your task: Write a function to square a number. Your code should pass these tests:\n\nassert square(3) == 9\nassert square(0) == 0\nassert square(-2) == 4\n[BEGIN]\n"
	if !strings.HasSuffix(p, want) {
		t.Errorf("prompt ends %q", p[len(p)-len(want):])
	}
	if len(s.Stops) != 1 || s.Stops[0] != "[DONE]" {
		t.Errorf("stops %q", s.Stops)
	}
	zero := fixture(t, "mbpp.jsonl", Options{Split: "test"})
	if got := zero.Problems[0].Prompt; got != "\"\"\"\nWrite a function to square a number.\nassert square(3) == 9\n\"\"\"\n" {
		t.Errorf("prompt without examples %q", got)
	}
}

// The setup of task 4 uses the program's class, as 367 and 927 of the published
// file do.
func TestSetupFollowsTheProgram(t *testing.T) {
	a := fixture(t, "mbpp.jsonl", Options{}).ByID()["4"].Groups[0].Assert
	if a.Setup != "origin = P(0, 0)" || strings.Contains(a.Code, "origin = ") || a.Count != 3 {
		t.Errorf("%+v", a)
	}
}

func TestTypesComeBack(t *testing.T) {
	ps := fixture(t, "mbppplus.jsonl", Options{}).ByID()
	for _, x := range []struct {
		id   string
		want string // arguments of the base test, then of the plus test
	}{
		{"Mbpp/2", "((1, 2), (2, 3)) ((), (1,))"},
		{"Mbpp/252", "(1j,) ((2.5-1j),)"},
		{"Mbpp/115", "([{1, 2}, {}],) ([],)"},
	} {
		g := ps[x.id].Groups
		got := pyvalue.Repr(pyvalue.Tuple(g[0].Calls.Args[0]), 200) + " " + pyvalue.Repr(pyvalue.Tuple(g[1].Calls.Args[0]), 200)
		if got != x.want {
			t.Errorf("%s: %s, want %s", x.id, got, x.want)
		}
	}
	if o := ps["Mbpp/2"].Groups[1].Calls.Oracle; o != SetEqual {
		t.Errorf("oracle %q", o)
	}
}

// Every shape of the table, on the argument lists it is for.
func TestRestore(t *testing.T) {
	for _, x := range []struct{ task, json, want string }{
		{"2", `[[1],["a"]]`, "((1,), ('a',))"},
		{"2", `["añ"]`, "(('a', 'ñ'),)"},
		{"63", `[[[1],[2]]]`, "([(1,), (2,)],)"},
		{"259", `[[[1],[2]],[[3]]]`, "(((1,), (2,)), ((3,),))"},
		{"278", `[[1,[2],"x"]]`, "((1, (2,), 'x'),)"},
		{"580", `[[1,[2,[3]]]]`, "((1, (2, (3,))),)"},
		{"75", `[[[1]],[2]]`, "([(1,)], [2])"},
		{"106", `[[1],[2]]`, "([1], (2,))"},
		{"124", `[1, "2+1j"]`, "(1.0, (2+1j))"},
		{"124", `["1.5", 2]`, "(1.5, (2+0j))"},
		{"250", `[[1],[2]]`, "((1,), [2])"},
		{"307", `[[1],[2],[3]]`, "((1,), [2], [3])"},
		{"722", `[{"a":[1]},[2]]`, "({'a': (1,)}, [2])"},
		{"1", `[[1]]`, "([1],)"},
		{"75", `[[[1]]]`, "want 2 arguments, not 1"},
		{"2", `[1]`, "argument 1: want a list, not 1"},
		{"115", `[[[[1]]]]`, "argument 1: a set cannot hold [1]"},
		{"252", `["1k"]`, `argument 1: "1k" is no complex number`},
		{"252", `["1i"]`, `argument 1: "1i" is no complex number`},
		{"722", `[[1],1]`, "argument 1: want an object, not [1]"},
	} {
		v, err := textValue(x.json)
		if err != nil {
			t.Fatal(err)
		}
		args, err := restorer(x.task)(v.(pyvalue.List))
		got := pyvalue.Repr(pyvalue.Tuple(args), 200)
		if err != nil {
			got = err.Error()
		}
		if got != x.want {
			t.Errorf("task %s, %s: %s, want %s", x.task, x.json, got, x.want)
		}
	}
}
