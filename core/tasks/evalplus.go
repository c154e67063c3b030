package tasks

import (
	"strings"
	"time"
)

// What EvalPlus allows (evalplus/config.py and eval/__init__.py): at least four
// seconds a test, sixty and one a group of tests, 4 GiB.
const (
	evalPlusTest     = 4 * time.Second
	evalPlusProgram  = 61 * time.Second
	evalPlusMemoryMB = 4096
)

// humanEvalPlus reads a row of HumanEval+: HumanEval's fields and inputs. Its
// test is not what scores it: programs are called with the inputs.
func humanEvalPlus(r *row) (*Problem, error) {
	p, err := r.inputs(restoreNothing)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(p.ID, "HumanEval/") {
		return nil, r.errorf("task_id", "%q does not begin with HumanEval/", cut(p.ID, 40))
	}
	if _, err := r.str("test"); err != nil {
		return nil, err
	}
	for i := range p.Groups {
		p.Groups[i].Calls.Oracle = Exact
		if p.Entry == "find_zero" {
			p.Groups[i].Calls.Oracle = Root
		}
	}
	return p, r.done(HumanEvalPlus)
}

// mbppPlus reads a row of MBPP+.
func mbppPlus(r *row) (*Problem, error) {
	id, err := r.word("task_id")
	if err != nil {
		return nil, err
	}
	task, ok := strings.CutPrefix(id, "Mbpp/")
	if !ok {
		return nil, r.errorf("task_id", "%q does not begin with Mbpp/", cut(id, 40))
	}
	p, err := r.inputs(restorer(task))
	if err != nil {
		return nil, err
	}
	if _, err := r.str("assertion"); err != nil {
		return nil, err
	}
	for i := range p.Groups {
		p.Groups[i].Calls.Oracle = mbppOracle(p.Entry)
	}
	return p, r.done(MBPPPlus)
}

// mbppOracle is how EvalPlus judges an entry point (eval/_special_oracle.py).
func mbppOracle(entry string) Oracle {
	switch entry {
	case "similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum", "intersection_array", "find_dissimilar", "Diff":
		return SetEqual
	case "check_str", "text_match_three", "text_starta_endb":
		return NotNone
	case "are_equivalent":
		return Anything
	case "sum_div":
		return OrZero
	case "surface_Area":
		return OrSurface
	case "digit_distance_nums":
		return OrDigits
	}
	return Exact
}

// inputs takes the fields that both sets share. The values expected are not
// published: they are what the reference returns.
func (r *row) inputs(restore func([]Value) ([]Value, error)) (*Problem, error) {
	p, err := r.function("task_id")
	if err != nil {
		return nil, err
	}
	// EvalPlus' prompts end in one line break, whatever the file's do.
	p.Prompt = strings.TrimSpace(p.Prompt) + "\n"
	if _, err := r.str("contract"); err != nil {
		return nil, err
	}
	atol, err := r.amount("atol")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"base", "plus"} {
		field := name + "_input"
		args, err := r.arguments(field)
		if err != nil {
			return nil, err
		}
		for i := range args {
			if args[i], err = restore(args[i]); err != nil {
				return nil, r.errorf(element(field, i), "%s", err)
			}
		}
		if len(args) == 0 && name == "base" {
			return nil, r.errorf(field, "is empty: a problem without tests cannot be scored")
		}
		p.Groups = append(p.Groups, Group{Name: name, Calls: &Calls{Args: args, Atol: atol}})
	}
	p.Limits = Limits{Test: evalPlusTest, Program: evalPlusProgram, MemoryMB: evalPlusMemoryMB}
	return p, nil
}
