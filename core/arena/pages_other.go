//go:build unix && !linux

package arena

func largePages([]byte) {}
