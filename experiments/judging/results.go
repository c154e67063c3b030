package judging

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"ra3/core/checkpoint/durable"
	"ra3/core/judge/protect"
)

// Manifest is what results depend on beside the samples. It stands beside the
// results file, and results of one manifest are not mixed with those of another.
type Manifest struct {
	Version     string              `json:"version"`
	Format      string              `json:"format"`
	Tasks       string              `json:"tasks"`
	TasksSHA256 string              `json:"tasks_sha256"`
	Chosen      string              `json:"chosen,omitempty"` // the part of the tasks file
	Samples     string              `json:"samples"`
	Stops       []string            `json:"stops"`          // null: completions were not cut
	Fenced      bool                `json:"code_in_fences"` // completions were answers with code in fences
	TimeScale   float64             `json:"time_scale"`
	Python      string              `json:"python"`
	Mode        string              `json:"mode"`
	Protections protect.Protections `json:"protections"`
}

// differs names the first setting in which results of m and o are not one.
func (m Manifest) differs(o Manifest) string {
	for _, x := range []struct {
		name string
		a, b any
	}{{"version", m.Version, o.Version}, {"format", m.Format, o.Format}, {"problems", m.TasksSHA256, o.TasksSHA256}, {"part of the problems", m.Chosen, o.Chosen},
		{"stops", m.Stops, o.Stops}, {"code in fences", m.Fenced, o.Fenced}, {"time scale", m.TimeScale, o.TimeScale}, {"Python", m.Python, o.Python}, {"mode", m.Mode, o.Mode}, {"level of protection", m.Protections.Level, o.Protections.Level}} {
		if !reflect.DeepEqual(x.a, x.b) {
			return x.name
		}
	}
	return ""
}

// Results is a results file open for adding.
type Results struct {
	Path    string
	Notice  string // something repaired on opening
	records []Record
	file    *os.File
}

const maxRecordBytes = 8 << 20

// ManifestPath is where the manifest of a results file stands.
func ManifestPath(results string) string {
	return strings.TrimSuffix(results, ".jsonl") + ".manifest.json"
}

// Open opens a results file to go on with, or begins it; again begins it anew,
// whatever is there.
func Open(path string, m Manifest, again bool) (r *Results, err error) {
	r = &Results{Path: path}
	defer func() {
		if err != nil {
			err = fmt.Errorf("results: %w", err)
		}
	}()
	if !again {
		if err := r.read(m); err != nil {
			return nil, err
		}
	}
	if len(r.records) == 0 {
		if err := durable.Replace(path, func(io.Writer) error { return nil }); err != nil {
			return nil, err
		}
		text, err := json.MarshalIndent(m, "", "  ")
		if err != nil {
			return nil, err
		}
		if err := durable.Replace(ManifestPath(path), func(w io.Writer) error {
			_, err := w.Write(append(text, '\n'))
			return err
		}); err != nil {
			return nil, err
		}
	}
	if r.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0o666); err != nil {
		return nil, durable.Explain("open", path, err)
	}
	return r, nil
}

// read takes what an earlier scoring left, but for a line it did not finish.
func (r *Results) read(m Manifest) error {
	f, err := os.Open(r.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return durable.Explain("read", r.Path, err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	good := int64(0)
	for line := 1; ; line++ {
		b, err := readLine(in)
		if err == io.EOF {
			if len(b) > 0 {
				r.Notice = fmt.Sprintf("%s line %d was not finished and is judged again", r.Path, line)
			}
			break
		}
		if err != nil {
			return fmt.Errorf("%s line %d: %w", r.Path, line, err)
		}
		var rec Record
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields()
		if err := d.Decode(&rec); err != nil || rec.Task == "" || rec.Kind == "" {
			return fmt.Errorf("%s line %d is no result of this program: name another file with --out, or overwrite it with --again", r.Path, line)
		}
		r.records = append(r.records, rec)
		good += int64(len(b))
	}
	if len(r.records) > 0 {
		var before Manifest
		text, err := os.ReadFile(ManifestPath(r.Path))
		if err != nil || json.Unmarshal(text, &before) != nil {
			return fmt.Errorf("%s has lost its manifest %s, so that nobody knows what it was judged with: name another file with --out, or judge all again with --again", r.Path, ManifestPath(r.Path))
		}
		if what := m.differs(before); what != "" {
			return fmt.Errorf("%s was judged with another %s: name another file with --out, or judge all again with --again", r.Path, what)
		}
	}
	if r.Notice != "" {
		if err := os.Truncate(r.Path, good); err != nil {
			return durable.Explain("truncate", r.Path, err)
		}
	}
	return nil
}

func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxRecordBytes {
			return nil, errors.New("is too long: the file was changed or damaged")
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// match finds the samples that have a result, and refuses results of others.
func (r *Results) match(q *Request) (done map[int]bool, err error) {
	done = map[int]bool{}
	if len(r.records) == 0 {
		return done, nil
	}
	type key struct {
		task   string
		sample int
	}
	at := map[key]int{}
	for i := range q.Samples {
		at[key{q.Samples[i].Task, q.Samples[i].Index}] = i
	}
	problems := q.Set.ByID()
	for _, rec := range r.records {
		i, ok := at[key{rec.Task, rec.Sample}]
		if ok {
			source, _ := q.Samples[i].Source(q.Set, problems[rec.Task], q.Stops)
			ok = Sum(source) == rec.Program && !done[i]
		}
		if !ok {
			return nil, fmt.Errorf("results: %s has a result for sample %d of %s that is not in the samples: name another file with --out, or judge all again with --again", r.Path, rec.Sample, rec.Task)
		}
		done[i] = true
	}
	return done, nil
}

// add appends a record, whole or not at all as far as the disk lets it.
func (r *Results) add(rec Record) error {
	b, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("results: %w", err)
	}
	if _, err := r.file.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("results: %w; what was judged is kept, the same command goes on", durable.Explain("write", r.Path, err))
	}
	r.records = append(r.records, rec)
	return nil
}

// Records are the results so far, in the order of the samples file.
func (r *Results) Records() []Record {
	slices.SortStableFunc(r.records, func(a, b Record) int { return a.Line - b.Line })
	return r.records
}

// Finish rewrites the file in the order of the samples file and closes it.
func (r *Results) Finish() error {
	records := r.Records()
	err := durable.Replace(r.Path, func(w io.Writer) error {
		for _, rec := range records {
			b, err := json.Marshal(rec)
			if err != nil {
				return err
			}
			if _, err := w.Write(append(b, '\n')); err != nil {
				return err
			}
		}
		return nil
	})
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	return err
}

// Close closes the file, which stays as it is.
func (r *Results) Close() error {
	if r.file == nil {
		return nil
	}
	f := r.file
	r.file = nil
	if err := f.Close(); err != nil {
		return durable.Explain("close", r.Path, err)
	}
	return nil
}
