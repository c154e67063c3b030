package grid

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"ra3/experiments"
)

// Direction says which values of a measure are the better ones.
type Direction int

// The directions.
const (
	Lower  Direction = -1
	Higher Direction = +1
)

// String is a phrase for tables and help.
func (d Direction) String() string {
	if d == Lower {
		return "lower is better"
	}
	return "higher is better"
}

// Measure is a number that a cell has, and all that is to be known to read it:
// page, report, maps and help take their words and judgements from here.
type Measure struct {
	Name   string // in ablation.csv, and of its map
	Title  string // a line, for a heading
	Short  string // for a column
	Map    string // title of its map
	Unit   string
	Brief  string // the unit below a column's head
	Note   string // how it is computed
	From   string // what of a cell's summary.json it is made of
	Better Direction
	// Difference: of two lanes. Zero means none, so that an interval around a
	// cell's own value already says which lane is ahead.
	Difference bool
	always     bool // its map is written after every cell
	get        func(*CellResult) *experiments.Measured
}

const overAll = "Mean of pass@1, 5 and 10 and of both families, paired by seed and problem."

// measures are in the order of columns, the most telling first.
var measures = []Measure{
	{Name: "ra3-ntp", Title: "RA3 minus NTP, mean of pass@1, 5, 10 and of the families", Short: "RA3-NTP",
		Map: "RA3 minus NTP, mean of pass@1, 5 and 10", Unit: "share of problems", Brief: "share", Note: "Mean of both families, paired by seed and problem.",
		From:   "differences.ra3-ntp.average.average",
		Better: Higher, Difference: true, always: true, get: func(c *CellResult) *experiments.Measured { return c.mean("ra3-ntp") }},
	{Name: "ra3-base", Title: "RA3 minus Base, mean of pass@1, 5, 10 and of the families", Short: "RA3-Base",
		Map: "RA3 minus Base, mean of pass@1, 5 and 10", Unit: "share of problems", Brief: "share", Note: overAll,
		From:   "differences.ra3-base.average.average",
		Better: Higher, Difference: true, get: func(c *CellResult) *experiments.Measured { return c.mean("ra3-base") }},
	{Name: "ra3", Title: "RA3's own level, mean of pass@1, 5, 10 and of the families", Short: "RA3",
		Map: "RA3, mean of pass@1, 5 and 10", Unit: "share of problems", Brief: "share", Note: "Mean of both families, whatever NTP does.",
		From:   "lanes.ra3.{doc,ask}.pass@{1,5,10}",
		Better: Higher, get: func(c *CellResult) *experiments.Measured { return c.Level }},
	{Name: "ra3-rlvr", Title: "RA3's held-out pass@1 at the end of RLVR", Short: "RLVR",
		Map: "RA3's held-out pass@1 at the end of RLVR", Unit: "share of problems", Brief: "pass@1", Note: "The last look at held-out problems during post-training.",
		From:   "rlvr.ra3.final",
		Better: Higher, get: func(c *CellResult) *experiments.Measured { return c.AfterRLVR }},
	{Name: "speed-up", Title: "log2 of (NTP's tokens to its own final RLVR level / RA3's tokens to it)", Short: "speed-up",
		Map: "RLVR speed-up of RA3 over NTP", Unit: "log2 of the ratio of sampled tokens", Brief: "log2",
		Note:   "Tokens NTP needs to its own final held-out level over those RA3 needs to reach it: +1 is half the tokens. A seed that never reaches it counts with an upper bound, by all that RA3 sampled: no interval of such lies above 0. Where NTP gains nothing there is no ratio; the mean is then of the other seeds and has no interval.",
		From:   "speed_ups.ra3-ntp.log2",
		Better: Higher, Difference: true, always: true, get: speedUp},
	{Name: "log-effective", Title: "log effective decision space, RA3 minus NTP (nats a program)", Short: "space",
		Map: "Effective decision space, RA3 minus NTP", Unit: "nats a program", Brief: "nats", Note: "Sum of log n95 over a held-out expert program's decisions, n95 the fewest actions with 95% of the policy's mass; RA3's minus NTP's, paired by seed.",
		From:   "pruning.ra3.log_effective - pruning.ntp.log_effective",
		Better: Lower, Difference: true, get: func(c *CellResult) *experiments.Measured { return c.LogEffective }},
	{Name: "horizon", Title: "effective horizon, RA3 minus NTP (decisions a program)", Short: "horizon",
		Map: "Effective horizon, RA3 minus NTP", Unit: "decisions a program", Brief: "decisions", Note: "Decisions a held-out expert program whose entropy exceeds 0.1 nats, RA3's minus NTP's, paired by seed.",
		From:   "pruning.ra3.horizon - pruning.ntp.horizon",
		Better: Lower, Difference: true, get: func(c *CellResult) *experiments.Measured { return c.Horizon }},
	{Name: "exact-gap", Title: "gap of the E-step's bound to the exact one, as a share of it", Short: "gap",
		Map: "Gap of the E-step's bound to the exact one", Unit: "share of the exact bound", Brief: "share", Note: "What the sampler's bound lacks of the best that any posterior could reach, over that, after the last annotation.",
		From:   "latents.iterations[last].exact_gap / exact_bound",
		Better: Lower, get: func(c *CellResult) *experiments.Measured { return c.ExactGap }},
	{Name: "gate", Title: "gate: NTP's validation nats minus the oracle's, a program", Short: "gate",
		Map: "Gate: do true intents as latents pay?", Unit: "nats a program", Brief: "nats", Note: "NTP's nats a validation program minus the oracle's, rationale plus code; above 0 the cell passes.",
		From:   "mean of lanes.ntp.{doc,ask}.nats - lanes.oracle.{doc,ask}.nats",
		Better: Higher, Difference: true, always: true, get: func(c *CellResult) *experiments.Measured {
			if c.Gate == nil {
				return nil
			}
			return &c.Gate.Gain
		}},
}

