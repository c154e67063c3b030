package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// raw joins a header and data into a file's bytes.
func raw(header, data string) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

const oneTensor = `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`

func TestReadAccepts(t *testing.T) {
	for name, file := range map[string][]byte{
		"no tensors":    raw(`{}`, ""),
		"padded":        raw(oneTensor+"   ", "\x00\x00\x80\x3f"),
		"data order":    raw(`{"a":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}`, "\x00\x00\x80\x3f\x80\x3f"),
		"empty tensors": raw(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"F32","shape":[0,9],"data_offsets":[0,0]}}`, ""),
	} {
		f, err := Read(iotest.OneByteReader(bytes.NewReader(file)), Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, x := range f.Tensors {
			for _, v := range x.Data {
				if v != 1 {
					t.Errorf("%s: tensor %q holds %v", name, x.Name, x.Data)
				}
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	entry := func(body string) []byte { return raw(`{"a":{`+body+`}}`, "1234") }
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "8 bytes"},
		{[]byte("1234567"), "8 bytes"},
		{binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "limit"},
		{binary.LittleEndian.AppendUint64(nil, 10), "cut short"},
		{raw("", ""), "begin with {"},
		{raw(" {}", ""), "begin with {"},
		{raw("[]", ""), "begin with {"},
		{raw("{\"\xff\":1}", ""), "UTF-8"},
		{raw("{} {}", ""), "closing brace"},
		{raw(oneTensor, "123"), "cut short"},
		{raw(oneTensor, "12345"), "left over"},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "twice"},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, "123456"), "overlap"},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"), "overlap"},
		{raw(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, "12345678"), "hole"},
		{entry(`"dtype":"F16","shape":[2],"data_offsets":[0,4]`), `tensor "a": dtype "F16"`},
		{entry(`"dtype":7,"shape":[2],"data_offsets":[0,4]`), "dtype"},
		{entry(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`), "needs 8 bytes"},
		{entry(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`), "data_offsets"},
		{entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4,8]`), "data_offsets"},
		{entry(`"dtype":"F32","shape":[-1],"data_offsets":[0,4]`), "not a size"},
		{entry(`"dtype":"F32","shape":[1.0],"data_offsets":[0,4]`), "not a size"},
		{entry(`"dtype":"F32","shape":["1"],"data_offsets":[0,4]`), "not a size"},
		{entry(`"dtype":"F32","shape":[null],"data_offsets":[0,4]`), "not a size"},
		{entry(`"dtype":"F32","shape":null,"data_offsets":[0,4]`), "null"},
		{entry(`"dtype":"F32","data_offsets":[0,4]`), "needs a shape"},
		{entry(`"dtype":"F32","shape":[1]`), "needs a shape"},
		{entry(`"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]`), "twice"},
		{entry(`"DTYPE":"F32","shape":[1],"data_offsets":[0,4]`), "unknown field"},
		{entry(`"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]`), "too large"},
		{entry(`"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]`), "too large"},
		{raw(`{"":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "1234"), "empty name"},
		{raw(`{"__metadata__":{"k":1}}`, ""), "not a string"},
		{raw(`{"__metadata__":{"k":"1","k":"2"}}`, ""), "twice"},
		{raw(`{"a":1}`, ""), "object"},
		{raw(`{"a":`, ""), "EOF"},
	} {
		_, err := Read(bytes.NewReader(c.file), Limits{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.60q: error %v, want one with %q", c.file, err, c.want)
		}
	}
}

func TestReadEveryCut(t *testing.T) {
	var b bytes.Buffer
	f := File{Tensors: []Tensor{{"a", []int{2}, []float32{1, 2}}, {"b", []int{1}, []float32{3}}}}
	if err := Write(&b, f, F32); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut")
	for n := range b.Len() {
		if _, err := Read(bytes.NewReader(b.Bytes()[:n]), Limits{}); err == nil {
			t.Errorf("%d of %d bytes were accepted", n, b.Len())
		}
		if err := os.WriteFile(path, b.Bytes()[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadForeign(path); err == nil {
			t.Errorf("a file of %d of %d bytes was accepted", n, b.Len())
		}
	}
}

func TestReadLimits(t *testing.T) {
	file := raw(oneTensor, "1234")
	if _, err := Read(bytes.NewReader(file), Limits{Header: 10}); err == nil {
		t.Error("header over the limit was read")
	}
	if _, err := Read(bytes.NewReader(file), Limits{Data: 3}); err == nil {
		t.Error("data over the limit was read")
	}
	if _, err := Read(bytes.NewReader(file), Limits{Header: int64(len(oneTensor)), Data: 4}); err != nil {
		t.Error(err)
	}
}

func TestReadPassesErrors(t *testing.T) {
	cause := errors.New("line is down")
	file := raw(oneTensor, "1234")
	for n := range len(file) + 1 {
		r := io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(cause))
		if _, err := Read(r, Limits{}); !errors.Is(err, cause) {
			t.Errorf("after %d bytes: error %v", n, err)
		}
	}
}

// A header that claims much must not make the reader allocate it.
func TestReadClaims(t *testing.T) {
	file := raw(`{"a":{"dtype":"F32","shape":[288230376151711744],"data_offsets":[0,1152921504606846976]}}`, "1234")
	if _, err := Read(bytes.NewReader(file), Limits{}); err == nil {
		t.Error("an exabyte was read from four bytes")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(raw(oneTensor, "1234"))
	f.Add(raw(`{"__metadata__":{"k":"v"},"a":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]}}  `, "1234"))
	f.Add(raw(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`, ""))
	f.Add(raw(`{}`, ""))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := Read(bytes.NewReader(in), Limits{Header: 1 << 16, Data: 1 << 20})
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, file, F32); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := Read(&out, Limits{})
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !equal(file, again) {
			t.Fatal("content changed on the way")
		}
	})
}

func BenchmarkSave(b *testing.B) { benchmark(b, F32, true) }

func BenchmarkLoad(b *testing.B) { benchmark(b, F32, false) }

func BenchmarkLoadBF16(b *testing.B) { benchmark(b, BF16, false) }

func benchmark(b *testing.B, dtype DType, save bool) {
	data := make([]float32, 1<<22)
	for i := range data {
		data[i] = float32(i)
	}
	f := File{Tensors: []Tensor{{"w", []int{1 << 11, 1 << 11}, data}}}
	path := filepath.Join(b.TempDir(), "w")
	if err := Save(path, f, dtype); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data) * dtype.Size()))
	for b.Loop() {
		var err error
		if save {
			err = Save(path, f, dtype)
		} else {
			_, err = Load(path)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
