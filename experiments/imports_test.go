package experiments

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// charm libraries may be imported under tui only.
func isCharm(path string) bool {
	return strings.HasPrefix(path, "github.com/charmbracelet/") || strings.HasPrefix(path, "github.com/muesli/")
}

// room is the top-level package group of an import path.
func room(path string) string {
	switch {
	case path == "ra3":
		return "main"
	case strings.HasPrefix(path, "ra3/experiments/verbs"):
		return "verbs"
	case strings.HasPrefix(path, "ra3/"):
		return strings.SplitN(path, "/", 3)[1]
	}
	return ""
}

// allowed lists the rooms that a room may import, itself aside. verbs are the
// headless face: main's own, kept apart from the engine.
var allowed = map[string][]string{
	"main":        {"tui", "verbs", "plots", "experiments", "core", "fixtures"},
	"verbs":       {"plots", "experiments", "core", "fixtures"},
	"tui":         {"plots", "experiments", "core", "fixtures"},
	"plots":       {"core"},
	"experiments": {"core", "fixtures"},
	"core":        {},
	"fixtures":    {},
}

func TestImportsRunInOneDirection(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "ra3/...").Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("go list: %v: %s", err, exit.Stderr)
	} else if err != nil {
		t.Skipf("go is needed to list imports: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	packages := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		from := room(p.ImportPath)
		for _, imp := range p.Imports {
			if isCharm(imp) && from != "tui" {
				t.Errorf("%s imports %s: charm libraries belong under tui", p.ImportPath, imp)
			}
			to := room(imp)
			if to == "" || to == from {
				continue
			}
			ok := false
			for _, a := range allowed[from] {
				ok = ok || a == to
			}
			if !ok {
				t.Errorf("%s imports %s: %s may import only %v", p.ImportPath, imp, from, allowed[from])
			}
		}
	}
	if packages < 15 {
		t.Errorf("only %d packages were looked at", packages)
	}
}
