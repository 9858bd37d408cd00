package source_test

import (
	"strings"
	"testing"

	"daymark/internal/flow/campaign/source"
)

func TestFilesThatAreNoPlainTreeAreRefused(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ",") + "]\n"
	}
	for name, tt := range map[string]struct{ src, want string }{
		"nothing":             {"", "f:1:1: the file is empty"},
		"only a comment":      {"# hello\n", "f:1:1: the file is empty"},
		"too many bytes":      {strings.Repeat("#", source.MaxBytes+1), "f:1:1: the file has"},
		"a hundred megabytes": {strings.Repeat("- a\n", 25<<20), "f:1:1: the file has 104857600 bytes; at most"},
		"too many values":     {strings.Repeat("- a\n", 1<<20), "f:1:1: the file has 1048576 values or more"},
		"too many in a row":   {"a: [" + strings.Repeat("1,", 2<<20) + "]", "values or more"},
		"a byte of Latin 1":   {"a: b\nc: caf\xe9\n", "f:2:7: the byte 0xe9 is not UTF-8"},
		"UTF-16":              {"\xff\xfea\x00", "f:1:1: the byte 0xff is not UTF-8"},
		"an open quote":       {"a: \"b\nc: d\n", "this is not YAML"},
		"a tab":               {"a:\n\tb: c\n", "f:2:1: this is not YAML"},
		"a second document":   {"a: b\n---\nc: d\n", "a second document"},
		"an alias":            {"a: &x b\nc: *x\n", "f:1:4: anchors"},
		"a bomb":              {bomb, "f:1:4: anchors"},
		"a tag":               {"a: !yours b\n", "f:1:4: tags"},
		"a cycle":             {"a: &a [*a]\n", "anchors"},
		"deep brackets":       {strings.Repeat("[", 9000) + strings.Repeat("]", 9000), "nested more than"},
		"too deep to parse":   {strings.Repeat("[", 500000), "this is not YAML"},
		"an unknown alias":    {"a: *x\n", "must be in quotation marks"},
		"a mark of direction": {"a: b\nc: d\u202ee\n", "f:2:5: the invisible character U+202E"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := source.Parse("f", []byte(tt.src))
			if got := source.Text(f.Problems()); !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAnEmptyValueAnswersWithNothing(t *testing.T) {
	t.Parallel()
	var v source.Value
	v.Fail("nobody hears this")
	if v.Present() || v.String() != "" || v.Int(1, 2) != 0 || v.Bool() || v.List("x") != nil || v.Map("!a")["a"].Present() || v.Entries("x") != nil || v.OneOf("a") != "" || v.Strings("x") != nil {
		t.Error("something came out of nothing")
	}
}

func TestEscapedMarksAreFoundToo(t *testing.T) {
	t.Parallel()
	f, root := source.Parse("f", []byte(`a: "b\u202ec"`))
	if got := root.Map("a")["a"].String(); got != "" {
		t.Errorf("the text was read: %q", got)
	}
	if got := source.Text(f.Problems()); !strings.Contains(got, "f:1:4: a: the text has the character U+202E") {
		t.Errorf("got %q", got)
	}
}
