// Package texts is the words of the interface.
package texts

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

// files holds a folder for each language, in it a file for each part of the interface.
//
//go:embed en/*.json
var files embed.FS

// Words are the interface's texts in one language.
type Words struct {
	Lang  string
	Dir   string
	table map[string]string
}

// English returns the interface in English.
func English() (Words, error) {
	w := Words{Lang: "en", Dir: "ltr", table: map[string]string{}}
	names, err := fs.Glob(files, "en/*.json")
	if err != nil {
		return Words{}, fmt.Errorf("list the English texts: %w", err)
	}
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			return Words{}, fmt.Errorf("read the English texts: %w", err)
		}
		part := map[string]string{}
		if err := json.Unmarshal(content, &part); err != nil {
			return Words{}, fmt.Errorf("read the texts %s: %w", name, err)
		}
		for key, text := range part {
			if _, twice := w.table[key]; twice {
				return Words{}, fmt.Errorf("read the texts %s: %q is there twice", name, key)
			}
			w.table[key] = text
		}
	}
	return w, nil
}

// T returns the text of a key with its arguments put in. A text of the form "one|other" is chosen by its first argument, a
// whole number. A key that is not there comes back in brackets; a test makes sure that none is shown.
func (w Words) T(key string, args ...any) string {
	text, ok := w.table[key]
	if !ok {
		return "[" + key + "]"
	}
	if one, other, counted := strings.Cut(text, "|"); counted {
		text = other
		if len(args) > 0 && args[0] == 1 {
			text = one
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Has reports whether there is a text for the key.
func (w Words) Has(key string) bool {
	_, ok := w.table[key]
	return ok
}
