package python

import (
	"os"
	"testing"

	"ra3/core/judge/protect"
)

func TestMain(m *testing.M) {
	protect.ServeIfChild()
	os.Exit(m.Run())
}
