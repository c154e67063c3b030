package verbs

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// flags is a verb's flag set; flags and other arguments may be mixed.
type flags struct {
	*flag.FlagSet
	verb *verb
}

func newFlags(v *verb) *flags {
	fs := flag.NewFlagSet(v.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are worded here
	return &flags{fs, v}
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// parse reads flags wherever they stand and returns the other arguments; most
// is how many of them the verb takes, -1 any number. Help is given here.
func (f *flags) parse(e *Env, args []string, most int) ([]string, error) {
	var rest []string
	for {
		err := f.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			if err := e.print(verbHelp(f.verb, f)); err != nil {
				return nil, err
			}
			return nil, errHelped
		}
		if err != nil {
			return nil, &usageError{f.cure(err)}
		}
		after := f.Args()
		ended := len(after) < len(args) && args[len(args)-len(after)-1] == "--"
		if len(after) == 0 || ended {
			rest = append(rest, after...)
			break
		}
		rest, args = append(rest, after[0]), after[1:]
	}
	if most >= 0 && len(rest) > most {
		return nil, usagef("%sunexpected argument %q: ra3 %s", f.prefix(), rest[most], f.verb.usage)
	}
	return rest, nil
}

func (f *flags) prefix() string {
	if f.verb.name == "" {
		return ""
	}
	return f.verb.name + ": "
}

// given tells which flags stood on the command line.
func (f *flags) given(name string) bool {
	found := false
	f.Visit(func(x *flag.Flag) { found = found || x.Name == name })
	return found
}

var (
	unknownFlag = regexp.MustCompile(`^flag provided but not defined: -(.*)$`)
	needsValue  = regexp.MustCompile(`^flag needs an argument: -(.*)$`)
	badValue    = regexp.MustCompile(`^invalid (?:boolean )?value "(.*)" for (?:flag )?-([^:]*): (.*)$`)
)

// cure rewords the flag package's errors with what to do about them.
func (f *flags) cure(err error) error {
	text := err.Error()
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		var names []string
		f.VisitAll(func(x *flag.Flag) { names = append(names, "--"+x.Name) })
		help := "ra3 -h lists the flags"
		if f.verb.name != "" {
			help = "ra3 " + f.verb.name + " -h lists its flags"
		}
		return fmt.Errorf("%sunknown flag --%s: %s", f.prefix(), m[1], nearest("--"+m[1], names, help))
	}
	if m := needsValue.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s--%s needs a value: %s", f.prefix(), m[1], f.wanted(m[1]))
	}
	if m := badValue.FindStringSubmatch(text); m != nil {
		if _, plain := f.Lookup(m[2]).Value.(flag.Getter); !plain {
			return fmt.Errorf("%s--%s: %s", f.prefix(), m[2], m[3]) // a value of our own says what it takes
		}
		return fmt.Errorf("%s--%s %q does not fit: %s", f.prefix(), m[2], m[1], f.wanted(m[2]))
	}
	return fmt.Errorf("%s%w", f.prefix(), err)
}

// wanted says what a flag takes.
func (f *flags) wanted(name string) string {
	x := f.Lookup(name)
	if x == nil {
		return "ra3 help lists the flags"
	}
	value, _ := flag.UnquoteUsage(x)
	kind := "give one"
	if g, ok := x.Value.(flag.Getter); ok {
		switch g.Get().(type) {
		case int:
			kind = "give a whole number"
		case float64:
			kind = "give a number"
		case bool:
			return "it stands alone, as in --" + name
		}
	}
	return fmt.Sprintf("%s, as in --%s %s", kind, name, value)
}

// nearest suggests the name most like what was typed, else says where names are
// listed.
func nearest(typed string, names []string, otherwise string) string {
	best, at := 3, ""
	for _, n := range names {
		if d := distance(typed, n); d < best {
			best, at = d, n
		}
	}
	if at == "" {
		return otherwise
	}
	return "did you mean " + at + "?"
}

// distance is the number of single-letter edits (Levenshtein) between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(last+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// choice checks a flag with a fixed set of values.
func (f *flags) choice(name, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return usagef("%s--%s %q is unknown: choose one of %s", f.prefix(), name, value, strings.Join(allowed, ", "))
}

// numbers reads a list of counts as in 1,5,10.
func (f *flags) numbers(name, value string) ([]int, error) {
	var ns []int
	for part := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, usagef("%s--%s %q does not fit: want counts from 1 up, as in 1,5,10", f.prefix(), name, value)
		}
		if !slices.Contains(ns, n) {
			ns = append(ns, n)
		}
	}
	return ns, nil
}

// experiment is the part of the flags that says what to run.
type experiment struct {
	preset, config string
	set            list
	seed, threads  int
}

func (x *experiment) add(f *flags, config bool) {
	f.StringVar(&x.preset, "preset", "", "configuration to start from, `NAME` (default quick)")
	if config {
		f.StringVar(&x.config, "config", "", "TOML `FILE` laid over the preset, as run.toml of a run")
	}
	f.Var(&x.set, "set", "one field over all that, `FIELD=VALUE` as in mid.updates=200; may be repeated")
	f.IntVar(&x.seed, "seed", 0, "seed of the first replicate, `N` (default: the preset's)")
	f.IntVar(&x.threads, "threads", 0, "threads to compute with, `N` (default: all cores); results do not depend on it")
}
