package judge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"strings"
	"unicode/utf8"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

var dialect = &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}

// executor runs programs one at a time, in the child.
type executor struct {
	lim   Limits
	names starlark.StringDict
	// allocated reads the bytes this process has ever allocated on the heap.
	allocated func() uint64
	collected uint64 // allocated at the last forced collection
}

func newExecutor(lim Limits) *executor {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	return &executor{
		lim:   lim,
		names: builtins(),
		allocated: func() uint64 {
			metrics.Read(sample)
			return sample[0].Value.Uint64()
		},
	}
}

// failure turns an error of the interpreter into kind and reason.
func (b *budget) failure(err error) (Kind, string) {
	b.check()
	switch b.spent {
	case Timeout:
		return Timeout, reasonSteps
	case Memory:
		return Memory, reasonMemory
	}
	var oops *panicError
	if errors.As(err, &oops) {
		return oops.kind, oops.reason
	}
	var eval *starlark.EvalError
	if errors.As(err, &eval) {
		line := int32(0)
		for _, f := range eval.CallStack {
			if f.Pos.Line > 0 && f.Pos.Filename() == fileName {
				line = f.Pos.Line
			}
		}
		if line > 0 {
			return Error, fmt.Sprintf("line %d: %s", line, eval.Msg)
		}
		return Error, eval.Msg
	}
	var list resolve.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return Error, fmt.Sprintf("line %d: %s", list[0].Pos.Line, list[0].Msg)
	}
	var parse syntax.Error
	if errors.As(err, &parse) {
		return Error, fmt.Sprintf("%sline %d: %s", reasonParse, parse.Pos.Line, parse.Msg)
	}
	return Error, err.Error()
}

const fileName = "program"

// run appends the program's reply (count and results) to buf.
func (x *executor) run(buf []byte, p *program) []byte {
	one := func(kind Kind, reason string) []byte {
		return appendFailure(binary.AppendUvarint(buf, 1), kind, clean(reason, maxReason))
	}
	if reason := refuse(p.source, p.entry); reason != "" {
		return one(Refused, reason)
	}
	b := x.begin()
	var fn starlark.Callable
	err := guarded(func() error {
		globals, err := x.load(b.thread, p.source)
		if err != nil {
			return err
		}
		f, ok := globals[p.entry].(starlark.Callable)
		if !ok {
			return fmt.Errorf("no function named %s", p.entry)
		}
		fn = f
		return b.check()
	})
	if errors.Is(err, errLoad) {
		return one(Refused, errLoad.Error())
	}
	if err != nil {
		return one(b.failure(err))
	}

	body := []byte(nil)
	n := 0
	for _, args := range p.inputs {
		b := x.begin()
		mark := len(body)
		n++
		err := guarded(func() error {
			tuple := make(starlark.Tuple, len(args))
			for i, a := range args {
				tuple[i] = toStarlark(a)
			}
			v, err := starlark.Call(b.thread, fn, tuple, nil)
			if err != nil {
				return err
			}
			body, err = appendResult(append(body, 0), v, 0, mark+1+x.lim.MaxOutput)
			if err != nil {
				return err
			}
			return b.check()
		})
		if err == nil {
			continue
		}
		kind, reason := b.failure(err)
		body = appendFailure(body[:mark], kind, clean(reason, maxReason))
		if kind == Timeout || kind == Memory {
			break // the other tests would likely cost as much
		}
	}
	return append(binary.AppendUvarint(buf, uint64(n)), body...)
}

var errLoad = errors.New("load is not allowed")

// load parses source and runs its module body; the globals stay mutable, as
// Python's are.
func (x *executor) load(t *starlark.Thread, source string) (starlark.StringDict, error) {
	f, err := dialect.Parse(fileName, source, 0)
	if err != nil {
		return nil, err
	}
	if err := rewrite(f); err != nil {
		return nil, err
	}
	prog, err := starlark.FileProgram(f, x.names.Has)
	if err != nil {
		return nil, err
	}
	return prog.Init(t, x.names)
}

// refuse gives the reason not to run a program at all, or "".
func refuse(source, entry string) string {
	switch {
	case len(source) > maxSource:
		return fmt.Sprintf("source of %d bytes exceeds %d", len(source), maxSource)
	case len(entry) > maxEntry:
		return fmt.Sprintf("entry name of %d bytes exceeds %d", len(entry), maxEntry)
	case strings.IndexByte(source, 0) >= 0:
		return "source contains a NUL byte"
	case !utf8.ValidString(source):
		return "source is not valid UTF-8"
	}
	return ""
}

// panicError is a panic of the interpreter or of a built-in.
type panicError struct {
	kind   Kind
	reason string
}

func (e *panicError) Error() string { return e.reason }

func guarded(f func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		// The runtime refuses lengths beyond its address space by a panic; any
		// other panic's text may carry addresses.
		if re, ok := r.(runtime.Error); ok && strings.Contains(re.Error(), "makeslice") {
			err = &panicError{Memory, reasonMemory}
			return
		}
		err = &panicError{Crashed, "the executor failed on this program"}
	}()
	return f()
}

func toStarlark(v any) starlark.Value {
	switch v := v.(type) {
	case bool:
		return starlark.Bool(v)
	case int64:
		return starlark.MakeInt64(v)
	case float64:
		return starlark.Float(v)
	case string:
		return starlark.String(v)
	case []any:
		elems := make([]starlark.Value, len(v))
		for i, e := range v {
			elems[i] = toStarlark(e)
		}
		return starlark.NewList(elems)
	}
	return starlark.None
}

// appendResult appends a returned value; limit bounds len(b).
func appendResult(b []byte, v starlark.Value, depth, limit int) ([]byte, error) {
	if depth > maxDepth {
		return b, errors.New("result " + reasonDepth)
	}
	switch v := v.(type) {
	case starlark.NoneType:
		b = append(b, tagNone)
	case starlark.Bool:
		if v {
			b = append(b, tagTrue)
		} else {
			b = append(b, tagFalse)
		}
	case starlark.Int:
		if i, ok := v.Int64(); ok {
			b = binary.AppendVarint(append(b, tagInt), i)
		} else {
			b = appendString(append(b, tagOpaque), "int beyond 64 bits")
		}
	case starlark.Float:
		b = binary.LittleEndian.AppendUint64(append(b, tagFloat), math.Float64bits(float64(v)))
	case starlark.String:
		if len(b)+len(v) <= limit {
			b = appendString(append(b, tagString), string(v))
		} else {
			return b, errLarge
		}
	case *starlark.List:
		b = binary.AppendUvarint(append(b, tagList), uint64(v.Len()))
		var err error
		for i := range v.Len() {
			if b, err = appendResult(b, v.Index(i), depth+1, limit); err != nil {
				return b, err
			}
		}
	default:
		b = appendString(append(b, tagOpaque), v.Type())
	}
	if len(b) > limit {
		return b, errLarge
	}
	return b, nil
}

var errLarge = errors.New("result too large")
