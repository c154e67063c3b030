package tui

import (
	"slices"
	"testing"

	"ra3/tui/keys"
	"ra3/tui/theme"
)

// The pages and the key table know the same contexts in the same order.
func TestPagesAreInStepWithKeys(t *testing.T) {
	m := screen(newFake(t), 80, 24, theme.Options{})
	var contexts []keys.Context
	for _, p := range m.pages {
		contexts = append(contexts, p.context())
		if p.title() == "" {
			t.Errorf("%s has no title", p.context())
		}
	}
	if !slices.Equal(contexts, keys.Pages()) {
		t.Errorf("pages %v, keys %v", contexts, keys.Pages())
	}
}
