package months_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/engagement/months"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

var begin = time.Date(2031, 1, 15, 9, 0, 0, 0, time.UTC)

func snapshot(ctx context.Context, db *postgres.DB, delivery int, at time.Time) error {
	_, err := db.ExecContext(ctx, `INSERT INTO snapshots (delivery_id, taken_at, favourites) VALUES ($1, $2, 1)`, delivery, at)
	return err
}

func count(t *testing.T, db *postgres.DB, query string) int {
	t.Helper()
	var n int
	if err := db.GetContext(t.Context(), &n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMonthsAreThereBeforeTheyAreNeededForAYearOnAFastClock(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	const rate = 100_000 // the fastest that there is: ten seconds of real time are eleven days
	fast := clock.NewFake(begin)
	made := 0
	for day := 0; day <= 400; day++ {
		if day%11 == 0 { // the job comes around
			n, err := months.Ensure(t.Context(), db, fast.Now())
			if err != nil {
				t.Fatal(err)
			}
			made += n
		}
		if err := snapshot(t.Context(), db, 1, fast.Now()); err != nil {
			t.Fatal(err)
		}
		fast.Add(10 * time.Second * rate / 11)
	}
	if n := count(t, db, `SELECT count(*) FROM snapshots_default`); n != 0 {
		t.Errorf("%d snapshots came before their month was made", n)
	}
	if n := count(t, db, `SELECT count(*) FROM snapshots`); n != 401 {
		t.Errorf("%d snapshots, want 401", n)
	}
	if made < 18 || made > 20 {
		t.Errorf("%d months were made in 13 of them, each six ahead", made)
	}
	if n, err := months.Ensure(t.Context(), db, fast.Now().AddDate(0, -2, 0)); n != 0 || err != nil {
		t.Errorf("months that are there were made again: %d, %v", n, err)
	}
}

func TestWhatCameWithoutAMonthMovesWithoutLossWhileOthersWrite(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	last := time.Date(2031, 1, 31, 23, 59, 59, 999999000, time.UTC)
	for i, at := range []time.Time{last, last.Add(time.Microsecond), begin, begin.AddDate(2, 0, 0)} {
		if err := snapshot(t.Context(), db, 1000+i, at); err != nil {
			t.Fatal(err)
		}
	}
	const writers, rows = 3, 60
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range rows {
				if err := snapshot(t.Context(), db, w, begin.Add(time.Duration(i)*24*time.Hour)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 { // two replicas
		wg.Go(func() {
			if _, err := months.Ensure(t.Context(), db, begin); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, db, `SELECT count(*) FROM snapshots`); n != writers*rows+4 {
		t.Errorf("%d snapshots, want %d", n, writers*rows+4)
	}
	if n := count(t, db, `SELECT count(*) FROM snapshots_default`); n != 1 {
		t.Errorf("%d snapshots in the default table, want the one two years ahead", n)
	}
	for month, want := range map[string]int{"2031_01": writers*17 + 2, "2031_02": writers*28 + 1, "2031_03": writers * 15} {
		if n := count(t, db, fmt.Sprintf(`SELECT count(*) FROM snapshots WHERE tableoid = 'snapshots_%s'::regclass`, month)); n != want {
			t.Errorf("month %s has %d snapshots, want %d", month, n, want)
		}
	}
}

func TestTheApplicationMakesNoOtherTables(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	for _, query := range []string{
		`SELECT make_snapshot_months('2031-01-01', 100000)`, `SELECT make_snapshot_months('2500-01-01', 1)`, `SELECT make_snapshot_months(NULL, 1)`,
		`CREATE TABLE snapshots_2031_01 (a int)`,
	} {
		if _, err := db.ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s was allowed", query)
		}
	}
}
