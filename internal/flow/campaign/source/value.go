package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daymark/internal/core/text"

	"go.yaml.in/yaml/v4"
)

// Value is one value of a file with its place. The zero Value stands for a value that is missing or wrong: it answers every
// question with nothing and notes no further problem, so that a reader goes straight on.
type Value struct {
	file *File
	node *yaml.Node
	path string
}

// Field is one named value of a mapping.
type Field struct {
	Name  string
	Key   Value // the name itself, for problems with it
	Value Value
}

// Present reports whether there is a value; null is none.
func (v Value) Present() bool {
	return v.node != nil && (v.node.Kind != yaml.ScalarNode || v.node.ShortTag() != "!!null")
}

// Blank reports whether there is a value that is text of nothing but space, such as "".
func (v Value) Blank() bool {
	return v.Present() && v.node.Kind == yaml.ScalarNode && strings.TrimSpace(v.node.Value) == ""
}

// Fail notes a problem at the value.
func (v Value) Fail(format string, args ...any) {
	if v.node != nil {
		v.file.Add(v.node.Line, v.node.Column, v.path, format, args...)
	}
}

// Problem returns a problem at the value without noting it, for what is found after the file was read.
func (v Value) Problem(format string, args ...any) Problem {
	if v.node == nil {
		return Problem{Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
	}
	return Problem{File: v.file.name, Line: v.node.Line, Column: v.node.Column, Field: v.path, Message: fmt.Sprintf(format, args...)}
}

// Map returns the fields of a mapping that has only the named ones. A name not among them is a problem with a suggestion;
// so is a name that comes twice, a value that is no mapping, and a missing field whose name is given with a "!" in front.
func (v Value) Map(names ...string) map[string]Value {
	known := make([]string, len(names))
	for i, n := range names {
		known[i] = strings.TrimPrefix(n, "!")
	}
	fields, ok := v.fields("fields " + strings.Join(known, ", "))
	if !ok {
		return nil
	}
	found := map[string]Value{}
	for _, field := range fields {
		if !slices.Contains(known, field.Name) {
			field.Key.Fail("there is no field %q here%s", field.Name, Suggest(field.Name, known))
			continue
		}
		found[field.Name] = field.Value
	}
	for _, n := range names {
		name, needed := strings.CutPrefix(n, "!")
		if needed && !found[name].Present() {
			v.Fail("the field %q is missing", name)
		}
	}
	return found
}

// Entries returns the fields of a mapping whose names are free, such as languages. A name that comes twice is a problem.
func (v Value) Entries(what string) []Field {
	fields, _ := v.fields(what)
	return fields
}

func (v Value) fields(want string) ([]Field, bool) {
	if !v.Present() {
		if strings.HasSuffix(v.path, "]") { // in a list, nothing is a thing left out
			v.Fail("is empty: expected %s", want)
		}
		return nil, false
	}
	if v.node.Kind != yaml.MappingNode {
		v.Fail("expected %s, each as a name, a colon and a value; found %s", want, v.found())
		return nil, false
	}
	first := map[string]int{}
	var fields []Field
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := v.node.Content[i]
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!merge" {
			Value{v.file, key, v.path}.Fail("a name must be a word; found %s", Value{v.file, key, ""}.found())
			continue
		}
		path := key.Value
		if v.path != "" {
			path = v.path + "." + key.Value
		}
		at := Value{v.file, key, path}
		if line, twice := first[key.Value]; twice {
			at.Fail("%q comes twice; the first is in line %d. Keep one", key.Value, line)
			continue
		}
		first[key.Value] = key.Line
		fields = append(fields, Field{Name: key.Value, Key: at, Value: Value{v.file, v.node.Content[i+1], path}})
	}
	return fields, true
}

// List returns the values of a list.
func (v Value) List(what string) []Value {
	if !v.Present() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.Fail("expected a list of %s, as [one, two] or each on a line after a hyphen; found %s", what, v.found())
		return nil
	}
	items := make([]Value, len(v.node.Content))
	for i, n := range v.node.Content {
		items[i] = Value{v.file, n, fmt.Sprintf("%s[%d]", v.path, i)}
	}
	return items
}

// String returns a text without the space around it. Characters that deceive are a problem.
func (v Value) String() string {
	if !v.Present() {
		return ""
	}
	if v.node.Kind != yaml.ScalarNode {
		v.Fail("expected text; found %s", v.found())
		return ""
	}
	if r, _, unsafe := text.FirstUnsafe(v.node.Value); unsafe && !v.file.unsafe {
		v.Fail("the text has the character %U, which can hide what it says: delete it; right-to-left texts need no marks", r)
		return ""
	}
	return strings.TrimSpace(v.node.Value)
}

// Scalar returns a text, and false when the value is a list or has fields; that is no problem here.
func (v Value) Scalar() (string, bool) {
	if !v.Present() || v.node.Kind != yaml.ScalarNode {
		return "", false
	}
	return v.String(), true
}

// Strings returns the texts of a list.
func (v Value) Strings(what string) []string {
	var all []string
	for _, item := range v.List(what) {
		if s := item.String(); s != "" {
			all = append(all, s)
		} else {
			item.Fail("is empty: write one of %s or take the line out", what)
		}
	}
	return all
}

// Int returns a whole number from least to most.
func (v Value) Int(least, most int) int {
	if !v.Present() {
		return 0
	}
	n, err := strconv.Atoi(v.node.Value)
	if v.node.Kind != yaml.ScalarNode || err != nil {
		v.Fail("expected a whole number from %d to %d; found %s", least, most, v.found())
		return 0
	}
	if n < least || n > most {
		v.Fail("%d is outside %d to %d", n, least, most)
		return 0
	}
	return n
}

// Bool returns true or false.
func (v Value) Bool() bool {
	if v.Present() && (v.node.Kind != yaml.ScalarNode || (v.node.Value != "true" && v.node.Value != "false")) {
		v.Fail("expected true or false; found %s", v.found())
	}
	return v.Present() && v.node.Value == "true"
}

// OneOf returns a text that is one of the known words.
func (v Value) OneOf(known ...string) string {
	s := v.String()
	if v.Blank() {
		v.Fail("is empty: write one of %s", strings.Join(known, ", "))
	}
	if s != "" && !slices.Contains(known, s) {
		v.Fail("%q is none of %s%s", s, strings.Join(known, ", "), Suggest(s, known))
		return ""
	}
	return s
}

// Suggest returns ": did you mean ...?" when a known word is near the misspelt one, else what is known.
func Suggest(word string, known []string) string {
	if near, ok := text.Nearest(word, known); ok {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return "; known are " + strings.Join(known, ", ")
}

func (v Value) found() string {
	switch v.node.Kind {
	case yaml.MappingNode:
		return "fields with names"
	case yaml.SequenceNode:
		return "a list"
	}
	if len(v.node.Value) > 40 {
		return "text"
	}
	return strconv.Quote(v.node.Value)
}
