package tasks

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mbppTime is what harnesses allow an MBPP program.
const mbppTime = 3 * time.Second

// Splits are those of MBPP, by task number (google-research/mbpp, README).
var splits = []struct {
	name     string
	from, to int
}{{"prompt", 1, 10}, {"test", 11, 510}, {"validation", 511, 600}, {"train", 601, 974}}

// Splits lists MBPP's splits.
func Splits() []string {
	names := make([]string, len(splits))
	for i, s := range splits {
		names[i] = s.name
	}
	return names
}

func splitOf(id int) string {
	for _, s := range splits {
		if id >= s.from && id <= s.to {
			return s.name
		}
	}
	return ""
}

// mbppRow is a row of MBPP, of either form.
type mbppRow struct {
	id    int
	text  string
	code  string
	setup string
	tests []string
	line  int
}

// mbpp reads a row of mbpp.jsonl. The challenge tests are no part of its score.
func mbpp(r *row) (m mbppRow, err error) {
	if m, err = r.mbppCommon("text"); err != nil {
		return m, err
	}
	if m.setup, err = r.str("test_setup_code"); err != nil {
		return m, err
	}
	m.setup = lf(m.setup)
	if _, err := r.strings("challenge_test_list"); err != nil {
		return m, err
	}
	return m, r.done(MBPP)
}

// mbppSanitized reads a row of sanitized-mbpp.json, whose wording and tests are
// others: scores of the two are not to be compared.
func mbppSanitized(r *row) (m mbppRow, err error) {
	if m, err = r.mbppCommon("prompt"); err != nil {
		return m, err
	}
	if _, err := r.str("source_file"); err != nil {
		return m, err
	}
	imports, err := r.strings("test_imports")
	if err != nil {
		return m, err
	}
	m.setup = lf(strings.Join(imports, "\n"))
	return m, r.done(MBPPSanitized)
}

func (r *row) mbppCommon(text string) (m mbppRow, err error) {
	m.line = r.line
	if m.id, err = r.integer("task_id"); err != nil {
		return m, err
	}
	if splitOf(m.id) == "" {
		return m, r.errorf("task_id", "%d is outside 1 to 974", m.id)
	}
	if m.text, err = r.word(text); err != nil {
		return m, err
	}
	if m.code, err = r.word("code"); err != nil {
		return m, err
	}
	m.code = lf(m.code)
	if m.tests, err = r.strings("test_list"); err != nil {
		return m, err
	}
	if len(m.tests) == 0 {
		return m, r.errorf("test_list", "is empty: a problem without tests cannot be scored")
	}
	for i, t := range m.tests {
		m.tests[i] = lf(t)
		if !strings.HasPrefix(strings.TrimSpace(t), "assert") {
			return m, r.errorf(fmt.Sprintf("test_list[%d]", i), "want an assert statement, not %q", cut(t, 40))
		}
	}
	return m, nil
}

// problem is a row as a problem. The program comes first, then the setup, then
// the tests: setup first breaks tasks 367 and 927, whose setup uses a class of
// the program.
func (m *mbppRow) problem(prompt string) *Problem {
	return &Problem{
		ID: strconv.Itoa(m.id), Prompt: prompt, Entry: entryOf(m.tests[0]), Reference: m.code,
		Groups: []Group{{Name: "tests", Assert: &Assert{Setup: m.setup, Code: strings.Join(m.tests, "\n") + "\n", Count: len(m.tests)}}},
		Limits: Limits{Program: mbppTime}, line: m.line,
	}
}

// entryOf is the function that an assert statement calls: the first name in
// front of a bracket that is not Python's own. MBPP names no entry points.
func entryOf(test string) string {
	entry := ""
	for _, m := range called.FindAllStringSubmatch(test, -1) {
		if !slices.Contains(ownNames, m[1]) {
			return m[1]
		}
		// Task 126 wants a function called sum.
		if m[1] != "assert" {
			entry = m[1]
		}
	}
	return entry
}

var (
	called   = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*) *\(`)
	ownNames = strings.Fields("assert not set sorted list tuple len round abs str int float sum max min dict bool isclose")
)

// fewShot are the tasks of the prompt split that make the README's prompt.
var fewShot = []int{2, 3, 4}

// instruction is the README's wording of a task, up to where its program begins.
func (m *mbppRow) instruction() string {
	return "You are an expert Python programmer, and here is your task: " + m.text +
		" Your code should pass these tests:\n\n" + strings.Join(m.tests, "\n") + "\n[BEGIN]\n"
}

// docstring is the prompt without examples that bigcode-evaluation-harness uses,
// after InCoder: the task and its first test as a docstring.
func (m *mbppRow) docstring() string { return "\"\"\"\n" + m.text + "\n" + m.tests[0] + "\n\"\"\"\n" }

// mbppProblems turns rows into problems with prompts of the wanted kind, and
// keeps those of the wanted split.
func mbppProblems(file string, rows []mbppRow, o Options) ([]*Problem, error) {
	head := ""
	if o.Shots > 0 {
		byID := map[int]*mbppRow{}
		for i := range rows {
			byID[rows[i].id] = &rows[i]
		}
		for _, id := range fewShot[:o.Shots] {
			m := byID[id]
			if m == nil {
				return nil, &Error{File: file, Msg: fmt.Sprintf("task %d is missing, an example of the prompts with %d: ask for prompts without examples", id, o.Shots)}
			}
			head += m.instruction() + m.code + "\n[DONE]\n\n"
		}
	}
	var ps []*Problem
	for i := range rows {
		m := &rows[i]
		if o.Split != "" && splitOf(m.id) != o.Split {
			continue
		}
		prompt := m.docstring()
		if o.Shots > 0 {
			prompt = head + m.instruction()
		}
		ps = append(ps, m.problem(prompt))
	}
	return ps, nil
}
