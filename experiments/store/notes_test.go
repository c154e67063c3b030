package store

import (
	"bytes"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestNotes(t *testing.T) {
	r, dir := create(t) // it stays open: notes need no lock
	must(t, AppendNote(dir, Note{At: "2026-01-02T03:04:05Z", Text: "a first\nlook"}))
	must(t, AppendNote(dir, Note{Branch: "main", Update: 12, Mark: true}))
	write(t, filepath.Join(dir, NotesFile), read(t, filepath.Join(dir, NotesFile))+`{"id":`) // a crash
	must(t, AppendNote(dir, Note{Text: "after a crash"}))
	must(t, AppendNote(dir, Note{Drops: 1}))
	all, notices, err := Notes(dir)
	if err != nil || len(notices) != 1 || len(all) != 2 || all[0].ID != 2 || !all[0].Mark || all[0].Update != 12 || all[1].ID != 4 || all[1].Text != "after a crash" {
		t.Errorf("notes %+v, %v, %v", all, notices, err)
	}
	wantError(t, AppendNote(dir, Note{Text: " \n"}), nil, "says nothing")
	wantError(t, AppendNote(dir, Note{Text: strings.Repeat("x", maxNote+1)}), nil, "shorten")
	wantError(t, AppendNote(t.TempDir(), Note{Text: "x"}), ErrNotRun)
	must(t, r.Close())
	if none, _, err := Notes(dir); err != nil || len(none) != 2 {
		t.Errorf("after closing: %v, %v", none, err)
	}
}

func TestNotesOfSeveralWriters(t *testing.T) {
	_, dir := create(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				if err := AppendNote(dir, Note{Text: strings.Repeat("n", 500)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if all, notices, err := Notes(dir); err != nil || len(all) != 100 || len(notices) != 0 {
		t.Errorf("%d notes, %v, %v", len(all), notices, err)
	}
}

func FuzzNotes(f *testing.F) {
	f.Add([]byte(`{"id":0,"at":"","branch":"","update":0,"text":"x"}` + "\n"))
	f.Add([]byte("{}\n\n{\"drops\":1}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, _, err := readNotes(bytes.NewReader(text))
		for _, n := range all {
			if err == nil && (n.ID < 1 || n.Drops != 0) {
				t.Errorf("note %+v", n)
			}
		}
	})
}
