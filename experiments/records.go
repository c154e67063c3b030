package experiments

import (
	"ra3/core/judge"
	"ra3/experiments/store"
)

// SampleRecord is a line of samples.jsonl.
type SampleRecord struct {
	Seed       int    `json:"seed"`
	Lane       string `json:"lane"`
	Phase      string `json:"phase"`
	Problem    string `json:"problem"`
	Sample     int    `json:"sample"`
	Many       bool   `json:"many,omitempty"`   // at the temperatures for pass@k with k above 1
	Completion string `json:"completion"`       // body, rationales as comments
	Branch     string `json:"branch,omitempty"` // "" for main
}

// VerdictRecord is a line of verdicts.jsonl, in the order of samples.jsonl.
type VerdictRecord struct {
	Seed    int    `json:"seed"`
	Lane    string `json:"lane"`
	Phase   string `json:"phase"`
	Problem string `json:"problem"`
	Sample  int    `json:"sample"`
	Many    bool   `json:"many,omitempty"`
	Branch  string `json:"branch,omitempty"`
	judge.Verdict
}

// record appends samples and verdicts to the run's files.
func (e *Engine) record(s Stage, many bool, a *attempts) error {
	if e.run == nil {
		return nil
	}
	if err := e.trim(); err != nil {
		return err
	}
	branch := e.branch
	if branch == store.Main {
		branch = ""
	}
	samples := make([]SampleRecord, len(a.texts))
	verdicts := make([]VerdictRecord, len(a.texts))
	for i := range a.texts {
		p := a.programs[i/a.n]
		samples[i] = SampleRecord{s.Seed, s.Lane, s.Phase, p.ID, i % a.n, many, a.texts[i], branch}
		verdicts[i] = VerdictRecord{s.Seed, s.Lane, s.Phase, p.ID, i % a.n, many, branch, a.verdicts[i]}
	}
	if err := store.AppendJSONL(e.run, store.SamplesFile, samples...); err != nil {
		return err
	}
	e.records.samples += len(samples)
	if err := store.AppendJSONL(e.run, store.VerdictsFile, verdicts...); err != nil {
		return err
	}
	e.records.verdicts += len(verdicts)
	return nil
}
