// Package postgrestest gives each test a PostgreSQL database of its own, a copy of a migrated template.
//
// All packages of a `go test ./...` run share one cluster, in memory where the system allows, without fsync. The first test
// process starts a keeper, which is the test binary run again under a name in its environment: it runs the cluster and stops
// it when no test process has been there for a while. Each process holds a shared lock of the kernel, which a killed one
// loses too, so that nothing is left for ever. Without PostgreSQL a test fails: stores are never faked and never skipped.
package postgrestest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"daymark/internal/postgres"
)

// patience bounds what a test waits for a database: on a busy machine the cluster takes seconds to start.
const patience = 2 * time.Minute

// Databases are the two ways into one test's database.
type Databases struct {
	App, Owner       *postgres.DB
	AppDSN, OwnerDSN string
}

// New returns a database with the migrations of fsys applied, opened as the application's role. Nil for fsys gives an empty one.
func New(t testing.TB, fsys fs.FS) *postgres.DB {
	t.Helper()
	d := create(t, fsys)
	return open(t, d.AppDSN)
}

// NewOwner returns a database with the migrations of fsys applied, opened as its owner.
func NewOwner(t testing.TB, fsys fs.FS) *postgres.DB {
	t.Helper()
	d := create(t, fsys)
	return open(t, d.OwnerDSN)
}

// NewBoth returns a database with the migrations of fsys applied, opened as both roles.
func NewBoth(t testing.TB, fsys fs.FS) Databases {
	t.Helper()
	d := create(t, fsys)
	d.App, d.Owner = open(t, d.AppDSN), open(t, d.OwnerDSN)
	return d
}

// NewDSNs returns the connection strings of a database with the migrations of fsys applied, without opening it.
func NewDSNs(t testing.TB, fsys fs.FS) (app, owner string) {
	t.Helper()
	d := create(t, fsys)
	return d.AppDSN, d.OwnerDSN
}

func open(t testing.TB, dsn string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), dsn, postgres.Options{MaxConns: 8, Name: t.Name()})
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

var serial atomic.Int64

// create copies the template. File copy is twice as fast here as the default, which writes every page to the log.
func create(t testing.TB, fsys fs.FS) Databases {
	t.Helper()
	s := shared(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	template := s.template(ctx, t, fsys)
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), serial.Add(1))
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template+" STRATEGY file_copy"); err != nil {
		t.Fatalf("make the test database: %v", err)
	}
	t.Cleanup(func() {
		// t's context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := s.admin.ExecContext(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	d := Databases{OwnerDSN: s.dsn("daymark_owner", name), AppDSN: s.dsn(postgres.AppRole, name)}
	owner, err := postgres.Open(ctx, d.OwnerDSN, postgres.Options{MaxConns: 1})
	if err != nil {
		t.Fatalf("open the test database: %v", err)
	}
	defer func() { _ = owner.Close() }()
	if err := postgres.EnsureRoles(ctx, owner); err != nil { // rights on a database do not travel with a copy
		t.Fatalf("set the rights of the test database: %v", err)
	}
	return d
}

// template returns the name of the migrated template and makes it where it is missing. Its name is the hash of the migrations.
func (s *server) template(ctx context.Context, t testing.TB, fsys fs.FS) string {
	t.Helper()
	name := "template_" + fingerprint(t, fsys)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templates[name] {
		return name
	}
	err := s.underLock(func() error {
		var there bool
		if err := s.admin.GetContext(ctx, &there, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name); err != nil || there {
			return err
		}
		draft := name + "_draft" // renamed when done, so that a killed test leaves no half-migrated template
		for _, sql := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft} {
			if _, err := s.admin.ExecContext(ctx, sql); err != nil {
				return err
			}
		}
		if fsys != nil {
			if err := postgres.Migrate(ctx, s.dsn("daymark_owner", draft), fsys); err != nil {
				return err
			}
		}
		return s.rename(ctx, draft, name)
	})
	if err != nil {
		t.Fatalf("make the template database: %v", err)
	}
	s.templates[name] = true
	return name
}

// rename waits for the migration's last session to be gone, which the server notices a moment after we closed it.
func (s *server) rename(ctx context.Context, from, to string) error {
	var err error
	for range 200 {
		if _, err = s.admin.ExecContext(ctx, "ALTER DATABASE "+from+" RENAME TO "+to); !postgres.IsCode(err, "55006") { // object_in_use
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return err
}

func fingerprint(t testing.TB, fsys fs.FS) string {
	t.Helper()
	sum := sha256.New()
	if fsys != nil {
		names, err := fs.Glob(fsys, "*.sql")
		if err != nil {
			t.Fatalf("read the migrations: %v", err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(fsys, name)
			if err != nil {
				t.Fatalf("read the migrations: %v", err)
			}
			fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
