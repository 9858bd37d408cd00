// Package signing is the desk of the ways to log in beside a password: the second step with an app, passkeys, and the identity
// provider of the organisation; and the page where people set up their own.
//
// Each exported method of [Desk] that takes a request answers one route of face/web, but [Desk.Arrive] and [Desk.Ways], which the
// log-in page calls. What a way proves is decided by the rooms of org/signin; the session is kept by face/web/session.
package signing

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/entering"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/session"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/people/throttle"
	"daymark/internal/org/seal"
	"daymark/internal/org/signin"
	"daymark/internal/org/signin/oidc"
	"daymark/internal/org/signin/passkey"
	"daymark/internal/org/signin/totp"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	DB       *postgres.DB
	Keys     seal.Keys
	Guard    guard.Guard
	Sessions session.Sessions
	Log      *slog.Logger
	Now      func() time.Time // real time: codes live by the clocks of phones
	Random   io.Reader
	Provider *oidc.Provider // nil where the organisation has set none
}

// Names under which the session keeps what lies between two steps.
const (
	keptAdding  = "passkey-adding"
	keptPasskey = "passkey-login"
	keptAgain   = "passkey-again"
	keptAway    = "provider"
	keptNext    = "provider-next"
)

// Ways returns what the log-in page offers beside the password: whether passkeys work under this address, and what the identity
// provider is called, empty where there is none.
func (d Desk) Ways(r *http.Request) (passkeys bool, provider string) {
	if d.Provider != nil {
		provider = d.Provider.Label()
	}
	_, passkeys = d.site(r)
	return passkeys, provider
}

// site returns where passkeys work: under the public name, or under localhost where people come over plain http. Browsers know no
// passkeys of bare addresses (WebAuthn, section 5.1.2: the relying party's id is a domain).
func (d Desk) site(r *http.Request) (passkey.Site, bool) {
	s := passkey.Site{Name: "Daymark"}
	if d.Guard.Secure() {
		s.ID, s.Origin = d.Guard.Public.Hostname(), d.Guard.Public.Scheme+"://"+d.Guard.Public.Host
		_, err := netip.ParseAddr(s.ID)
		return s, err != nil
	}
	s.ID, s.Origin = r.Host, "http://"+r.Host
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		s.ID = host
	}
	return s, s.ID == "localhost"
}

// Arrive lets in somebody who has given the right password, or asks for the second step first. It returns where to go.
func (d Desk) Arrive(r ask.Request, person people.Person, next string) (to string, err error) {
	ctx := r.Context()
	state, err := totp.StateOf(ctx, d.DB, person.ID)
	if err != nil {
		return "", err
	}
	if state.On {
		if err := d.Sessions.Half(ctx, person, d.Now()); err != nil {
			return "", err
		}
		return "/login/code?next=" + url.QueryEscape(entering.Local(next)), nil
	}
	rule, err := signin.RuleNow(ctx, d.DB)
	if err != nil {
		return "", err
	}
	if err := d.in(r, person, "password", rule.Asks(person)); err != nil {
		return "", err
	}
	d.Sessions.Prove(ctx, d.Now())
	if rule.Asks(person) {
		return "/sign-in", nil
	}
	return entering.Local(next), nil
}

// in starts the session of somebody who has proved who they are.
func (d Desk) in(r ask.Request, person people.Person, by string, owes bool) error {
	if err := d.Sessions.Whole(r.Context(), person); err != nil {
		return err
	}
	d.Sessions.Owe(r.Context(), owes)
	d.Log.InfoContext(r.Context(), "logged in", "person_id", person.ID, "by", by)
	return nil
}

// openly refuses where what is typed or sent could be read on the way.
func (d Desk) openly(r ask.Request) error {
	if d.Guard.MayLogIn(r.Request) {
		return nil
	}
	return fault.New(fault.Forbidden, "%s", r.Words.T("login.plain"))
}

// codePage asks for the second step.
type codePage struct {
	page.Frame
	Next    string
	Problem string
}

func (d Desk) code(r ask.Request, next, problem string) *codePage {
	return &codePage{Frame: page.Frame{Template: "code", Title: r.Words.T("sign.code")}, Next: entering.Local(next), Problem: problem}
}

// Code answers with the form for the second step.
func (d Desk) Code(r ask.Request) (ask.Answer, error) {
	half, err := d.Sessions.HalfPerson(r.Context(), d.Now())
	if err != nil || half.ID == 0 {
		return ask.Answer{To: "/login"}, err
	}
	return ask.Shown(d.code(r, r.URL.Query().Get("next"), "")), nil
}

