package tasks

import "strings"

// Stops are the texts at which a completion ends that was sampled from a format's
// prompts with that many worked examples, as the harnesses named cut it. A
// completion is cut before the earliest one found in it; the prompt is not
// searched. Which list was used belongs into results: stopping at "\ndef " takes
// a program's helper functions away. nil: the format names none.
func Stops(f Format, shots int) []string {
	switch f {
	case HumanEval, HumanEvalPlus:
		// EvalPlus, for models that complete: evalplus/provider/utility.py. It
		// holds all of the Codex paper's but "\n#" and "\nif".
		return []string{"<|endoftext|>", "<|endofmask|>", "</s>", "\nif __name__", "\ndef main(", "\nprint(", "\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nassert "}
	case MBPPPlus:
		return []string{"<|endoftext|>", "<|endofmask|>", "</s>", "\nif __name__", "\ndef main(", "\nprint(", "\n\"\"\"", "\nassert"}
	case MBPP, MBPPSanitized:
		if shots > 0 {
			return []string{"[DONE]"}
		}
		// bigcode-evaluation-harness, whose prompts are docstrings.
		return []string{"\nclass", "\nassert", "\n\"\"\"", "\nprint", "\nif", "\n<|/", "\n```"}
	case LiveCodeBench:
		return []string{"###"}
	}
	return nil
}

// Truncate cuts a completion before the earliest of stops, and says at which.
func Truncate(completion string, stops []string) (text, stop string) {
	at := len(completion)
	for _, s := range stops {
		if i := strings.Index(completion, s); s != "" && i >= 0 && (i < at || i == at && len(s) > len(stop)) {
			at, stop = i, s
		}
	}
	return completion[:at], stop
}

// Fenced is the code between the last two lines with a code fence (```), as
// LiveCodeBench takes it from an answer; an answer without two is code itself.
func Fenced(answer string) string {
	lines := strings.Split(answer, "\n")
	from, to := -1, -1
	for i, l := range lines {
		if strings.Contains(l, "```") {
			from, to = to, i
		}
	}
	if from < 0 {
		return answer
	}
	return strings.Join(lines[from+1:to], "\n")
}
