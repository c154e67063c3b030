package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ra3/core/judge"
	"ra3/core/token"
	"ra3/core/trace"
	"ra3/experiments"
)

// SFT is a training example of TRL's SFTTrainer: loss on the completion alone.
type SFT struct {
	Prompt     string `json:"prompt"`
	Completion string `json:"completion"`
	ID         string `json:"id"`
}

// TraceSFT is an annotated trace as a training example, its rationales as
// comments before their lines.
func TraceSFT(t experiments.AnnotatedTrace) SFT {
	var b strings.Builder
	for i, line := range t.Lines {
		if i < len(t.Latents) && t.Latents[i] != "" {
			b.WriteString("    # " + t.Latents[i] + "\n")
		}
		b.WriteString(line)
	}
	return SFT{t.Prompt, b.String(), t.ID}
}

// GRPO is a prompt of TRL's GRPOTrainer: columns beside the prompt are given to
// reward functions.
type GRPO struct {
	Prompt string   `json:"prompt"`
	ID     string   `json:"task_id"`
	Entry  string   `json:"entry_point"`
	Head   string   `json:"head"`  // stands before a completion
	Tests  []string `json:"tests"` // assert statements
}

// PromptGRPO is a problem as a prompt.
func PromptGRPO(v *token.Vocab, p *trace.Program) GRPO {
	g := GRPO{Prompt: v.Decode(p.Prompt), ID: p.ID, Entry: entry, Head: head}
	for _, t := range p.Tests {
		g.Tests = append(g.Tests, assertion(t))
	}
	return g
}

// The function that pocket programs define, and the line before its body.
const (
	entry = "f"
	head  = "def f(xs):\n"
)

// assertion is a test as Python.
func assertion(t trace.Test) string {
	return fmt.Sprintf("assert %s(%s) == %s", entry, list(t.In), list(t.Want))
}

func list(xs []int64) string {
	parts := make([]string, len(xs))
	for i, x := range xs {
		parts[i] = fmt.Sprint(x)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// Unpaired is a judged rollout in TRL's unpaired preference form (KTO, reward
// models), with the reward as RL gave it.
type Unpaired struct {
	Prompt     string  `json:"prompt"`
	Completion string  `json:"completion"`
	Label      bool    `json:"label"`
	Reward     float64 `json:"reward"`
	ID         string  `json:"task_id"`
	Sample     int     `json:"sample"`
	Seed       int     `json:"seed"`
	Lane       string  `json:"lane"`
	Phase      string  `json:"phase"`
}

// RolloutTRL is a rollout as TRL reads it.
func RolloutTRL(v *token.Vocab, r *experiments.Rollout) Unpaired {
	u := Unpaired{Prompt: v.Decode(r.Program.Prompt), Completion: r.Completion, Label: passed(r), ID: r.SampleRecord.Problem, Sample: r.Sample, Seed: r.Seed, Lane: r.Lane, Phase: r.Phase}
	if u.Label {
		u.Reward = 1
	}
	return u
}

// Message is a turn of a conversation.
type Message struct {
	Role    string `json:"role" parquet:"role"`
	Content string `json:"content" parquet:"content"`
}

// VerlRL is a row of verl's RL data sets (examples/data_preprocess).
type VerlRL struct {
	DataSource  string      `parquet:"data_source"`
	Prompt      []Message   `parquet:"prompt,list"`
	Ability     string      `parquet:"ability"`
	RewardModel RewardModel `parquet:"reward_model"`
	Extra       ExtraInfo   `parquet:"extra_info"`
}

// RewardModel says how verl scores a row: by rule, against a JSON text.
type RewardModel struct {
	Style       string `parquet:"style"`
	GroundTruth string `parquet:"ground_truth"`
}

// ExtraInfo is what verl hands on with a row.
type ExtraInfo struct {
	Split string `parquet:"split"`
	Index int64  `parquet:"index"`
	ID    string `parquet:"task_id"`
}

// truth is a ground truth as verl's code scorers read it: with fn_name, inputs
// are arguments in JSON, a line each, and outputs are JSON.
type truth struct {
	Name    string   `json:"fn_name"`
	Inputs  []string `json:"inputs"`
	Outputs []string `json:"outputs"`
}

// verlSource is a data source that verl's default_compute_score judges as code.
const verlSource = "taco"

// instruction asks for the form that verl's code scorers look for.
const instruction = "Complete the Python function below. Answer with the whole function in a ```python block.\n\n"

// PromptVerl is a problem as a row of verl's.
func PromptVerl(v *token.Vocab, p *trace.Program, split string, index int) (VerlRL, error) {
	t := truth{Name: entry}
	for _, x := range p.Tests {
		t.Inputs, t.Outputs = append(t.Inputs, list(x.In)), append(t.Outputs, list(x.Want))
	}
	text, err := json.Marshal(t)
	if err != nil {
		return VerlRL{}, err
	}
	return VerlRL{verlSource, []Message{{"user", instruction + v.Decode(p.Prompt)}}, "code", RewardModel{"rule", string(text)}, ExtraInfo{split, int64(index), p.ID}}, nil
}

// VerlSFT is a row of verl's SFT data sets: for the single-turn trainer prompt
// and response, for the multi-turn one messages.
type VerlSFT struct {
	Prompt   string    `parquet:"prompt"`
	Response string    `parquet:"response"`
	Messages []Message `parquet:"messages,list"`
	ID       string    `parquet:"id"`
}

// TraceVerl is an annotated trace as verl reads it.
func TraceVerl(t experiments.AnnotatedTrace) VerlSFT {
	s := TraceSFT(t)
	return VerlSFT{s.Prompt, s.Completion, []Message{{"user", s.Prompt}, {"assistant", s.Completion}}, s.ID}
}

// VerlRollout is a judged rollout with the fields of verl's own dumps
// (rollout_data_dir), and where it came from.
type VerlRollout struct {
	Input  string  `json:"input"`
	Output string  `json:"output"`
	GTs    string  `json:"gts"`
	Score  float64 `json:"score"`
	ID     string  `json:"task_id"`
	Sample int     `json:"sample"`
	Lane   string  `json:"lane"`
}

// RolloutVerl is a rollout as verl dumps it.
func RolloutVerl(v *token.Vocab, r *experiments.Rollout) VerlRollout {
	var asserts []string
	for _, t := range r.Program.Tests {
		asserts = append(asserts, assertion(t))
	}
	o := VerlRollout{Input: v.Decode(r.Program.Prompt), Output: r.Completion, GTs: strings.Join(asserts, "\n"), Sample: r.Sample, ID: r.SampleRecord.Problem, Lane: r.Lane}
	if passed(r) {
		o.Score = 1
	}
	return o
}

func passed(r *experiments.Rollout) bool { return r.Verdict.Kind == judge.Passed }

// Lines writes rows as JSON Lines.
func Lines[T any](out io.Writer, rows []T) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for i := range rows {
		if err := enc.Encode(rows[i]); err != nil {
			return err
		}
	}
	return nil
}
