package store

// Holder says who has a directory, of a run or of many, open for writing; nil
// for nobody.
func Holder(dir string) (*HeldError, error) {
	held, err := locked(dir)
	if err != nil || !held {
		return nil, err
	}
	h := readHolder(dir)
	return &HeldError{dir, h.PID, h.Host}, nil
}
