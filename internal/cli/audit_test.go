package cli

import (
	"bytes"
	"strings"
	"testing"

	"daymark/internal/org/audit"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestVerifyEndsWithOneAndNamesTheFirstBrokenRow(t *testing.T) {
	t.Parallel()
	_, dsn := postgrestest.NewDSNs(t, migrations.FS)
	owner, err := postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	for range 5 {
		if err := audit.Write(t.Context(), owner, audit.Entry{Action: "post.approved", Kind: "post", ID: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := audit.NewSealer(owner).Seal(t.Context()); err != nil || n != 5 {
		t.Fatalf("sealed %d, %v", n, err)
	}
	verify := func() (int, string) {
		var out, said bytes.Buffer
		code := Main([]string{"audit", "verify", "--database-url", dsn, "--data", t.TempDir()}, &out, &said)
		return code, out.String() + said.String()
	}
	if code, text := verify(); code != exitOK || !strings.Contains(text, "The log is whole: 5 rows in 1 seal.") || !strings.Contains(text, "Head: 1:") {
		t.Errorf("before: %d\n%s", code, text)
	}
	for _, statement := range []string{`ALTER TABLE audit DISABLE TRIGGER USER`, `UPDATE audit SET subject_id = 2 WHERE id IN (3, 4)`} {
		if _, err := owner.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if code, text := verify(); code != exitProblems || !strings.Contains(text, "The log is broken. Row 3 was changed after seal 1 was made on ") {
		t.Errorf("after: %d\n%s", code, text)
	}
}
