package signing

import (
	"errors"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/entering"
	"daymark/internal/face/web/page"
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
	if err := errors.Join(d.openly(r), r.Form()); err != nil {
		return ask.Answer{}, err
	}
	site, ok := d.site(r.Request)
	if !ok {
		return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("sign.passkeys.nowhere"))
	}
	options, state, err := passkey.BeginLogIn(site)
	if err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Keep(r.Context(), keptPasskey, state, d.Now())
	return ask.Shown(&ceremonyPage{
		Frame: page.Frame{Template: "passkey", Title: r.Words.T("sign.passkey.login")}, Mode: "get", Options: string(options),
		Action: "/login/passkey", Next: entering.Local(r.PostForm.Get("next")), Text: r.Words.T("sign.passkey.login.text"),
		Button: r.Words.T("sign.passkey.login"), Back: "/login",
	}), nil
}

// TakePasskey lets in whose passkey the browser showed.
func (d Desk) TakePasskey(r ask.Request) (ask.Answer, error) {
	if err := errors.Join(d.openly(r), r.Form()); err != nil {
		return ask.Answer{}, err
	}
	site, ok := d.site(r.Request)
	if !ok {
		return ask.Answer{}, fault.New(fault.Conflict, "%s", r.Words.T("sign.passkeys.nowhere"))
	}
	state := d.Sessions.Take(r.Context(), keptPasskey, d.Now())
	person, err := passkey.LogIn(r.Context(), d.DB, site, state, []byte(r.PostForm.Get("answer")))
	if fault.Is(err, fault.Forbidden) {
		d.Log.InfoContext(r.Context(), "log-in by passkey refused", "error", err)
		return ask.Answer{}, errors.Join(err, d.refused(r, "login.passkey_refused", err))
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.in(r, person, "passkey", false); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: entering.Local(r.PostForm.Get("next"))}, nil
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
		return passkey.Add(r.Context(), tx, site, r.Person, r.PostForm.Get("name"), state, []byte(r.PostForm.Get("answer")))
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
	err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return passkey.Remove(r.Context(), tx, id, r.Person) })
	return ask.Answer{To: "/sign-in", Said: r.Words.T("sign.passkey.removed")}, err
}
