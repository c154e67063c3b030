package pocket

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ra3/core/trace"
	"ra3/fixtures"
)

func parsed(t *testing.T) *Domain {
	d, err := Parse(fixtures.Pocket)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// everyName lists all ways to name the roles, as likely each.
func everyName(d *Domain) []*strings.Replacer {
	var all []*strings.Replacer
	for _, i := range d.names["i"] {
		for _, x := range d.names["x"] {
			for _, y := range d.names["y"] {
				for _, z := range d.names["z"] {
					all = append(all, strings.NewReplacer("{i}", i, "{x}", x, "{y}", y, "{z}", z))
				}
			}
		}
	}
	return all
}

// Over all codes of a composition the probabilities sum to 1, and each is the
// share of the draws that come out as that code.
func TestNuisanceIsTheCodesInformation(t *testing.T) {
	d := parsed(t)
	rng := rand.New(rand.NewPCG(1, 1))
	for nuisance := 1; nuisance <= 2; nuisance++ {
		for range 4 {
			steps := d.drawSteps(rng, 2)
			names := everyName(d)
			codes, total := map[string]float64{}, 0.0
			programs := map[string]*trace.Program{}
			for _, first := range d.Intents[steps[0]].Templates {
				for _, second := range d.Intents[steps[1]].Templates {
					for i := range names {
						for j := range names {
							if nuisance == 1 && i != j {
								continue
							}
							p := &trace.Program{Problem: trace.Problem{Steps: steps}}
							code := ""
							put := func(line string) {
								ids, err := d.Vocab.Encode("    " + line + "\n")
								if err != nil {
									t.Fatal(err)
								}
								p.Lines, code = append(p.Lines, ids), code+line+"\n"
							}
							for _, l := range first {
								put(names[i].Replace(l))
							}
							for _, l := range second {
								put(names[j].Replace(l))
							}
							put("return xs")
							codes[code]++
							programs[code] = p
							total++
						}
					}
				}
			}
			sum := 0.0
			for code, n := range codes {
				nats, err := d.NuisanceNats(Settings{Nuisance: nuisance}, programs[code])
				if err != nil {
					t.Fatal(err)
				}
				if got, want := math.Exp(-nats), n/total; math.Abs(got-want) > 1e-12 {
					t.Fatalf("nuisance %d: probability %.6f, share of the draws %.6f of\n%s", nuisance, got, want, code)
				}
				sum += math.Exp(-nats)
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("nuisance %d: probabilities of %v sum to %.6f", nuisance, steps, sum)
			}
		}
	}
}

func TestNoNuisanceHasNoInformation(t *testing.T) {
	d := parsed(t)
	rng := rand.New(rand.NewPCG(2, 2))
	s := Settings{Tests: 2}
	p, err := d.Draw(rng, s, Request{Split: Mid, Steps: 3, Family: "doc"})
	if err != nil {
		t.Fatal(err)
	}
	if nats, err := d.NuisanceNats(s, &p); err != nil || nats != 0 {
		t.Errorf("%v nats, %v", nats, err)
	}
	p.Lines = p.Lines[1:]
	if _, err := d.NuisanceNats(s, &p); err == nil {
		t.Error("half a program was taken")
	}
}

// No template is the beginning of another or of its continuation, which is what
// makes the reading of a body unique.
func TestTemplatesEndWhereTheyAssign(t *testing.T) {
	d := parsed(t)
	for _, in := range d.Intents {
		for k, template := range in.Templates {
			for i, line := range template {
				if got, want := strings.HasPrefix(line, "xs = "), i == len(template)-1; got != want {
					t.Errorf("%s, template %d, line %d: %q", in.Name, k, i, line)
				}
			}
			// Each template reads as itself, so no two read alike.
			var lines []string
			for _, l := range template {
				lines = append(lines, "    "+everyName(d)[0].Replace(l)+"\n")
			}
			if s, ok := d.segment(lines); !ok || d.Intents[s.Intent].Name != in.Name || s.Template != k {
				t.Errorf("%s, template %d reads as %s, template %d", in.Name, k, d.Intents[s.Intent].Name, s.Template)
			}
		}
	}
}
