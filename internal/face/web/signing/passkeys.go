package signing

import (
	"errors"
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/entering"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/people/throttle"
	"daymark/internal/org/signin/passkey"
	"daymark/internal/postgres"
)

// ceremonyPage has the browser ask for a passkey, or make one, and sends the answer as a form.
type ceremonyPage struct {
	page.Frame
	Mode    string // "get" or "create", as in the browser's own names
	Options string // what the browser is asked, as JSON
	Action  string // where its answer goes
	Name    string // of the passkey to be made
	Next    string
	Text    string
	Button  string
	Back    string
}

// LogInWithPasskey answers with the page on which the browser asks for a passkey.
func (d Desk) LogInWithPasskey(r ask.Request) (ask.Answer, error) {
	return d.asks(r, keptPasskey, "/login/passkey", "/login")
}

// asks answers with the page on which the browser asks for a passkey, and keeps under a name what was asked.
func (d Desk) asks(r ask.Request, kept, action, back string) (ask.Answer, error) {
	if err := errors.Join(d.openly(r), r.Form()); err != nil {
		return ask.Answer{}, err
	}
	site, ok := d.site(r.Request)
	if !ok {
		return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("sign.passkeys.nowhere"))
	}
	next := entering.Local(r.PostForm.Get("next"))
	if slow, err := d.slow(r, next); slow != nil || err != nil {
		return ask.Answer{Page: slow, Status: http.StatusTooManyRequests}, err
	}
	options, state, err := passkey.BeginLogIn(site)
	if err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Keep(r.Context(), kept, state, d.Now())
	return ask.Shown(&ceremonyPage{
		Frame: page.Frame{Template: "passkey", Title: r.Words.T("sign.passkey.login")}, Mode: "get", Options: string(options),
		Action: action, Next: next, Text: r.Words.T("sign.passkey.login.text"), Button: r.Words.T("sign.passkey.login"), Back: back,
	}), nil
}

// TakePasskey lets in whose passkey the browser showed.
func (d Desk) TakePasskey(r ask.Request) (ask.Answer, error) {
	person, err := d.shown(r, keptPasskey)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.in(r, person, "passkey", false); err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Prove(r.Context(), d.Now())
	return ask.Answer{To: entering.Local(r.PostForm.Get("next"))}, nil
}

// shown returns whose passkey the browser showed, to what was kept under a name.
func (d Desk) shown(r ask.Request, kept string) (people.Person, error) {
	if err := errors.Join(d.openly(r), r.Form()); err != nil {
		return people.Person{}, err
	}
	site, ok := d.site(r.Request)
	if !ok {
		return people.Person{}, fault.New(fault.Conflict, "%s", r.Words.T("sign.passkeys.nowhere"))
	}
	state := d.Sessions.Take(r.Context(), kept, d.Now())
	person, err := passkey.LogIn(r.Context(), d.DB, site, state, []byte(r.PostForm.Get("answer")))
	if fault.Is(err, fault.Forbidden) {
		d.Log.InfoContext(r.Context(), "log-in by passkey refused", "error", err)
		return people.Person{}, errors.Join(err, d.refused(r, "login.passkey_refused", err))
	}
	if err != nil {
		return people.Person{}, err
	}
	return person, throttle.Forgive(r.Context(), d.DB, throttle.Start(guard.From(r.Context()).Address)...)
}

// MakePasskey answers with the page on which the browser makes a passkey.
func (d Desk) MakePasskey(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	site, ok := d.site(r.Request)
	if !ok {
		return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("sign.passkeys.nowhere"))
	}
	options, state, err := passkey.Begin(r.Context(), d.DB, site, r.Person)
	if err != nil {
		return ask.Answer{}, err
	}
	name := r.PostForm.Get("name")
	if name == "" {
		name = r.Words.T("sign.passkey.name.own", r.Person.Name)
	}
	d.Sessions.Keep(r.Context(), keptAdding, state, d.Now())
	return ask.Shown(&ceremonyPage{
		Frame: page.Frame{Template: "passkey", Title: r.Words.T("sign.passkey.make"), Door: "sign-in"}, Mode: "create", Options: string(options),
		Action: "/sign-in/passkeys", Name: name, Text: r.Words.T("sign.passkey.make.text"), Button: r.Words.T("sign.passkey.make"), Back: "/sign-in",
	}), nil
}

// AddPasskey keeps the passkey that the browser made.
func (d Desk) AddPasskey(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	site, ok := d.site(r.Request)
	if !ok {
		return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("sign.passkeys.nowhere"))
	}
	state := d.Sessions.Take(r.Context(), keptAdding, d.Now())
	err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error {
		return passkey.Add(r.Context(), tx, d.Keys, site, r.Person, r.PostForm.Get("name"), state, []byte(r.PostForm.Get("answer")))
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/sign-in", Said: r.Words.T("sign.passkey.made")}, nil
}

// RenamePasskey gives one of a person's own passkeys another name.
func (d Desk) RenamePasskey(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("passkey")
	if err := errors.Join(err, r.Form()); err != nil {
		return ask.Answer{}, err
	}
	err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) error {
		return passkey.Rename(r.Context(), tx, id, r.PostForm.Get("name"), r.Person)
	})
	return ask.Answer{To: "/sign-in", Said: r.Words.T("sign.passkey.renamed")}, err
}

// RemovePasskey takes away one of a person's own passkeys.
func (d Desk) RemovePasskey(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("passkey")
	if err != nil {
		return ask.Answer{}, err
	}
	err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return passkey.Remove(r.Context(), tx, d.Keys, id, r.Person) })
	return ask.Answer{To: "/sign-in", Said: r.Words.T("sign.passkey.removed")}, err
}
