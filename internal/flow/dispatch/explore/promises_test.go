package explore

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPromiseHasItsTest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| (.+) \\| `(Test[A-Za-z0-9]+)` \\| (\\S+) \\|$").FindAllStringSubmatch(string(text), -1)
	promised := map[string]bool{}
	for _, row := range rows {
		promise, test, file := row[1], row[2], row[3]
		promised[promise[:1]] = true
		code, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			t.Errorf("%s: %v", promise, err)
		} else if !strings.Contains(string(code), "\nfunc "+test+"(t *testing.T) {") {
			t.Errorf("%s: %s has no %s", promise, file, test)
		}
	}
	for _, number := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		if !promised[number] {
			t.Errorf("promise %s has no test", number)
		}
	}
	if len(rows) < 20 {
		t.Errorf("reliability.md has %d rows of tests", len(rows))
	}
}
