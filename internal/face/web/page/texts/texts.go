// Package texts is the words of the interface in each of its languages.
//
// A language has a folder, in it a file for each part of the interface; all languages have the same files with the same keys. What
// a language does not have yet is shown in English. The package knows no pages; docs/languages.md says how to add a translation.
package texts

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// files holds a folder for each language, in it a file for each part of the interface.
//
//go:embed en/*.json fr/*.json es/*.json ar/*.json
var files embed.FS

// Faults is the file of a language with the sentences of errors. Its keys are the English formats of internal/core/fault; English
// has none.
const Faults = "faults.json"

// Rules is the file of a language with what rules of content say and ask, keyed by the English sentences of the shipped rules.
const Rules = "rules.json"

// Words are the interface's texts in one language.
type Words struct {
	Language
	Lang string

	table   map[string]string
	faults  map[string]string
	instead *Words // English, in other languages
}

// English returns the interface in English.
func English() (Words, error) { return load(languages[0]) }

// All returns the interface in every language, in the order of [Languages].
func All() ([]Words, error) {
	english, err := English()
	if err != nil {
		return nil, err
	}
	all := []Words{english}
	for _, l := range languages[1:] {
		w, err := load(l)
		if err != nil {
			return nil, err
		}
		w.instead = &english
		all = append(all, w)
	}
	return all, nil
}

// load reads the folder of a language.
func load(l Language) (Words, error) {
	w := Words{Language: l, Lang: l.Code, table: map[string]string{}, faults: map[string]string{}}
	list, err := files.ReadDir(l.Code)
	if err != nil {
		return Words{}, fmt.Errorf("list the texts in %s: %w", l.Name, err)
	}
	for _, file := range list {
		name := path.Join(l.Code, file.Name())
		content, err := files.ReadFile(name)
		if err != nil {
			return Words{}, fmt.Errorf("read the texts in %s: %w", l.Name, err)
		}
		part, into := map[string]string{}, w.table
		if file.Name() == Faults || file.Name() == Rules {
			into = w.faults
		}
		if err := json.Unmarshal(content, &part); err != nil {
			return Words{}, fmt.Errorf("read the texts %s: %w", name, err)
		}
		for key, text := range part {
			if _, twice := into[key]; twice {
				return Words{}, fmt.Errorf("read the texts %s: %q is there twice", name, key)
			}
			into[key] = text
		}
	}
	return w, nil
}

// T returns the text of a key with its arguments put in. A counted text has a form for each of the language's plurals with "|"
// between them, in the order of CLDR (zero, one, two, few, many, other; English has one and other); its first argument, a whole
// number, chooses. A key that is in no language comes back in brackets; a test makes sure that none is shown.
func (w Words) T(key string, args ...any) string {
	text, ok := w.table[key]
	switch {
	case ok:
		return w.put(w.chosen(text, args), args)
	case w.instead != nil && w.instead.Has(key):
		return w.InEnglish(w.instead.T(key, args...))
	}
	return "[" + key + "]"
}

// chosen returns the form of a text that its first argument asks for.
func (w Words) chosen(text string, args []any) string {
	if !strings.Contains(text, "|") {
		return text
	}
	if len(args) > 0 {
		if n, whole := whole(args[0]); whole {
			return w.form(text, n)
		}
	}
	return text[strings.LastIndex(text, "|")+1:]
}

// Has reports whether there is a text for the key, if only in English.
func (w Words) Has(key string) bool {
	_, ok := w.table[key]
	return ok || w.instead != nil && w.instead.Has(key)
}

// Fault returns the sentence of an error, made from its English format: translated, or else the English one as [Words.InEnglish]
// marks it. A format that only passes a sentence on, "%s", is looked up by that sentence.
func (w Words) Fault(format string, args []any, message string) string {
	if w.instead == nil || message == "" {
		return message
	}
	if format == "%s" || format == "" {
		format, args = message, nil
	}
	if text, ok := w.faults[format]; ok {
		return w.put(text, args)
	}
	if w.said(message) {
		return message
	}
	return w.InEnglish(message)
}

// said reports whether a sentence came from the texts of the language already.
func (w Words) said(sentence string) bool {
	if w.Dir == "rtl" && strings.ContainsFunc(sentence, rightToLeft) {
		return true
	}
	for _, text := range w.table {
		if text == sentence {
			return true
		}
	}
	return false
}
