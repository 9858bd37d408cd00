package texts

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"daymark/internal/flow/campaign/rules"
)

var listMissing = flag.Bool("list-missing", false, "print the sentences of errors that a language has no translation of, as a file of them")

// rooms are the folders below internal whose errors can reach a page.
var rooms = []string{"core", "org", "flow", "face", "media", "platform", "app/join"}

// makers are the functions of internal/core/fault that make a sentence, each with where its format stands.
var makers = map[string]int{"New": 1, "Wrap": 2, "BadField": 1, "Wrong": 1}

// formats collects from the source what sentences of errors are made of, each with the files that do. A format that passes another
// sentence on counts for nothing: that one is looked up as a whole.
func formats(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, room := range rooms {
		root := filepath.Join("../../../..", room)
		folders := map[string][]*ast.File{}
		set := token.NewFileSet()
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.Contains(path, "platformtest") || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			folders[filepath.Dir(path)] = append(folders[filepath.Dir(path)], file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for folder, list := range folders {
			c := collector{folder: strings.TrimPrefix(folder, "../../../../"), found: all, local: map[string]int{}, constants: map[string]string{}}
			for _, file := range list {
				ast.Inspect(file, c.prepare)
			}
			for _, file := range list {
				ast.Inspect(file, c.collect)
			}
		}
	}
	delete(all, "%s")
	return all
}

// collector reads one package.
type collector struct {
	folder    string
	found     map[string][]string
	local     map[string]int    // functions of the package that pass a format on, with where it stands
	constants map[string]string // of the package
}

// prepare notes the package's constants, and its functions that take a format with arguments.
func (c collector) prepare(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if i < len(n.Values) {
				if text, ok := c.text(n.Values[i]); ok {
					c.constants[name.Name] = text
				}
			}
		}
	case *ast.FuncDecl:
		c.passes(n.Name.Name, n.Type)
	case *ast.AssignStmt:
		for i, right := range n.Rhs {
			if fn, ok := right.(*ast.FuncLit); ok && i < len(n.Lhs) {
				if name, ok := n.Lhs[i].(*ast.Ident); ok {
					c.passes(name.Name, fn.Type)
				}
			}
		}
	}
	return true
}

func (c collector) passes(name string, fn *ast.FuncType) {
	at := 0
	for _, field := range fn.Params.List {
		for _, param := range field.Names {
			if param.Name == "format" {
				c.local[name] = at
			}
			at++
		}
	}
}

// passed returns where a function or method of the package that passes a format on takes it.
func (c collector) passed(name string) (at int, is bool) {
	at, is = c.local[name]
	return at, is
}

// text returns the value of a constant text.
func (c collector) text(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok1 := c.text(e.X)
		right, ok2 := c.text(e.Y)
		return left + right, ok1 && ok2 && e.Op == token.ADD
	case *ast.Ident:
		text, ok := c.constants[e.Name]
		return text, ok
	case *ast.ParenExpr:
		return c.text(e.X)
	}
	return "", false
}

func (c collector) collect(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		at, made := -1, false
		switch fn := n.Fun.(type) {
		case *ast.SelectorExpr:
			of, ok := fn.X.(*ast.Ident)
			at, made = c.passed(fn.Sel.Name) // a method of the package
			if ok && of.Name == "fault" {
				at, made = makers[fn.Sel.Name], makers[fn.Sel.Name] > 0
			}
		case *ast.Ident:
			at, made = c.passed(fn.Name)
		}
		if made && at < len(n.Args) && !internal(n.Args[0]) {
			if text, ok := c.text(n.Args[at]); ok {
				c.add(text)
			}
		}
	case *ast.CompositeLit:
		if of, ok := n.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "Problem" {
			c.problem(n)
		}
		if of, ok := n.Type.(*ast.ArrayType); ok {
			if of, ok := of.Elt.(*ast.SelectorExpr); ok && of.Sel.Name == "Problem" {
				for _, e := range n.Elts {
					if one, ok := e.(*ast.CompositeLit); ok {
						c.problem(one)
					}
				}
			}
		}
	}
	return true
}

// problem reads the message of a literal.
func (c collector) problem(n *ast.CompositeLit) {
	for _, e := range n.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Message" {
				if text, ok := c.text(pair.Value); ok {
					c.add(text)
				}
			}
		}
	}
}

// internal reports whether a kind is that of our own mistakes, whose sentences no page shows.
func internal(kind ast.Expr) bool {
	of, ok := kind.(*ast.SelectorExpr)
	return ok && of.Sel.Name == "Internal"
}

func (c collector) add(text string) {
	if !slices.Contains(c.found[text], c.folder) {
		c.found[text] = append(c.found[text], c.folder)
	}
}

// ruled returns what the shipped rules of content say and ask.
func ruled(t *testing.T) []string {
	t.Helper()
	set, err := rules.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, r := range set.Rules() {
		for _, sentence := range []string{r.Question, r.Message, r.Suggestion} {
			if sentence != "" {
				list = append(list, sentence)
			}
		}
	}
	return list
}

func TestFaultsAreTranslatedFromSentencesThatAreMade(t *testing.T) {
	t.Parallel()
	made, words := formats(t), all(t)
	if len(made) < 300 {
		t.Errorf("found %d sentences in the source, which is too few to be all", len(made))
	}
	for _, sentence := range ruled(t) {
		made[sentence] = append(made[sentence], Rules)
	}
	keys := map[string][]string{}
	for _, code := range []string{"fr", "es", "ar"} {
		missing := map[string]string{}
		for format := range made {
			if _, there := words[code].faults[format]; !there {
				missing[format] = strings.Join(slices.Compact(made[format]), " ")
			}
		}
		for format := range words[code].faults {
			keys[format] = append(keys[format], code)
		}
		if *listMissing {
			b, err := json.MarshalIndent(missing, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s lacks %d of %d:\n%s", code, len(missing), len(made), b)
		}
	}
	for _, format := range slices.Sorted(maps.Keys(keys)) {
		if len(made[format]) == 0 {
			t.Errorf("no error says %q any more; take it out of %s", format, strings.Join(keys[format], ", "))
		}
	}
}
