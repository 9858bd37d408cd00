package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync/atomic"

	"daymark/internal/app/connect"
	"daymark/internal/app/join"
	"daymark/internal/core/lint"
	"daymark/internal/flow/campaign/rules"
	"daymark/internal/flow/review"
	"daymark/internal/org/licence"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
	"daymark/migrations"
)

// App is an open Daymark: its database, its secrets, its networks.
type App struct {
	Settings Settings
	Log      *slog.Logger
	DB       *postgres.DB // as the application's role
	Keys     seal.Keys
	Keeper   *licence.Keeper
	Clock    *Clock
	Networks *connect.Networks
	Joins    *join.Desk // connects accounts
	DataDir  string     // absolute
	Cluster  *private.Cluster
	OwnerDSN string // for migrations and dumps only
	closers  []closer
	locked   bool         // the data folder is ours alone
	told     atomic.Value // why everything is paused for want of the licence, as the log was told last
}

// closer is one thing to be closed, with its name for the log.
type closer struct {
	name  string
	close func(context.Context) error
}

// Open opens the database, brings its schema up to date, and reads key, licence and clock. What it opened is closed again
// when it fails.
func Open(ctx context.Context, s Settings, log *slog.Logger) (_ *App, err error) {
	a := &App{Settings: s, Log: log, Clock: &Clock{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close(context.WithoutCancel(ctx)))
		}
	}()
	if a.DataDir, err = private.MakeFolder(s.DataDir); err != nil {
		return nil, err
	}
	if err = a.openDatabase(ctx); err != nil {
		return nil, err
	}
	if a.Keys, err = readKeys(s, a.DataDir); err != nil {
		return nil, err
	}
	a.Keeper = licence.NewKeeper(a.DataDir, s.Instance, rand.Reader)
	if _, err = licence.Check(ctx, a.DB, a.Keeper); err != nil {
		return nil, err
	}
	if err = a.Clock.Refresh(ctx, a.DB); err != nil {
		return nil, err
	}
	a.Networks = connect.New(connect.Options{DB: a.DB, Keys: a.Keys, Clock: a.Clock, Log: log, Version: s.Version, Settling: s.SandboxSettling})
	a.Joins = join.New(a.DB, a.Keys, a.Networks)
	return a, nil
}

// Checks returns what posts must pass before reviewers see them.
func (a *App) Checks() review.Checks { return review.Checks{Networks: a.Networks, Rules: a.Rules()} }

// Rules returns what posts are judged by. Making them ready takes some tenths of a second, which nobody waits for but who judges
// first: a daemon that was killed sends again the sooner.
func (a *App) Rules() *lint.Set { return shippedRules }

// The rules are part of the program: as with regexp.MustCompile, a program whose own rules cannot be read ends here, and its tests
// never let it out.
var shippedRules = lint.Later(func() *lint.Set {
	set, err := rules.Shipped()
	if err != nil {
		panic(err)
	}
	return set
})

// openDatabase opens the pool of the application's role on the private or the external database.
func (a *App) openDatabase(ctx context.Context) error {
	s := a.Settings
	appDSN := s.AppDatabaseURL
	a.OwnerDSN = s.DatabaseURL
	if s.DatabaseURL == "" {
		cluster, err := private.StartPrivate(ctx, a.DataDir, a.Log)
		if err != nil {
			return err
		}
		a.Cluster = cluster
		a.OnClose("database server", cluster.Stop)
		a.OwnerDSN, appDSN = cluster.OwnerDSN(), cluster.AppDSN()
	} else if appDSN == "" {
		var err error
		if appDSN, err = postgres.AppDSN(s.DatabaseURL); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, a.OwnerDSN, migrations.FS); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, appDSN, postgres.Options{MaxConns: 24})
	if err != nil {
		return err
	}
	a.DB = db
	a.OnClose("database pool", func(context.Context) error { return db.Close() })
	return nil
}

func readKeys(s Settings, dataDir string) (seal.Keys, error) {
	var k seal.Key
	var err error
	switch {
	case s.Key != "":
		k, err = seal.ParseKey(s.Key)
	case s.KeyFile != "":
		k, err = seal.ReadKeyFile(s.KeyFile)
	default:
		return seal.LoadKeys(dataDir, rand.Reader)
	}
	return seal.Keys{k}, err
}

// OnClose adds something to be closed with the app, before what was opened earlier.
func (a *App) OnClose(name string, f func(context.Context) error) {
	a.closers = append(a.closers, closer{name, f})
}

// Close closes what was opened, last first. It may be called several times.
func (a *App) Close(ctx context.Context) error {
	var err error
	for i := len(a.closers) - 1; i >= 0; i-- {
		if e := a.closers[i].close(ctx); e != nil {
			a.Log.ErrorContext(ctx, "closing failed", "what", a.closers[i].name, "err", e)
			err = errors.Join(err, e)
		}
	}
	a.closers = nil
	return err
}
