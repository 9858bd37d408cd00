package seal

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"daymark/internal/core/fault"
)

// NextKeyFile is the name of a new key's file while everything is being sealed with it. While it is there, both keys are read.
const NextKeyFile = "key.new"

// LoadKeys returns the key of a data folder, made on the first start, and the next one where a change of keys was begun and not
// finished: some things may be sealed with it.
func LoadKeys(dataDir string, random io.Reader) (Keys, error) {
	k, err := LoadOrMakeKey(dataDir, random)
	if err != nil {
		return nil, err
	}
	next := filepath.Join(dataDir, NextKeyFile)
	if _, err := os.Lstat(next); errors.Is(err, fs.ErrNotExist) {
		return Keys{k}, nil
	}
	n, err := ReadKeyFile(next)
	return Keys{k, n}, err
}

// MakeNextKey writes a new key beside the one of a data folder and returns it; one that is there already from a change that was
// begun is taken.
func MakeNextKey(dataDir string) (Key, error) {
	path := filepath.Join(dataDir, NextKeyFile)
	if err := makeKeyFile(dataDir, path, rand.Reader); err != nil && !errors.Is(err, fs.ErrExist) {
		return Key{}, fault.Wrap(fault.Invalid, err, "The new key file %s cannot be written; check who owns the folder", path)
	}
	return ReadKeyFile(path)
}

// PutNextKey puts the next key in the place of the key and keeps the old one beside it, under its ID: backups of the database that
// were made before are sealed with it. It returns the old key's new name.
func PutNextKey(dataDir string) (old string, err error) {
	path := filepath.Join(dataDir, KeyFile)
	k, err := ReadKeyFile(path)
	if err != nil {
		return "", err
	}
	old = filepath.Join(dataDir, KeyFile+"-"+k.id)
	if err := os.Link(path, old); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fault.Wrap(fault.Invalid, err, "The old key cannot be kept as %s; check who owns the folder", old)
	}
	if err := os.Rename(filepath.Join(dataDir, NextKeyFile), path); err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The new key cannot be put in its place %s; check who owns the folder", path)
	}
	folder, err := os.Open(dataDir)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "The data folder %s cannot be read", dataDir)
	}
	return old, errors.Join(folder.Sync(), folder.Close()) // the new names outlive a power cut
}
