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

	"daymark/internal/app"
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
	Settings settings `embed:""`

	Serve   serveCmd   `cmd:"" help:"Run the daemon: pages, planner, dispatcher, collector."`
	Demo    demoCmd    `cmd:"" help:"Run the daemon with a sandbox network and the July 30 campaign, to try it."`
	Dates   datesCmd   `cmd:"" help:"Print the dates of observances."`
	Lint    lintCmd    `cmd:"" help:"Check campaign files."`
	Count   countCmd   `cmd:"" help:"Count a text as a network counts it."`
	Load    loadCmd    `cmd:"" help:"Take a campaign file into the database."`
	Plan    planCmd    `cmd:"" help:"Show the posts an edition has, or make them."`
	Report  reportCmd  `cmd:"" help:"Report what an edition reached."`
	Profile profileCmd `cmd:"" help:"Show or set the organisation's profile."`
	Channel channelCmd `cmd:"" help:"Connect accounts."`
	User    userCmd    `cmd:"" help:"Add people and reset their passwords."`
	Pause   pauseCmd   `cmd:"" help:"Stop everything."`
	Resume  resumeCmd  `cmd:"" help:"Let things go out again after a pause."`
	Licence licenceCmd `cmd:"" help:"Show or take the sending licence."`
	Migrate migrateCmd `cmd:"" help:"Bring the database's schema up to date."`
	Sandbox sandboxCmd `cmd:"" help:"Run a sandbox Mastodon server on this machine."`
	Config  configCmd  `cmd:"" help:"Print the settings in force, secrets hidden."`
	Doctor  doctorCmd  `cmd:"" help:"Check that this installation can work."`
	Ready   readyCmd   `cmd:"" help:"Ask a running daemon whether it is ready (for health checks)."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// settings are what every command may be told. Flags win over the environment.
type settings struct {
	Data            string        `name:"data" env:"DAYMARK_DATA" default:"./.daymark" help:"Folder of the private database, the key and the licence." placeholder:"DIR"`
	DatabaseURL     string        `name:"database-url" env:"DATABASE_URL" help:"An external PostgreSQL (15 or later) instead of the private one, as its owner." placeholder:"URL"`
	AppDatabaseURL  string        `name:"app-database-url" env:"DAYMARK_APP_DATABASE_URL" help:"The same database as the role daymark_app; default: the owner, acting as that role." placeholder:"URL"`
	Addr            string        `name:"addr" env:"DAYMARK_ADDR" default:"127.0.0.1:8080" help:"Where pages are served." placeholder:"HOST:PORT"`
	PublicURL       string        `name:"public-url" env:"DAYMARK_PUBLIC_URL" help:"How people reach the pages; default: http:// and the address." placeholder:"URL"`
	TrustedProxies  string        `name:"trusted-proxies" env:"DAYMARK_TRUSTED_PROXIES" help:"Addresses of proxies in front, as CIDR, separated by commas." placeholder:"CIDR"`
	Key             string        `name:"key" env:"DAYMARK_KEY" help:"The key that seals credentials; default: the file key in the data folder." placeholder:"BASE64"`
	KeyFile         string        `name:"key-file" env:"DAYMARK_KEY_FILE" help:"A file that holds that key." placeholder:"FILE"`
	Instance        string        `name:"instance" env:"DAYMARK_INSTANCE" help:"A secret that stands for the data folder where replicas share none." placeholder:"SECRET"`
	SandboxAddr     string        `name:"sandbox-addr" env:"DAYMARK_SANDBOX_ADDR" default:"127.0.0.1:8081" help:"Where the demo's sandbox network listens." placeholder:"HOST:PORT"`
	SandboxSettling time.Duration `name:"sandbox-settling" env:"DAYMARK_SANDBOX_SETTLING" default:"5s" help:"How long a sandbox's \"not found\" proves nothing." hidden:""`
	DemoFast        time.Duration `name:"demo-fast" env:"DAYMARK_DEMO_FAST" default:"2m" help:"How long the demo's rehearsal takes."`
	LogFormat       string        `name:"log-format" env:"DAYMARK_LOG_FORMAT" default:"text" enum:"text,json" help:"How the log is written: ${enum}."`
	LogLevel        slog.Level    `name:"log-level" env:"DAYMARK_LOG_LEVEL" default:"INFO" help:"What is logged: DEBUG, INFO, WARN or ERROR."`
}

// run is what a command gets.
type run struct {
	ctx context.Context
	set settings
	log *slog.Logger
	out io.Writer
	err io.Writer
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
	r := &run{ctx: ctx, set: g.Settings, log: logger(g.Settings, stderr), out: stdout, err: stderr}
	return r.finish(parsed.Run(r))
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
func (r *run) finish(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errFound) {
		return exitProblems
	}
	if r.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(r.err, "daymark: stopped")
		return exitProblems
	}
	say := fault.Say(err)
	if say == "" {
		say = err.Error()
	}
	_, _ = fmt.Fprintln(r.err, "daymark:", say)
	if r.set.LogLevel <= slog.LevelDebug {
		_, _ = fmt.Fprintln(r.err, "cause:", err)
	}
	switch fault.KindOf(err) {
	case fault.Unavailable:
		return exitUnreachable
	case fault.Invalid, fault.NotFound, fault.Conflict, fault.Forbidden, fault.Internal:
	}
	return exitProblems
}

// errFound says that a command did its work and found problems, which it has printed.
var errFound = errors.New("problems found")

func logger(s settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// app returns the settings as internal/app takes them.
func (s settings) app() app.Settings {
	return app.Settings{
		DataDir: s.Data, DatabaseURL: s.DatabaseURL, AppDatabaseURL: s.AppDatabaseURL, Addr: s.Addr, PublicURL: s.PublicURL,
		Key: s.Key, KeyFile: s.KeyFile, Instance: s.Instance, SandboxAddr: s.SandboxAddr, SandboxSettling: s.SandboxSettling,
		DemoFast: s.DemoFast, Version: version,
	}
}

// open opens Daymark for a command that is no daemon, and runs work on it. Its log says warnings only.
func (r *run) open(work func(a *app.App) error) error {
	quiet := *r
	quiet.set.LogLevel = max(r.set.LogLevel, slog.LevelWarn)
	a, err := app.Open(r.ctx, r.set.app(), logger(quiet.set, r.err))
	if err != nil {
		return err
	}
	err = work(a)
	bye, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 30*time.Second)
	defer cancel()
	return errors.Join(err, a.Close(bye))
}

// printf writes to the command's output.
func (r *run) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(r.out, format, args...)
}
