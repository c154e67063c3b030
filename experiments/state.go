package experiments

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"ra3/core/checkpoint"
	"ra3/core/latent"
	"ra3/core/nn"
	"ra3/core/optim"
	"ra3/core/tensor"
	"ra3/core/trace"
)

// state is everything a run needs to go on: models, optimisers, annotations
// and results so far. All else is derived from the configuration.
type state struct {
	stage, update int // the next update: index into the plan, update within it
	models        map[string]*nn.Model
	opts          map[string]*optim.AdamW
	annotations   []trace.Annotation
	rho           float64 // learned probability of thinking; 0: the prior's own
	results       Results
}

func newState() *state {
	return &state{models: map[string]*nn.Model{}, opts: map[string]*optim.AdamW{}}
}

// Names of models and optimisers in a state. Lanes' policies go by the lane's
// name, post-trained ones by rlvrOf(lane).
const (
	samplerName = "sampler"
	// initialSampler is the sampler before EM, kept where a control reads with it.
	initialSampler = "sampler-initial"
	eStepName      = "e-step" // the posterior's optimiser in E-steps
)

func rlvrOf(lane string) string { return "rlvr-" + lane }

// stateMeta is the part of a checkpoint that is not tensors.
type stateMeta struct {
	Stage       int                  `json:"stage"`
	Update      int                  `json:"update"`
	Config      string               `json:"config"` // fingerprint of what it was computed with
	Seq         int64                `json:"seq"`    // events already logged
	Seconds     float64              `json:"seconds"`
	Samples     int                  `json:"samples"`
	Verdicts    int                  `json:"verdicts"`
	Shapes      map[string]nn.Config `json:"shapes"`
	Steps       map[string]int       `json:"optimiser_steps"`
	Annotations []trace.Annotation   `json:"annotations"`
	Rho         float64              `json:"rho,omitempty"`
	Results     Results              `json:"results"`
}

// addModel appends a model's tensors under a prefix.
func addModel(f *checkpoint.File, name string, m *nn.Model) {
	m.Params.Each(func(part string, d *tensor.Dense) {
		f.Tensors = append(f.Tensors, checkpoint.Tensor{Name: name + "/" + part, Shape: d.Shape(), Data: d.Data()})
	})
}

// getModel reads a model of a known shape back, to compute in p.
func getModel(f checkpoint.File, name string, shape nn.Config, p nn.Precision) (*nn.Model, error) {
	m, err := nn.New(shape)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	byName := map[string]checkpoint.Tensor{}
	for _, t := range f.Tensors {
		byName[t.Name] = t
	}
	m.Params.Each(func(part string, d *tensor.Dense) {
		t, ok := byName[name+"/"+part]
		switch {
		case err != nil:
		case !ok:
			err = fmt.Errorf("checkpoint: tensor %s/%s is missing: it was made for another model", name, part)
		case !d.Shape().Eq(tensor.Shape(t.Shape)):
			err = fmt.Errorf("checkpoint: tensor %s/%s has shape %v, want %v: it was made for another model", name, part, t.Shape, []int(d.Shape()))
		default:
			copy(d.Data(), t.Data)
		}
	})
	if err != nil {
		return nil, err
	}
	if err := m.SetPrecision(p); err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", name, err)
	}
	return m, nil
}

// encode writes the whole state.
func (s *state) encode(meta stateMeta) (checkpoint.File, error) {
	f := checkpoint.File{Meta: map[string]string{}}
	meta.Stage, meta.Update, meta.Annotations, meta.Rho, meta.Results = s.stage, s.update, s.annotations, s.rho, s.results
	meta.Shapes, meta.Steps = map[string]nn.Config{}, map[string]int{}
	for name, m := range s.models {
		addModel(&f, "model/"+name, m)
		meta.Shapes[name] = m.Config
	}
	for name, o := range s.opts {
		f.Tensors = append(f.Tensors,
			checkpoint.Tensor{Name: "opt/" + name + "/m", Shape: []int{len(o.M)}, Data: o.M},
			checkpoint.Tensor{Name: "opt/" + name + "/v", Shape: []int{len(o.V)}, Data: o.V})
		meta.Steps[name] = o.Step
	}
	raw, err := json.Marshal(meta)
	if err != nil {
		return f, fmt.Errorf("checkpoint: %w", err)
	}
	f.Meta["ra3"] = string(raw)
	return f, nil
}

// decodeState reads a whole state back; plan is what its place must be in (nil
// for models that were kept for later looks), p what its models compute in.
func decodeState(f checkpoint.File, plan []Stage, p nn.Precision) (*state, stateMeta, error) {
	meta, err := decodeMeta(f.Meta)
	if err != nil {
		return nil, meta, err
	}
	if meta.Stage < 0 || meta.Update < 0 || plan != nil && (meta.Stage > len(plan) || meta.Stage < len(plan) && meta.Update >= plan[meta.Stage].Updates || meta.Stage == len(plan) && meta.Update != 0) {
		return nil, meta, fmt.Errorf("checkpoint: phase %d update %d is not in the plan: it belongs to another configuration", meta.Stage, meta.Update)
	}
	s := newState()
	s.stage, s.update, s.annotations, s.rho, s.results = meta.Stage, meta.Update, meta.Annotations, meta.Rho, meta.Results
	for name, shape := range meta.Shapes {
		m, err := getModel(f, "model/"+name, shape, p)
		if err != nil {
			return nil, meta, err
		}
		s.models[name] = m
	}
	for _, t := range f.Tensors {
		rest, ok := strings.CutPrefix(t.Name, "opt/")
		if !ok {
			continue
		}
		name, part, _ := strings.Cut(rest, "/")
		o := s.opts[name]
		if o == nil {
			o = &optim.AdamW{Settings: optim.Default(), Step: meta.Steps[name]}
			s.opts[name] = o
		}
		if part == "m" {
			o.M = t.Data
		} else {
			o.V = t.Data
		}
	}
	return s, meta, nil
}

// decodeMeta reads the part of a state that is not tensors.
func decodeMeta(raw map[string]string) (meta stateMeta, err error) {
	if err := json.Unmarshal([]byte(raw["ra3"]), &meta); err != nil {
		return meta, fmt.Errorf("checkpoint: its metadata is broken (%w): use an earlier one", err)
	}
	return meta, nil
}

// optimiser returns the named optimiser, fresh if there is none yet.
func (s *state) optimiser(name string, n int) *optim.AdamW {
	if s.opts[name] == nil {
		s.opts[name] = optim.New(n, optim.Default())
	}
	return s.opts[name]
}

// samplerOf is the sampler that a lane's annotations come from.
func (s *state) samplerOf(w *World, l lane) *latent.Sampler {
	q := s.sampler(w)
	if m := s.models[initialSampler]; m != nil && l.labels != emLabels {
		q.Model = m
	}
	return q
}

// sampler wraps the sampler's model.
func (s *state) sampler(w *World) *latent.Sampler {
	return &latent.Sampler{Model: s.models[samplerName], Layout: w.Layout, K: w.Inventory.K()}
}

// encodeBase writes the embedded form of a base: policy and sampler.
func encodeBase(base, sampler *nn.Model, origin string) checkpoint.File {
	f := checkpoint.File{Meta: map[string]string{"origin": origin}}
	addModel(&f, "model/base", base)
	addModel(&f, "model/"+samplerName, sampler)
	for k, v := range map[string]int{"vocab": base.Config.Vocab, "k": sampler.Config.Out - 1} {
		f.Meta[k] = strconv.Itoa(v)
	}
	return f
}
