package people_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"daymark/internal/org/people"
)

var update = flag.Bool("update", false, "write the table of roles into docs/people.md")

const (
	document = "../../../docs/people.md"
	begin    = "<!-- roles: written by go test ./internal/org/people -run Documented -update -->\n"
	end      = "<!-- end of roles -->\n"
)

// table is what every role may do, as Markdown.
func table() string {
	var b strings.Builder
	b.WriteString("| Permission |")
	for _, role := range people.Roles() {
		fmt.Fprintf(&b, " %s |", role)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(people.Roles())) + "\n")
	for _, what := range people.Permissions() {
		fmt.Fprintf(&b, "| `%s` |", what)
		for _, role := range people.Roles() {
			if (people.Person{Role: role}).May(what) {
				b.WriteString(" yes |")
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTheRolesAreDocumentedAsTheyAre(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	written, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", document)
	}
	if *update {
		if err := os.WriteFile(document, []byte(before+begin+table()+end+after), 0o644); err != nil { //nolint:gosec // a document of the repository
			t.Fatal(err)
		}
		return
	}
	if written != table() {
		t.Errorf("%s says something else than the code; run: go test ./internal/org/people -run Documented -update", document)
	}
}

func TestEveryPermissionIsInTheCatalogueAndEveryRoleHasOneOfItsOwnOrReads(t *testing.T) {
	t.Parallel()
	seen := map[people.Permission]bool{}
	for _, what := range people.Permissions() {
		if seen[what] {
			t.Errorf("%s is there twice", what)
		}
		seen[what] = true
		if !(people.Person{Role: people.RoleAdmin}).May(what) && what != people.ConsentKeep {
			t.Errorf("an admin may not %s", what)
		}
		if (people.Person{Role: people.RoleAdmin, Disabled: true}).May(what) || (people.Person{Role: people.RoleOutside}).May(what) {
			t.Errorf("%s for somebody who is out, or has no account", what)
		}
	}
	for _, role := range people.Roles() {
		if !(people.Person{Role: role}).May(people.PostRead) {
			t.Errorf("%s reads nothing", role)
		}
	}
}
