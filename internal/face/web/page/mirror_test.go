package page

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// physical finds what does not turn around with the direction of a page: a side by its name where CSS has one by the run of the text
// (https://www.w3.org/TR/css-logical-1/). Sizes are the same both ways.
var physical = regexp.MustCompile(`(?m)(?:^|[;{\s])((?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)|left|right)[a-z-]*\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)|translateX\()`)

func TestStylesTurnAroundWithTheDirectionOfThePage(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../ui/src/*.css")
	if err != nil || len(names) == 0 {
		t.Fatalf("no styles: %v", err)
	}
	for _, name := range names {
		css, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range physical.FindAllStringSubmatch(string(css), -1) {
			t.Errorf("%s: %q is a side of the screen; name it by the run of the text", filepath.Base(name), m[1])
		}
	}
}

// pointing are the icons that point along the line.
var pointing = regexp.MustCompile(`\{\{icon "(?:arrow-(?:left|right)|chevron-(?:left|right)|chevrons-(?:left|right)|log-out|log-in|undo|redo)[a-z0-9-]*"\}\}`)

func TestIconsThatPointTurnAroundToo(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		html := string(src)
		for _, at := range pointing.FindAllStringIndex(html, -1) {
			if !strings.HasSuffix(html[:at[0]], `<span class="icon-turn">`) {
				t.Errorf("%s: %s points along the line; put it into a span of the class icon-turn", name, html[at[0]:at[1]])
			}
		}
	}
}
