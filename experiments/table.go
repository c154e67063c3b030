package experiments

import (
	"slices"
	"strings"
)

// Table is a Markdown table.
type Table struct {
	Head []string
	Rows [][]string
}

// Row adds a row of as many cells as the head has.
func (t *Table) Row(cells ...string) { t.Rows = append(t.Rows, cells) }

// Write writes the table, and nothing without rows.
func (t *Table) Write(b *strings.Builder) {
	if len(t.Rows) == 0 {
		return
	}
	line := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			b.WriteString(" " + strings.ReplaceAll(c, "|", `\|`) + " |")
		}
		b.WriteString("\n")
	}
	line(t.Head)
	line(slices.Repeat([]string{"---"}, len(t.Head)))
	for _, r := range t.Rows {
		line(r)
	}
}
