package rollup_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

// before returns the migrations up to the one that brought sums by day.
func before(t *testing.T) fs.FS {
	t.Helper()
	list, err := fs.ReadDir(migrations.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range list {
		if f.Name() >= "00034" {
			continue
		}
		b, err := fs.ReadFile(migrations.FS, f.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name()] = &fstest.MapFile{Data: b}
	}
	return files
}

func TestADatabaseWithCountsGetsItsMonthsAndSumsWithoutLoss(t *testing.T) {
	t.Parallel()
	dsn, owner := postgrestest.NewDSNs(t, before(t))
	db, err := postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	book := booktest.New(t, db)
	stored := 0
	for i, zone := range []string{"Etc/UTC", "Asia/Kathmandu", "Pacific/Honolulu"} {
		id := book.Deliver(booktest.Delivery{Post: book.Post("message-" + zone[:3]), Channel: book.Channel(booktest.Channel{Zone: zone})})
		book.Publish(id, booktest.Due)
		for n := range 40 { // from July to October: counts that rise, fall and are not told for a while
			if _, err := db.ExecContext(t.Context(), `
INSERT INTO snapshots (delivery_id, taken_at, favourites, boosts, quotes)
VALUES ($1, $2, $3, $4, CASE WHEN $4 % 5 <> 0 THEN $4 END)`, id, booktest.Due.Add(time.Duration(n*51+i)*time.Hour), 10+n%7, n); err != nil {
				t.Fatal(err)
			}
			stored++
		}
		if _, err := db.ExecContext(t.Context(), `
INSERT INTO latest_counts (delivery_id, taken_at, changed_at, favourites, boosts, quotes)
SELECT delivery_id, taken_at, taken_at, favourites, boosts, quotes FROM snapshots WHERE delivery_id = $1 ORDER BY taken_at DESC LIMIT 1`, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := postgres.Migrate(t.Context(), owner, migrations.FS); err != nil {
		t.Fatal(err)
	}
	var all, loose, months int
	if err := db.QueryRowxContext(t.Context(), `
SELECT (SELECT count(*) FROM snapshots), (SELECT count(*) FROM snapshots_default), (SELECT count(DISTINCT tableoid) FROM snapshots)`).Scan(&all, &loose, &months); err != nil {
		t.Fatal(err)
	}
	if all != stored || loose != 0 || months != 4 {
		t.Errorf("%d snapshots in %d months and %d outside of them, want %d in 4 and none", all, months, loose, stored)
	}
	did, err := rollup.Rebuild(t.Context(), db, func(int, int) {})
	if err != nil || did.Mended != 0 || did.Snapshots != stored || did.Cells == 0 {
		t.Errorf("a rebuild after the migration: %+v, %v; want nothing to mend", did, err)
	}
}
