// Package pyvalue holds values of Python's built-in types, exactly: an int is
// never a float, a tuple never a list, a bool never an int. It is what crosses
// the boundary between a judged program and the judge, in a bounded binary form
// that refuses subclasses and foreign objects; comparison happens on this side,
// where no candidate's __eq__ can answer.
package pyvalue

import "math/big"

// Value is one of the types below and nothing else. Values are not to be
// changed once made.
type Value interface{ pythonType() string }

// The types, one for each of Python's.
type (
	None      struct{}
	Bool      bool
	Int       struct{ V *big.Int } // never nil; MakeInt makes small ones
	Float     float64              // nan and the infinities too
	Complex   complex128
	Str       string // UTF-8, lone surrogates as three bytes (Python's surrogatepass)
	Bytes     string
	List      []Value
	Tuple     []Value
	Set       []Value // distinct and hashable, in no order
	FrozenSet []Value // distinct and hashable, in no order
	Dict      []Item  // distinct hashable keys, in insertion order
)

// Item is one entry of a Dict.
type Item struct{ Key, Value Value }

func (None) pythonType() string      { return "NoneType" }
func (Bool) pythonType() string      { return "bool" }
func (Int) pythonType() string       { return "int" }
func (Float) pythonType() string     { return "float" }
func (Complex) pythonType() string   { return "complex" }
func (Str) pythonType() string       { return "str" }
func (Bytes) pythonType() string     { return "bytes" }
func (List) pythonType() string      { return "list" }
func (Tuple) pythonType() string     { return "tuple" }
func (Set) pythonType() string       { return "set" }
func (FrozenSet) pythonType() string { return "frozenset" }
func (Dict) pythonType() string      { return "dict" }

// TypeName is the name of v's type in Python.
func TypeName(v Value) string { return v.pythonType() }

// MakeInt is the int n.
func MakeInt(n int64) Int { return Int{big.NewInt(n)} }
