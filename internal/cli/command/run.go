package command

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"daymark/internal/app"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
)

// Run is what a command gets.
type Run struct {
	Ctx     context.Context
	Set     Settings
	Log     *slog.Logger
	Out     io.Writer
	Err     io.Writer
	Version string
}

// ErrFound says that a command did its work and found problems, which it has printed.
var ErrFound = errors.New("problems found")

// Open opens Daymark for a command that is no daemon, and runs work on it. Its log says warnings only; what it changes stands in
// the audit log as done on the command line.
func (r *Run) Open(work func(a *app.App) error) error {
	r.Ctx = audit.Within(r.Ctx, audit.From{Via: audit.ByCommand})
	quiet := *r
	quiet.Set.LogLevel = max(r.Set.LogLevel, slog.LevelWarn)
	a, err := app.Open(r.Ctx, r.Set.App(r.Version), Logger(quiet.Set, r.Err))
	if err != nil {
		return err
	}
	err = work(a)
	bye, cancel := context.WithTimeout(context.WithoutCancel(r.Ctx), 30*time.Second)
	defer cancel()
	return errors.Join(err, a.Close(bye))
}

// Operator is the person that a command acts as: the one named, or the first admin.
func (r *Run) Operator(a *app.App, email string) (people.Person, error) {
	if email != "" {
		return people.ByEmail(r.Ctx, a.DB, email)
	}
	list, err := people.List(r.Ctx, a.DB)
	if err != nil {
		return people.Person{}, err
	}
	for _, p := range list {
		if p.Role == people.RoleAdmin && !p.Disabled {
			return p, nil
		}
	}
	return people.Person{}, fault.New(fault.NotFound, "There is no admin yet. Make one: daymark user add --role admin --email you@example.org --name \"Your name\"")
}

// Planner is the person named, or Daymark itself.
func (r *Run) Planner(a *app.App, email string) (people.Person, error) {
	if email == "" {
		return people.System(r.Ctx, a.DB)
	}
	return people.ByEmail(r.Ctx, a.DB, email)
}
