package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"daymark/internal/core/fault"
	"daymark/internal/postgres/pqguard"
)

// AppRole is the role the daemon acts as: it owns no table and may do only what the migrations grant it.
const AppRole = "daymark_app"

// oldest is the oldest PostgreSQL that Daymark runs on, as server_version_num counts.
const oldest = 150000

// maxLife bounds the life of a connection, as a net beneath the guard: whatever poisons one, it does not last.
const maxLife = 5 * time.Minute

// Options are the choices of a pool. The zero value is good.
type Options struct {
	MaxConns int    // connections at most; 12 when zero
	Name     string // shown in pg_stat_activity; "daymark" when empty
}

// DB is a pool of connections to the database.
type DB struct {
	*sqlx.DB
	dsn string
	hot hot
}

// Open opens a pool and makes sure that the server answers and is new enough. An error carries a sentence that says what to
// mend and never the password.
func Open(ctx context.Context, dsn string, opts Options) (*DB, error) {
	dsn, cfg, err := complete(dsn, cmp.Or(opts.Name, "daymark"))
	if err != nil {
		return nil, err
	}
	inner, err := pq.NewConnector(dsn)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The database URL has a parameter that cannot be used; check it") // the cause may repeat the password
	}
	pool := sql.OpenDB(pqguard.New(inner))
	size := cmp.Or(opts.MaxConns, 12)
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxLifetime(maxLife)
	pool.SetConnMaxIdleTime(time.Minute)
	db := &DB{DB: sqlx.NewDb(pool, "postgres"), dsn: dsn}
	if err := db.checkVersion(ctx, cfg); err != nil {
		_ = pool.Close()
		return nil, err
	}
	return db, nil
}

// Close closes the pool. A server that went away before it was told goodbye is no error: nothing was under way on its connection.
func (db *DB) Close() error {
	err := db.DB.Close()
	var wire *net.OpError
	if errors.As(err, &wire) || errors.Is(err, driver.ErrBadConn) {
		return nil
	}
	return err
}

const sqlVersion = `
SELECT current_setting('server_version_num')::int AS num,
       current_setting('server_version') AS name`

func (db *DB) checkVersion(ctx context.Context, cfg pq.Config) error {
	var v struct {
		Num  int
		Name string
	}
	if err := db.GetContext(ctx, &v, sqlVersion); err != nil {
		return explain(cfg, err)
	}
	return checkVersion(place(cfg), v.Num, v.Name)
}

func checkVersion(where string, num int, name string) error {
	if num < oldest {
		return fault.New(fault.Invalid, "The database at %s runs PostgreSQL %s; Daymark needs 15 or later", where, name)
	}
	return nil
}

// explain gives a failed first connection its kind and a sentence.
func explain(cfg pq.Config, err error) error {
	where := place(cfg)
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case IsCode(err, pqerror.InvalidPassword, pqerror.InvalidAuthorizationSpecification):
		return fault.Wrap(fault.Invalid, err, "The database at %s refused the user %q; check name and password in the database URL", where, cfg.User)
	case IsCode(err, pqerror.InvalidCatalogName):
		return fault.Wrap(fault.Invalid, err, "The server at %s has no database %q; create it or correct the database URL", where, cfg.Database)
	case IsCode(err, pqerror.InvalidParameterValue, pqerror.InsufficientPrivilege) && cfg.Runtime["role"] != "":
		return fault.Wrap(fault.Invalid, err, "The user %q at %s may not act as %s; run the migrations once with the owner's database URL", cfg.User, where, cfg.Runtime["role"])
	case errors.Is(err, pq.ErrSSLNotSupported):
		return fault.Wrap(fault.Invalid, err, "The server at %s offers no TLS; if the way to it is trusted, add sslmode=disable to the database URL", where)
	case IsCode(err, pqerror.TooManyConnections):
		return fault.Wrap(fault.Unavailable, err, "The database at %s has no connection left; raise its max_connections", where)
	}
	return fault.Wrap(fault.Unavailable, err, "The database at %s does not answer; check that it runs and that the database URL is right", where)
}

// Constraint returns the name of the constraint that an error says was violated, or the empty string.
func Constraint(err error) string {
	if e := pq.As(err); e != nil {
		return e.Constraint
	}
	return ""
}

// IsCode reports whether an error is the server's and has one of the given codes, with no code given whether it is the server's.
func IsCode(err error, codes ...pqerror.Code) bool { return pq.As(err, codes...) != nil }
