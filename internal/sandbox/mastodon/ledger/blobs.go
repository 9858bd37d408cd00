package ledger

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// journalName is the file in the sandbox's folder.
const journalName = "mastodon.jsonl"

// blobs are the bytes of pictures, in files or in memory.
type blobs struct {
	folder   string
	inMemory map[string][]byte
}

func (b *blobs) prepare() error {
	if err := os.MkdirAll(filepath.Join(b.folder, "media"), 0o700); err != nil {
		return fmt.Errorf("make the sandbox's folder: %w", err)
	}
	return nil
}

func (b *blobs) put(id string, content []byte) error {
	if b.folder == "" {
		b.inMemory[id] = content
		return nil
	}
	if err := os.WriteFile(filepath.Join(b.folder, "media", id), content, 0o600); err != nil {
		return fmt.Errorf("keep picture %s: %w", id, err)
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
	content, err := os.ReadFile(filepath.Join(b.folder, "media", id))
	if err != nil {
		return nil, fmt.Errorf("read picture %s: %w", id, err)
	}
	return content, nil
}
