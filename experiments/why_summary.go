package experiments

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ra3/experiments/store"
)

// WhySummary says where a value of a branch's summary comes from.
type WhySummary struct {
	Path     string
	Text     string // how it is computed
	Interval string // what lo and hi are; "" where there are none
	Measured        // the value; of a plain number Mean alone
	Verdict  string // of a difference
	Seeds    []int
	// Records of the log that it rests on: the first, the last and their number.
	First, Last int64
	Records     int
}

// summaryFormulas say how what lies at a path is computed; {k} stands for the
// path's part in that place.
var summaryFormulas = []struct {
	path   *regexp.Regexp
	text   string
	phases []string
	lane   int // group of path that names the lanes; 0: none
}{
	{regexp.MustCompile(`^lanes\.([^.]+)\.([^.]+)\.pass@(\d+)$`), "mean over problems of 1 - C(n-c,k)/C(n,k), c of n samples passing, k = {3}; held-out {2} problems after mid-training", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^after_rlvr\.([^.]+)\.([^.]+)\.pass@(\d+)$`), "mean over problems of 1 - C(n-c,k)/C(n,k), c of n samples passing, k = {3}; held-out {2} problems after post-training", []string{PhaseEvalRL}, 1},
	{regexp.MustCompile(`^(?:lanes|after_rlvr)\.([^.]+)\.(?:([^.]+)\.)?nats$`), "-log pi(code|x) per held-out program; with latents minus the bound", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^(?:lanes|after_rlvr)\.([^.]+)\.(?:([^.]+)\.)?nats_importance$`), "minus the importance-weighted bound per held-out program", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^differences\.([^.]+)\.([^.]+)\.pass@(\d+)$`), "pass@{3} of {1} (the first minus the second lane), paired by seed and problem", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^differences\.([^.]+)\.([^.]+)\.([^.]+)$`), "{3} of {1} (the first minus the second lane), paired by seed", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^differences_after_rlvr\.([^.]+)\.([^.]+)\.(.+)$`), "{3} after post-training of {1} (the first minus the second lane), paired by seed and problem", []string{PhaseEvalRL}, 1},
	{regexp.MustCompile(`^pruning\.([^.]+)\.pruning_error$`), "pass@k of the whole policy minus that of its n95 sets, both at temperature 1", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^pruning\.([^.]+)\.(.+)$`), "{2} on held-out expert programs, teacher-forced", []string{PhaseEval}, 1},
	{regexp.MustCompile(`^rlvr\.([^.]+)\.auc$`), "area under held-out pass@1 over the sampled tokens that all lanes of the seed reached, divided by them", []string{PhaseRLVR}, 1},
	{regexp.MustCompile(`^rlvr\.([^.]+)\.(.+)$`), "{2} of post-training, on held-out problems", []string{PhaseRLVR}, 1},
	{regexp.MustCompile(`^speed_ups\.([^.]+)\.(.+)$`), "tokens the second lane samples to its own final level over those the first needs to reach it", []string{PhaseRLVR}, 1},
	{regexp.MustCompile(`^latents\.iterations\.(\d+)\.(.+)$`), "{2} of the annotation of the mid-training corpus after EM iteration {1}", []string{PhaseAnnotate}, 0},
	{regexp.MustCompile(`^prompts\.([^.]+)\.(.+)$`), "{2} of the held-out {1} prompts themselves; no lane is behind it", []string{PhaseEval}, 0},
	{regexp.MustCompile(`^tokens_trained\.([^.]+)(?:\.\d+)?$`), "tokens of the lane's gradient updates in mid-training", []string{PhaseM, PhaseE}, 1},
	{regexp.MustCompile(`^(?:verdicts|failures)\.([^.]+)\.([^.]+)\.(.+)$`), "how many sampled bodies of {2} problems were counted as {3}", []string{PhaseEval}, 1},
}

// WhySummary explains the value at a path of a branch's summary, as in
// "lanes.ra3.doc.pass@1" or "rlvr.ntp.final". It reads the summary, unless one is
// given.
func (r *Record) WhySummary(branch, path string, s *Summary) (*WhySummary, error) {
	if s == nil {
		var err error
		if s, err = r.Summary(branch); err != nil {
			return nil, err
		}
		if s == nil {
			return nil, fmt.Errorf("branch %s has no summary yet", branch)
		}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("summary: %w", err)
	}
	at, ok := descend(tree, path)
	if !ok {
		return nil, fmt.Errorf("the summary of branch %s has nothing at %s", branch, path)
	}
	w := &WhySummary{Path: path, Seeds: s.Seeds}
	if err := w.read(at, s.Interval); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, f := range summaryFormulas {
		m := f.path.FindStringSubmatch(path)
		if m == nil {
			continue
		}
		w.Text = f.text
		for i, part := range m {
			w.Text = strings.ReplaceAll(w.Text, fmt.Sprintf("{%d}", i), part)
		}
		var lanes []string
		if f.lane > 0 {
			lanes = lanesNamed(m[f.lane])
		}
		iteration := -1
		if strings.HasPrefix(path, "latents.") {
			iteration, _ = strconv.Atoi(m[1]) // digits, as the pattern says
		}
		w.First, w.Last, w.Records = r.History().eventsBehind(branch, func(e *store.Event) bool {
			return slices.Contains(f.phases, e.Phase) && (lanes == nil || slices.Contains(lanes, e.Lane)) && (iteration < 0 || e.Iteration == iteration)
		})
		break
	}
	return w, nil
}

// lanesNamed are the lanes of "ra3" or of a pair as in "ra3-ntp"; lanes' own names
// may hold a dash.
func lanesNamed(text string) []string {
	names := LaneNames()
	if slices.Contains(names, text) {
		return []string{text}
	}
	for i, c := range text {
		if c == '-' && slices.Contains(names, text[:i]) && slices.Contains(names, text[i+1:]) {
			return []string{text[:i], text[i+1:]}
		}
	}
	return []string{text}
}

// descend follows a path; names of parts may hold dots nowhere but in "pass@k".
func descend(tree any, path string) (any, bool) {
	for part := range strings.SplitSeq(path, ".") {
		switch x := tree.(type) {
		case map[string]any:
			next, ok := x[part]
			if !ok {
				return nil, false
			}
			tree = next
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			tree = x[i]
		default:
			return nil, false
		}
	}
	return tree, true
}

// read takes the value: an estimate with its interval, or a plain number.
func (w *WhySummary) read(at any, interval string) error {
	switch x := at.(type) {
	case float64:
		w.Mean = Number(x)
		return nil
	case map[string]any:
		if _, ok := x["mean"]; !ok {
			return fmt.Errorf("it is a table, name a value in it")
		}
		raw, err := json.Marshal(x)
		if err != nil {
			return err
		}
		w.Interval = interval
		if err := json.Unmarshal(raw, &w.Measured); err != nil {
			return err
		}
		if v, ok := x["verdict"].(string); ok {
			w.Verdict = Comparison{w.Measured, v}.Says()
		}
		return nil
	}
	return fmt.Errorf("it is no number")
}