// Measures lists what cells are compared by, the most telling first.
func Measures() []Measure { return slices.Clone(measures) }

// MeasureNamed is a measure by its name.
func MeasureNamed(name string) (Measure, bool) {
	i := slices.IndexFunc(measures, func(m Measure) bool { return m.Name == name })
	if i < 0 {
		return Measure{}, false
	}
	return measures[i], true
}

// Of is a cell's value; nil where it was not measured.
func (m Measure) Of(c *CellResult) *experiments.Measured { return m.get(c) }

// Format writes the measure's own values: differences have their sign, levels have
// only a negative one.
func (m Measure) Format(decimals int) string {
	if m.Difference {
		return fmt.Sprintf("%%+.%df", decimals)
	}
	return fmt.Sprintf("%%.%df", decimals)
}

// level says whether the measure is a share of problems, and no difference of two.
func (m Measure) level() bool { return !m.Difference && strings.HasPrefix(m.Unit, "share of problems") }

// Value is a cell's measure by name; nil where it was not measured.
func Value(name string, c *CellResult) *experiments.Measured {
	if m, ok := MeasureNamed(name); ok {
		return m.get(c)
	}
	return nil
}

// Reading is what an interval says about a difference.
type Reading string

// The readings; none where there is no interval, or nothing it is held against.
const (
	Better     Reading = "better"
	Worse      Reading = "worse"
	Indistinct Reading = "not distinguishable"
	Identical  Reading = "identical" // not only not distinguishable: the same in every seed
	NoReading  Reading = ""
)

// Read judges a cell's own value: a difference of lanes against zero.
func (m Measure) Read(x *experiments.Measured) Reading {
	if !m.Difference {
		return NoReading
	}
	return m.ReadChange(x)
}

// ReadChange judges a change of the measure, from one level of a factor to
// another.
func (m Measure) ReadChange(x *experiments.Measured) Reading {
	if x == nil || !finite(x.Lo) || !finite(x.Hi) {
		return NoReading
	}
	switch {
	case x.Mean == 0 && x.Lo == 0 && x.Hi == 0:
		return Identical
	case x.Lo > 0:
		return map[Direction]Reading{Higher: Better, Lower: Worse}[m.Better]
	case x.Hi < 0:
		return map[Direction]Reading{Higher: Worse, Lower: Better}[m.Better]
	}
	return Indistinct
}

func finite(x experiments.Number) bool {
	return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0)
}

// Directions names the measures by what is better, in one sentence for help and
// below tables.
func Directions() string {
	by := map[Direction][]string{}
	for _, m := range measures {
		by[m.Better] = append(by[m.Better], m.Short)
	}
	return "Higher is better for " + strings.Join(by[Higher], ", ") + "; lower for " + strings.Join(by[Lower], ", ") + "."
}

// speedUp has no interval where that would say more than was measured.
func speedUp(c *CellResult) *experiments.Measured {
	if c.SpeedUp == nil {
		return nil
	}
	m := c.SpeedUp.Log2
	if !c.SpeedUp.Complete() || c.SpeedUp.AtMost() && m.Lo > 0 {
		// An interval over the seeds in which NTP gained speaks for those alone,
		// and one of upper bounds does not exclude zero from above.
		m.Lo, m.Hi = experiments.Number(math.NaN()), experiments.Number(math.NaN())
	}
	return &m
}

// intervals counts the cells' intervals around a difference that may be zero.
func (r *Result) intervals() int {
	n := 0
	for _, m := range measures {
		if !m.Difference {
			continue // sizes: never below zero but by estimation
		}
		for i := range r.Cells {
			if x := m.get(&r.Cells[i]); x != nil && !math.IsNaN(float64(x.Hi-x.Lo)) {
				n++
			}
		}
	}
	return n
}
