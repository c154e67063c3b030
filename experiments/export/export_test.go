package export

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"ra3/experiments"
	"ra3/experiments/store"
)

// readEvents reads an event file as TensorFlow does, by what its format says.
func readEvents(t *testing.T, b []byte) (events []map[int][]byte) {
	t.Helper()
	crc := func(b []byte) uint32 {
		c := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
		return (c>>15 | c<<17) + 0xa282ead8
	}
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		if binary.LittleEndian.Uint32(b[8:]) != crc(b[:8]) {
			t.Fatal("checksum of a length")
		}
		data := b[12 : 12+n]
		if binary.LittleEndian.Uint32(b[12+n:]) != crc(data) {
			t.Fatal("checksum of a record")
		}
		b = b[16+n:]
		events = append(events, fields(t, data))
	}
	return events
}

// fields reads a protocol buffer message: every field once, as its bytes.
func fields(t *testing.T, b []byte) map[int][]byte {
	t.Helper()
	m := map[int][]byte{}
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		b = b[n:]
		size := 0
		switch key & 7 {
		case 0:
			_, size = binary.Uvarint(b)
		case 1:
			size = 8
		case 2:
			l, n := binary.Uvarint(b)
			b, size = b[n:], int(l)
		case 5:
			size = 4
		default:
			t.Fatalf("wire type %d", key&7)
		}
		m[int(key>>3)] = b[:size]
		b = b[size:]
	}
	return m
}

func TestEventFile(t *testing.T) {
	// RFC 3720, B.4: the CRC-32C of 32 zero bytes.
	zeros := uint32(0x8a9136aa)
	if got := masked(make([]byte, 32)); got != (zeros>>15|zeros<<17)+0xa282ead8 {
		t.Errorf("masked CRC %#x", got)
	}
	var b bytes.Buffer
	e, err := NewEvents(&b, 12.5)
	if err != nil {
		t.Fatal(err)
	}
	values := []float64{0.25, -3, math.NaN(), math.Inf(1)}
	for i, v := range values {
		if err := e.Scalar("M/loss", 13, int64(300*i), v); err != nil {
			t.Fatal(err)
		}
	}
	events := readEvents(t, b.Bytes())
	if len(events) != 5 || string(events[0][3]) != "brain.Event:2" || math.Float64frombits(binary.LittleEndian.Uint64(events[0][1])) != 12.5 {
		t.Fatalf("%d events, the first %v", len(events), events[0])
	}
	for i, v := range values {
		ev := events[i+1]
		step, _ := binary.Uvarint(ev[2])
		value := fields(t, fields(t, ev[5])[1])
		got := float64(math.Float32frombits(binary.LittleEndian.Uint32(value[2])))
		if step != uint64(300*i) || string(value[1]) != "M/loss" || got != v && !(math.IsNaN(got) && math.IsNaN(v)) {
			t.Errorf("event %d: step %d, tag %q, value %g", i, step, value[1], got)
		}
	}
}

func TestParquetComesBack(t *testing.T) {
	trace := experiments.AnnotatedTrace{ID: "a", Prompt: "def f(xs):\n", Lines: []string{"    ys = xs\n", "    return ys\n"}, Latents: []string{"keep all", ""}}
	sft := []VerlSFT{TraceVerl(trace)}
	if want := "    # keep all\n    ys = xs\n    return ys\n"; sft[0].Response != want || sft[0].Messages[1].Content != want {
		t.Errorf("%+v", sft[0])
	}
	comesBack(t, sft)
	comesBack(t, []VerlRL{{"taco", []Message{{"user", "x"}, {"assistant", "y"}}, "code", RewardModel{"rule", `{"inputs":[]}`}, ExtraInfo{"test", 3, "p"}}})
	comesBack(t, []Metric{{1, "main", 2, "ra3", "M", 3, 4, "loss", 0.1}, {2, "main", 2, "ra3", "M", 3, 5, "loss", math.Inf(-1)}})
	comesBack(t, []Result{{Seed: 1, Lane: "ntp", Many: true, Kind: "wrong", Reason: "é\x00", Total: 8}})
}

func comesBack[T any](t *testing.T, rows []T) {
	t.Helper()
	var b bytes.Buffer
	if err := Parquet(&b, rows); err != nil {
		t.Fatal(err)
	}
	back, err := parquet.Read[T](bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(back) != len(rows) {
		t.Fatalf("%d rows, %v", len(back), err)
	}
	for i := range rows {
		if !reflect.DeepEqual(back[i], rows[i]) {
			t.Errorf("row %d: %+v, want %+v", i, back[i], rows[i])
		}
	}
}

func TestMetrics(t *testing.T) {
	rows := Metrics([]store.Event{{Seq: 7, Lane: "ra3", Measures: store.Measures{"b": 2, "a": 1}}}, func(m store.Measures) []string { return []string{"a", "b"} })
	if len(rows) != 2 || rows[0].Measure != "a" || rows[1].Value != 2 || rows[1].Seq != 7 {
		t.Errorf("%+v", rows)
	}
	var b strings.Builder
	if err := ResultsCSV(&b, []Result{{Problem: "a,b", Many: true}}); err != nil || strings.Count(b.String(), "\n") != 2 || !strings.Contains(b.String(), `"a,b"`) {
		t.Errorf("%q %v", b.String(), err)
	}
}
