package internal

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// statement is a constant of the product whose name begins with sql.
type statement struct {
	room, name, text string
}

// notTheDaemons lists the rooms whose statements are not for the application's role and the migrated schema, with the reason.
// They are only parsed.
var notTheDaemons = map[string]string{
	"internal/postgres":              "roles and migrations are the owner's",
	"internal/postgres/private":      "a new cluster is its superuser's",
	"internal/postgres/postgrestest": "test databases are their superuser's",
}

func TestEveryStatementFitsTheSchemaAndTheApplicationsRights(t *testing.T) {
	t.Parallel()
	list := statements(t, "..")
	if len(list) < 80 {
		t.Fatalf("only %d statements were found: the search is broken", len(list))
	}
	db := postgrestest.New(t, migrations.FS)
	for _, s := range list {
		if notTheDaemons[s.room] != "" {
			continue
		}
		if err := fits(t.Context(), db, s.text); err != nil {
			t.Errorf("%s, %s: %v", s.room, s.name, err)
		}
	}
}

func TestAStatementThatDoesNotFitIsFound(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	for text, want := range map[string]string{
		`SELECT nothing FROM posts`:                    "does not exist",
		`SELECT id FROM posts WHERE id = $1 AND $1`:    "boolean",
		`UPDATE posts SET current_revision = $1`:       "permission denied",
		`DELETE FROM queue WHERE delivery_id = $1`:     "permission denied",
		`INSERT INTO verdicts (id) VALUES ($1)`:        "cannot insert",
		`SELECT id FROM posts; SELECT id FROM channel`: "does not exist",
		`SELEKT 1`: "syntax error",
	} {
		if err := fits(t.Context(), db, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
	}
}

// fits prepares a statement, which checks it against the schema, and has it explained with NULL for every parameter, which
// checks the role's rights and runs nothing.
func fits(ctx context.Context, db *postgres.DB, text string) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "DEALLOCATE ALL"); err != nil { // a prepared statement outlives its transaction
		return err
	}
	if _, err := tx.ExecContext(ctx, "PREPARE statement AS "+positional(text)); err != nil {
		return err
	}
	var parameters int
	if err := tx.GetContext(ctx, &parameters, `SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'statement'`); err != nil {
		return err
	}
	execute := "EXPLAIN EXECUTE statement"
	if parameters > 0 {
		execute += "(" + strings.TrimSuffix(strings.Repeat("NULL, ", parameters), ", ") + ")"
	}
	_, err = tx.ExecContext(ctx, execute)
	return err
}

var namedParameter = regexp.MustCompile(`([^:]):([a-z_]+)`)

// positional numbers the parameters of a statement that names them, as sqlx does.
func positional(text string) string {
	var names []string
	return namedParameter.ReplaceAllStringFunc(text, func(found string) string {
		name := namedParameter.FindStringSubmatch(found)[2]
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		return found[:1] + "$" + strconv.Itoa(slices.Index(names, name)+1)
	})
}

// statements returns every string constant of product code whose name begins with sql.
func statements(t *testing.T, root string) []statement {
	t.Helper()
	var list []statement
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			found, err := statementsOf(root, path)
			list = append(list, found...)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// statementsOf returns the statements of one room. A constant may be put together from others of its room.
func statementsOf(root, dir string) ([]statement, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	values := map[string]ast.Expr{}
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok || decl.Tok != token.CONST {
				return true
			}
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.ValueSpec); ok {
					for i, ident := range spec.Names {
						if i < len(spec.Values) {
							values[ident.Name] = spec.Values[i]
						}
					}
				}
			}
			return true
		})
	}
	room, err := filepath.Rel(root, dir)
	if err != nil {
		return nil, err
	}
	var list []statement
	for name, value := range values {
		if !strings.HasPrefix(name, "sql") {
			continue
		}
		text, err := evaluate(value, values)
		if err != nil {
			return nil, fmt.Errorf("%s, %s: %w", room, name, err)
		}
		list = append(list, statement{filepath.ToSlash(room), name, text})
	}
	slices.SortFunc(list, func(a, b statement) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

// evaluate works out a constant string: a literal, a sum, or another constant of the room.
func evaluate(e ast.Expr, values map[string]ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return strconv.Unquote(e.Value)
		}
	case *ast.ParenExpr:
		return evaluate(e.X, values)
	case *ast.Ident:
		if value, ok := values[e.Name]; ok {
			return evaluate(value, values)
		}
	case *ast.BinaryExpr:
		left, err := evaluate(e.X, values)
		if err != nil {
			return "", err
		}
		right, err := evaluate(e.Y, values)
		return left + right, err
	}
	return "", fmt.Errorf("its value cannot be worked out here")
}
