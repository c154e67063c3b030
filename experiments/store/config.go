package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"ra3/core/checkpoint/durable"
)

// The first line of run.toml tells the format of the whole directory.
const (
	markPrefix    = "# ra3 run "
	formatVersion = 1
	tableHead     = "\n[run]\n"
	maxConfig     = 16 << 20 // bytes; larger is not a configuration
)

// Manifest is the table [run] at the end of run.toml: what a listing shows and
// what a result depends on besides the configuration.
type Manifest struct {
	Preset         string `toml:"preset"`
	Seed           int64  `toml:"seed"`
	Version        string `toml:"version"`
	InstructionSet string `toml:"instruction_set"`
	Precision      string `toml:"precision"` // that the models compute in
}

// composeConfig returns the bytes of run.toml.
func composeConfig(m Manifest, config []byte) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%d\n", markPrefix, formatVersion)
	b.Write(config)
	b.WriteString("\n" + tableHead) // a line break more, so that config need not end in one
	if err := toml.NewEncoder(&b).Encode(m); err != nil {
		return nil, fmt.Errorf("encode the manifest: %w", err)
	}
	got, back, err := splitConfig(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the configuration is not valid: %w", err)
	}
	if back != m || !bytes.Equal(got, config) {
		return nil, errors.New("the configuration or the manifest does not survive writing; keep it to UTF-8 text")
	}
	return b.Bytes(), nil
}

// splitConfig is the reverse of composeConfig. The table [run] may be missing,
// then the manifest is zero.
func splitConfig(text []byte) ([]byte, Manifest, error) {
	var doc struct {
		Run Manifest `toml:"run"`
	}
	if _, err := toml.Decode(string(text), &doc); err != nil {
		return nil, Manifest{}, fmt.Errorf("%w; correct that line", oneLine(err))
	}
	_, config, _ := bytes.Cut(text, []byte("\n"))
	// The last one: strings of the manifest have no line breaks of their own.
	if at := bytes.LastIndex(config, []byte(tableHead)); at >= 0 {
		config = bytes.TrimSuffix(config[:at], []byte("\n"))
	}
	return config, doc.Run, nil
}

// readConfig returns run.toml of the run at dir, after checking its format mark.
func readConfig(dir string) ([]byte, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, durable.Explain("read", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: %w but a file; name the directory that holds %s", dir, ErrNotRun, configName)
	}
	path := filepath.Join(dir, configName)
	if info, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w, it has no %s; ra3 runs ls lists the runs there are", dir, ErrNotRun, configName)
	} else if err != nil {
		return nil, durable.Explain("read", path, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxConfig {
		return nil, fmt.Errorf("%s: %w, its %s is no configuration; ra3 runs ls lists the runs there are", dir, ErrNotRun, configName)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, durable.Explain("read", path, err)
	}
	if err := checkMark(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return text, nil
}

func checkMark(text []byte) error {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	number, ok := strings.CutPrefix(strings.TrimSuffix(string(line), "\r"), markPrefix)
	version, err := strconv.Atoi(number)
	if !ok || err != nil || version < 1 {
		return fmt.Errorf("%w, the first line is not %q; ra3 runs ls lists the runs there are",
			ErrNotRun, markPrefix+strconv.Itoa(formatVersion))
	}
	if version > formatVersion {
		return fmt.Errorf("%w: %d, this program reads up to %d; use the ra3 that wrote it or a later one",
			ErrNewer, version, formatVersion)
	}
	return nil
}

// oneLine returns err with its text on one line; the cause stays reachable.
func oneLine(err error) error {
	if !strings.Contains(err.Error(), "\n") {
		return err
	}
	return &flattened{err}
}

type flattened struct{ error }

func (f *flattened) Error() string { return strings.Join(strings.Fields(f.error.Error()), " ") }
func (f *flattened) Unwrap() error { return f.error }
