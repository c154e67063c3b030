// Package script reads key scripts: what somebody presses in the workbench, what
// is waited for between, and which frames are kept. Demos, bug reports and tests
// are made of them.
//
// A script has a step a line; # begins a comment. The steps:
//
//	size 100x30         cells of a screen without a terminal; also later on
//	key 2 0 s           keys, as help names them; space is the space bar
//	type keep even      a key for every character
//	wait idle           until the engine rests and all it found is shown
//	wait update 30      until 30 updates are made
//	wait finished       until the plan is done
//	wait text NMI       until the screen shows it
//	pause 500ms         for the eye; without a terminal it takes no time
//	frame NAME.png      keep the frame: .png, .txt without styles, .ansi with them
package script

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind is what a step does.
type Kind int

// The kinds of steps.
const (
	Key Kind = iota
	Size
	Idle
	Update
	Finished
	Text
	Pause
	Frame
)

// Step is a line of a script.
type Step struct {
	Line  int // of the file, from 1
	Kind  Kind
	Text  string // the key, the text waited for, the frame's file name
	N     int    // updates
	W, H  int
	Pause time.Duration
}

// Bounds of what a script may ask for.
const (
	maxSide  = 1000
	maxSteps = 100000
	maxPause = time.Minute
)

// Parse reads a script. What is wrong with it is said with its line.
func Parse(r io.Reader) ([]Step, error) {
	var steps []Step
	in := bufio.NewScanner(r)
	line := 0
	for in.Scan() {
		line++
		more, err := parse(strings.TrimSpace(in.Text()))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		for _, s := range more {
			s.Line = line
			steps = append(steps, s)
		}
		if len(steps) > maxSteps {
			return nil, fmt.Errorf("line %d: more than %d steps", line, maxSteps)
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", line+1, err)
	}
	return steps, nil
}

// parse reads a line, which is several steps where it has several keys.
func parse(line string) ([]Step, error) {
	line = strings.ReplaceAll(line, "\t", " ")
	if !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return nil, fmt.Errorf("%q has characters that nobody can type: write keys by their names, as in key ctrl+c", line)
	}
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case word == "" || strings.HasPrefix(word, "#"):
		return nil, nil
	case rest == "":
		return nil, fmt.Errorf("%q wants something after it, as in %q", word, example[word])
	}
	switch word {
	case "key":
		var steps []Step
		for k := range strings.FieldsSeq(rest) {
			steps = append(steps, Step{Kind: Key, Text: keyName(k)})
		}
		return steps, nil
	case "type":
		var steps []Step
		for _, r := range rest {
			steps = append(steps, Step{Kind: Key, Text: string(r)})
		}
		return steps, nil
	case "size":
		w, h, ok := strings.Cut(rest, "x")
		s := Step{Kind: Size}
		var werr, herr error
		s.W, werr = strconv.Atoi(w)
		s.H, herr = strconv.Atoi(h)
		if !ok || werr != nil || herr != nil || s.W < 1 || s.H < 1 || s.W > maxSide || s.H > maxSide {
			return nil, fmt.Errorf("size %q: want columns x rows, as in 100x30", rest)
		}
		return []Step{s}, nil
	case "pause":
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 || d > maxPause {
			return nil, fmt.Errorf("pause %q: want up to a minute, as in 500ms", rest)
		}
		return []Step{{Kind: Pause, Pause: d}}, nil
	case "frame":
		if !filepath.IsLocal(rest) || !slices.Contains([]string{".png", ".txt", ".ansi"}, filepath.Ext(rest)) {
			return nil, fmt.Errorf("frame %q: want a file name that ends in .png, .txt or .ansi", rest)
		}
		return []Step{{Kind: Frame, Text: rest}}, nil
	case "wait":
		return wait(rest)
	}
	return nil, fmt.Errorf("%q is no step: want size, key, type, wait, pause or frame", word)
}

var example = map[string]string{
	"key": "key 2 0 s", "type": "type keep even", "size": "size 100x30", "pause": "pause 500ms",
	"frame": "frame lab.png", "wait": "wait idle",
}

func wait(rest string) ([]Step, error) {
	what, rest, _ := strings.Cut(rest, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case what == "idle" && rest == "":
		return []Step{{Kind: Idle}}, nil
	case what == "finished" && rest == "":
		return []Step{{Kind: Finished}}, nil
	case what == "update":
		n, err := strconv.Atoi(rest)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("wait update %q: want a number, as in wait update 30", rest)
		}
		return []Step{{Kind: Update, N: n}}, nil
	case what == "text" && rest != "":
		return []Step{{Kind: Text, Text: rest}}, nil
	}
	return nil, fmt.Errorf("wait %s %s: want idle, finished, update N or text WORDS", what, rest)
}

// keyName is a key as bubbletea names it.
func keyName(k string) string {
	if k == "space" {
		return " "
	}
	return k
}

// String writes a step as a line of a script.
func (s Step) String() string {
	switch s.Kind {
	case Key:
		if s.Text == " " {
			return "key space"
		}
		return "key " + s.Text
	case Size:
		return fmt.Sprintf("size %dx%d", s.W, s.H)
	case Idle:
		return "wait idle"
	case Update:
		return fmt.Sprintf("wait update %d", s.N)
	case Finished:
		return "wait finished"
	case Text:
		return "wait text " + s.Text
	case Pause:
		return "pause " + s.Pause.String()
	}
	return "frame " + s.Text
}
