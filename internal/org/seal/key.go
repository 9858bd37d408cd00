// Package seal keeps secrets closed in the database: credentials are sealed with a key that is not in it, each bound to its own
// place, so that a sealed value opens nowhere else.
//
// It makes and reads the key's file and knows no table.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"daymark/internal/core/fault"
)

// KeyFile is the name of the key's file in the data folder.
const KeyFile = "key"

const keyBytes = 32 // AES-256

// Key seals credentials. It shows its ID and never itself.
type Key struct {
	id    string
	value Secret
}

// Keys are the keys at hand: the first seals, all of them open.
type Keys []Key

// ID names the key without telling anything of it.
func (k Key) ID() string { return k.id }

// String returns the key's ID.
func (k Key) String() string { return "key " + k.id }

// GoString returns the key's ID.
func (k Key) GoString() string { return k.String() }

// Format prints the key's ID whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue returns the key's ID.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON returns the key's ID.
func (k Key) MarshalJSON() ([]byte, error) { return []byte(`"` + k.String() + `"`), nil }

// ParseKey reads a key as it stands in a key file or in DAYMARK_KEY: 32 bytes in base64. The error never repeats the value.
func ParseKey(text string) (Key, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(raw) != keyBytes {
		return Key{}, fault.New(fault.Invalid, "The key is not 32 bytes in base64; make one with: openssl rand -base64 32")
	}
	return newKey(raw), nil
}

func newKey(raw []byte) Key {
	sum := sha256.Sum256(append([]byte("daymark key id\n"), raw...))
	return Key{id: hex.EncodeToString(sum[:4]), value: raw}
}

// ReadKeyFile reads a key from a file, which others than its owner and group must not be able to read.
func ReadKeyFile(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fault.Wrap(fault.Invalid, err, "The key file %s cannot be read", path)
	}
	if mode := info.Mode().Perm(); mode&0o027 != 0 {
		return Key{}, fault.New(fault.Invalid, "The key file %s is open to others on this machine (mode %04o); close it with: chmod 600 %s", path, mode, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fault.Wrap(fault.Invalid, err, "The key file %s cannot be read", path)
	}
	k, err := ParseKey(string(text))
	if err != nil {
		return Key{}, fault.New(fault.Invalid, "The key file %s does not hold 32 bytes in base64; put back the file that was there", path)
	}
	return k, nil
}

// LoadOrMakeKey returns the key of a data folder and makes it on the first start. Several daemons that start at once on a
// shared folder end with the same key, and a key that is there is never replaced. random is crypto/rand.Reader but in tests.
func LoadOrMakeKey(dataDir string, random io.Reader) (Key, error) {
	path := filepath.Join(dataDir, KeyFile)
	if _, err := os.Lstat(path); err == nil {
		return ReadKeyFile(path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Key{}, fault.Wrap(fault.Invalid, err, "The key file %s cannot be read", path)
	}
	if err := makeKeyFile(dataDir, path, random); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fault.Wrap(fault.Invalid, err, "The key file %s cannot be written; check who owns the folder", path)
	}
	return ReadKeyFile(path)
}

// makeKeyFile writes the key beside its place and links it there, which fails where another process was first.
func makeKeyFile(dataDir, path string, random io.Reader) (err error) {
	raw := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	f, err := os.CreateTemp(dataDir, ".key-*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("make a key file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = io.WriteString(f, base64.StdEncoding.EncodeToString(raw)+"\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return fmt.Errorf("write a key file: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil {
		return fmt.Errorf("put a key file in its place: %w", err)
	}
	return nil
}

// gcm returns AES-256-GCM that puts a random nonce of 96 bits in front of what it seals; at one sealing per change of a
// channel the bound of 2^32 sealings for one key (NIST SP 800-38D, section 8.3) is far away.
func (k Key) gcm() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.value)
	if err != nil {
		return nil, fmt.Errorf("use %s: %w", k, err)
	}
	return cipher.NewGCM(block)
}

// Seal encrypts a value for one place: bound to it, the sealed value opens nowhere else. random is crypto/rand.Reader when nil.
func (k Key) Seal(random io.Reader, value []byte, place string) ([]byte, error) {
	a, err := k.gcm()
	if err != nil {
		return nil, err
	}
	if random == nil {
		random = rand.Reader
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(value)+a.Overhead())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("seal with %s: %w", k, err)
	}
	return a.Seal(nonce, nonce, value, []byte(place)), nil
}

var errSealed = errors.New("the sealed value does not open")

// open decrypts a value that was sealed for this place.
func (k Key) open(sealed []byte, place string) (Secret, error) {
	a, err := k.gcm()
	if err != nil {
		return nil, err
	}
	if len(sealed) < a.NonceSize() {
		return nil, errSealed
	}
	value, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], []byte(place))
	if err != nil {
		return nil, errSealed
	}
	return value, nil
}

// Open decrypts a value that was sealed for this place with the key named. what says to people whose secret it is.
func (k Keys) Open(what, keyID string, sealed []byte, place string) (Secret, error) {
	var have []string
	for _, one := range k {
		have = append(have, one.id)
		if one.id != keyID {
			continue
		}
		value, err := one.open(sealed, place)
		if err != nil {
			return nil, fault.Wrap(fault.Conflict, err, "The credentials of %s are damaged or were moved here from another row; connect the account again", what)
		}
		return value, nil
	}
	return nil, fault.New(fault.Conflict, "The credentials of %s are sealed with key %s, this daemon has %s; "+
		"put back the key file of the data folder, or set DAYMARK_KEY", what, keyID, named(have))
}

func named(ids []string) string {
	if len(ids) == 0 {
		return "no key"
	}
	return "key " + strings.Join(ids, " and ")
}
