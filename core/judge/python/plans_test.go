//go:build linux

package python

import (
	"testing"

	"ra3/core/judge/protect"
)

func TestPlans(t *testing.T) {
	py, err := FindInterpreter(t.Context(), "/usr/bin/python3")
	if err != nil {
		t.Skip(err)
	}
	for _, plan := range protect.Plans() {
		p, err := probe(t.Context(), plan, py)
		t.Logf("%+v: %v %v", plan, p.String(), err)
	}
}
