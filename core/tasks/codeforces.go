package tasks

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// codeforces reads a row of open-r1/codeforces, of any of its configurations.
// left is why a problem cannot be scored: "" if it can.
func codeforces(r *row) (p *Problem, left string, err error) {
	p = &Problem{}
	if p.ID, err = r.word("id"); err != nil {
		return nil, "", err
	}
	r.skip("aliases", "contest_id", "contest_name", "contest_type", "contest_start", "contest_start_year", "index",
		"editorial", "rating", "tags", "testset_size", "generated_tests", "prompt", "language", "executable")
	var title, body, in, out, interaction, note, mode, checker string
	for _, f := range []struct {
		name string
		to   *string
	}{{"title", &title}, {"description", &body}, {"input_format", &in}, {"output_format", &out}, {"interaction_format", &interaction},
		{"note", &note}, {"input_mode", &mode}, {"generated_checker", &checker}} {
		if *f.to, err = r.maybe(f.name); err != nil {
			return nil, "", err
		}
	}
	seconds, err := r.perhaps("time_limit")
	if err != nil {
		return nil, "", err
	}
	mb, err := r.perhaps("memory_limit")
	if err != nil {
		return nil, "", err
	}
	if seconds > 600 || mb > 1<<16 {
		return nil, "", r.errorf("time_limit", "%g s with %g MB is no limit of a contest", seconds, mb)
	}
	examples, err := r.cases("examples")
	if err != nil {
		return nil, "", err
	}
	tests, err := r.cases("official_tests")
	if err != nil {
		return nil, "", err
	}
	complete := false
	if r.values["official_tests_complete"] == nil {
		r.skip("official_tests_complete")
	} else if complete, err = r.boolean("official_tests_complete"); err != nil {
		return nil, "", err
	}
	if err := r.done(Codeforces); err != nil {
		return nil, "", err
	}
	p.Prompt = statement(title, body, in, out, note, examples)
	p.Limits = Limits{Test: time.Duration(math.Ceil(seconds * float64(time.Second))), MemoryMB: int(math.Ceil(mb))}
	p.Groups = []Group{{Name: "official", Stdio: &Stdio{Cases: tests, Compare: Tokens, Checker: lf(checker)}}}
	switch {
	case strings.TrimSpace(interaction) != "":
		return p, "interactive", nil
	case mode != "" && mode != "stdio":
		return p, "reads a file, not standard input", nil
	case len(tests) == 0:
		return p, "no official tests", nil
	case !complete:
		return p, "its official tests are not complete", nil
	}
	return p, "", nil
}

// perhaps is a number that may be null or missing: 0.
func (r *row) perhaps(field string) (float64, error) {
	if r.values[field] == nil {
		r.skip(field)
		return 0, nil
	}
	return r.amount(field)
}

// cases is a list of inputs with outputs; null is none.
func (r *row) cases(field string) ([]Case, error) {
	if v, ok := r.values[field]; ok && v == nil {
		r.skip(field)
		return nil, nil
	}
	list, err := r.list(field)
	if err != nil {
		return nil, err
	}
	cs := make([]Case, len(list))
	for i, t := range list {
		o, ok := t.(*object)
		if !ok {
			return nil, r.errorf(element(field, i), "want an object, not %s", kindOf(t))
		}
		for _, k := range o.keys {
			s, ok := o.values[k].(string)
			switch {
			case !ok:
				return nil, r.errorf(element(field, i)+"."+k, "want a string, not %s", kindOf(o.values[k]))
			case k == "input":
				cs[i].In = s
			case k == "output":
				cs[i].Out = s
			default:
				return nil, r.errorf(element(field, i)+"."+cut(k, 40), "is no field of a test: input and output are")
			}
		}
		if len(o.keys) != 2 {
			return nil, r.errorf(element(field, i), "want input and output")
		}
	}
	return cs, nil
}

// statement words a task in the order of the contest's page.
func statement(title, body, in, out, note string, examples []Case) string {
	var b strings.Builder
	part := func(head, text string) {
		if text = strings.TrimSpace(text); text == "" {
			return
		}
		if head != "" {
			b.WriteString(head + "\n")
		}
		b.WriteString(text + "\n\n")
	}
	part("", title)
	part("", body)
	part("Input", in)
	part("Output", out)
	for i, e := range examples {
		part(fmt.Sprintf("Example %d, input", i+1), e.In)
		part(fmt.Sprintf("Example %d, output", i+1), e.Out)
	}
	part("Note", note)
	return b.String()
}
