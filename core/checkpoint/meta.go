package checkpoint

import (
	"fmt"
	"os"

	"ra3/core/checkpoint/durable"
)

// LoadMeta reads the metadata of a checkpoint that Save wrote, and none of its
// tensors.
func LoadMeta(path string) (meta map[string]string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, durable.Explain("load checkpoint", path, err)
	}
	defer func() {
		if cerr := file.Close(); err == nil && cerr != nil {
			err = durable.Explain("load checkpoint", path, cerr)
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, durable.Explain("load checkpoint", path, err)
	}
	raw, err := readHeader(file, Limits{}, info.Size())
	if err == nil {
		_, meta, err = parseHeader(raw)
	}
	if err == nil {
		err = checkFormat(meta)
	}
	if err != nil {
		return nil, fmt.Errorf("load checkpoint %s: %w", path, err)
	}
	return meta, nil
}
