// Package entering is the desk of the pages before log-in: the log-in itself, the first run, a forgotten password, an
// invitation that is taken up.
//
// Each exported method of [Desk] answers one route of face/web. The session is kept by face/web/session; who may come in is
// decided by org/people.
package entering

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/session"
	"daymark/internal/org/people"
	"daymark/internal/org/people/throttle"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db       *postgres.DB
	guard    guard.Guard
	sessions session.Sessions
	log      *slog.Logger
	ways     Ways
}

// Ways are the ways to log in beside a password, and what follows the password.
type Ways interface {
	// Arrive lets in somebody who has given the right password, or asks for a second step first. It returns where to go.
	Arrive(r ask.Request, person people.Person, next string) (to string, err error)
	// Ways returns whether passkeys can be used under this address, and what the identity provider is called.
	Ways(r *http.Request) (passkeys bool, provider string)
}

// With returns the desk with ways to log in beside a password.
func (d Desk) With(ways Ways) Desk {
	d.ways = ways
	return d
}

// New returns a desk.
func New(db *postgres.DB, g guard.Guard, sessions session.Sessions, log *slog.Logger) Desk {
	return Desk{db: db, guard: g, sessions: sessions, log: log}
}

// LogInPage answers with the form to log in.
func (d Desk) LogInPage(r ask.Request) (ask.Answer, error) {
	if r.Person.ID != 0 {
		return ask.Answer{To: "/"}, nil
	}
	n, err := people.Count(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	if n == 0 {
		return ask.Answer{To: "/first-run"}, nil
	}
	return ask.Shown(d.logInForm(r, "", r.URL.Query().Get("next"), "")), nil
}

func (d Desk) logInForm(r ask.Request, email, next, problem string) *page.LogIn {
	p := &page.LogIn{Frame: page.Frame{Title: r.Words.T("login.title")}, Email: email, Next: Local(next), Problem: problem}
	if !d.guard.MayLogIn(r.Request) {
		p.Blocked = r.Words.T("login.plain")
	}
	p.Passkeys, p.Provider = d.ways.Ways(r.Request)
	return p
}

// LogIn lets somebody in whose password is right.
func (d Desk) LogIn(r ask.Request) (ask.Answer, error) {
	if !d.guard.MayLogIn(r.Request) {
		return ask.Answer{Page: d.logInForm(r, "", "", ""), Status: http.StatusForbidden}, nil
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	email, next := r.PostForm.Get("email"), r.PostForm.Get("next")
	tries := throttle.LogIn(email, from(r))
	wait, err := throttle.Take(r.Context(), d.db, tries...)
	if err != nil {
		return ask.Answer{}, err
	}
	if wait > 0 {
		return ask.Answer{Page: d.logInForm(r, email, next, Slowed(r.Words, wait)), Status: http.StatusTooManyRequests}, nil
	}
	person, err := people.Check(r.Context(), d.db, email, r.PostForm.Get("password"))
	if fault.Is(err, fault.Forbidden) {
		d.log.InfoContext(r.Context(), "log-in refused", "from", guard.From(r.Context()).Address.String())
		return ask.Again(d.logInForm(r, email, next, r.Words.T("login.wrong"))), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if err := throttle.Forgive(r.Context(), d.db, tries...); err != nil {
		return ask.Answer{}, err
	}
	to, err := d.ways.Arrive(r, person, next)
	return ask.Answer{To: to}, err
}

// begin starts the session of somebody who has proved who they are.
func (d Desk) begin(r ask.Request, person people.Person) error {
	if err := d.sessions.Begin(r.Context(), person); err != nil {
		return err
	}
	d.log.InfoContext(r.Context(), "logged in", "person_id", person.ID)
	return nil
}

// LogOut ends the session.
func (d Desk) LogOut(r ask.Request) (ask.Answer, error) {
	if err := d.sessions.End(r.Context()); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/login"}, nil
}

// Local returns an address on this site to go to, or the home page.
func Local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
