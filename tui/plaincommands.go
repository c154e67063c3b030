package tui

import (
	"slices"
	"strconv"
	"strings"

	"ra3/experiments"
)

// orders are the commands that a narration has heard and not yet carried out. One
// waits until what the one before it has set going has come to its end.
type orders struct {
	typed   bool       // on a terminal: what moves nothing is answered at once
	waiting [][]string // commands, the next one first
	over    bool       // no more will come
	moving  bool       // a run or a step is under way
	run     bool       // it has no end but the plan's and a pause
	from    int        // updates made when it was asked for
	begun   bool       // it was seen to run
	halt    bool       // a pause was typed before it had begun
}

// mostWaiting bounds how many commands are read ahead.
const mostWaiting = 1000

// sent notes what an intent sets going. A failed engine tries once more and may
// fail within a moment, so that is not waited for.
func (o *orders) sent(i experiments.Intent, s experiments.Snapshot) {
	switch i.Kind {
	case experiments.Run, experiments.Step:
		o.moving, o.run, o.from, o.begun = s.State != experiments.Failed, i.Kind == experiments.Run, s.Made, false
	case experiments.Pause:
		o.run = false
	}
}

// arrived notes where a snapshot shows the engine to be. Snapshots from before an
// intent was taken show it at rest as well, but with no update more.
func (o *orders) arrived(s experiments.Snapshot) {
	switch s.State {
	case experiments.Running:
		o.begun = o.moving
	case experiments.Finished, experiments.Failed:
		o.moving = false
	default:
		o.moving = o.moving && !o.begun && s.Made <= o.from
	}
	o.halt = o.halt && o.moving
}

// hear takes a command in; true ends the narration.
func (n *narrator) hear(d Engine, words []string) bool {
	if len(words) == 0 {
		return false
	}
	if n.typed {
		switch words[0] {
		case "run", "step":
		case "pause":
			if len(n.waiting) > 0 {
				n.say("%s not carried out.", experiments.Plural(len(n.waiting), "command"))
				n.waiting = nil
			}
			if n.halt = n.moving && !n.begun; n.halt {
				return false
			}
			return n.obey(d, words)
		default:
			return n.obey(d, words)
		}
		if n.moving {
			n.say("That waits for what is under way; pause ends it.")
		}
	}
	n.waiting = append(n.waiting, words)
	return false
}

// goOn carries out the commands whose turn has come; true ends the narration.
func (n *narrator) goOn(d Engine) bool {
	if n.over && n.typed {
		return true
	}
	if n.halt && n.begun {
		n.halt = false
		n.obey(d, []string{"pause"})
	}
	for len(n.waiting) > 0 {
		next := n.waiting[0]
		// A run has no other end than the plan's, so that a pause behind it is about it.
		if n.moving && !(n.run && n.begun && next[0] == "pause") {
			return false
		}
		n.waiting = n.waiting[1:]
		if n.obey(d, next) {
			return true
		}
	}
	return n.over && !n.moving
}

// obey carries out a line; true ends the narration.
func (n *narrator) obey(d Engine, words []string) bool {
	if len(words) == 0 {
		return false
	}
	send := func(i experiments.Intent) {
		if d.ReadOnly() {
			n.say("This run is only looked at; ra3 --run %s goes on with it.", d.Dir())
		} else if n.m.snap.State == experiments.Finished {
			n.say("The plan is done.")
		} else if !d.Send(i) {
			n.say("The engine has too many requests waiting; say it again in a moment.")
		} else {
			n.sent(i, n.m.snap)
		}
		if i.Kind != experiments.Pause || !n.moving {
			n.said = "" // say the state again when it is reached
		}
	}
	if len(words) > 1 && words[0] != "step" {
		n.say("%s takes nothing behind it; step 20 updates goes so far and stops.", words[0])
		return false
	}
	switch words[0] {
	case "run":
		send(experiments.Intent{Kind: experiments.Run})
	case "pause":
		send(experiments.Intent{Kind: experiments.Pause})
	case "step":
		i, ok := stepInWords(words[1:])
		if !ok {
			n.say("How far: step 20 updates, step 1 phase, step 2 iterations.")
			break
		}
		send(i)
	case "status":
		n.status()
	case "results":
		n.results()
	case "help":
		n.say(plainHelp)
	case "quit":
		return true
	default:
		n.say("%q is not understood. %s", words[0], plainHelp)
	}
	return false
}

// stepInWords reads [N] updates|phases|iterations.
func stepInWords(words []string) (experiments.Intent, bool) {
	i := experiments.Intent{Kind: experiments.Step, Granularity: experiments.ByUpdate, Count: 1}
	if len(words) > 0 {
		if k, err := strconv.Atoi(words[0]); err == nil {
			i.Count, words = k, words[1:]
		}
	}
	if len(words) > 0 {
		i.Granularity = experiments.Granularity(strings.TrimSuffix(words[0], "s"))
		words = words[1:]
	}
	known := []experiments.Granularity{experiments.ByUpdate, experiments.ByPhase, experiments.ByIteration}
	return i, i.Count > 0 && len(words) == 0 && slices.Contains(known, i.Granularity)
}
