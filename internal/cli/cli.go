// Package cli is the command line: commands, settings and how their answers are printed.
//
// It reads flags, DAYMARK_* variables and nothing else, opens what a command needs through internal/app, and turns errors into
// one sentence and an exit code. It holds no rule of its own.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
	_ "time/tzdata" // zone data for systems that have none

	"daymark/internal/cli/accounts"
	"daymark/internal/cli/calendar"
	"daymark/internal/cli/cards"
	"daymark/internal/cli/charity"
	"daymark/internal/cli/command"
	"daymark/internal/cli/content"
	"daymark/internal/cli/count"
	"daymark/internal/cli/daemon"
	"daymark/internal/cli/edition"
	"daymark/internal/cli/files"
	"daymark/internal/cli/reach"
	"daymark/internal/cli/reports"
	"daymark/internal/cli/team"
	"daymark/internal/core/fault"

	"github.com/alecthomas/kong"
)

// version is set by the linker.
var version = "dev"

// The exit codes of every command.
const (
	exitOK          = 0
	exitProblems    = 1 // the command found problems, or could not do what was asked
	exitUsage       = 2 // the command was called wrongly
	exitUnreachable = 3 // something that is needed did not answer
)

// grammar is the whole command line.
type grammar struct {
	Settings command.Settings `embed:""`

	Serve     daemon.Serve      `cmd:"" help:"Run the daemon: pages, planner, dispatcher, collector."`
	Demo      daemon.Demo       `cmd:"" help:"Run the daemon with a sandbox network and the July 30 campaign, to try it."`
	Dates     calendar.Dates    `cmd:"" help:"Print the dates of observances."`
	Calendar  calendar.Calendar `cmd:"" help:"Days of your own, from calendar files."`
	Lint      content.Lint      `cmd:"" help:"Check campaign files and their words."`
	Count     count.Count       `cmd:"" help:"Count a text as a network counts it."`
	Card      cards.Card        `cmd:"" help:"Draw cards: pictures of dates, facts, quotes and more."`
	Load      edition.Load      `cmd:"" help:"Take a campaign file into the database."`
	Export    files.Export      `cmd:"" help:"Write a campaign of the database as files, or posts as a table."`
	Import    files.Import      `cmd:"" help:"Take posts from a table (CSV)."`
	Plan      edition.Plan      `cmd:"" help:"Show the posts an edition has, or make them."`
	Report    reports.Report    `cmd:"" help:"Report what an edition reached."`
	Reach     reach.Reach       `cmd:"" help:"Look after the sums of what posts reached."`
	Preflight edition.Preflight `cmd:"" help:"Check posts before they go out."`
	Takedown  edition.Takedown  `cmd:"" help:"Remove what is out from the networks."`
	Profile   charity.Profile   `cmd:"" help:"Show or set the organisation's profile."`
	Channel   accounts.Channel  `cmd:"" help:"Connect accounts."`
	Key       accounts.Key      `cmd:"" help:"Change the key that seals credentials."`
	Helpline  charity.Helpline  `cmd:"" help:"List and check the helplines that posts may show."`
	User      team.User         `cmd:"" help:"Add people and reset their passwords."`
	Mail      daemon.Mail       `cmd:"" help:"Try the mail server."`
	Pause     charity.Pause     `cmd:"" help:"Stop everything, a network, a channel or a campaign."`
	Resume    charity.Resume    `cmd:"" help:"Let things go out again after a pause."`
	Licence   charity.Licence   `cmd:"" help:"Show or take the sending licence."`
	Audit     charity.Audit     `cmd:"" help:"Check and export the log of who did what."`
	Migrate   daemon.Migrate    `cmd:"" help:"Bring the database's schema up to date."`
	Sandbox   daemon.Sandbox    `cmd:"" help:"Run a sandbox Mastodon server on this machine."`
	Config    daemon.Config     `cmd:"" help:"Print the settings in force, secrets hidden."`
	Doctor    daemon.Doctor     `cmd:"" help:"Check that this installation can work."`
	Ready     daemon.Ready      `cmd:"" help:"Ask a running daemon whether it is ready (for health checks)."`
	Version   daemon.Version    `cmd:"" help:"Print the version."`
}

// Main runs one command and returns its exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	var g grammar
	exit := -1
	parser, err := newParser(&g, stdout, stderr, time.Now().Year(), func(code int) { exit = code })
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "daymark:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if exit >= 0 {
		return exit
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "daymark: %s\nTry: daymark --help\n", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r := &command.Run{Ctx: ctx, Set: g.Settings, Log: command.Logger(g.Settings, stderr), Out: stdout, Err: stderr, Version: version}
	return finish(r, parsed.Run(r))
}

// newParser returns the parser of the whole command line; year is the default of commands that ask for one.
func newParser(g *grammar, stdout, stderr io.Writer, year int, exit func(int)) (*kong.Kong, error) {
	return kong.New(g,
		kong.Name("daymark"),
		kong.Description("The social media scheduler for awareness days. Documentation: docs/ in the repository."),
		kong.Writers(stdout, stderr),
		kong.Exit(exit),
		kong.Vars{"year": strconv.Itoa(year)},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// finish prints an error as one sentence and returns the exit code that goes with it.
func finish(r *command.Run, err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, command.ErrFound) {
		return exitProblems
	}
	if r.Ctx.Err() != nil && errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(r.Err, "daymark: stopped")
		return exitProblems
	}
	say := fault.Say(err)
	if say == "" {
		say = err.Error()
	}
	_, _ = fmt.Fprintln(r.Err, "daymark:", say)
	if r.Set.LogLevel <= slog.LevelDebug {
		_, _ = fmt.Fprintln(r.Err, "cause:", err)
	}
	switch fault.KindOf(err) {
	case fault.Unavailable:
		return exitUnreachable
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden, fault.Internal:
	}
	return exitProblems
}
