package licence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"daymark/internal/core/fault"
)

// File is the name of the licence's file in the data folder.
const File = "licence"

// lockFile is beside it: replicas that share the folder write one after the other.
const lockFile = ".licence-lock"

// folder is what the data folder knows.
type folder struct {
	Secret  string `json:"token"`   // empty where DAYMARK_INSTANCE stands for it
	Attempt int64  `json:"attempt"` // the highest attempt that was committed from here
}

// token is the form in which the database holds the folder's value: a copy of the database does not give the folder away.
func (f folder) token() string {
	if f.Secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("daymark licence\n" + f.Secret))
	return hex.EncodeToString(sum[:])
}

// Keeper keeps the half of the licence that is not in the database. It is safe for concurrent use, and several processes may
// share a folder.
type Keeper struct {
	dir      string
	instance string
	random   io.Reader

	mu    sync.Mutex
	known folder
}

// NewKeeper returns the keeper of a data folder. instance is DAYMARK_INSTANCE, or empty: where set, it stands for the token in
// the file, and the folder holds the highest attempt only. Without a folder (empty dir) that is not kept, and a dump restored
// in place goes unnoticed. random is crypto/rand.Reader but in tests.
func NewKeeper(dir, instance string, random io.Reader) *Keeper {
	return &Keeper{dir: dir, instance: instance, random: random}
}

// Token returns the token as the licence row has it, for the sender's own guard: it sends only WHERE EXISTS (SELECT FROM licence
// WHERE token = this). It is empty, and fits no row, until [Check] or [Take] has been called.
func (k *Keeper) Token() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known.token()
}

// Seen writes down that an attempt was committed. Call it after the commit and before the network is called. It costs one
// small file and no fsync: a kill loses nothing, and a power cut loses seconds, where the copies it guards against are older.
func (k *Keeper) Seen(attempt int64) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if attempt <= k.known.Attempt || k.dir == "" {
		return nil
	}
	return k.locked(func() error {
		now, err := k.read()
		if err != nil {
			return err
		}
		if attempt > now.Attempt {
			now.Attempt = attempt
			if err := k.write(now, false); err != nil {
				return err
			}
		}
		// The token is the one this keeper was checked with: only Check and Take may move it.
		k.known.Attempt = now.Attempt
		return nil
	})
}

// load reads the folder anew: another replica may have taken the licence or sent meanwhile.
func (k *Keeper) load() (folder, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, err := k.read()
	k.known = f // nothing, after an error
	return f, err
}

// renew makes a new token, sets the highest attempt to what the database now has, and returns the token for the row.
func (k *Keeper) renew(attempt int64) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := folder{Secret: k.instance, Attempt: attempt}
	if k.instance == "" {
		raw := make([]byte, 16)
		if _, err := io.ReadFull(k.random, raw); err != nil {
			return "", fmt.Errorf("make a licence token: %w", err)
		}
		f.Secret = hex.EncodeToString(raw)
	}
	if k.dir != "" {
		if err := k.locked(func() error { return k.write(f, true) }); err != nil {
			return "", err
		}
	} else if k.instance == "" {
		return "", fault.New(fault.Invalid, "There is no data folder to keep the sending licence in; name one, or set DAYMARK_INSTANCE to a value that only this installation has")
	}
	k.known = f
	return f.token(), nil
}

// errDamaged says that there is a licence file that cannot be understood; what it guarded is not known to be safe.
var errDamaged = errors.New("the licence file is damaged")

// read returns what the folder holds; nothing where there is no file yet.
func (k *Keeper) read() (folder, error) {
	f := folder{}
	if k.dir != "" {
		raw, err := os.ReadFile(k.path())
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return folder{}, fault.Wrap(fault.Invalid, err, "The licence file %s cannot be read; check who owns it", k.path())
		default:
			if err := json.Unmarshal(raw, &f); err != nil || f.Attempt < 0 {
				return folder{}, fault.Wrap(fault.Conflict, errDamaged, "The licence file %s is damaged; an admin can take the licence again", k.path())
			}
		}
	}
	if k.instance != "" {
		f.Secret = k.instance
	}
	return f, nil
}

// write replaces the file in one step, so that a reader sees the old one or the new one.
func (k *Keeper) write(f folder, durable bool) error {
	if k.instance != "" {
		f.Secret = "" // it is in the environment, and stays there only
	}
	raw, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write the licence file: %w", err)
	}
	if err := replace(k.dir, k.path(), append(raw, '\n'), durable); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The licence file %s cannot be written; check who owns the folder and whether the disk is full", k.path())
	}
	return nil
}

func replace(dir, path string, content []byte, durable bool) error {
	t, err := os.CreateTemp(dir, ".licence-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(t.Name()) }()
	_, err = t.Write(content)
	if err == nil && durable {
		err = t.Sync()
	}
	if err := errors.Join(err, t.Close()); err != nil {
		return err
	}
	if err := os.Rename(t.Name(), path); err != nil || !durable {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// locked runs work while no other process that shares the folder writes to it.
func (k *Keeper) locked(work func() error) error {
	f, err := os.OpenFile(filepath.Join(k.dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The data folder %s cannot be written; check who owns it", k.dir)
	}
	defer func() { _ = f.Close() }() // which also unlocks
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("lock the licence file: %w", err)
	}
	return work()
}

func (k *Keeper) path() string { return filepath.Join(k.dir, File) }
