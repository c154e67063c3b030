package verbs

import (
	"context"
	"flag"
	"fmt"
	"strings"

	"ra3/experiments"
)

func helpVerb() *verb {
	return &verb{name: "help", summary: "this overview, or a verb's own help", usage: "help [VERB]", run: help}
}

func help(_ context.Context, e *Env, v *verb, args []string) error {
	rest, err := newFlags(v).parse(e, args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return e.print(overview())
	}
	names := make([]string, 0, 8)
	for _, t := range table() {
		if t.name == rest[0] {
			// -h is answered before the verb does anything.
			return t.run(context.Background(), e, t, []string{"-h"})
		}
		names = append(names, t.name)
	}
	return usagef("%q is not a verb: %s", rest[0], nearest(rest[0], names, "ra3 help lists them"))
}

func versionVerb() *verb {
	return &verb{name: "version", summary: "version of this program", usage: "version", run: version}
}

func version(_ context.Context, e *Env, v *verb, args []string) error {
	if _, err := newFlags(v).parse(e, args, 0); err != nil {
		return err
	}
	return e.print("ra3 " + experiments.Version + "\n")
}

// overview is what ra3 help prints.
func overview() string {
	var b strings.Builder
	b.WriteString(`ra3: a research workbench for RA3 mid-training of code language models

  ra3 [--run DIR]        the workbench, in a terminal; ra3 -h for its flags
`)
	for _, v := range table() {
		fmt.Fprintf(&b, "  ra3 %-18s %s\n", strings.TrimSpace(v.name+" "+placeholder(v)), v.summary)
	}
	b.WriteString(`
First steps
  ra3                                     look and step through it by hand
  ra3 run --preset quick --out runs/a     the same without a screen, under a minute
  ra3 runs show runs/a                    what it found

Results go to standard output, progress to standard error; --json prints results
for machines. Exit status: 0 done, 1 failed, 2 usage, 130 interrupted (saved).
`)
	return b.String()
}

func placeholder(v *verb) string {
	switch v.name {
	case "run", "ablate", "plot", "eval", "theory", "bench":
		return "..."
	case "view":
		return "DIR"
	case "runs":
		return "ls|show|..."
	case "help":
		return "[VERB]"
	}
	return ""
}

// verbHelp is what ra3 VERB -h prints.
func verbHelp(v *verb, f *flags) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ra3 %s\n\n%s.\n", v.usage, sentence(v.summary))
	if v.detail != "" {
		b.WriteString("\n" + v.detail + "\n")
	}
	head := "\nFlags\n"
	f.VisitAll(func(x *flag.Flag) {
		value, text := flag.UnquoteUsage(x)
		b.WriteString(head)
		head = ""
		b.WriteString(entry(strings.TrimSpace("--"+x.Name+" "+value), text))
	})
	return b.String()
}

const (
	entryIndent = 28
	lineWidth   = 80
)

// entry is a flag with its text wrapped beside it.
func entry(name, text string) string {
	var b strings.Builder
	line := "  " + name
	if len(line) >= entryIndent {
		b.WriteString(line + "\n")
		line = ""
	}
	line += strings.Repeat(" ", entryIndent-len(line))
	empty := true
	for _, w := range strings.Fields(text) {
		if !empty && len(line)+1+len(w) > lineWidth {
			b.WriteString(line + "\n")
			line, empty = strings.Repeat(" ", entryIndent), true
		}
		if !empty {
			line += " "
		}
		line, empty = line+w, false
	}
	return b.String() + line + "\n"
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
