package export

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// Events writes a TensorBoard event file of scalars: records framed as
// TensorFlow's TFRecord, each an Event message. Source: tensorflow/core/lib/io
// (record_writer.h) and core/util/event.proto, core/framework/summary.proto.
type Events struct {
	w   io.Writer
	err error
}

// NewEvents begins a file; wall is the time of its making in seconds since 1970.
func NewEvents(w io.Writer, wall float64) (*Events, error) {
	e := &Events{w: w}
	e.record(appendString(event(wall, 0), 3, "brain.Event:2")) // file_version
	return e, e.err
}

// Scalar adds a value; JSON's nulls, NaN, are points that TensorBoard shows so.
func (e *Events) Scalar(tag string, wall float64, step int64, value float64) error {
	v := appendString(nil, 1, tag) // Summary.Value.tag
	v = append(v, 2<<3|5)          // Summary.Value.simple_value
	v = binary.LittleEndian.AppendUint32(v, math.Float32bits(float32(value)))
	summary := appendBytes(nil, 1, v) // Summary.value
	e.record(appendBytes(event(wall, step), 5, summary))
	return e.err
}

// event begins an Event message: wall_time and step.
func event(wall float64, step int64) []byte {
	b := binary.LittleEndian.AppendUint64([]byte{1<<3 | 1}, math.Float64bits(wall))
	return binary.AppendUvarint(append(b, 2<<3), uint64(step))
}

func appendString(b []byte, field int, s string) []byte { return appendBytes(b, field, []byte(s)) }

func appendBytes(b []byte, field int, s []byte) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|2)
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func (e *Events) record(data []byte) {
	if e.err != nil {
		return
	}
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	b := binary.LittleEndian.AppendUint32(head, masked(head))
	b = append(b, data...)
	b = binary.LittleEndian.AppendUint32(b, masked(data))
	if _, err := e.w.Write(b); err != nil {
		e.err = fmt.Errorf("event file: %w", err)
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the CRC-32C that records carry: rotated and offset, so that a CRC
// over data with CRCs in it means something.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
