// Package daemon has the commands that run Daymark or look after it: serve, demo, sandbox, ready, config, doctor, migrate,
// version.
package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/demo"
	"daymark/internal/cli/command"
	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/face/web"
	sandbox "daymark/internal/sandbox/mastodon"
)

// Serve is the command that runs the daemon.
type Serve struct{}

// Help shows examples.
func (Serve) Help() string {
	return "Examples:\n  daymark serve\n  DATABASE_URL=postgres://daymark@/daymark?host=/run/postgresql daymark serve --addr :8080"
}

// Run runs the daemon until it is told to stop.
func (c *Serve) Run(r *command.Run) error {
	return daemon(r, nil)
}

// Demo is the command that runs the daemon with a sandbox network.
type Demo struct{}

// Help shows examples.
func (Demo) Help() string {
	return "Keeps its data in ./.daymark/demo. Examples:\n  daymark demo\n  DAYMARK_ADDR=127.0.0.1:9000 daymark demo --demo-fast 30s"
}

// Run runs the daemon with a sandbox network.
func (c *Demo) Run(r *command.Run) error {
	if r.Set.DatabaseURL != "" {
		return fault.New(fault.Invalid, "The demo keeps a private database of its own; unset DATABASE_URL.")
	}
	r.Set.Data = filepath.Join(r.Set.Data, "demo")
	r.Set.PlanWeeks = 0 // its two editions are planned when it is made, around a clock that runs fast
	if err := os.MkdirAll(filepath.Dir(r.Set.Data), 0o755); err != nil {
		return fault.Wrap(fault.Invalid, err, "The data folder %s cannot be made: %v.", filepath.Dir(r.Set.Data), err)
	}
	return daemon(r, func(a *app.App) (*demo.Demo, error) {
		return demo.Start(r.Ctx, a, func(s string) { r.Printf("%s\n", s) })
	})
}

// daemon opens Daymark, starts what the demo adds, and serves.
func daemon(r *command.Run, start func(*app.App) (*demo.Demo, error)) (err error) {
	a, err := app.Open(r.Ctx, r.Set.App(r.Version), r.Log)
	if err != nil {
		return err
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(r.Ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, a.Close(bye))
	}()
	if err := a.LockFolder(); err != nil {
		return err
	}
	var d *demo.Demo
	if start != nil {
		if d, err = start(a); err != nil {
			return err
		}
	}
	proxies, err := r.Set.Proxies()
	if err != nil {
		return err
	}
	provider, err := r.Set.Provider()
	if err != nil {
		return err
	}
	pages, err := web.New(web.Deps{
		DB: a.DB, Keys: a.Keys, Clock: a.Clock, Log: a.Log, Now: time.Now, Checks: a.Checks(), Again: a.SubmitAgain, Joins: a.Joins, Ahead: a.Ahead(),
		PublicURL: r.Set.Address(), Proxies: proxies, Notice: notice(d), Version: r.Version, Random: rand.Reader, Provider: provider,
	})
	if err != nil {
		return err
	}
	return a.Serve(r.Ctx, pages, func(addr string) { welcome(r, a, d, addr) })
}

// notice is what every page of a demo says on top.
func notice(d *demo.Demo) string {
	if d == nil {
		return ""
	}
	return "This is a demo. The charity and its people are invented, and posts go to a sandbox on this machine only."
}

// welcome says what to open and what to do first.
func welcome(r *command.Run, a *app.App, d *demo.Demo, addr string) {
	url := r.Set.PublicURL
	if url == "" {
		url = "http://" + addr
	}
	if d == nil {
		r.Printf("\nDaymark is ready: %s\n", url)
		return
	}
	r.Printf("\nDaymark is ready.\n\n  Pages      %s\n", url)
	for _, t := range d.Timelines() {
		r.Printf("  Timeline   %s   (the sandbox %s: nothing leaves this machine)\n", t.URL, t.Network)
	}
	if len(d.Logins) > 0 {
		r.Printf("\n  Log in as            password (shown once; \"daymark user reset\" makes a new one)\n")
		for _, l := range d.Logins {
			r.Printf("  %-20s %s   %s, %s\n", l.Person.Email, l.Password, l.Person.Name, l.Person.Role)
		}
	} else {
		r.Printf("\n  The passwords were shown at the first start. A new one: daymark user reset --data %s rosa@daymark.example\n", r.Set.Data)
	}
	now := a.Clock.Now()
	r.Printf("\n  It is now %s in the demo.", now.Format("2 January 2006 15:04 MST"))
	if a.Clock.Rate() > 1 {
		r.Printf(" A fast clock takes the rehearsal of %d through the day in about %s.", d.Rehearsal.Year, r.Set.DemoFast)
	}
	r.Printf("\n\n  First: open the timeline and watch the rehearsal go out. Then log in as Rosa and approve a draft of %d\n"+
		"  under Review; log in as Mina and open Reach.\n\n", d.Coming.Year)
}

// Sandbox is the command that runs a sandbox network alone.
type Sandbox struct {
	Accounts []string `name:"account" default:"hope" help:"Handles of the accounts it has." placeholder:"HANDLE"`
	Quiet    bool     `help:"No audience reacts."`
	Folder   string   `help:"Where it keeps its state; default: nowhere." placeholder:"DIR"`
	Clock    string   `help:"Product time it starts at, as RFC 3339; default: now." placeholder:"TIME"`
}

// Help shows examples.
func (Sandbox) Help() string {
	return "Prints an access token for each account. Example:\n  daymark sandbox --sandbox-addr 127.0.0.1:8081 --account hope --account help"
}

// Run serves a sandbox network until it is told to stop.
func (c *Sandbox) Run(r *command.Run) error {
	var line clock.Line
	if c.Clock != "" {
		start, err := time.Parse(time.RFC3339, c.Clock)
		if err != nil {
			return fault.BadField("--clock", "%q is no instant; write one such as 2027-07-29T08:00:00Z", c.Clock)
		}
		line = clock.Line{RealStart: time.Now(), Start: start, Rate: 1, Until: start}
	}
	accounts := make([]sandbox.Account, len(c.Accounts))
	for i, handle := range c.Accounts {
		accounts[i] = sandbox.Account{Handle: handle, DisplayName: handle, Letter: strings.ToUpper(handle[:1]), Followers: 1500}
	}
	s, err := sandbox.New(sandbox.Options{Accounts: accounts, Clock: app.LineClock(line), Title: "Sandbox Mastodon", Quiet: c.Quiet, Folder: c.Folder, Log: r.Log})
	if err != nil {
		return err
	}
	if err := s.Start(r.Set.SandboxAddr); err != nil {
		return fault.Wrap(fault.Conflict, err, "The sandbox cannot listen on %s. Perhaps another program uses that port; --sandbox-addr names another.", r.Set.SandboxAddr)
	}
	r.Printf("%s\n", s.BaseURL())
	for _, handle := range c.Accounts {
		r.Printf("%s %s\n", handle, s.Token(handle, "read", "write"))
	}
	<-r.Ctx.Done()
	return s.Close()
}

// Ready is the command that asks a daemon whether it is ready.
type Ready struct{}

// Run asks the daemon at the address whether it is ready.
func (c *Ready) Run(r *command.Run) error {
	addr := r.Set.HealthAddr()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fault.BadField("DAYMARK_ADDR", "%q is no address; write one such as 127.0.0.1:8080", addr)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(r.Ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "No daemon answers on %s.", addr)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "The daemon on %s is not ready: %s.", addr, resp.Status)
	}
	return nil
}
