package pyvalue

// Key maps hashable values to strings such that equal values, and no others,
// share one. ok is false for values that Python would not take into a set, and
// for those with a nan in them, which equal nothing.
func Key(v Value) (key string, ok bool) { return hashKey(v) }
