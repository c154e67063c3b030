package verbs

import (
	"fmt"
	"slices"
	"strings"

	"ra3/core/bench"
)

// partScreen is the part of bench that is no part of the core's.
const partScreen = "screen"

// benchParts are all parts that can be asked for.
func (e *Env) benchParts() []string {
	if e.ScreenBench == nil {
		return bench.Parts()
	}
	return append(slices.Clone(bench.Parts()), partScreen)
}

// ScreenReport is what the workbench costs.
type ScreenReport struct {
	StartSeconds   float64       `json:"start_seconds"`   // to the first useful frame
	ProcessSeconds float64       `json:"process_seconds"` // of which to come up at all
	Size           string        `json:"size"`            // of the screen, in cells
	Frames         []ScreenFrame `json:"frames"`
	// Shares of the engine's updates a second that the screen takes, one a round,
	// sorted: by processor time and by the clock.
	LossCPU   []float64 `json:"loss_cpu"`
	LossClock []float64 `json:"loss_clock"`
	Updates   int       `json:"updates"` // in each half of a round
}

// ScreenFrame is how long a page takes to adopt a snapshot and draw itself.
type ScreenFrame struct {
	Page          string  `json:"page"`
	MedianSeconds float64 `json:"median_seconds"`
	MostSeconds   float64 `json:"most_seconds"`
	N             int     `json:"n"`
}

// benched is the report of bench as JSON.
type benched struct {
	*bench.Report
	Screen *ScreenReport `json:"screen,omitempty"`
}

// screenTable is the report for reading.
func screenTable(r *ScreenReport) string {
	var b strings.Builder
	ms := func(s float64) string { return fmt.Sprintf("%.1f ms", 1000*s) }
	fmt.Fprintf(&b, "\nScreen: first useful frame %s after the start, %s of it the process itself\n\n", ms(r.StartSeconds), ms(r.ProcessSeconds))
	t := &columns{layout: "lrrr"}
	t.row("frame at "+r.Size+", training", "median", "most", "n")
	for _, f := range r.Frames {
		t.row(f.Page, ms(f.MedianSeconds), ms(f.MostSeconds), fmt.Sprint(f.N))
	}
	b.WriteString(t.String())
	if n := len(r.LossCPU); n > 0 {
		fmt.Fprintf(&b, "\nThe engine loses to the screen %s by processor time [%s to %s], %s by the clock\n[%s to %s]: medians and ranges of %s of %d updates with and without it\n",
			percent1(r.LossCPU[n/2]), percent1(r.LossCPU[0]), percent1(r.LossCPU[n-1]), percent1(r.LossClock[n/2]), percent1(r.LossClock[0]), percent1(r.LossClock[n-1]), count(n, "round"), r.Updates)
	}
	return b.String()
}

func percent1(x float64) string { return fmt.Sprintf("%.1f%%", 100*x) }
