package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"daymark/internal/core/fault"
	"daymark/internal/postgres"
	"daymark/internal/postgres/postgrestest"
)

// schema is a small set of migrations of the tests' own.
var schema = fstest.MapFS{
	"00001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE gift (id bigint PRIMARY KEY, amount int NOT NULL CONSTRAINT gift_amount_positive CHECK (amount > 0));\nGRANT SELECT, INSERT, UPDATE ON gift TO daymark_app;\n")},
	"00002_donor.sql": {Data: []byte("-- +goose Up\nCREATE TABLE donor (id bigint PRIMARY KEY);\n")},
}

func TestGuard(t *testing.T) {
	t.Parallel()
	for _, cast := range []string{"int", "uuid", "jsonb", "timestamptz", "int[]"} {
		t.Run("a wrong value of 40,000 characters for "+cast+" does not poison the pool", func(t *testing.T) {
			t.Parallel()
			_, dsn := postgrestest.NewDSNs(t, nil)
			db, err := postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			long := strings.Repeat("x", 40_000)
			stmt, err := db.PreparexContext(ctx, "SELECT $1::"+cast)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stmt.Close() }()
			ways := map[string]func() error{
				"query":    func() error { var s string; return db.GetContext(ctx, &s, "SELECT $1::"+cast, long) },
				"exec":     func() error { _, err := db.ExecContext(ctx, "SELECT $1::"+cast, long); return err },
				"prepared": func() error { var s string; return stmt.GetContext(ctx, &s, long) },
				"transaction": func() error {
					return db.InTx(ctx, func(tx *postgres.Tx) error {
						_, err := tx.ExecContext(ctx, "SELECT $1::"+cast, long)
						return err
					})
				},
			}
			for name, ask := range ways {
				if err := ask(); err == nil || !strings.Contains(err.Error(), "too long for the driver") {
					t.Errorf("%s: got error %v", name, err)
				}
				for range 3 {
					var one int
					if err := db.GetContext(ctx, &one, "SELECT $1::int", 1); err != nil || one != 1 {
						t.Fatalf("%s: the next query got %d, %v", name, one, err)
					}
				}
			}
		})
	}
	t.Run("a statement that its context ends says so and leaves a clean pool", func(t *testing.T) {
		t.Parallel()
		db := postgrestest.New(t, nil)
		for i := range 40 {
			// Short deadlines of many lengths end statements before, while and after they reach the server.
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*100*time.Microsecond)
			began := time.Now()
			var err error
			switch i % 3 {
			case 0:
				_, err = db.ExecContext(ctx, "SELECT pg_sleep($1)", 30)
			case 1:
				_, err = db.ExecContext(ctx, "SELECT pg_sleep(30)")
			case 2:
				err = db.InTx(ctx, func(tx *postgres.Tx) error {
					var s string
					return tx.GetContext(ctx, &s, "SELECT pg_sleep($1)::text", 30)
				})
			}
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 15*time.Second {
				t.Fatalf("statement %d got %v after %v", i, err, time.Since(began))
			}
			var one int
			if err := db.GetContext(t.Context(), &one, "SELECT $1::int", 1); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("a statement whose result a migration changed works again", func(t *testing.T) {
		t.Parallel()
		_, dsn := postgrestest.NewDSNs(t, schema)
		db, err := postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		ask := func() error {
			var n []int64
			return db.SelectContext(t.Context(), &n, "SELECT amount FROM gift WHERE id = $1", 1)
		}
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		db.MustExecContext(t.Context(), "ALTER TABLE gift ALTER amount TYPE bigint")
		_ = ask() // the server refuses the old plan once
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAPoolWhoseConnectionsWereCutClosesWithoutAnError(t *testing.T) {
	t.Parallel()
	app, owner := postgrestest.NewDSNs(t, nil)
	cutter, err := postgres.Open(t.Context(), owner, postgres.Options{Name: "cutter"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cutter.Close() }()
	for range 20 { // the goodbye is lost only when the cut came to this side first
		db, err := postgres.Open(t.Context(), app, postgres.Options{Name: "to be cut"})
		if err != nil {
			t.Fatal(err)
		}
		var cut int
		const sqlCut = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'to be cut'"
		if err := cutter.GetContext(t.Context(), &cut, sqlCut); err != nil || cut == 0 {
			t.Fatalf("cut %d connections: %v", cut, err)
		}
		if err := db.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	count := func(t *testing.T, db *postgres.DB) (n int) {
		t.Helper()
		if err := db.GetContext(t.Context(), &n, "SELECT count(*) FROM gift"); err != nil {
			t.Fatal(err)
		}
		return n
	}
	insert := func(ctx context.Context, tx *postgres.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO gift (id, amount) VALUES ($1, $2)", 1, 5)
		return err
	}
	t.Run("an error rolls back and comes out", func(t *testing.T) {
		t.Parallel()
		db := postgrestest.New(t, schema)
		want := errors.New("no")
		err := db.InTx(t.Context(), func(tx *postgres.Tx) error { return errors.Join(insert(t.Context(), tx), want) })
		if !errors.Is(err, want) || count(t, db) != 0 {
			t.Errorf("got %v with %d rows", err, count(t, db))
		}
	})
	t.Run("a panic rolls back", func(t *testing.T) {
		t.Parallel()
		db := postgrestest.New(t, schema)
		func() {
			defer func() { _ = recover() }()
			_ = db.InTx(t.Context(), func(tx *postgres.Tx) error { _ = insert(t.Context(), tx); panic("no") })
		}()
		if count(t, db) != 0 {
			t.Error("the row is there")
		}
	})
	t.Run("two transactions that deadlock both succeed in the end", func(t *testing.T) {
		t.Parallel()
		db := postgrestest.New(t, schema)
		db.MustExecContext(t.Context(), "INSERT INTO gift VALUES (1, 1), (2, 1)")
		var both, wg sync.WaitGroup
		both.Add(2)
		var runs atomic.Int64
		for _, order := range [][2]int{{1, 2}, {2, 1}} {
			wg.Go(func() {
				first := true
				err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
					runs.Add(1)
					for i, id := range order {
						if _, err := tx.ExecContext(t.Context(), "UPDATE gift SET amount = amount + 1 WHERE id = $1", id); err != nil {
							return err
						}
						if i == 0 && first {
							first = false
							both.Done()
							both.Wait()
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var sum int
		if err := db.GetContext(t.Context(), &sum, "SELECT sum(amount) FROM gift"); err != nil || sum != 6 || runs.Load() != 3 {
			t.Errorf("sum %d after %d runs, %v; want 6 after 3", sum, runs.Load(), err)
		}
	})
	t.Run("a violated constraint is named and not tried again", func(t *testing.T) {
		t.Parallel()
		db := postgrestest.New(t, schema)
		runs := 0
		err := db.InTx(t.Context(), func(tx *postgres.Tx) error {
			runs++
			_, err := tx.ExecContext(t.Context(), "INSERT INTO gift VALUES ($1, $2)", 1, -1)
			return err
		})
		if postgres.Constraint(err) != "gift_amount_positive" || !postgres.IsCode(err, "23514") || postgres.IsCode(err, "23505") || runs != 1 {
			t.Errorf("got constraint %q of %v after %d runs", postgres.Constraint(err), err, runs)
		}
	})
}

func TestListen(t *testing.T) {
	t.Parallel()
	both := postgrestest.NewBoth(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(chan string, 10)
	ended := make(chan error, 1)
	go func() { ended <- both.App.Listen(ctx, "due", func(p string) { heard <- p }) }()
	want := func(payload string) {
		t.Helper()
		select {
		case got := <-heard:
			if got != payload {
				t.Fatalf("heard %q, want %q", got, payload)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("heard nothing, want %q", payload)
		}
	}
	want("") // at the start
	both.Owner.MustExecContext(t.Context(), "SELECT pg_notify('due', 'now')")
	want("now")
	both.Owner.MustExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	want("") // connected again
	both.Owner.MustExecContext(t.Context(), "SELECT pg_notify('due', 'again')")
	want("again")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Listen ended with %v", err)
	}
}

func TestLeader(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, nil)
	inside, leave := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		ran, err := db.Leader(t.Context(), 7, func(context.Context) error { close(inside); <-leave; return nil })
		if !ran {
			err = errors.New("the first did not lead")
		}
		first <- err
	}()
	<-inside
	if ran, err := db.Leader(t.Context(), 7, func(context.Context) error { return nil }); ran || err != nil {
		t.Errorf("a second leads beside the first: %v, %v", ran, err)
	}
	if ran, err := db.Leader(t.Context(), 8, func(context.Context) error { return nil }); !ran || err != nil {
		t.Errorf("another job is held up: %v, %v", ran, err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
	want := errors.New("the job failed")
	if ran, err := db.Leader(t.Context(), 7, func(context.Context) error { return want }); !ran || !errors.Is(err, want) {
		t.Errorf("after the first: %v, %v", ran, err)
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	t.Run("several at once wait for each other and each migration runs once", func(t *testing.T) {
		t.Parallel()
		app, owner := postgrestest.NewDSNs(t, nil)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := postgres.Migrate(t.Context(), owner, schema); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, dsn := range []string{owner, app} {
			got, err := postgres.MigrationStatus(t.Context(), dsn, schema)
			if err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if got[i].AppliedAt.IsZero() {
					t.Errorf("%s has no time", got[i].Name)
				}
				got[i].AppliedAt = time.Time{}
			}
			want := []postgres.MigrationState{{Version: 1, Name: "00001_first.sql", Applied: true}, {Version: 2, Name: "00002_donor.sql", Applied: true}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
	})
	t.Run("a database ahead of the program is refused", func(t *testing.T) {
		t.Parallel()
		_, owner := postgrestest.NewDSNs(t, schema)
		older := fstest.MapFS{"00001_first.sql": schema["00001_first.sql"]}
		if err := postgres.Migrate(t.Context(), owner, older); !fault.Is(err, fault.Conflict) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a migration that fails is named and leaves nothing", func(t *testing.T) {
		t.Parallel()
		both := postgrestest.NewBoth(t, schema)
		bad := fstest.MapFS{"00003_bad.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (id int);\nSELECT nonsense;\n")}}
		for name, f := range schema {
			bad[name] = f
		}
		err := postgres.Migrate(t.Context(), both.OwnerDSN, bad)
		var there bool
		if e := both.Owner.GetContext(t.Context(), &there, "SELECT to_regclass('half') IS NOT NULL"); e != nil || there {
			t.Errorf("half of it is there: %v, %v", there, e)
		}
		if err == nil || !strings.Contains(err.Error(), "00003_bad.sql") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the application's own connection cannot migrate", func(t *testing.T) {
		t.Parallel()
		app, _ := postgrestest.NewDSNs(t, nil)
		if err := postgres.Migrate(t.Context(), app, schema); !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	both := postgrestest.NewBoth(t, schema)
	acting, err := postgres.AppDSN(both.OwnerDSN)
	if err != nil {
		t.Fatal(err)
	}
	byRole, err := postgres.Open(t.Context(), acting, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = byRole.Close() })
	for name, db := range map[string]*postgres.DB{"logged in": both.App, "acting by role": byRole} {
		var who, path string
		if err := db.QueryRowxContext(t.Context(), "SELECT current_user, current_setting('search_path')").Scan(&who, &path); err != nil || who != postgres.AppRole || path != "public" {
			t.Errorf("%s: is %q with path %q, %v", name, who, path, err)
		}
		for _, sql := range []string{
			"CREATE TABLE mine (id int)", "CREATE TEMPORARY TABLE gift (id int)", "CREATE SCHEMA mine", "DROP TABLE gift", "TRUNCATE gift",
			"DELETE FROM gift", "ALTER TABLE gift DISABLE TRIGGER ALL", "SELECT id FROM donor", "CREATE DATABASE mine", "CREATE ROLE mine",
			"INSERT INTO goose_db_version (version_id, is_applied) VALUES (9, true)", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
		} {
			if _, err := db.ExecContext(t.Context(), sql); !postgres.IsCode(err, "42501") {
				t.Errorf("%s: %s: got %v, want it refused", name, sql, err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	_, owner := postgrestest.NewDSNs(t, nil)
	for _, tt := range []struct {
		name, dsn string
		kind      fault.Kind
		says      string
	}{
		{"an empty URL", " ", fault.Invalid, "empty"},
		{"a URL that is none", "postgres://u:se cret@h:x/db", fault.Invalid, "cannot be read"},
		{"a password with a slash", "postgres://u:se/cret@h/db", fault.Invalid, "cannot be read"},
		{"a wrong mode of TLS", "postgres://u:secret@h/db?sslmode=perhaps", fault.Invalid, "cannot be read"},
		{"a server that is not there", "postgres://u:secret@127.0.0.1:1/db", fault.Unavailable, "127.0.0.1:1 does not answer"},
		{"a socket that is not there", "host=/nonexistent user=u password=secret dbname=db", fault.Unavailable, "/nonexistent does not answer"},
		{"a database that is not there", owner + " dbname=absent password=secret", fault.Invalid, `no database "absent"`},
		{"a user that is not there", owner + " user=absent password=secret", fault.Invalid, `refused the user "absent"`},
		{"a role that is not there", owner + " role=absent password=secret", fault.Invalid, "may not act as absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			db, err := postgres.Open(t.Context(), tt.dsn, postgres.Options{})
			if err == nil {
				_ = db.Close()
				t.Fatal("it was opened")
			}
			if !fault.Is(err, tt.kind) || !strings.Contains(fault.Say(err), tt.says) || strings.Contains(err.Error(), "cret") {
				t.Errorf("got %v: %v", fault.KindOf(err), err)
			}
		})
	}
}
