package cli

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// update writes the generated parts of docs/commands.md anew: go test ./internal/cli -run Documentation -update
var update = flag.Bool("update", false, "write golden files anew")

const documentation = "../../docs/commands.md"

// anyYear stands for the current year while the model is read.
const anyYear = 1111

func model(t *testing.T) *kong.Application {
	t.Helper()
	var g grammar
	parser, err := newParser(&g, io.Discard, io.Discard, anyYear, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// leaves returns the commands that do something, in the order of the grammar.
func leaves(n *kong.Node) []*kong.Node {
	if n.Leaf() && n.Type == kong.CommandNode {
		return []*kong.Node{n}
	}
	var list []*kong.Node
	for _, child := range n.Children {
		list = append(list, leaves(child)...)
	}
	return list
}

// path is a command as one types it, without "daymark".
func path(n *kong.Node) string {
	name := n.Name
	for p := n.Parent; p != nil && p.Type == kong.CommandNode; p = p.Parent {
		name = p.Name + " " + name
	}
	return name
}

func standard(v *kong.Value) string {
	switch v.Default {
	case "":
		return ""
	case fmt.Sprint(anyYear):
		return "this year"
	}
	return "`" + v.Default + "`"
}

func describeSettings(n *kong.Node) string {
	var b strings.Builder
	b.WriteString("| variable | flag | when left out | what it is |\n|---|---|---|---|\n")
	for _, f := range n.Flags {
		if len(f.Envs) > 0 && !f.Hidden {
			fmt.Fprintf(&b, "| `%s` | `--%s` | %s | %s |\n", f.Envs[0], f.Name, standard(f.Value), f.Help)
		}
	}
	return b.String()
}

func describeCommands(n *kong.Node) string {
	var b strings.Builder
	for i, c := range leaves(n) {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "### daymark %s\n\n%s\n", path(c), c.Help)
		if c.Detail != "" {
			fmt.Fprintf(&b, "\n%s\n", detail(c.Detail))
		}
		var rows []string
		for _, p := range c.Positional {
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", p.Name, needed(p, p.Required), p.Help))
		}
		for _, f := range c.Flags {
			name := "--" + f.Name
			if !f.IsBool() {
				name += "=" + strings.Trim(f.FormatPlaceHolder(), `"`)
				if f.Default != "" {
					name = "--" + f.Name
				}
			}
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", name, needed(f.Value, f.Required), f.Help))
		}
		if len(rows) > 0 {
			fmt.Fprintf(&b, "\n| argument or flag | when left out | what it is |\n|---|---|---|\n%s\n", strings.Join(rows, "\n"))
		}
	}
	return b.String()
}

func needed(v *kong.Value, required bool) string {
	if required {
		return "needed"
	}
	return standard(v)
}

// detail sets the indented examples of a help text apart from its sentences, for Markdown.
func detail(text string) string {
	lines := strings.Split(text, "\n")
	var out []string
	for i, line := range lines {
		if example, ok := strings.CutPrefix(line, "  "); ok {
			if i > 0 && !strings.HasPrefix(lines[i-1], "  ") {
				out = append(out, "")
			}
			line = "    " + example
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestTheDocumentationKnowsEveryCommandAndSetting(t *testing.T) {
	t.Parallel()
	was, err := os.ReadFile(documentation)
	if err != nil {
		t.Fatal(err)
	}
	now := was
	for name, text := range map[string]string{"settings": describeSettings(model(t).Node), "commands": describeCommands(model(t).Node)} {
		part := regexp.MustCompile(`(?s)(<!-- generated: ` + name + ` -->\n).*?(<!-- end -->)`)
		if !part.Match(now) {
			t.Errorf("the documentation has no place for the %s", name)
		}
		now = part.ReplaceAll(now, []byte("${1}\n"+strings.ReplaceAll(text, "$", "$$")+"\n${2}"))
	}
	if *update {
		if err := os.WriteFile(documentation, now, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(now), string(was)); diff != "" {
		t.Errorf("docs/commands.md is not what the commands are; run go test ./internal/cli -run Documentation -update (-want +got):\n%s", diff)
	}
}

func TestEveryCommandExplainsItself(t *testing.T) {
	t.Parallel()
	for _, c := range leaves(model(t).Node) {
		name := path(c)
		if !strings.HasSuffix(c.Help, ".") {
			t.Errorf("%s: its help %q is no sentence", name, c.Help)
		}
		asks := len(c.Positional) > 0
		for _, f := range c.Flags {
			asks = asks || f.Required
			if f.Help == "" {
				t.Errorf("%s: the flag --%s has no help", name, f.Name)
			}
		}
		if asks && !strings.Contains(c.Detail, "  daymark "+name) {
			t.Errorf("%s takes arguments and shows no example", name)
		}
		var out, said bytes.Buffer
		if code := Main(append(strings.Fields(name), "--help"), &out, &said); code != exitOK || !strings.Contains(out.String(), "Usage: daymark "+name) || said.Len() > 0 {
			t.Errorf("%s --help: exit code %d\n%s%s", name, code, out.String(), said.String())
		}
	}
}

func TestEveryExampleIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, c := range leaves(model(t).Node) {
		for line := range strings.Lines(c.Detail) {
			example, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "  ")
			if !ok {
				continue
			}
			_, typed, _ := strings.Cut(example, "daymark ") // what stands before are variables of the environment
			var g grammar
			parser, err := newParser(&g, io.Discard, io.Discard, anyYear, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parser.Parse(typedWords(typed)); err != nil {
				t.Errorf("%q: %v", example, err)
			}
		}
	}
}

var word = regexp.MustCompile(`"[^"]*"|\S+`)

// typedWords splits what one types as a shell does, without redirections.
func typedWords(typed string) []string {
	typed, _, _ = strings.Cut(typed, " <")
	typed, _, _ = strings.Cut(typed, " >")
	var list []string
	for _, w := range word.FindAllString(typed, -1) {
		list = append(list, strings.Trim(w, `"`))
	}
	return list
}
