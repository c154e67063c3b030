package pocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"ra3/core/judge"
	"ra3/core/pocket"
)

func TestMain(m *testing.M) {
	judge.ServeIfChild()
	os.Exit(m.Run())
}

// corner inputs, beside a program's own tests.
var corners = [][]int64{{}, {0}, {-7}, {8}, {3, 3}, {5, 5, 5, 5}, {-1, -2, -3, -4, -5}, {1, 2, 3, 4}, {9, -9, 0, 4, -4, 2, 9, -9}}

// specimen is a program as text with what its intents make of every input.
type specimen struct {
	name   string
	body   string // what is judged: a function of the body alone
	module string // prompt and body, as a Python module
	inputs [][]int64
	want   [][]int64
}

// specimens holds every template of every intent at every level of nuisance,
// alone, and compositions of all lengths and splits.
func specimens(t *testing.T) []specimen {
	var out []specimen
	rng := rand.New(rand.NewPCG(5, 5))
	add := func(d *pocket.Domain, template, nuisance int, q pocket.Request) []int {
		p, err := d.Draw(rng, pocket.Settings{Nuisance: nuisance, Invert: 0.3, Tests: 2, Vague: 0.3, Hidden: 0.2, Examples: nuisance}, q)
		if err != nil {
			t.Fatal(err)
		}
		code := d.Vocab.Decode(p.Code())
		s := specimen{name: fmt.Sprintf("%v template %d nuisance %d", p.Steps, template, nuisance),
			body: "def f(xs):\n" + code, module: d.Vocab.Decode(p.Prompt) + code, inputs: slices.Clone(corners)}
		for _, c := range p.Tests {
			if !slices.Equal(c.Want, d.Apply(p.Steps, c.In)) {
				t.Fatalf("%s: a test wants %v", s.name, c.Want)
			}
			s.inputs = append(s.inputs, c.In)
		}
		for _, c := range d.PlusTests(rng, p.Steps, 12) {
			s.inputs = append(s.inputs, c.In)
		}
		for _, in := range s.inputs {
			s.want = append(s.want, append([]int64{}, d.Apply(p.Steps, slices.Clone(in))...))
		}
		out = append(out, s)
		return p.Steps
	}
	families := []string{"doc", "ask"}
	most := 0
	for _, in := range domain(t).Intents {
		most = max(most, len(in.Templates))
	}
	for template := range most {
		d := domain(t)
		for i := range d.Intents {
			k := min(template, len(d.Intents[i].Templates)-1)
			d.Intents[i].Templates = d.Intents[i].Templates[k : k+1]
		}
		for nuisance := range 3 {
			seen := map[int]bool{}
			for n := 0; len(seen) < len(d.Intents); n++ {
				if n == 2000 {
					t.Fatalf("%d of %d intents were drawn", len(seen), len(d.Intents))
				}
				before := len(out)
				i := add(d, template, nuisance, pocket.Request{Split: pocket.Base, Steps: 1, Family: families[n%2]})[0]
				if seen[i] {
					out = out[:before]
				}
				seen[i] = true
			}
		}
	}
	d := domain(t)
	for n := range 120 {
		add(d, -1, n%3, pocket.Request{Split: pocket.Split(n % 5), Steps: 2 + n/5%5, Family: families[n/3%2]})
	}
	return out
}

func values(xs []int64) []any {
	vs := make([]any, len(xs))
	for i, x := range xs {
		vs[i] = x
	}
	return vs
}

func TestTemplatesMeanTheirIntentsInTheJudge(t *testing.T) {
	pool, err := judge.NewPool(context.Background(), 2, judge.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	all := specimens(t)
	var cases []judge.Case
	for _, s := range all {
		c := judge.Case{Source: s.body, Entry: "f"}
		for i := range s.inputs {
			c.Inputs = append(c.Inputs, []any{values(s.inputs[i])})
			c.Want = append(c.Want, values(s.want[i]))
		}
		cases = append(cases, c)
	}
	verdicts, err := pool.Judge(context.Background(), cases)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range verdicts {
		if v.Kind != judge.Passed {
			t.Errorf("%s: %+v\n%s", all[i].name, v, all[i].body)
		}
	}
}

// harness runs modules on inputs and prints what their f returns; a prompt's own
// assertions and doctest lines must hold. An exception's text stands for a
// result.
const harness = `
import sys, json
out = []
for source, inputs in json.load(sys.stdin):
    g, row = {}, []
    try:
        exec(source, g)
        for line in (g.get("__doc__") or "").split("\n"):
            if line.startswith("assert "):
                exec(line, g)
        lines = [line.strip() for line in (g["f"].__doc__ or "").split("\n")]
        for line, want in zip(lines, lines[1:]):
            if line.startswith(">>> ") and repr(eval(line[4:], g)) != want:
                raise ValueError(line)
    except Exception as e:
        row = [repr(e)] * len(inputs)
    for xs in inputs[len(row):]:
        given = list(xs)
        try:
            row.append(g["f"](xs) if xs == given else None)
            if xs != given: row[-1] = "changed its input"
        except Exception as e:
            row.append(repr(e))
    out.append(row)
print(json.dumps(out))
`

func TestTemplatesMeanTheirIntentsInPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	all := specimens(t)
	var request [][2]any
	asserts, doctests := 0, 0
	for _, s := range all {
		request = append(request, [2]any{s.module, s.inputs})
		if strings.Contains(s.module, "\nassert ") {
			asserts++
		}
		if strings.Contains(s.module, "\n    >>> f(") {
			doctests++
		}
	}
	if asserts == 0 || doctests == 0 {
		t.Errorf("%d prompts show assertions, %d doctest lines", asserts, doctests)
	}
	in, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-I", "-S", "-c", harness)
	cmd.Stdin = bytes.NewReader(in)
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v", err)
	}
	var got [][]any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(all) {
		t.Fatalf("%d results for %d programs", len(got), len(all))
	}
	for i, s := range all {
		for j := range s.inputs {
			if a, b := fmt.Sprint(got[i][j]), fmt.Sprint(s.want[j]); a != b {
				t.Errorf("%s on %v: Python %s, the intents %s\n%s", s.name, s.inputs[j], a, b, s.module)
			}
		}
	}
}

// A wrong program must not pass for a right one: the judge sees the difference
// between any two intents somewhere on these inputs.
func TestIntentsDiffer(t *testing.T) {
	d := domain(t)
	inputs := slices.Clone(corners)
	rng := rand.New(rand.NewPCG(6, 6))
	for range 20 {
		p, err := d.Draw(rng, settings, pocket.Request{Split: pocket.Base, Steps: 1, Family: "doc"})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Tests {
			inputs = append(inputs, c.In)
		}
	}
	for a := range d.Intents {
		for b := range a {
			if !slices.ContainsFunc(inputs, func(in []int64) bool {
				return !slices.Equal(d.Apply([]int{a}, in), d.Apply([]int{b}, in))
			}) {
				t.Errorf("%s and %s do the same", d.Intents[a].Name, d.Intents[b].Name)
			}
		}
	}
}
