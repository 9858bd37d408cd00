package throttle_test

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/org/people/throttle"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
	"daymark/migrations"
)

func take(t *testing.T, db *postgres.DB, tries ...throttle.Try) time.Duration {
	t.Helper()
	wait, err := throttle.Take(t.Context(), db, tries...)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

// later lets time pass for everything that was counted.
func later(t *testing.T, db *postgres.DB, d time.Duration) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), `UPDATE log_in_tries SET free_at = free_at - $1 * interval '1 second'`, d.Seconds()); err != nil {
		t.Fatal(err)
	}
}

func TestTheWaitGrowsWithEachTryUpToItsBound(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	from := netip.MustParseAddr("192.0.2.7")
	var waits []time.Duration
	for range 5 {
		if wait := take(t, db, throttle.LogIn("ana@example.org", from)...); wait != 0 {
			t.Fatalf("a free try waits %s", wait)
		}
	}
	for range 9 {
		for {
			wait := take(t, db, throttle.LogIn(" ANA@example.org", from)[1])
			if wait == 0 {
				break
			}
			waits = append(waits, wait)
			later(t, db, wait)
		}
	}
	want := []int{1, 2, 4, 8, 16, 32, 60, 60}
	if len(waits) != len(want) {
		t.Fatalf("waits %v", waits)
	}
	for i, w := range want {
		if waits[i] != time.Duration(w)*time.Second {
			t.Errorf("wait %d is %s, want %d s", i+1, waits[i], w)
		}
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{Action: "login.flood"})
	if err != nil || len(rows) != 1 || rows[0].Detail["kind"] != "address" || rows[0].Detail["of"] != nil {
		t.Errorf("the log has %+v, %v", rows, err)
	}
	later(t, db, 2*time.Hour)
	for range 5 {
		if wait := take(t, db, throttle.LogIn("ana@example.org", from)[1]); wait != 0 {
			t.Errorf("after an hour a try waits %s", wait)
		}
	}
}

func TestNeighboursOfOneNetworkCountTogether(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	for i := range 21 {
		a := netip.MustParseAddr("2001:db8:1:2::1")
		for range i {
			a = a.Next()
		}
		take(t, db, throttle.LogIn(string(rune('a'+i))+"@example.org", a)[0])
	}
	if wait := take(t, db, throttle.LogIn("z@example.org", netip.MustParseAddr("2001:db8:1:2:ffff::1"))...); wait == 0 {
		t.Error("another address of the same /64 is let through")
	}
	if wait := take(t, db, throttle.LogIn("z@example.org", netip.MustParseAddr("2001:db8:1:3::1"))...); wait != 0 {
		t.Errorf("another network waits %s", wait)
	}
	if wait := take(t, db, throttle.LogIn("y@example.org", netip.MustParseAddr("::ffff:192.0.2.1"))...); wait != 0 {
		t.Errorf("an IPv4 address waits %s", wait)
	}
	rows, err := audit.List(t.Context(), db, audit.Filter{Action: "login.flood"})
	if err != nil || len(rows) != 1 || rows[0].Detail["of"] != "2001:db8:1:2::/64" {
		t.Errorf("the log has %+v, %v", rows, err)
	}
}

func TestManyAtOnceCountAsMany(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	var through atomic.Int32
	var group sync.WaitGroup
	for range 30 {
		group.Go(func() {
			wait, err := throttle.Take(t.Context(), db, throttle.Of(throttle.Code, "7"))
			if err != nil {
				t.Error(err)
			}
			if wait == 0 {
				through.Add(1)
			}
		})
	}
	group.Wait()
	// The sixth is let through and makes the seventh wait a second or more.
	if n := through.Load(); n < 6 || n > 9 {
		t.Errorf("%d of 30 came through", n)
	}
}

func TestARightPasswordTakesTheTriesBack(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	tries := throttle.LogIn("ana@example.org", netip.MustParseAddr("192.0.2.7"))
	for range 40 {
		if wait := take(t, db, tries...); wait != 0 {
			t.Fatalf("waits %s", wait)
		}
		if err := throttle.Forgive(t.Context(), db, tries...); err != nil {
			t.Fatal(err)
		}
	}
	later(t, db, 48*time.Hour)
	if err := throttle.Forget(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := db.GetContext(t.Context(), &left, `SELECT count(*) FROM log_in_tries`); err != nil || left != 0 {
		t.Errorf("%d rows left, %v", left, err)
	}
}

func TestTheTableTellsNoAddress(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	take(t, db, throttle.LogIn("my password in the wrong field", netip.MustParseAddr("192.0.2.7"))...)
	var n int
	if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM log_in_tries t WHERE t::text LIKE '%password%' OR t::text LIKE '%192.0%'`); err != nil || n != 0 {
		t.Errorf("%d rows tell what was typed, %v", n, err)
	}
}
