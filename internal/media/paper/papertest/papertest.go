// Package papertest reads PDF files in tests with the programs of Debian's poppler-utils, which share nothing with the room that writes
// them.
package papertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// run runs a program on a file and returns what it prints.
func run(t testing.TB, data []byte, program string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = path
		}
	}
	var problems strings.Builder
	c := exec.CommandContext(t.Context(), program, args...)
	c.Stderr = &problems
	out, err := c.Output()
	if err != nil || problems.Len() > 0 {
		t.Fatalf("%s (scripts/setup --test installs it): %v\n%s", program, err, problems.String())
	}
	return string(out)
}

// Text returns the text of a file, in the order of reading.
func Text(t testing.TB, data []byte) string {
	t.Helper()
	return run(t, data, "pdftotext", "-enc", "UTF-8", "FILE", "-")
}

// Layout returns the text of a file, line by line as it is seen.
func Layout(t testing.TB, data []byte) string {
	t.Helper()
	return run(t, data, "pdftotext", "-layout", "-enc", "UTF-8", "FILE", "-")
}

// Tags returns the tree of headings, paragraphs and tables with their words.
func Tags(t testing.TB, data []byte) string {
	t.Helper()
	return run(t, data, "pdfinfo", "-struct-text", "FILE")
}

// Info returns what a file says of itself.
func Info(t testing.TB, data []byte) string {
	t.Helper()
	return run(t, data, "pdfinfo", "FILE")
}

// Has reports whether a text has words, whatever space and signs of direction stand between them.
func Has(text, words string) bool {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.Contains(plain(text), plain(words))
}

// Font is a font of a file.
type Font struct {
	Name                      string
	Embedded, Subset, Unicode bool
}

// Fonts lists the fonts of a file.
func Fonts(t testing.TB, data []byte) []Font {
	t.Helper()
	var list []Font
	for i, line := range strings.Split(strings.TrimSpace(run(t, data, "pdffonts", "FILE")), "\n") {
		words := strings.Fields(line)
		if i < 2 || len(words) < 8 {
			continue
		}
		flags := words[len(words)-5:] // emb sub uni object generation
		list = append(list, Font{Name: words[0], Embedded: flags[0] == "yes", Subset: flags[1] == "yes", Unicode: flags[2] == "yes"})
	}
	return list
}
