// Package place is the data folder as a place to run a server in: who may write and enter it, where in it the cluster and its
// socket are, which locks are held on it, and what an earlier server left there.
//
// It starts and stops nothing; that is the package private above it.
package place

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"daymark/internal/core/fault"
)

// The files of ours in the data folder.
const (
	placeFile  = "postgres.place"  // where the cluster is, when it is not in the data folder
	socketFile = "postgres.socket" // the folder of the server's socket
	StartLock  = "postgres.start.lock"
	OwnerLock  = "postgres.owner.lock"
)

// MakeFolder makes the data folder where it is missing, makes sure that it can be written, and returns its absolute path.
// Made by root it may be entered, but not listed, by others: the database then runs as another user. What is in it must be
// private by itself.
func MakeFolder(dataDir string) (string, error) {
	dir, err := filepath.Abs(dataDir)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The data folder %s cannot be found", dataDir)
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", unwritable(err, dir)
	}
	// Symbolic links are resolved once, so that two ways to one folder meet in the same lock and the same server.
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	probe, err := os.CreateTemp(dir, ".write-test-*")
	if err != nil {
		return "", unwritable(err, dir)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return "", unwritable(err, dir)
	}
	return dir, nil
}

func unwritable(err error, dir string) error {
	return fault.Wrap(fault.Invalid, err, "The data folder %s cannot be written; correct its owner or choose another one", dir)
}

// Account is the user the server runs as; the zero account is ourselves.
type Account struct {
	Name     string // for people; empty when it is ourselves
	uid, gid int
}

// Switched reports whether the server runs as somebody else than we do.
func (a Account) Switched() bool { return a.Name != "" }

// Credential returns what makes a child run as the account.
func (a Account) Credential() *syscall.Credential {
	if !a.Switched() {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)} //nolint:gosec // ids of the user database fit
}

// give makes a folder the account's and private.
func (a Account) give(dir string) error {
	if a.Switched() {
		if err := os.Chown(dir, a.uid, a.gid); err != nil {
			return fmt.Errorf("give %s to %s: %w", dir, a.Name, err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs x
		return fmt.Errorf("make %s private: %w", dir, err)
	}
	return nil
}

// whom returns the account for a cluster: PostgreSQL refuses to run as root. The owner of an existing cluster stays its owner.
func whom(home string) (Account, error) {
	if os.Geteuid() != 0 {
		return Account{}, nil
	}
	if info, err := os.Stat(filepath.Join(home, Data)); err == nil {
		if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 {
			return Account{Name: "user " + strconv.Itoa(int(st.Uid)), uid: int(st.Uid), gid: int(st.Gid)}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID == nil && errGID == nil && uid != 0 {
			return Account{Name: name, uid: uid, gid: gid}, nil
		}
	}
	return Account{}, fault.New(fault.Unavailable, "PostgreSQL does not run as root and there is neither a user postgres nor nobody; "+
		"start Daymark as another user")
}

// Data is the folder of PostgreSQL's own files below the cluster's.
const Data = "data"

// Home returns the folder of the cluster of a data folder.
func Home(dir string) (string, error) {
	noted, err := os.ReadFile(filepath.Join(dir, placeFile))
	if err == nil {
		return strings.TrimSpace(string(noted)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", unwritable(err, dir)
	}
	return filepath.Join(dir, "postgres"), nil
}

// Settle decides where the cluster of a data folder is and makes that folder: below the data folder, or, where the account
// cannot enter that, in a place it can enter, which is written down.
func Settle(ctx context.Context, dir string, moved func(from, to, why string)) (string, Account, error) {
	home, err := Home(dir)
	if err != nil {
		return "", Account{}, err
	}
	who, err := whom(home)
	if err != nil {
		return "", Account{}, err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", Account{}, unwritable(err, dir)
	}
	if err := who.give(home); err != nil {
		return "", Account{}, unwritable(err, dir)
	}
	reason := enter(ctx, who, home)
	if reason == nil {
		return home, who, nil
	}
	var refused error
	for _, base := range []string{"/var/lib/daymark", filepath.Join(os.TempDir(), "daymark")} {
		to := filepath.Join(base, hash(dir))
		if refused = move(ctx, who, home, to); refused == nil {
			if err := writeFile(filepath.Join(dir, placeFile), to+"\n"); err != nil {
				return "", Account{}, unwritable(err, dir)
			}
			moved(home, to, "the user "+who.Name+" cannot enter the data folder")
			return to, who, nil
		}
	}
	return "", Account{}, fault.Wrap(fault.Invalid, errors.Join(reason, refused), "The user %s, as whom PostgreSQL runs, cannot enter %s; "+
		"choose a data folder that others may enter, below /var/lib for example", who.Name, home)
}

// enter reports why the account cannot work in a folder: it tries, because modes do not tell of access lists and mounts.
func enter(ctx context.Context, who Account, dir string) error {
	if !who.Switched() {
		return nil
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", ":")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who.Credential()}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("enter %s as %s: %w", dir, who.Name, err)
	}
	return nil
}

// move brings the cluster's folder to a place the account can enter. Nothing is copied or deleted: it is one rename.
func move(ctx context.Context, who Account, from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o711); err != nil { //nolint:gosec // others must be able to pass
		return fmt.Errorf("make a place for the cluster: %w", err)
	}
	if err := enter(ctx, who, filepath.Dir(to)); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(from, Data)); err == nil {
		if err := os.Rename(from, to); err != nil {
			return fmt.Errorf("move the cluster: %w", err)
		}
		return who.give(to)
	}
	// Another program may have put a cluster there, for a folder of the same name that was deleted since.
	if _, err := os.Stat(filepath.Join(to, Data)); err == nil {
		return fmt.Errorf("%s already holds a cluster; to use it write its path into %s, otherwise move it away", to, placeFile)
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("make a place for the cluster: %w", err)
	}
	_ = os.Remove(from) // it is empty; if not, it stays
	return who.give(to)
}

// hash names a data folder in a place that several share.
func hash(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:6])
}

// writeFile replaces a file in one step, so that a killed process leaves the old one or the new one.
func writeFile(path, content string) error {
	next := path + ".new"
	if err := os.WriteFile(next, []byte(content), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