// TakeCode lets in who gave the right password and now the right code.
func (d Desk) TakeCode(r ask.Request) (ask.Answer, error) {
	if err := errors.Join(d.openly(r), r.Form()); err != nil {
		return ask.Answer{}, err
	}
	half, err := d.Sessions.HalfPerson(r.Context(), d.Now())
	if err != nil || half.ID == 0 {
		return ask.Answer{To: "/login", Said: r.Words.T("sign.late")}, err
	}
	next := r.PostForm.Get("next")
	err = totp.Check(r.Context(), d.DB, d.Keys, half, r.PostForm.Get("code"), d.Now())
	if fault.Is(err, fault.Invalid) {
		return ask.Again(d.code(r, next, r.Words.T("sign.code.wrong"))), nil
	}
	if fault.Is(err, fault.Forbidden) {
		return ask.Answer{Page: d.code(r, next, r.Words.Say(err)), Status: http.StatusTooManyRequests}, nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.in(r, half, "password and code", false); err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Prove(r.Context(), d.Now())
	return ask.Answer{To: entering.Local(next)}, nil
}

// slow answers who begins too many log-ins from one network, with the log-in page; nil for everybody else.
func (d Desk) slow(r ask.Request, next string) (page.Page, error) {
	wait, err := throttle.Take(r.Context(), d.DB, throttle.Start(guard.From(r.Context()).Address)...)
	if wait == 0 || err != nil {
		return nil, err
	}
	p := &page.LogIn{Frame: page.Frame{Title: r.Words.T("login.title")}, Next: next, Problem: entering.Slowed(r.Words, wait)}
	p.Passkeys, p.Provider = d.Ways(r.Request)
	return p, nil
}

// GoToProvider sends somebody to the identity provider. Who has to say once more who they are is asked there anew, even where the
// provider knows the browser.
func (d Desk) GoToProvider(r ask.Request) (ask.Answer, error) {
	if err := d.openly(r); err != nil {
		return ask.Answer{}, err
	}
	if d.Provider == nil {
		return ask.Answer{}, fault.New(fault.NotFound, "%s", r.Words.T("sign.provider.none"))
	}
	next := entering.Local(r.URL.Query().Get("next"))
	if slow, err := d.slow(r, next); slow != nil || err != nil {
		return ask.Answer{Page: slow, Status: http.StatusTooManyRequests}, err
	}
	to, state, err := d.Provider.Begin(r.Context(), r.URL.Query().Has("again"))
	if err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Keep(r.Context(), keptAway, state, d.Now())
	d.Sessions.Keep(r.Context(), keptNext, []byte(next), d.Now())
	return ask.Answer{To: to}, nil
}

// BackFromProvider lets in whom the identity provider knows. What it refuses is written into the log; nothing else is.
func (d Desk) BackFromProvider(r ask.Request) (ask.Answer, error) {
	if err := d.openly(r); err != nil {
		return ask.Answer{}, err
	}
	if d.Provider == nil {
		return ask.Answer{}, fault.New(fault.NotFound, "%s", r.Words.T("sign.provider.none"))
	}
	ctx := r.Context()
	state, next := d.Sessions.Take(ctx, keptAway, d.Now()), string(d.Sessions.Take(ctx, keptNext, d.Now()))
	var person people.Person
	who, err := d.Provider.Finish(ctx, state, r.URL.Query(), d.Now)
	if err == nil {
		err = d.DB.InTx(ctx, func(tx *postgres.Tx) (err error) {
			person, err = d.Provider.Person(ctx, tx, who)
			return err
		})
	}
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Conflict) {
		d.Log.InfoContext(ctx, "log-in by provider refused", "from", guard.From(ctx).Address.String(), "error", err)
		return ask.Answer{}, errors.Join(err, d.refused(r, "login.provider_refused", err))
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if err := throttle.Forgive(ctx, d.DB, throttle.Start(guard.From(ctx).Address)...); err != nil {
		return ask.Answer{}, err
	}
	if err := d.in(r, person, "identity provider", false); err != nil {
		return ask.Answer{}, err
	}
	if who.Anew {
		d.Sessions.Prove(ctx, d.Now())
	}
	return ask.Answer{To: entering.Local(next)}, nil
}

// refused notes a log-in that was refused.
func (d Desk) refused(r ask.Request, action string, why error) error {
	return audit.Write(r.Context(), d.DB, audit.Entry{Action: action, Kind: "signin", Detail: map[string]any{"why": fault.Say(why)}})
}
