package internal

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	documentedLine  = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^|]+ \\| [^|]+ \\| [^|]+ \\|$")
	requirementLine = regexp.MustCompile(`(?m)^(?:require)?\s+([a-z0-9.-]+\.[a-z]+/\S+) v\S+( // indirect)?$`)
	toolLine        = regexp.MustCompile(`(?m)^(?:tool)?\s+([a-z0-9.-]+\.[a-z]+/\S+)$`)
)

// TestEveryDependencyHasItsLine holds docs/dependencies.md, the module files and package.json together, both ways.
func TestEveryDependencyHasItsLine(t *testing.T) {
	t.Parallel()

	read := func(path string) string {
		text, err := os.ReadFile("../" + path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, finding := range compareDependencies(t, read("docs/dependencies.md"), read("go.mod"), read("tools/go.mod"), read("internal/face/web/ui/package.json")) {
		t.Error(finding)
	}
}

func TestADependencyWithoutALineIsFound(t *testing.T) {
	t.Parallel()

	const (
		doc = "| `a.org/direct` | x | x | x |\n| `a.org/tool` | x | x | x |\n| `pack` | x | x | x |\n"
		mod = "module m\n\nrequire (\n\ta.org/direct v1.0.0\n\ta.org/other v1.0.0 // indirect\n)\n"
		too = "module t\n\ntool a.org/tool/cmd/x\n\nrequire (\n\ta.org/tool v1.0.0 // indirect\n)\n"
		npm = `{"devDependencies": {"pack": "1"}}`
	)
	for _, c := range []struct{ name, doc, mod, tools, npm, want string }{
		{"all is well", doc, mod, too, npm, ""},
		{"a module without a line", doc, mod + "require b.org/new v1.0.0\n", too, npm, "b.org/new has no line"},
		{"a tool without a line", doc, mod, too + "tool b.org/tool/cmd/y\n", npm, "b.org/tool/cmd/y has no line"},
		{"a package without a line", doc, mod, too, `{"dependencies": {"pack": "1", "left": "1"}}`, "left has no line"},
		{"a line without a module", doc + "| `c.org/gone` | x | x | x |\n", mod, too, npm, "c.org/gone has a line but is no dependency"},
		{"a line with an empty cell", strings.Replace(doc, "`pack` | x |", "`pack` |", 1), mod, too, npm, "pack has no line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(compareDependencies(t, c.doc, c.mod, c.tools, c.npm), "\n"); got == "" && c.want != "" || !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// compareDependencies says which direct dependency has no line, and which line no dependency.
func compareDependencies(t *testing.T, doc, mod, tools, packages string) []string {
	t.Helper()

	var lines, found []string
	for _, m := range documentedLine.FindAllStringSubmatch(doc, -1) {
		lines = append(lines, m[1])
	}
	var all []string // whatever may have a line
	need := func(name string) {
		all = append(all, name)
		if !slices.ContainsFunc(lines, func(line string) bool { return under(name, line) }) {
			found = append(found, name+" has no line in docs/dependencies.md: what for, who keeps it, how we would leave")
		}
	}
	for _, m := range requirementLine.FindAllStringSubmatch(mod, -1) {
		all = append(all, m[1])
		if m[2] == "" {
			need(m[1])
		}
	}
	for _, m := range toolLine.FindAllStringSubmatch(tools, -1) {
		need(m[1])
	}
	var front struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal([]byte(packages), &front); err != nil {
		t.Fatal(err)
	}
	for _, group := range []map[string]string{front.Dependencies, front.DevDependencies} {
		for name := range group {
			need(name)
		}
	}
	for _, line := range lines {
		if !slices.ContainsFunc(all, func(name string) bool { return under(name, line) }) {
			found = append(found, line+" has a line but is no dependency any more: take the line out")
		}
	}
	return found
}
