package tasks

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"
)

// maxInflated bounds what one problem's packed tests may unpack to.
const maxInflated = 512 << 20

// unpackTests undoes base64, zlib and pickle around one string, the form in
// which LiveCodeBench packs its private tests.
func unpackTests(packed string, limit int64) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return "", fmt.Errorf("neither JSON nor base64: %w", err)
	}
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("no zlib in its base64: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err != nil {
		return "", fmt.Errorf("damaged zlib: %w", err)
	}
	if int64(len(text)) > limit {
		return "", fmt.Errorf("unpacks to more than %d MiB", limit>>20)
	}
	return unpickleString(text)
}

// The opcodes that a pickle of one string is made of. Everything else a pickle
// may do, above all calling functions, is refused.
const (
	opProto           = 0x80
	opFrame           = 0x95
	opShortBinUnicode = 0x8c
	opBinUnicode      = 'X'
	opBinUnicode8     = 0x8d
	opMemoize         = 0x94
	opBinPut          = 'q'
	opLongBinPut      = 'r'
	opStop            = '.'
)

// unpickleString reads a pickle (protocols 2 to 5) that holds one string.
func unpickleString(b []byte) (string, error) {
	if len(b) < 2 || b[0] != opProto || b[1] < 2 || b[1] > 5 {
		return "", fmt.Errorf("no pickle of protocol 2 to 5")
	}
	b = b[2:]
	text, have := "", false
	// operand takes n bytes.
	operand := func(n uint64) ([]byte, error) {
		if n > uint64(len(b)) {
			return nil, fmt.Errorf("the pickle ends early")
		}
		v := b[:n]
		b = b[n:]
		return v, nil
	}
	for {
		op, err := operand(1)
		if err != nil {
			return "", err
		}
		size := uint64(0) // of a string that follows
		switch op[0] {
		case opStop:
			if !have {
				return "", fmt.Errorf("the pickle holds nothing")
			}
			if len(b) > 0 {
				return "", fmt.Errorf("bytes after the pickle's end")
			}
			return text, nil
		case opFrame:
			n, err := operand(8)
			if err != nil {
				return "", err
			}
			if binary.LittleEndian.Uint64(n) > uint64(len(b)) {
				return "", fmt.Errorf("a frame longer than the pickle")
			}
			continue
		case opMemoize, opBinPut, opLongBinPut:
			if !have {
				return "", fmt.Errorf("the pickle keeps nothing")
			}
			if _, err := operand(map[byte]uint64{opMemoize: 0, opBinPut: 1, opLongBinPut: 4}[op[0]]); err != nil {
				return "", err
			}
			continue
		case opShortBinUnicode, opBinUnicode, opBinUnicode8:
			n, err := operand(map[byte]uint64{opShortBinUnicode: 1, opBinUnicode: 4, opBinUnicode8: 8}[op[0]])
			if err != nil {
				return "", err
			}
			var wide [8]byte
			copy(wide[:], n)
			size = binary.LittleEndian.Uint64(wide[:])
		default:
			return "", fmt.Errorf("pickle opcode 0x%02x: only a string is read, nothing is run", op[0])
		}
		if have {
			return "", fmt.Errorf("the pickle holds more than one string")
		}
		s, err := operand(size)
		if err != nil {
			return "", err
		}
		if !utf8.Valid(s) {
			return "", fmt.Errorf("the pickled string is not UTF-8")
		}
		text, have = string(s), true
	}
}
