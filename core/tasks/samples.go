package tasks

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Sample is a program to score: a line of a samples file of the public
// harnesses, {"task_id": ..., "completion": ...} or with "solution" in its place.
type Sample struct {
	Task  string
	Index int // among the samples of its task, from 0
	Line  int
	Text  string
	Whole bool // Text is a whole program (solution), not what follows the head
}

const (
	maxSampleBytes = 128 << 20 // one program; the judge refuses far smaller ones itself
	maxSamples     = 5_000_000
)

// ReadSamples reads a samples file, plain or gzip. Fields beside those named are
// passed over. Tasks that the set does not have are an error.
func ReadSamples(path string, set *Set) ([]Sample, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	defer f.Close()
	s, err := parseSamples(path, f, set)
	if err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	return s, nil
}

func parseSamples(path string, r io.Reader, set *Set) ([]Sample, error) {
	known, left := set.ByID(), map[string]string{}
	for _, l := range set.Left {
		left[l.ID] = l.Reason
	}
	count := map[string]int{}
	var out []Sample
	err := eachRow(path, r, func(r *row) error {
		s := Sample{Line: r.line}
		switch id := r.values["task_id"].(type) {
		case string:
			s.Task = id
		case number:
			s.Task = string(id)
		default:
			return r.errorf("task_id", "is missing, or neither a string nor a number")
		}
		if known[s.Task] == nil {
			if _, short, ok := strings.Cut(s.Task, "/"); ok && known[short] != nil && (set.Format == MBPP || set.Format == MBPPSanitized) {
				s.Task = short
			} else if reason, ok := left[s.Task]; ok {
				return r.errorf("task_id", "problem %s of %s cannot be scored: %s; take its samples out", cut(s.Task, 60), set.File, reason)
			} else {
				part := ""
				if set.Chosen != "" {
					part = " (" + set.Chosen + ")"
				}
				return r.errorf("task_id", "%s%s has no problem %q: name the tasks these samples are of", set.File, part, cut(s.Task, 60))
			}
		}
		completion, hasC := r.values["completion"]
		solution, hasS := r.values["solution"]
		field, text := "completion", completion
		switch {
		case hasS: // as EvalPlus prefers it
			field, text, s.Whole = "solution", solution, true
		case !hasC:
			return r.errorf("", "neither completion nor solution: one of them holds the program")
		}
		t, ok := text.(string)
		if !ok {
			return r.errorf(field, "want a string, not %s; a task's samples each have a line of their own", kindOf(text))
		}
		if len(t) > maxSampleBytes {
			return r.errorf(field, "longer than %d MiB", maxSampleBytes>>20)
		}
		s.Text = t
		if len(out) == maxSamples {
			return r.errorf("", "more than %d samples: cut the file into parts", maxSamples)
		}
		s.Index = count[s.Task]
		count[s.Task]++
		out = append(out, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, &Error{File: filepath.Base(path), Msg: "holds no samples: name a file with some"}
	}
	return out, nil
}

// Source is the sample as the program that is judged, cut at stops where they
// are given; stop is the one that cut it. A solution is judged as it is.
func (s *Sample) Source(set *Set, p *Problem, stops []string) (source, stop string) {
	if s.Whole {
		return p.Whole(s.Text), ""
	}
	text, stop := Truncate(s.Text, stops)
	if set.Fenced() {
		text = Fenced(text)
	}
	return p.Source(text), stop
}

// Fenced tells whether a completion is an answer with its code between fences,
// as LiveCodeBench and open-r1 have them.
func (s *Set) Fenced() bool { return s.Format == LiveCodeBench || s.Format == Codeforces }
