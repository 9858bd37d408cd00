// Package journal keeps what a sandbox server knows in a file: one line of JSON for each change, written before the change is
// answered, so that a server killed at any moment starts again with everything it ever confirmed.
//
// It knows nothing of what the changes say.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Journal is a file that changes of one kind are appended to.
type Journal[C any] struct {
	file *os.File
}

// Open replays a journal, writes it again without what was replaced since, and opens it for more. apply is given each change in
// order; whole returns all of them as one.
func Open[C any](name string, apply func(C), whole func() C) (*Journal[C], error) {
	old, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for n := 1; len(old) > 0; n++ {
		line, rest, complete := bytes.Cut(old, []byte("\n"))
		if !complete {
			break // the server was killed while it wrote this line: it never confirmed it
		}
		var c C
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
	return &Journal[C]{file: f}, nil
}

// rewrite puts a journal of one change in the place of the old one, in one step.
func rewrite(name string, c any) error {
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

// Append writes a change in one call, so that a kill leaves all of its line or a part that is seen to be broken.
func (j *Journal[C]) Append(c C) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// Close ends the journal; closing it again changes nothing.
func (j *Journal[C]) Close() error {
	err := j.file.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
