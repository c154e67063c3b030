// Package checkpoint keeps parameters on disk in the safetensors format: an
// 8-byte little-endian header length, a JSON header that gives each tensor's
// dtype, shape and byte range, and the data. Source:
// https://github.com/huggingface/safetensors#format.
package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strconv"

	"ra3/core/checkpoint/durable"
)

// DType is the element type on disk; in memory every element is a float32.
type DType uint8

const (
	F32  DType = iota // 4 bytes, bit-exact
	BF16              // 2 bytes, rounded to nearest, ties to even
)

// String returns the dtype's name in a safetensors header.
func (d DType) String() string {
	switch d {
	case F32:
		return "F32"
	case BF16:
		return "BF16"
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Size returns the bytes per element, 0 for an unknown dtype.
func (d DType) Size() int {
	switch d {
	case F32:
		return 4
	case BF16:
		return 2
	}
	return 0
}

// Tensor is a named row-major array; len(Data) is the product of Shape, 1 for
// an empty Shape.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// File is the content of a safetensors file. Tensors are in the order of their
// names after reading, whatever the order of their data on disk.
type File struct {
	Tensors []Tensor
	Meta    map[string]string
}

// Tensor returns the tensor of that name. It scans: index the tensors for many look-ups.
func (f File) Tensor(name string) (Tensor, bool) {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t, true
		}
	}
	return Tensor{}, false
}

// The metadata that tells our checkpoints from other safetensors files.
const (
	formatKey   = "format"
	formatName  = "ra3-checkpoint"
	versionKey  = "version"
	versionHere = 1
)

var (
	// ErrForeign says that a safetensors file is not a checkpoint of ra3.
	ErrForeign = errors.New("not a ra3 checkpoint")
	// ErrNewer says that a checkpoint is of a later format than this program reads.
	ErrNewer = errors.New("newer checkpoint format")
)

// Save writes f to path, aside and renamed, so that path never holds part of a
// checkpoint. The metadata keys "format" and "version" are set to those of a
// ra3 checkpoint, whatever f.Meta says; f is not changed. The bytes depend only
// on f and dtype.
func Save(path string, f File, dtype DType) error {
	meta := maps.Clone(f.Meta)
	if meta == nil {
		meta = make(map[string]string, 2)
	}
	meta[formatKey] = formatName
	meta[versionKey] = strconv.Itoa(versionHere)
	f.Meta = meta
	if err := durable.Replace(path, func(w io.Writer) error { return Write(w, f, dtype) }); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	return nil
}

// Load reads a checkpoint that Save wrote. Other safetensors files are refused
// with ErrForeign, later formats with ErrNewer.
func Load(path string) (File, error) {
	f, err := LoadForeign(path)
	if err != nil {
		return File{}, err
	}
	if err := checkFormat(f.Meta); err != nil {
		return File{}, fmt.Errorf("load checkpoint %s: %w", path, err)
	}
	return f, nil
}

func checkFormat(meta map[string]string) error {
	if meta[formatKey] != formatName {
		return fmt.Errorf("%w: its metadata gives format %q; import it as a plain model instead", ErrForeign, meta[formatKey])
	}
	version, err := strconv.Atoi(meta[versionKey])
	if err != nil || version < 1 {
		return fmt.Errorf("%w: its metadata gives version %q; save it again with ra3", ErrForeign, meta[versionKey])
	}
	if version > versionHere {
		return fmt.Errorf("%w: version %d, this program reads up to %d; use the ra3 that wrote it or a later one",
			ErrNewer, version, versionHere)
	}
	return nil
}

// LoadForeign reads any safetensors file of F32 and BF16 tensors.
func LoadForeign(path string) (f File, err error) {
	file, err := os.Open(path)
	if err != nil {
		return File{}, durable.Explain("load checkpoint", path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = durable.Explain("load checkpoint", path, cerr)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return File{}, durable.Explain("load checkpoint", path, err)
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("load checkpoint %s: not a regular file; name the .safetensors file itself", path)
	}
	// The size is known, so a header that claims more is refused before
	// anything is allocated for it.
	f, err = read(file, Limits{}, info.Size())
	if err != nil {
		return File{}, fmt.Errorf("load checkpoint %s: %w", path, err)
	}
	return f, nil
}
