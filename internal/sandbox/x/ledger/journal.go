package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// journal is the file that changes are appended to.
type journal struct {
	file *os.File
}

// journalName is the file in the sandbox's folder.
const journalName = "x.jsonl"

// openJournal replays the journal of a folder, writes it again without what was replaced since, and opens it for more.
func openJournal(folder string, apply func(Change), whole func() Change) (*journal, error) {
	name := filepath.Join(folder, journalName)
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for n := 1; len(old) > 0; n++ {
		line, rest, complete := bytes.Cut(old, []byte("\n"))
		if !complete {
			break // the server was killed while it wrote this line: it never confirmed it
		}
		var c Change
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("%s:%d is damaged; move the file away to start anew: %w", name, n, err)
		}
		apply(c)
		old = rest
	}
	if err := rewrite(name, whole()); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: f}, nil
}

// rewrite puts a journal of one change in the place of the old one, in one step.
func rewrite(name string, c Change) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	next := name + ".new"
	if err := os.WriteFile(next, append(line, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(next, name)
}

// append writes a change in one call, so that a kill leaves all of its line or a part that is seen to be broken.
func (j *journal) append(c Change) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error {
	err := j.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

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
