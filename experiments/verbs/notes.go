package verbs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ra3/experiments"
	"ra3/experiments/store"
)

// runsNote adds a note or a bookmark to a run, or drops one.
func runsNote(_ context.Context, e *Env, o runsFlags, args []string) error {
	n := store.Note{At: time.Now().UTC().Format(time.RFC3339), Text: strings.Join(args[1:], " "), Mark: o.mark, Drops: o.drop}
	if o.at != "" {
		at, err := experiments.ParsePosition(o.at)
		if err != nil {
			return usagef("runs note: --at: %w", err)
		}
		n.Branch, n.Update = at.Branch, at.Update
	}
	if n.Mark && o.at == "" {
		return usagef("runs note: --mark marks a position: name it with --at BRANCH:UPDATE")
	}
	if n.Drops != 0 {
		all, _, err := store.Notes(args[0])
		if err != nil {
			return err
		}
		found := false
		for _, x := range all {
			found = found || x.ID == n.Drops
		}
		if !found {
			return fmt.Errorf("%s has no note %d: ra3 runs notes %s lists them", args[0], n.Drops, args[0])
		}
	}
	return store.AppendNote(args[0], n)
}

func runsNotes(_ context.Context, e *Env, o runsFlags, dirs []string) error {
	all, notices, err := store.Notes(dirs[0])
	if err != nil {
		return err
	}
	for _, n := range notices {
		e.note("note: %s: %s", dirs[0], n)
	}
	if o.json {
		return e.printJSON(append([]store.Note{}, all...))
	}
	t := &columns{layout: "rlll"}
	t.row("ID", "WRITTEN (UTC)", "AT", "TEXT")
	for _, n := range all {
		at, text := "-", n.Text
		if n.Branch != "" {
			at = n.Branch + ":" + strconv.Itoa(n.Update)
		}
		if n.Mark {
			text = strings.TrimSpace("[mark] " + text)
		}
		t.row(strconv.Itoa(n.ID), strings.TrimSuffix(strings.Replace(n.At, "T", " ", 1), "Z"), at, text)
	}
	return e.print(t.String())
}

// picked are the runs that a query picks.
func picked(infos []store.Info, where string) ([]store.Info, error) {
	if strings.TrimSpace(where) == "" {
		return infos, nil
	}
	q, err := experiments.ParseQuery(where)
	if err != nil {
		return nil, usagef("runs ls: --where: %w", err)
	}
	values := make([]experiments.RunValues, len(infos))
	for i := range infos {
		values[i] = experiments.ValuesOf(infos[i])
	}
	if err := q.Check(values); err != nil {
		return nil, usagef("runs ls: --where: %w", err)
	}
	var out []store.Info
	for i := range infos {
		if q.Match(values[i]) {
			out = append(out, infos[i])
		}
	}
	return out, nil
}
