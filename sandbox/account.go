package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/grafanix/eks-karpenter/sandbox/internal/cloud"
	"github.com/grafanix/eks-karpenter/sandbox/internal/karpenter"
)

// Account is an AWS account. It is safe for concurrent use.
type Account struct {
	cloud *cloud.Account
}

// NewAccount makes the account that a spec describes, in memory alone. What
// AWS would refuse in the spec is an error.
func NewAccount(start Spec) (*Account, error) {
	made, err := start.account()
	if err != nil {
		return nil, fmt.Errorf("making the sandbox account: %w", err)
	}
	return serving(made), nil
}

// serving is an account in whose clusters Karpenter acts.
func serving(made *cloud.Account) *Account {
	karpenter.Watch(made)
	return &Account{cloud: made}
}

// Open returns the account that a file holds, or a new one from start where
// there is no file yet. Every change is saved to the file before the operation
// that made it returns; a crash leaves the file as it was or as it is to be.
// One process may have an account's file open at a time. The clock and the
// messages, which are no part of the account, are kept in a file beside it,
// named <path without extension>.traffic.json.
func Open(path string, start Spec) (*Account, error) {
	encoded, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if encoded, err = create(path, start); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the sandbox account: %w", err)
	}
	state, err := cloud.Decode(encoded)
	if err != nil {
		return nil, fmt.Errorf("opening the sandbox account %s: %w", path, err)
	}
	save := func(encoded []byte) error { return replaceFile(path, encoded) }
	account := serving(cloud.New(state, save))
	if err := account.openTraffic(strings.TrimSuffix(path, filepath.Ext(path)) + ".traffic.json"); err != nil {
		return nil, fmt.Errorf("opening the sandbox account %s: %w", path, err)
	}
	return account, nil
}

func (a *Account) openTraffic(path string) error {
	saved, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return a.cloud.KeepTraffic(saved, func(encoded []byte) error { return replaceFile(path, encoded) })
}

func create(path string, start Spec) ([]byte, error) {
	made, err := NewAccount(start)
	if err != nil {
		return nil, err
	}
	encoded, err := made.cloud.Encode()
	if err != nil {
		return nil, err
	}
	return encoded, replaceFile(path, encoded)
}

// replaceFile gives a file new content in one step.
func replaceFile(path string, content []byte) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	if _, err = temporary.Write(content); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err = temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// Dump is everything in the account as indented JSON. Equal dumps are equal
// accounts: nothing in it depends on time or chance. Messages and the clock are
// left out: they pass through an account and are no part of it. KMS keys that wait for
// their deletion are left out, for AWS keeps them for a week at least, and
// they would tell an account apart from its start for ever.
func (a *Account) Dump() []byte {
	dump, err := a.cloud.Dump()
	if err != nil {
		// Plain records always encode; were it otherwise, no two dumps would
		// pass for equal accounts.
		return []byte(err.Error())
	}
	return dump
}
