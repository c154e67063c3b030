package tasks

import (
	"strings"
	"time"
)

// humanEvalTime is what the public harness allows a program (openai/human-eval,
// execution.py).
const humanEvalTime = 3 * time.Second

// humanEval reads a row of openai/human-eval: the prompt is code that the
// completion goes on with, the test defines check(candidate).
func humanEval(r *row) (*Problem, error) {
	p, err := r.function("task_id")
	if err != nil {
		return nil, err
	}
	test, err := r.word("test")
	if err != nil {
		return nil, err
	}
	p.Groups = []Group{{Name: "tests", Assert: &Assert{Code: test + "\n\ncheck(" + p.Entry + ")\n", Count: strings.Count(test, "assert ")}}}
	p.Limits.Program = humanEvalTime
	return p, r.done(HumanEval)
}

// function takes the fields that HumanEval shares with EvalPlus.
func (r *row) function(id string) (*Problem, error) {
	p := &Problem{}
	var body string
	for _, f := range []struct {
		name string
		to   *string
	}{{id, &p.ID}, {"prompt", &p.Prompt}, {"entry_point", &p.Entry}, {"canonical_solution", &body}} {
		var err error
		if *f.to, err = r.word(f.name); err != nil {
			return nil, err
		}
	}
	p.Head = lf(p.Prompt)
	p.Prompt, p.Reference = p.Head, p.Head+lf(body)
	return p, r.name("entry_point", p.Entry)
}
