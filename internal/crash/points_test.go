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

	"daymark/internal/flow/dispatch"
)

// The matrix kills the daemon at the points that the dispatcher lists. One that is in its source and not in the list would be
// missing from the matrix; one that is in the list only would be killed at never.
func TestTheListOfPointsIsWhatTheSourceHas(t *testing.T) {
	t.Parallel()
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
	want := slices.Sorted(slices.Values(dispatch.Points()))
	if got := slices.Compact(list); !slices.Equal(got, want) {
		t.Errorf("the source has the points\n%q, and the list\n%q", got, want)
	}
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
