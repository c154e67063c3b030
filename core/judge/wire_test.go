package judge

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"testing"

	"go.starlark.net/starlark"
)

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{3, 0, 0, 0, 1, 2, 3}, 16)
	f.Add([]byte{255, 255, 255, 255, 1}, 1<<31-1)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		limit = min(max(limit, 0), 1<<30)
		got, err := readFrame(bytes.NewReader(data), limit)
		if err != nil {
			return
		}
		if len(got) > limit || len(got) > len(data)-4 {
			t.Fatalf("%d bytes from %d, limit %d", len(got), len(data), limit)
		}
		var out bytes.Buffer
		if _, err := writeFrame(&out, nil, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), data[:4+len(got)]) {
			t.Fatal("frame does not survive writing")
		}
	})
}

func FuzzValue(f *testing.F) {
	for _, v := range sampleValues {
		b, err := appendValue(nil, v, 0)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(bytes.Repeat([]byte{tagList, 1}, 100))
	f.Add([]byte{tagList, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := reader{b: data}
		v := r.value(0)
		if r.err != nil {
			return
		}
		b, err := appendValue(nil, v, 0)
		if err != nil {
			t.Fatalf("decoded %v does not encode: %v", v, err)
		}
		again := reader{b: b}
		if w := again.value(0); again.err != nil || len(again.b) > 0 || show(w) != show(v) {
			t.Fatalf("%v became %v (%v)", v, w, again.err)
		}
		if s := show(v); len(s) > 48+len("...") {
			t.Fatalf("shown as %d bytes", len(s))
		}
	})
}

func FuzzBatch(f *testing.F) {
	c := good
	b, err := appendProgram(nil, &c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte{0, 0, 200, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		batch, err := decodeBatch(data)
		if err == nil && len(data) > 0 && len(batch) == 0 {
			t.Fatal("bytes without a program")
		}
	})
}

func FuzzReply(f *testing.F) {
	f.Add([]byte{0, 1, 0, tagTrue})
	f.Add(appendFailure([]byte{1, 1}, Error, "line 1: no"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, _, err := decodeReply(data)
		if err != nil {
			return
		}
		v := verdict(out, []any{true, nil})
		if v.Kind == "" || v.Passed > v.Total || v.Kind == Passed && v.Passed != v.Total {
			t.Fatalf("verdict %+v", v)
		}
	})
}

func FuzzSetup(f *testing.F) {
	f.Add(encodeSetup(DefaultLimits()))
	f.Fuzz(func(t *testing.T, data []byte) {
		if lim, err := decodeSetup(data); err == nil {
			if again, err := decodeSetup(encodeSetup(lim)); err != nil || again != lim {
				t.Fatalf("%+v became %+v (%v)", lim, again, err)
			}
		}
	})
}

// FuzzExecutor runs sources as the child does. Its own limits must hold
// without a parent.
func FuzzExecutor(f *testing.F) {
	for _, s := range sampleSources {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		lim, err := Limits{Steps: 2000}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		p := program{source: source, entry: "f", inputs: sampleInputs}
		reply := newExecutor(lim).run([]byte{0}, &p)
		out, _, err := decodeReply(reply)
		if err != nil {
			t.Fatalf("unreadable reply: %v", err)
		}
		for _, r := range out {
			if r.kind == Crashed {
				t.Fatalf("%s", r.reason)
			}
		}
	})
}

var sampleValues = []any{
	nil, true, false, int64(0), int64(math.MinInt64), int64(math.MaxInt64), 0.0, -0.5, math.Inf(1), math.NaN(),
	"", "text\x00\xff", []any{}, []any{int64(1), []any{"a", nil}, 2.5}, opaque("tuple"),
}

func TestValues(t *testing.T) {
	for _, v := range sampleValues {
		b, err := appendValue(nil, v, 0)
		if err != nil {
			t.Fatal(err)
		}
		r := reader{b: b}
		if w := r.value(0); r.err != nil || len(r.b) > 0 || show(w) != show(v) || reflect.TypeOf(w) != reflect.TypeOf(v) {
			t.Errorf("%v became %v (%v)", v, w, r.err)
		}
		if _, bad := v.(opaque); bad {
			continue
		}
		// The child's encoder must agree with the parent's.
		child, err := appendResult(nil, toStarlark(v), 0, 1<<20)
		if err != nil || !bytes.Equal(child, b) {
			t.Errorf("%v: child encodes % x (%v), parent % x", v, child, err, b)
		}
		if !equal(v, v) {
			t.Errorf("%v is not equal to itself", v)
		}
		for cut := range b {
			r := reader{b: b[:cut]}
			if r.value(0); r.err == nil {
				t.Errorf("%v cut to %d bytes decodes", v, cut)
			}
		}
	}
	var deep any
	for range maxDepth + 2 {
		deep = []any{deep}
	}
	if _, err := appendValue(nil, deep, 0); !errors.Is(err, errDepth) {
		t.Errorf("deep value: %v", err)
	}
	if _, err := appendResult(nil, starlark.String("long"), 0, 3); !errors.Is(err, errLarge) {
		t.Errorf("long value: %v", err)
	}
}

func TestEqual(t *testing.T) {
	for i, a := range sampleValues {
		for k, b := range sampleValues {
			if i != k && equal(a, b) {
				t.Errorf("%v equals %v", a, b)
			}
		}
	}
	if !equal(0.0, math.Copysign(0, -1)) || equal(opaque("x"), "x") || equal("x", opaque("x")) {
		t.Error("wrong equality")
	}
}

func TestFrames(t *testing.T) {
	if _, err := readFrame(bytes.NewReader([]byte{5, 0, 0, 0, 1}), 4); err == nil {
		t.Error("frame over its bound was read")
	}
	if _, err := readFrame(bytes.NewReader([]byte{5, 0, 0, 0, 1}), 9); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("torn frame: %v", err)
	}
	if _, err := readFrame(bytes.NewReader(nil), 9); !errors.Is(err, io.EOF) {
		t.Errorf("end of stream: %v", err)
	}
	if _, err := checkMagic(append([]byte(wireMagic), wireVersion+1)); err == nil {
		t.Error("another version was accepted")
	}
	if err := serve(bytes.NewReader([]byte{1, 0, 0, 0, 'x'}), io.Discard); err == nil {
		t.Error("a stranger was served")
	}
}
