package experiments

import (
	"fmt"
	"strconv"
	"strings"

	"ra3/experiments/store"
)

// Position is a place in a run: a branch, and the number of updates made along
// its line, those it shares with its parents included.
type Position struct {
	Branch string
	Update int
}

// String is branch:update.
func (p Position) String() string { return fmt.Sprintf("%s:%d", p.Branch, p.Update) }

// ParsePosition reads what String writes; without a branch it is main's.
func ParsePosition(text string) (Position, error) {
	branch, update, ok := strings.Cut(text, ":")
	if !ok {
		branch, update = store.Main, text
	}
	n, err := strconv.Atoi(update)
	if err != nil || n < 0 {
		return Position{}, fmt.Errorf("position %q: want BRANCH:UPDATE, as in main:120", text)
	}
	if err := store.CheckBranchName(branch); err != nil {
		return Position{}, fmt.Errorf("position %q: %w", text, err)
	}
	return Position{branch, n}, nil
}
