//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock waits until no other process holds the file, and holds it until unlock:
// two commands at once would each save their own account over the other's. The
// system lets go of it when a process dies.
func lock(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	descriptor := int(file.Fd())
	if err = syscall.Flock(descriptor, syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		fmt.Fprintln(os.Stderr, "pulumi-sandbox: waiting for another command on this sandbox to end")
		err = syscall.Flock(descriptor, syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file.Close, nil
}
