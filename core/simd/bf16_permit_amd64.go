//go:build !linux

package simd

import "errors"

func permitTiles() error {
	return errors.New("bfloat16 tiles are used on Linux only")
}
