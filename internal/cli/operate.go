package cli

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"runtime"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
	"daymark/migrations"
)

type versionCmd struct{}

// Run prints the version.
func (c *versionCmd) Run(r *run) error {
	r.printf("daymark %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

type configCmd struct{}

// secretSettings are printed only as set or not set.
var secretSettings = map[string]bool{"key": true, "instance": true, "database-url": true, "app-database-url": true}

// Run prints every setting with the variable that sets it.
func (c *configCmd) Run(r *run) error {
	return r.table("SETTING\tVARIABLE\tVALUE", func(row func(...any)) {
		v := reflect.ValueOf(r.set)
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name, value := field.Tag.Get("name"), fmt.Sprint(v.Field(i).Interface())
			if secretSettings[name] && value != "" {
				value = "[secret]"
			}
			row(name, field.Tag.Get("env"), value)
		}
	})
}

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Apply what is missing."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations."`
}

type migrateUpCmd struct{}

// Run applies what is missing; opening does that.
func (c *migrateUpCmd) Run(r *run) error {
	return r.open(func(*app.App) error {
		r.printf("The schema is up to date.\n")
		return nil
	})
}

type migrateStatusCmd struct{}

// Run lists the migrations without applying any.
func (c *migrateStatusCmd) Run(r *run) error {
	dsn := r.set.DatabaseURL
	if dsn == "" {
		cluster, err := private.StartPrivate(r.ctx, r.set.Data, logger(r.set, r.err))
		if err != nil {
			return err
		}
		defer func() { _ = cluster.Stop(context.WithoutCancel(r.ctx)) }()
		dsn = cluster.OwnerDSN()
	}
	states, err := postgres.MigrationStatus(r.ctx, dsn, migrations.FS)
	if err != nil {
		return err
	}
	missing := false
	if err := r.table("VERSION\tNAME\tAPPLIED", func(row func(...any)) {
		for _, s := range states {
			at := "no"
			if s.Applied {
				at = utc(s.AppliedAt)
			}
			missing = missing || !s.Applied
			row(s.Version, s.Name, at)
		}
	}); err != nil {
		return err
	}
	if missing {
		return errFound
	}
	return nil
}

type doctorCmd struct{}

// Run checks one thing after the other and says what to mend.
func (c *doctorCmd) Run(r *run) error {
	bad := false
	say := func(what string, err error) {
		if err == nil {
			r.printf("ok    %s\n", what)
			return
		}
		bad = true
		reason := fault.Say(err)
		if reason == "" {
			reason = err.Error()
		}
		r.printf("WRONG %s: %s\n", what, reason)
	}
	_, err := time.LoadLocation("Asia/Kathmandu")
	say("time zones", err)
	err = r.open(func(a *app.App) error {
		say("database and schema", nil)
		if a.Cluster != nil {
			r.printf("      private PostgreSQL %s in %s\n", a.Cluster.Version(), a.Cluster.Home())
		}
		state, err := licence.Check(r.ctx, a.DB, a.Keeper)
		if err == nil && state.Status == licence.Lost {
			err = fault.New(fault.Conflict, "%s", state.Why)
		}
		say("sending licence", err)
		channels, err := channel.List(r.ctx, a.DB)
		if err != nil {
			return err
		}
		for _, ch := range channels {
			if !ch.Archived() {
				say("channel "+ch.Handle, a.CheckChannel(r.ctx, ch))
			}
		}
		return nil
	})
	if err != nil {
		say("database and schema", err)
	}
	l, err := (&net.ListenConfig{}).Listen(r.ctx, "tcp", r.set.Addr)
	if err == nil {
		err = l.Close()
	} else if strings.Contains(err.Error(), "in use") {
		err = fault.New(fault.Conflict, "something listens there already (a running daemon, perhaps)")
	}
	say("address "+r.set.Addr, err)
	if bad {
		return errFound
	}
	return nil
}
