package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/app/demo"
	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/face/web"
	"daymark/internal/org/people"
	sandbox "daymark/internal/sandbox/mastodon"
)

type serveCmd struct{}

// Help shows examples.
func (serveCmd) Help() string {
	return "Examples:\n  daymark serve\n  DATABASE_URL=postgres://daymark@/daymark?host=/run/postgresql daymark serve --addr :8080"
}

// Run runs the daemon until it is told to stop.
func (c *serveCmd) Run(r *run) error {
	return r.daemon(nil)
}

type demoCmd struct{}

// Help shows examples.
func (demoCmd) Help() string {
	return "Keeps its data in ./.daymark/demo. Examples:\n  daymark demo\n  DAYMARK_ADDR=127.0.0.1:9000 daymark demo --demo-fast 30s"
}

// Run runs the daemon with a sandbox network.
func (c *demoCmd) Run(r *run) error {
	if r.set.DatabaseURL != "" {
		return fault.New(fault.Invalid, "The demo keeps a private database of its own; unset DATABASE_URL.")
	}
	r.set.Data = filepath.Join(r.set.Data, "demo")
	if err := os.MkdirAll(filepath.Dir(r.set.Data), 0o755); err != nil {
		return fault.Wrap(fault.Invalid, err, "The data folder %s cannot be made: %v.", filepath.Dir(r.set.Data), err)
	}
	return r.daemon(func(a *app.App) (*demo.Demo, error) {
		return demo.Start(r.ctx, a, func(s string) { r.printf("%s\n", s) })
	})
}

// daemon opens Daymark, starts what the demo adds, and serves.
func (r *run) daemon(start func(*app.App) (*demo.Demo, error)) (err error) {
	a, err := app.Open(r.ctx, r.set.app(), r.log)
	if err != nil {
		return err
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 30*time.Second)
		defer cancel()
		err = errors.Join(err, a.Close(bye))
	}()
	var d *demo.Demo
	if start != nil {
		if d, err = start(a); err != nil {
			return err
		}
	}
	proxies, err := r.set.proxies()
	if err != nil {
		return err
	}
	pages, err := web.New(web.Deps{
		DB: a.DB, Clock: a.Clock, Log: a.Log, Now: time.Now, Networks: a.Networks, PublicURL: r.set.publicURL(),
		Proxies: proxies, Notice: notice(d), Version: version, Random: rand.Reader,
	})
	if err != nil {
		return err
	}
	return a.Serve(r.ctx, pages, func(addr string) { r.welcome(a, d, addr) })
}

// publicURL is how people reach the pages.
func (s settings) publicURL() string {
	if s.PublicURL != "" {
		return strings.TrimRight(s.PublicURL, "/")
	}
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil || host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// proxies reads the addresses of trusted proxies.
func (s settings) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range strings.FieldsFunc(s.TrustedProxies, func(c rune) bool { return c == ',' || c == ' ' }) {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fault.BadField("DAYMARK_TRUSTED_PROXIES", "%q is no range of addresses; write one such as 172.16.0.0/12", text)
		}
		list = append(list, prefix)
	}
	return list, nil
}

// notice is what every page of a demo says on top.
func notice(d *demo.Demo) string {
	if d == nil {
		return ""
	}
	return "This is a demo. The charity and its people are invented, and posts go to a sandbox on this machine only."
}

// welcome says what to open and what to do first.
func (r *run) welcome(a *app.App, d *demo.Demo, addr string) {
	url := r.set.PublicURL
	if url == "" {
		url = "http://" + addr
	}
	if d == nil {
		r.printf("\nDaymark is ready: %s\n", url)
		return
	}
	r.printf("\nDaymark is ready.\n\n  Pages      %s\n  Timeline   %s   (the sandbox network: nothing leaves this machine)\n", url, d.Sandbox.BaseURL())
	if len(d.Logins) > 0 {
		r.printf("\n  Log in as            password (shown once; \"daymark user reset\" makes a new one)\n")
		for _, l := range d.Logins {
			r.printf("  %-20s %s   %s\n", l.Person.Email, l.Password, l.Person.Name)
		}
	} else {
		r.printf("\n  The passwords were shown at the first start. A new one: daymark user reset --data %s rosa@daymark.example\n", r.set.Data)
	}
	now := a.Clock.Now()
	r.printf("\n  It is now %s in the demo.", now.Format("2 January 2006 15:04 MST"))
	if a.Clock.Rate() > 1 {
		r.printf(" A fast clock takes the rehearsal of %d through the day in about %s.", d.Rehearsal.Year, r.set.DemoFast)
	}
	r.printf("\n\n  First: open the timeline and watch the rehearsal go out. Then log in as Rosa and approve a draft of %d\n"+
		"  under Review; log in as Mina and open Reach.\n\n", d.Coming.Year)
}

type sandboxCmd struct {
	Accounts []string `name:"account" default:"hope" help:"Handles of the accounts it has." placeholder:"HANDLE"`
	Quiet    bool     `help:"No audience reacts."`
	Folder   string   `help:"Where it keeps its state; default: nowhere." placeholder:"DIR"`
	Clock    string   `help:"Product time it starts at, as RFC 3339; default: now." placeholder:"TIME"`
}

// Help shows examples.
func (sandboxCmd) Help() string {
	return "Prints an access token for each account. Example:\n  daymark sandbox --sandbox-addr 127.0.0.1:8081 --account hope --account help"
}

// Run serves a sandbox network until it is told to stop.
func (c *sandboxCmd) Run(r *run) error {
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
	s, err := sandbox.New(sandbox.Options{Accounts: accounts, Clock: app.LineClock(line), Title: "Sandbox Mastodon", Quiet: c.Quiet, Folder: c.Folder, Log: r.log})
	if err != nil {
		return err
	}
	if err := s.Start(r.set.SandboxAddr); err != nil {
		return fault.Wrap(fault.Conflict, err, "The sandbox cannot listen on %s. Perhaps another program uses that port; --sandbox-addr names another.", r.set.SandboxAddr)
	}
	r.printf("%s\n", s.BaseURL())
	for _, handle := range c.Accounts {
		r.printf("%s %s\n", handle, s.Token(handle, "read", "write"))
	}
	<-r.ctx.Done()
	return s.Close()
}

type readyCmd struct{}

// Run asks the daemon at the address whether it is ready.
func (c *readyCmd) Run(r *run) error {
	host, port, err := net.SplitHostPort(r.set.Addr)
	if err != nil {
		return fault.BadField("DAYMARK_ADDR", "%q is no address; write one such as 127.0.0.1:8080", r.set.Addr)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(r.ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "No daemon answers on %s.", r.set.Addr)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "The daemon on %s is not ready: %s.", r.set.Addr, resp.Status)
	}
	return nil
}

// operator is the person that a command acts as: the one named, or the first admin.
func (r *run) operator(a *app.App, email string) (people.Person, error) {
	if email != "" {
		return people.ByEmail(r.ctx, a.DB, email)
	}
	list, err := people.List(r.ctx, a.DB)
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
