package crash

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// points returns the labelled points of the dispatcher, in the order of their names: the constant words with which its source
// calls point or Point. So a new point is in the matrix without anybody's thinking of it.
func points(t *testing.T) []string {
	t.Helper()
	var list []string
	root := filepath.Join("..", "flow", "dispatch")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 && named(call.Fun, "point") {
				if word, ok := call.Args[0].(*ast.BasicLit); ok && word.Kind == token.STRING {
					name, _ := strconv.Unquote(word.Value) // it was parsed
					list = append(list, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) < 5 {
		t.Fatalf("the dispatcher has only the points %q: are they called otherwise now?", list)
	}
	return list
}

// named reports whether a function is called by a name, whatever it belongs to.
func named(f ast.Expr, name string) bool {
	switch f := f.(type) {
	case *ast.Ident:
		return strings.EqualFold(f.Name, name)
	case *ast.SelectorExpr:
		return strings.EqualFold(f.Sel.Name, name)
	}
	return false
}
