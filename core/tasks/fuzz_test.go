package tasks

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"ra3/core/judge/pyvalue"
)

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,true,false,null,"x\u00e9\ud83d\ude00\ud800\n"],"b":{}}`, `[NaN,Infinity,-Infinity]`, `123456789012345678901234567890`, `"\ud800\ud800"`, `01`, `[1,]`, `{"a":1,"a":2}`, "\"\xff\"", `-`, `1.`, `1e`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parseJSON(b)
		if err == nil {
			if !json.Valid(b) && !bytes.Contains(b, []byte("NaN")) && !bytes.Contains(b, []byte("Infinity")) {
				t.Errorf("%q is taken for JSON", b)
			}
			if v, err := valueOf(n); err == nil {
				if _, err := pyvalue.Append(nil, v); err != nil && !strings.Contains(err.Error(), "deep") {
					t.Errorf("%q: %v", b, err)
				}
			}
			return
		}
		if !json.Valid(b) || !utf8.Valid(b) {
			return
		}
		for _, ours := range []string{"stands twice", "nested deeper", "more than 4300 digits"} {
			if strings.Contains(err.Error(), ours) {
				return
			}
		}
		t.Errorf("%q is refused: %v", b, err)
	})
}

func FuzzUnpickle(f *testing.F) {
	for _, s := range []string{"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x8c\x06h\xc3\xa9llo\x94.", "\x80\x02X\x01\x00\x00\x00aq\x00.", "\x80\x04\x8d\x01\x00\x00\x00\x00\x00\x00\x00a."} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := unpickleString(b)
		if err == nil && (!utf8.ValidString(s) || !bytes.Contains(b, []byte(s))) {
			t.Errorf("%x gives %q", b, s)
		}
	})
}

func seed(f *testing.F) {
	names, err := filepath.Glob("testdata/*.json*")
	if err != nil || len(names) < 8 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// FuzzRead reads anything as a file of problems: a set that can be judged, or
// an error of one line.
func FuzzRead(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.HasPrefix(b, []byte("PAR1")) {
			return // FuzzParquet
		}
		s, err := parse("f", bytes.NewReader(b), int64(len(b)), Options{})
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") || len(err.Error()) > 1000 {
				t.Errorf("error %q", err)
			}
			return
		}
		seen := map[string]bool{}
		for _, p := range s.Problems {
			if p.ID == "" || seen[p.ID] || len(p.Groups) == 0 {
				t.Errorf("problem %+v", p)
			}
			seen[p.ID] = true
			for i := range p.Groups {
				g := &p.Groups[i]
				if c := g.Calls; c != nil && c.Want != nil && len(c.Want) != len(c.Args) || g.Calls == nil && g.Assert == nil && g.Stdio == nil {
					t.Errorf("group %+v", g)
				}
			}
		}
	})
}

func FuzzSamples(f *testing.F) {
	for _, s := range []string{`{"task_id":"HumanEval/0","completion":"x"}`, `{"task_id":"HumanEval/1","solution":"x"}` + "\n\n" + `{"task_id":1}`} {
		f.Add([]byte(s))
	}
	set := fixture(f, "humaneval.jsonl", Options{})
	f.Fuzz(func(t *testing.T, b []byte) {
		ss, err := parseSamples("f", bytes.NewReader(b), set)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("error %q", err)
			}
			return
		}
		for _, s := range ss {
			src, _ := s.Source(set, set.ByID()[s.Task], set.Stops)
			if s.Whole && src != s.Text {
				t.Errorf("sample %+v gives %q", s, src)
			}
		}
	})
}

func FuzzParquet(f *testing.F) {
	if b, err := os.ReadFile("testdata/codeforces.parquet"); err == nil {
		f.Add(b)
	} else {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 4 || len(b) > 1<<16 {
			return
		}
		copy(b, "PAR1")
		if _, err := parse("f", bytes.NewReader(b), int64(len(b)), Options{}); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q", err)
		}
	})
}

func FuzzFenced(f *testing.F) {
	f.Add("a\n```\nb\n```\nc")
	f.Fuzz(func(t *testing.T, s string) {
		if !strings.Contains(s, Fenced(s)) {
			t.Errorf("%q is not in %q", Fenced(s), s)
		}
		if out, stop := Truncate(s, Stops(MBPP, 0)); !strings.HasPrefix(s, out+stop) {
			t.Errorf("%q cut to %q at %q", s, out, stop)
		}
	})
}
