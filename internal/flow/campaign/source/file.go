package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"daymark/internal/core/text"

	"go.yaml.in/yaml/v4"
)

// MaxBytes is the largest file that is read: ten thousand posts in four languages.
const MaxBytes = 16 << 20

// maxMarks is how many line ends, commas, colons and brackets a file may have. The reader keeps a few hundred bytes for each
// value, and there are no more values than marks, so a file of nothing but values cannot fill the memory.
const maxMarks = 1_000_000

// maxDepth is how deep a file may be nested; our files need six levels.
const maxDepth = 50

// File collects the problems of one file while it is read.
type File struct {
	name     string
	problems []Problem
	unsafe   bool // characters that deceive were found in the bytes already
}

// Parse reads a file into its root value. When the file is not YAML as we take it, the root is empty and the problems say
// why; a reader may go on with an empty root without asking.
func Parse(name string, src []byte) (*File, Value) {
	f := &File{name: name}
	if len(src) > MaxBytes {
		f.Add(1, 1, "", "the file has %d bytes; at most %d are read. Is it the right file?", len(src), MaxBytes)
		return f, Value{}
	}
	marks := 0
	for _, mark := range []byte("\n,:[{") {
		marks += bytes.Count(src, []byte{mark})
	}
	if marks > maxMarks {
		f.Add(1, 1, "", "the file has %d values or more; at most %d are read. Is it the right file?", marks, maxMarks)
		return f, Value{}
	}
	if !f.checkBytes(src) {
		return f, Value{}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(src))
	if err != nil {
		f.Add(1, 1, "", "cannot be read: %v", err)
		return f, Value{}
	}
	var doc, second yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) {
		f.Add(1, 1, "", "the file is empty")
		return f, Value{}
	} else if err != nil {
		f.syntax(err)
		return f, Value{}
	}
	if err := loader.Load(&second); !errors.Is(err, io.EOF) {
		f.Add(max(second.Line, 1), max(second.Column, 1), "", "a second document begins here: one file holds one; take out the line of three hyphens")
		return f, Value{}
	}
	if !f.checkTree(doc.Content[0], 0) {
		return f, Value{}
	}
	root := Value{file: f, node: doc.Content[0]}
	if !root.Present() {
		root.Fail("the file is empty")
		return f, Value{}
	}
	return f, root
}

// Add notes a problem.
func (f *File) Add(line, column int, field, format string, args ...any) {
	f.problems = append(f.problems, Problem{File: f.name, Line: line, Column: column, Field: field, Message: fmt.Sprintf(format, args...)})
}

// Problems returns what was noted, in the order of the file and each once.
func (f *File) Problems() []Problem { return Sorted(f.problems) }

// checkBytes looks for what no reader of YAML shows well, and returns false when the file cannot be parsed at all.
func (f *File) checkBytes(src []byte) bool {
	for i, line := range bytes.Split(bytes.TrimPrefix(src, []byte("\ufeff")), []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		r, at, found := text.FirstUnsafe(string(line))
		if !found {
			continue
		}
		f.unsafe = true
		if r == utf8.RuneError {
			f.Add(i+1, at+1, "", "the byte %#x is not UTF-8: save the file as UTF-8", line[at])
			return false
		}
		f.Add(i+1, at+1, "", "the invisible character %U is not allowed: it can hide what a text says. Delete it; right-to-left texts need no marks", r)
	}
	return true
}

// syntax turns the YAML reader's error into a problem. It finds one mistake of form at a time.
func (f *File) syntax(err error) {
	line, column, message := 1, 1, err.Error()
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		line, column, message = max(e.Mark.Line, 1), max(e.Mark.Column, 1), e.Message
		if e.ContextMsg != "" {
			message = e.ContextMsg
			if e.ContextMark.Line > 0 && e.ContextMark.Line != line {
				message += fmt.Sprintf(" that begins in line %d", e.ContextMark.Line)
			}
			message += ", " + e.Message
		}
	}
	hint := ""
	if strings.Contains(message, "unknown anchor") || strings.Contains(message, "alias") {
		hint = ". A value that begins with * must be in quotation marks"
	}
	f.Add(line, column, "", "this is not YAML: %s%s. Look for a missing quotation mark, a tab, or a line that is indented otherwise than its neighbours", message, hint)
}

// checkTree refuses what a plain tree does not have, and too deep nesting. It returns false when the tree must not be walked.
func (f *File) checkTree(n *yaml.Node, depth int) bool {
	if depth > maxDepth {
		f.Add(n.Line, n.Column, "", "nested more than %d levels deep", maxDepth)
		return false
	}
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		f.Add(n.Line, n.Column, "", "anchors (&name) and aliases (*name) are not allowed: write the value out, or put it in quotation marks if it is text")
		return false
	}
	if n.Style&yaml.TaggedStyle != 0 {
		f.Add(n.Line, n.Column, "", "tags (!name) are not allowed: take it out, or put the value in quotation marks if it is text")
		return false
	}
	ok := true
	for _, c := range n.Content {
		ok = f.checkTree(c, depth+1) && ok
	}
	return ok
}
