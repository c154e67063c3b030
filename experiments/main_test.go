package experiments

import (
	"os"
	"testing"

	"ra3/core/judge"
	"ra3/experiments/leak"
)

// The judge's workers are this test binary, started again.
func TestMain(m *testing.M) {
	judge.ServeIfChild()
	crashIfChild()
	os.Exit(leak.Run(m.Run))
}
