package python

import (
	"context"
	"fmt"
	"time"

	"ra3/core/judge"
	"ra3/core/judge/pyvalue"
)

// rewardLimits suit the small functions that post-training samples by the
// hundred.
var rewardLimits = Limits{PerTest: 2 * time.Second, Total: 4 * time.Second, MemoryMB: 512, MaxOutput: 64 << 10}

// Judge returns one verdict per case, in order, as judge.Pool does, from
// CPython: values and exact types are compared here, outside the candidate's
// process. Equal cases are run once. Errors are those of Run, and values of
// other types than a case may hold.
func (p *Pool) Judge(ctx context.Context, cases []judge.Case) ([]judge.Verdict, error) {
	var jobs []Job
	var wants [][]pyvalue.Value
	jobOf := make([]int, len(cases))
	seen := map[string]int{}
	for i := range cases {
		job, want, key, err := jobOfCase(&cases[i])
		if err != nil {
			return nil, fmt.Errorf("python: case %d: %w", i, err)
		}
		at, again := seen[key]
		if !again {
			at = len(jobs)
			seen[key] = at
			jobs, wants = append(jobs, job), append(wants, want)
		}
		jobOf[i] = at
	}
	outs, err := p.Run(ctx, jobs)
	if err != nil {
		return nil, err
	}
	verdicts := make([]judge.Verdict, len(cases))
	for i, at := range jobOf {
		verdicts[i] = verdictOf(outs[at], wants[at])
	}
	return verdicts, nil
}

// jobOfCase makes a case a job that stops at the first wrong test; key is equal
// for equal cases.
func jobOfCase(c *judge.Case) (job Job, want []pyvalue.Value, key string, err error) {
	if len(c.Inputs) != len(c.Want) {
		return job, nil, "", fmt.Errorf("%d inputs, %d expected results", len(c.Inputs), len(c.Want))
	}
	job = Job{Source: c.Source, Form: Calls, Entry: c.Entry, Limits: rewardLimits}
	id := fmt.Appendf(nil, "%d %s%s\x00", len(c.Source), c.Source, c.Entry)
	for i, args := range c.Inputs {
		list, err := valueOf([]any(args), 0)
		if err != nil {
			return job, nil, "", fmt.Errorf("test %d: %w", i+1, err)
		}
		w, err := valueOf(c.Want[i], 0)
		if err != nil {
			return job, nil, "", fmt.Errorf("test %d, expected result: %w", i+1, err)
		}
		for _, v := range []pyvalue.Value{list, w} {
			if id, err = pyvalue.Append(id, v); err != nil {
				return job, nil, "", fmt.Errorf("test %d: %w", i+1, err)
			}
		}
		job.Args, want = append(job.Args, list.(pyvalue.List)), append(want, w)
	}
	job.Continue = func(test int, r Result) bool { return r.Kind == "" && pyvalue.Same(r.Value, want[test]) }
	return job, want, string(id), nil
}

// verdictOf is decided by the first test that did not give what was expected.
func verdictOf(out Outcome, want []pyvalue.Value) judge.Verdict {
	v := judge.Verdict{Kind: judge.Passed, Total: len(want)}
	for i, r := range out.Results {
		switch {
		case r.Kind != "":
			v.Kind, v.Reason = r.Kind, r.Reason
			return v
		case !pyvalue.Same(r.Value, want[i]):
			v.Kind, v.Reason = judge.Wrong, fmt.Sprintf("test %d: want %s, got %s", i+1, pyvalue.Repr(want[i], 60), pyvalue.Repr(r.Value, 60))
			return v
		}
		v.Passed++
	}
	if v.Passed < v.Total {
		v.Kind, v.Reason = judge.Crashed, "it ended before its tests did"
	}
	return v
}

// valueOf is a case's value in Python's types.
func valueOf(v any, depth int) (pyvalue.Value, error) {
	const deepest = 64 // as judge.Case says
	if depth > deepest+1 {
		return nil, fmt.Errorf("nested deeper than %d", deepest)
	}
	switch x := v.(type) {
	case nil:
		return pyvalue.None{}, nil
	case bool:
		return pyvalue.Bool(x), nil
	case int64:
		return pyvalue.MakeInt(x), nil
	case float64:
		return pyvalue.Float(x), nil
	case string:
		return pyvalue.Str(x), nil
	case []any:
		list := make(pyvalue.List, len(x))
		for i, e := range x {
			var err error
			if list[i], err = valueOf(e, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	}
	return nil, fmt.Errorf("a value of type %T is none that a case may hold", v)
}
