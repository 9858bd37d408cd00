package daemon

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"runtime"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/mailing"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"
	"daymark/internal/postgres/private"
	"daymark/migrations"
)

// Version is the command that prints the version.
type Version struct{}

// Run prints the version.
func (c *Version) Run(r *command.Run) error {
	r.Printf("daymark %s (%s, %s/%s)\n", r.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// Config is the command that prints the settings in force.
type Config struct{}

// secretSettings are printed only as set or not set.
var secretSettings = map[string]bool{"key": true, "instance": true, "database-url": true, "app-database-url": true, "smtp-password": true, "oidc-client-secret": true}

// Run prints every setting with the variable that sets it.
func (c *Config) Run(r *command.Run) error {
	return r.Table("SETTING\tVARIABLE\tVALUE", func(row func(...any)) {
		v := reflect.ValueOf(r.Set)
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

// Migrate is the command that brings the schema up to date.
type Migrate struct {
	Up     MigrateUp     `cmd:"" help:"Apply what is missing."`
	Status MigrateStatus `cmd:"" help:"List the migrations."`
}

// MigrateUp is the command that applies missing migrations.
type MigrateUp struct{}

// Run applies what is missing; opening does that.
func (c *MigrateUp) Run(r *command.Run) error {
	return r.Open(func(*app.App) error {
		r.Printf("The schema is up to date.\n")
		return nil
	})
}

// MigrateStatus is the command that lists the migrations.
type MigrateStatus struct{}

// Run lists the migrations without applying any.
func (c *MigrateStatus) Run(r *command.Run) error {
	dsn := r.Set.DatabaseURL
	if dsn == "" {
		cluster, err := private.StartPrivate(r.Ctx, r.Set.Data, command.Logger(r.Set, r.Err))
		if err != nil {
			return err
		}
		defer func() { _ = cluster.Stop(context.WithoutCancel(r.Ctx)) }()
		dsn = cluster.OwnerDSN()
	}
	states, err := postgres.MigrationStatus(r.Ctx, dsn, migrations.FS)
	if err != nil {
		return err
	}
	missing := false
	if err := r.Table("VERSION\tNAME\tAPPLIED", func(row func(...any)) {
		for _, s := range states {
			at := "no"
			if s.Applied {
				at = command.UTC(s.AppliedAt)
			}
			missing = missing || !s.Applied
			row(s.Version, s.Name, at)
		}
	}); err != nil {
		return err
	}
	if missing {
		return command.ErrFound
	}
	return nil
}

// Doctor is the command that checks an installation.
type Doctor struct{}

// Run checks one thing after the other and says what to mend.
func (c *Doctor) Run(r *command.Run) error {
	bad := false
	say := func(what string, err error) {
		if err == nil {
			r.Printf("ok    %s\n", what)
			return
		}
		bad = true
		reason := fault.Say(err)
		if reason == "" {
			reason = err.Error()
		}
		r.Printf("WRONG %s: %s\n", what, reason)
	}
	_, err := time.LoadLocation("Asia/Kathmandu")
	say("time zones", err)
	err = r.Open(func(a *app.App) error {
		say("database and schema", nil)
		if a.Cluster != nil {
			r.Printf("      private PostgreSQL %s in %s\n", a.Cluster.Version(), a.Cluster.Home())
		}
		state, err := licence.Check(r.Ctx, a.DB, a.Keeper)
		if err == nil && state.Status == licence.Lost {
			err = fault.New(fault.Conflict, "%s", state.Why)
		}
		say("sending licence", err)
		channels, err := channel.List(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		for _, ch := range channels {
			if !ch.Archived() {
				say("channel "+ch.Handle, a.CheckChannel(r.Ctx, ch))
			}
		}
		return nil
	})
	if err != nil {
		say("database and schema", err)
	}
	if mail := r.Set.App(r.Version).Mail; mail.Host == "" {
		r.Printf("none  mail server: DAYMARK_SMTP_HOST is not set, so no mail is sent\n")
	} else {
		say("mail server "+mail.Host, mailing.Check(r.Ctx, mail))
	}
	l, err := (&net.ListenConfig{}).Listen(r.Ctx, "tcp", r.Set.Addr)
	if err == nil {
		err = l.Close()
	} else if strings.Contains(err.Error(), "in use") {
		err = fault.New(fault.Conflict, "something listens there already (a running daemon, perhaps)")
	}
	say("address "+r.Set.Addr, err)
	if bad {
		return command.ErrFound
	}
	return nil
}
