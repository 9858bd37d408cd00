// Package texts is the words of the interface.
package texts

import (
	_ "embed" // for the texts
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed en.json
var english []byte

// Words are the interface's texts in one language.
type Words struct {
	Lang  string
	Dir   string
	table map[string]string
}

// English returns the interface in English.
func English() (Words, error) {
	w := Words{Lang: "en", Dir: "ltr"}
	if err := json.Unmarshal(english, &w.table); err != nil {
		return Words{}, fmt.Errorf("read the English texts: %w", err)
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
