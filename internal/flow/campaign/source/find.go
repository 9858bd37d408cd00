package source

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Find returns the value at a path such as posts[3].text.fr, or where the path leads nowhere, the deepest value on the way.
func (v Value) Find(path string) Value {
	for _, step := range steps(path) {
		next := v.child(step)
		if next.node == nil {
			break
		}
		v = next
	}
	return v
}

// steps splits posts[3].text.fr into posts, [3], text, fr.
func steps(path string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(path, "[", ".["), func(r rune) bool { return r == '.' })
}

func (v Value) child(step string) Value {
	if v.node == nil {
		return Value{}
	}
	if number, ok := strings.CutPrefix(step, "["); ok {
		n, err := strconv.Atoi(strings.TrimSuffix(number, "]"))
		if err != nil || v.node.Kind != yaml.SequenceNode || n < 0 || n >= len(v.node.Content) {
			return Value{}
		}
		return Value{v.file, v.node.Content[n], v.path + step}
	}
	if v.node.Kind != yaml.MappingNode {
		return Value{}
	}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if v.node.Content[i].Value == step {
			return Value{v.file, v.node.Content[i+1], strings.TrimPrefix(v.path+"."+step, ".")}
		}
	}
	return Value{}
}

// Path returns where the value stands, such as posts[3].text.fr.
func (v Value) Path() string { return v.path }

// PlaceOf returns line and column, from 1, of a byte of a text's value in the file it was read from. A text that the file
// writes in another way (with escapes, folded, over several lines) has the place where it begins.
func (v Value) PlaceOf(src []byte, offset int) (line, column int) {
	if v.node == nil {
		return 1, 1
	}
	line, column = v.node.Line, v.node.Column
	if v.node.Kind != yaml.ScalarNode || offset <= 0 {
		return line, column
	}
	text := strings.TrimSpace(v.node.Value)
	lines := bytes.Split(src, []byte("\n"))
	if offset > len(text) || line < 1 || line > len(lines) {
		return line, column
	}
	written := string(lines[line-1])
	at := byteOf(written, column-1)
	if at < 0 {
		return line, column
	}
	quoted := 0
	if rest := written[at:]; strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "'") {
		quoted = 1
	}
	if !strings.HasPrefix(written[at+quoted:], text[:offset]) {
		return line, column
	}
	return line, column + quoted + utf8.RuneCountInString(text[:offset])
}

// byteOf returns the byte at which the character with the number begins, and -1 past the end.
func byteOf(s string, character int) int {
	for at := range s {
		if character == 0 {
			return at
		}
		character--
	}
	return -1
}
