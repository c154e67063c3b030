package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ra3/core/checkpoint/durable"
)

// EachJSONL calls f with every record of a record file, in order. A file that is
// not there has no records; what follows the last line break is left out.
func EachJSONL[T any](r *Run, name string, f func(T) error) error {
	path, err := r.recordPath(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return durable.Explain("read", path, err)
	}
	defer file.Close()
	_, err = eachLine(file, maxRecordLine, func(number int, line []byte) error {
		var record T
		if err := json.Unmarshal(line, &record); err != nil {
			return fmt.Errorf("line %d: %w; the file was changed or damaged", number, oneLine(err))
		}
		return f(record)
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// Traces names the record files of annotated traces, sorted.
func (r *Run) Traces() ([]string, error) {
	entries, err := os.ReadDir(r.path(tracesName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, durable.Explain("read", r.path(tracesName), err)
	}
	var names []string
	for _, e := range entries {
		if n, ok := strings.CutSuffix(e.Name(), ".jsonl"); ok && filepath.IsLocal(n) && !strings.HasPrefix(n, ".") {
			names = append(names, TracesFile(n))
		}
	}
	slices.Sort(names)
	return names, nil
}
