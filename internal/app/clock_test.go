package app_test

import (
	"testing"
	"time"

	"daymark/internal/app"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func TestTheProductClockIsNeverAheadOfTheDatabases(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	var c app.Clock
	for range 50 {
		if err := c.Refresh(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		ours := c.Now()
		var theirs time.Time
		if err := db.GetContext(t.Context(), &theirs, `SELECT clock_timestamp()`); err != nil {
			t.Fatal(err)
		}
		if ours.After(theirs) {
			t.Fatalf("the product clock says %v, and the database, asked after it, %v", ours, theirs)
		}
	}
}
