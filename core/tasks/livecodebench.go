package tasks

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// lcbTime is what LiveCodeBench allows a test; all tests together have one
// second more each, and five (lcb_runner/evaluation).
const lcbTime = 6 * time.Second

// lcb is a row of LiveCodeBench.
func lcb(r *row) (*Problem, error) {
	p := &Problem{}
	var title, content, starter, public, private, meta, date, platform string
	for _, f := range []struct {
		name string
		to   *string
		take func(string) (string, error)
	}{
		{"question_id", &p.ID, r.word}, {"question_title", &title, r.str}, {"question_content", &content, r.word},
		{"platform", &platform, r.word}, {"contest_date", &date, r.word}, {"starter_code", &starter, r.str},
		{"public_test_cases", &public, r.word}, {"private_test_cases", &private, r.word}, {"metadata", &meta, r.word},
	} {
		var err error
		if *f.to, err = f.take(f.name); err != nil {
			return nil, err
		}
	}
	switch platform {
	case "leetcode", "codeforces", "atcoder":
	default:
		return nil, r.errorf("platform", "want leetcode, codeforces or atcoder, not %q", cut(platform, 40))
	}
	difficulty, err := r.word("difficulty")
	if err != nil {
		return nil, err
	}
	switch difficulty {
	case "easy", "medium", "hard":
	default:
		return nil, r.errorf("difficulty", "want easy, medium or hard, not %q", cut(difficulty, 40))
	}
	if _, err := r.str("contest_id"); err != nil {
		return nil, err
	}
	if p.Date, err = contestDate(date); err != nil {
		return nil, r.errorf("contest_date", "%s", err)
	}
	m, err := parseJSON([]byte(meta))
	if err != nil {
		return nil, r.errorf("metadata", "not JSON, %s", err)
	}
	mo, ok := m.(*object)
	if !ok {
		return nil, r.errorf("metadata", "want an object, not %s", kindOf(m))
	}
	if name, has := mo.values["func_name"]; has && name != nil {
		if p.Entry, ok = name.(string); !ok {
			return nil, r.errorf("metadata.func_name", "want a string, not %s", kindOf(name))
		}
		if err := r.name("metadata.func_name", p.Entry); err != nil {
			return nil, err
		}
	}
	p.InClass, p.Prelude = p.Entry != "", lcbPrelude
	p.Prompt = question(title, content, starter)
	if err := r.lcbTests(p, "public", public); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(strings.TrimSpace(private), "[") {
		if private, err = unpackTests(private, maxInflated); err != nil {
			return nil, r.errorf("private_test_cases", "%s", err)
		}
	}
	if err := r.lcbTests(p, "private", private); err != nil {
		return nil, err
	}
	tests := 0
	for i := range p.Groups {
		tests += p.Groups[i].Tests()
	}
	if tests == 0 {
		return nil, r.errorf("private_test_cases", "no tests, public or private: the problem cannot be scored")
	}
	p.Limits = Limits{Test: lcbTime, Program: (lcbTime+time.Second)*time.Duration(tests) + 5*time.Second, MemoryMB: evalPlusMemoryMB}
	return p, r.done(LiveCodeBench)
}

// lcbPrelude imports what LiveCodeBench puts before every program: all names of
// these modules, then most of the modules themselves (evaluation/testing_util.py).
var lcbPrelude = func() string {
	var b strings.Builder
	all := strings.Fields("string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json builtins typing")
	for _, m := range all {
		b.WriteString("from " + m + " import *\n")
	}
	for _, m := range all[:len(all)-2] {
		b.WriteString("import " + m + "\n")
	}
	return b.String() + "sys.setrecursionlimit(50000)\n"
}()

func contestDate(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05.999999", time.RFC3339, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date as in 2024-05-01T00:00:00", cut(s, 40))
}

// question words a task. The harness has a template for every model; this is
// the plain part that they share.
func question(title, content, starter string) string {
	s := strings.TrimSpace(content) + "\n"
	if title = strings.TrimSpace(title); title != "" {
		s = title + "\n\n" + s
	}
	if starter = strings.TrimSpace(starter); starter != "" {
		s += "\n" + starter + "\n"
	}
	return s
}

// lcbTests reads a list of tests, all of one type, into a group. Of functional
// tests, each line of the input is one argument and the output the result, in
// JSON.
func (r *row) lcbTests(p *Problem, group, text string) error {
	field := group + "_test_cases"
	v, err := parseJSON([]byte(text))
	if err != nil {
		return r.errorf(field, "not JSON, %s", err)
	}
	list, ok := v.([]node)
	if !ok {
		return r.errorf(field, "want a list of tests, not %s", kindOf(v))
	}
	calls, stdio := &Calls{Oracle: Listed}, &Stdio{Compare: Lines}
	for i, t := range list {
		in, out, kind, err := lcbTest(t)
		if err != nil {
			return r.errorf(element(field, i), "%s", err)
		}
		want := "stdin"
		if p.Entry != "" {
			want = "functional"
		}
		if kind != want {
			return r.errorf(element(field, i)+".testtype", "want %s, as metadata.func_name says, not %q", want, cut(kind, 40))
		}
		if p.Entry == "" {
			stdio.Cases = append(stdio.Cases, Case{in, out})
			continue
		}
		var args []Value
		for line := range strings.SplitSeq(in, "\n") {
			a, err := textValue(line)
			if err != nil {
				return r.errorf(element(field, i)+".input", "line %d: not JSON, %s", len(args)+1, err)
			}
			args = append(args, a)
		}
		w, err := textValue(out)
		if err != nil {
			return r.errorf(element(field, i)+".output", "not JSON, %s", err)
		}
		calls.Args, calls.Want = append(calls.Args, args), append(calls.Want, w)
	}
	g := Group{Name: group, Stdio: stdio}
	if p.Entry != "" {
		g = Group{Name: group, Calls: calls}
	}
	if len(list) > 0 {
		p.Groups = append(p.Groups, g)
	}
	return nil
}

func lcbTest(t node) (in, out, kind string, err error) {
	o, ok := t.(*object)
	if !ok {
		return "", "", "", fmt.Errorf("want an object, not %s", kindOf(t))
	}
	for _, k := range []struct {
		name string
		to   *string
	}{{"input", &in}, {"output", &out}, {"testtype", &kind}} {
		if *k.to, ok = o.values[k.name].(string); !ok {
			return "", "", "", fmt.Errorf("%s is missing or no string", k.name)
		}
	}
	if len(o.keys) > 3 {
		return "", "", "", errors.New("more fields than input, output and testtype")
	}
	return in, out, kind, nil
}

func textValue(text string) (Value, error) {
	n, err := parseJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	return valueOf(n)
}
