//go:build !linux

package tui

import (
	"os"
	"syscall"
)

func ownGroup() *syscall.SysProcAttr { return nil }

func ignoreTerminal() {}

func raw(*os.File) bool { return false }

// cook is left to the shell.
func cook(*os.File) {}
