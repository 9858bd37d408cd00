package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"

	"daymark/internal/core/fault"
)

// migrationLock is the advisory lock under which migrations run: "daymark" in ASCII.
const migrationLock int64 = 0x6461796d61726b

const sqlGrantVersions = `GRANT SELECT ON goose_db_version TO daymark_app`

// MigrationState says of one migration whether and when it was applied.
type MigrationState struct {
	Version   int64
	Name      string
	Applied   bool
	AppliedAt time.Time // zero when it was not
}

// Migrate makes the roles and applies the migrations of fsys that the database does not have yet, in order. It needs the
// owner's connection string. Several callers at once wait for each other. A database that is ahead of fsys is refused.
func Migrate(ctx context.Context, ownerDSN string, fsys fs.FS) error {
	db, err := Open(ctx, ownerDSN, Options{MaxConns: 4, Name: "daymark migrate"})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		ran, err := db.Leader(ctx, migrationLock, func(ctx context.Context) error { return db.migrate(ctx, fsys) })
		if ran || err != nil {
			return err
		}
		// Asked again and again instead of waited for: a session that waits in the server holds a snapshot, and a migration
		// that builds an index concurrently would wait for that one in turn.
		if err := wait(ctx, 50*time.Millisecond); err != nil {
			return fmt.Errorf("wait for another migration: %w", err)
		}
	}
}

func (db *DB) migrate(ctx context.Context, fsys fs.FS) error {
	if err := EnsureRoles(ctx, db); err != nil {
		return err
	}
	p, err := db.provider(fsys)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if current > target {
		return fault.New(fault.Conflict, "The database is at version %d, this Daymark knows only %d; use the newer program", current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		if failed, ok := errors.AsType[*goose.PartialError](err); ok {
			return fmt.Errorf("apply migration %s: %w", path.Base(failed.Failed.Source.Path), err)
		}
		return fmt.Errorf("apply migrations: %w", err)
	}
	if _, err := db.ExecContext(ctx, sqlGrantVersions); err != nil {
		return fmt.Errorf("let the application read the version: %w", err)
	}
	return nil
}

func (db *DB) provider(fsys fs.FS) (*goose.Provider, error) {
	p, err := goose.NewProvider(goose.DialectPostgres, db.DB.DB, fsys, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}

// MigrationStatus returns the state of every migration of fsys, in order.
func MigrationStatus(ctx context.Context, dsn string, fsys fs.FS) ([]MigrationState, error) {
	db, err := Open(ctx, dsn, Options{MaxConns: 2, Name: "daymark migrate"})
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	p, err := db.provider(fsys)
	if err != nil {
		return nil, err
	}
	list, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	states := make([]MigrationState, 0, len(list))
	for _, m := range list {
		states = append(states, MigrationState{
			Version: m.Source.Version, Name: path.Base(m.Source.Path),
			Applied: m.State == goose.StateApplied, AppliedAt: m.AppliedAt.UTC(),
		})
	}
	return states, nil
}
