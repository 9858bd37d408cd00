package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// journalName is the file in the sandbox's folder.
const journalName = "x.jsonl"

// blobs are the bytes of uploads, in files or in memory.
type blobs struct {
	folder   string
	inMemory map[string][]byte
}

func (b *blobs) prepare() error {
	if err := os.MkdirAll(filepath.Join(b.folder, "uploads"), 0o700); err != nil {
		return fmt.Errorf("make the sandbox's folder: %w", err)
	}
	return nil
}

// put keeps bytes, behind those that are there when more is true.
func (b *blobs) put(id string, content []byte, more bool) error {
	if more {
		before, err := b.get(id)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		content = append(append([]byte{}, before...), content...)
	}
	if b.folder == "" {
		b.inMemory[id] = content
		return nil
	}
	if err := os.WriteFile(filepath.Join(b.folder, "uploads", id), content, 0o600); err != nil {
		return fmt.Errorf("keep upload %s: %w", id, err)
	}
	return nil
}

func (b *blobs) get(id string) ([]byte, error) {
	if b.folder == "" {
		content, ok := b.inMemory[id]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return content, nil
	}
	content, err := os.ReadFile(filepath.Join(b.folder, "uploads", id))
	if err != nil {
		return nil, fmt.Errorf("read upload %s: %w", id, err)
	}
	return content, nil
}
