package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func sample() File {
	rng := rand.New(rand.NewPCG(1, 2))
	data := make([]float32, 3*chunkElements+5)
	for i := range data {
		data[i] = float32(rng.NormFloat64())
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	return File{
		Tensors: []Tensor{
			{"layer.1", []int{len(data)}, data},
			{"a <\"é\"> name", []int{2, 2}, []float32{nan, inf, -inf, float32(math.Copysign(0, -1))}},
			{"scalar", []int{}, []float32{3.5}},
			{"empty", []int{4, 0, 2}, []float32{}},
		},
		Meta: map[string]string{"seed": "7", "note": "line\nbreak \"quoted\" <b>"},
	}
}

// equal compares with NaN equal to NaN, bit for bit; tensors in name order.
func equal(a, b File) bool {
	sorted := slices.Clone(a.Tensors)
	slices.SortFunc(sorted, func(x, y Tensor) int { return strings.Compare(x.Name, y.Name) })
	return maps.Equal(a.Meta, b.Meta) && slices.EqualFunc(sorted, b.Tensors, func(x, y Tensor) bool {
		return x.Name == y.Name && slices.Equal(x.Shape, y.Shape) &&
			slices.EqualFunc(x.Data, y.Data, func(p, q float32) bool { return math.Float32bits(p) == math.Float32bits(q) })
	})
}

func TestRoundTrip(t *testing.T) {
	for _, dtype := range []DType{F32, BF16} {
		want := sample()
		var first, second bytes.Buffer
		if err := Write(&first, want, dtype); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(want.Tensors)
		if err := Write(&second, want, dtype); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%v: bytes depend on the order given", dtype)
		}
		if n := binary.LittleEndian.Uint64(first.Bytes()); n%8 != 0 {
			t.Errorf("%v: data begins at %d, not aligned", dtype, n+8)
		}
		got, err := Read(&first, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if dtype == BF16 {
			for _, x := range want.Tensors {
				for i, v := range x.Data {
					x.Data[i] = fromBFloat16(bfloat16(v))
				}
			}
		}
		if !equal(want, got) {
			t.Errorf("%v: read differs from written", dtype)
		}
	}
}

func TestBytes(t *testing.T) {
	var b bytes.Buffer
	f := File{Tensors: []Tensor{{"b", []int{1}, []float32{1}}, {"a", []int{1, 2}, []float32{2, -2}}}}
	if err := Write(&b, f, BF16); err != nil {
		t.Fatal(err)
	}
	header := `{"a":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + "\x00\x40\x00\xc0\x80\x3f"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestBFloat16(t *testing.T) {
	for _, c := range []struct {
		in   uint32
		want uint16
	}{
		{0x3f800000, 0x3f80},
		{0x3f808000, 0x3f80}, // tie to even, down
		{0x3f818000, 0x3f82}, // tie to even, up
		{0x3f808001, 0x3f81},
		{0x3f807fff, 0x3f80},
		{0x7f7fffff, 0x7f80}, // the largest float32 rounds to infinity
		{0x7f800000, 0x7f80},
		{0xff800000, 0xff80},
		{0x80000000, 0x8000},
		{0x7f800001, 0x7fc0}, // NaN with an empty upper half stays NaN
		{0xffffffff, 0xffff},
		{0x00000001, 0x0000},
	} {
		if got := bfloat16(math.Float32frombits(c.in)); got != c.want {
			t.Errorf("%08x gives %04x, want %04x", c.in, got, c.want)
		}
	}
	for h := range 1 << 16 {
		x := fromBFloat16(uint16(h))
		if got := bfloat16(x); got != uint16(h) && !(x != x && got == uint16(h)|0x40) {
			t.Errorf("%04x does not survive: %04x", h, got)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	one := []float32{1}
	for _, c := range []struct {
		f    File
		want string
	}{
		{File{Tensors: []Tensor{{"a", []int{2}, one}}}, `"a"`},
		{File{Tensors: []Tensor{{"a", []int{-1}, one}}}, "negative"},
		{File{Tensors: []Tensor{{"a", []int{1 << 40, 1 << 40}, one}}}, "too large"},
		{File{Tensors: []Tensor{{"a", []int{1}, one}, {"a", []int{1}, one}}}, "two tensors"},
		{File{Tensors: []Tensor{{"", []int{1}, one}}}, "name"},
		{File{Tensors: []Tensor{{"__metadata__", []int{1}, one}}}, "name"},
		{File{Tensors: []Tensor{{"\xff", []int{1}, one}}}, "UTF-8"},
		{File{Meta: map[string]string{"k": "\xff"}}, "UTF-8"},
	} {
		if err := Write(io.Discard, c.f, F32); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", err, c.want)
		}
	}
	if err := Write(io.Discard, File{}, DType(9)); err == nil {
		t.Error("unknown dtype was written")
	}
}

func TestSaveLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.safetensors")
	want := sample()
	want.Meta["format"] = "pt" // what files of other programs carry
	if err := Save(path, want, F32); err != nil {
		t.Fatal(err)
	}
	if want.Meta["format"] != "pt" {
		t.Error("Save changed the caller's metadata")
	}
	got, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want.Meta["format"], want.Meta["version"] = "ra3-checkpoint", "1"
	if !equal(want, got) {
		t.Error("loaded differs from saved")
	}
	if x, ok := got.Tensor("scalar"); !ok || x.Data[0] != 3.5 {
		t.Errorf("scalar: %v %v", x, ok)
	}
	if _, ok := got.Tensor("none"); ok {
		t.Error("found a tensor that is not there")
	}

	bad := File{Tensors: []Tensor{{"a", []int{2}, nil}}}
	if err := Save(path, bad, F32); err == nil {
		t.Error("saved a tensor without data")
	}
	if again, err := Load(path); err != nil || !equal(want, again) {
		t.Errorf("a failed save harmed the file before it: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("directory holds %v, %v", entries, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		meta map[string]string
		want error
	}{
		"plain":   {nil, ErrForeign},
		"torch":   {map[string]string{"format": "pt"}, ErrForeign},
		"unnamed": {map[string]string{"format": "ra3-checkpoint", "version": "x"}, ErrForeign},
		"newer":   {map[string]string{"format": "ra3-checkpoint", "version": "2"}, ErrNewer},
	} {
		path := filepath.Join(dir, name)
		var b bytes.Buffer
		if err := Write(&b, File{Meta: c.meta, Tensors: []Tensor{{"a", []int{1}, []float32{1}}}}, F32); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := LoadForeign(path); err != nil {
			t.Errorf("%s: plain reading: %v", name, err)
		}
	}
	if _, err := Load(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("loaded a directory")
	}
}

func TestWriteReportsFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	defer full.Close()
	if err := Write(full, sample(), F32); err == nil {
		t.Error("wrote to a full device")
	}
}
