package place

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"daymark/internal/core/fault"
)

// LockDaemon takes the data folder for one daemon, until release is called or the process ends, however it ends. A second
// daemon gets a Conflict that names the first.
func LockDaemon(dataDir string) (func(), error) {
	dir, err := MakeFolder(dataDir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "daemon.lock")
	f, err := OpenLock(path)
	if err != nil {
		return nil, err
	}
	if !TryLock(f) {
		defer func() { _ = f.Close() }()
		who, _ := io.ReadAll(io.LimitReader(f, 32)) // without it the message is only less precise
		if pid := strings.TrimSpace(string(who)); pid != "" {
			return nil, fault.New(fault.Conflict, "Another daemon (process %s) already runs on the data folder %s; stop it first, "+
				"or choose another folder", pid, dir)
		}
		return nil, fault.New(fault.Conflict, "Another daemon already runs on the data folder %s; stop it first, or choose another folder", dir)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, fault.Wrap(fault.Invalid, err, "The data folder %s cannot be written", dir)
	}
	return func() { _ = f.Close() }, nil
}

// OpenLock opens a lock file. The lock is the kernel's and ends with the process: the file's being there means nothing.
func OpenLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The data folder %s cannot be written; correct its owner or choose another one", filepath.Dir(path))
	}
	return f, nil
}

// TryLock takes the exclusive lock of an open file if nobody has it.
func TryLock(f *os.File) bool {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err == nil
		}
	}
}

// Lock waits for the exclusive lock of a file.
func Lock(ctx context.Context, path string) (*os.File, error) {
	f, err := OpenLock(path)
	if err != nil {
		return nil, err
	}
	if err := Poll(ctx, 10*time.Millisecond, func() (bool, error) { return TryLock(f), nil }); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("wait for another start on %s: %w", path, err)
	}
	return f, nil
}

// Poll calls done again and again until it says so, fails, or ctx ends.
func Poll(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
