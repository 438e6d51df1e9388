package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func command(program string, arguments []string, dir string, env map[string]string) *exec.Cmd {
	c := exec.Command(program, arguments...)
	c.Dir = dir
	for name, value := range env {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// execute runs a program with this process's input, output and signals, and
// returns its exit code.
func execute(program string, arguments []string, dir string, env map[string]string) (int, error) {
	c := command(program, arguments, dir, env)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := c.Start(); err != nil {
		return 0, err
	}
	ended := make(chan struct{})
	go forward(signals, c.Process, ended)
	err := c.Wait()
	close(ended)
	return exitCode(err)
}

// forward passes signals on until the process has ended. An interrupt from
// the keyboard reaches the process by itself, and twice would mean "at once".
func forward(signals <-chan os.Signal, process *os.Process, ended <-chan struct{}) {
	for {
		select {
		case received := <-signals:
			if received == syscall.SIGINT && keyboard() {
				continue
			}
			// A process that has just ended takes no signal; that is fine.
			_ = process.Signal(received)
		case <-ended:
			return
		}
	}
}

// keyboard tells whether the input is a terminal.
func keyboard() bool {
	info, err := os.Stdin.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}

// exitCode is the code of a process that ended, or why it did not run.
func exitCode(err error) (int, error) {
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case !errors.As(err, &ended):
		return 0, err
	case ended.ExitCode() < 0:
		return 0, fmt.Errorf("pulumi was stopped: %w", ended)
	}
	return ended.ExitCode(), nil
}

// quietly runs a program whose output matters only when it fails.
func quietly(program string, arguments []string, dir string, env map[string]string) error {
	if output, err := command(program, arguments, dir, env).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}
