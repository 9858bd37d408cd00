package book_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/post"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestTheTablesOfLegalChangesAreTheSame(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	var inDatabase []string
	if err := db.SelectContext(t.Context(), &inDatabase, `SELECT was || ' to ' || now FROM legal`); err != nil {
		t.Fatal(err)
	}
	var inCode []string
	for _, from := range post.States {
		for _, to := range post.States {
			if post.Legal(from, to) {
				inCode = append(inCode, string(from)+" to "+string(to))
			}
		}
	}
	slices.Sort(inCode)
	slices.Sort(inDatabase)
	if diff := cmp.Diff(inCode, inDatabase); diff != "" {
		t.Errorf("legal changes (-core/post +migrations):\n%s", diff)
	}
}

func TestTheDatabaseKnowsTheSameStatesAndHolds(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	consts := constants(t, "../../core/post/state.go")
	var states []string
	for _, s := range post.States {
		states = append(states, string(s))
	}
	slices.Sort(states)
	if diff := cmp.Diff(consts["State"], states); diff != "" {
		t.Errorf("post.States does not list every state (-constants +States):\n%s", diff)
	}
	// A delivery on its way is scheduled with the intent in its queue row: no row of deliveries says sending.
	stored := slices.DeleteFunc(slices.Clone(states), func(s string) bool { return s == string(post.Sending) })
	for constraint, want := range map[string][]string{"deliveries_state_check": stored, "deliveries_hold_check": consts["Hold"]} {
		var definition string
		if err := db.GetContext(t.Context(), &definition, `
SELECT pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conname = $1
  AND conrelid = 'deliveries'::regclass`, constraint); err != nil {
			t.Fatalf("%s: %v", constraint, err)
		}
		var got []string
		for _, m := range regexp.MustCompile(`'([a-z]+)'`).FindAllStringSubmatch(definition, -1) {
			got = append(got, m[1])
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-core/post +migrations):\n%s", constraint, diff)
		}
	}
}

// constants returns the values of a file's typed string constants, sorted, by their type.
func constants(t *testing.T, file string) map[string][]string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	ast.Inspect(tree, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		kind, ok := spec.Type.(*ast.Ident)
		if !ok {
			return true
		}
		for _, v := range spec.Values {
			if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found[kind.Name] = append(found[kind.Name], value)
			}
		}
		return true
	})
	for _, list := range found {
		slices.Sort(list)
	}
	return found
}
