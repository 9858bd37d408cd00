package signing

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/entering"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/people/throttle"
	"daymark/internal/org/signin"
	"daymark/internal/org/signin/passkey"
)

// againPage asks somebody who is logged in to say who they are once more.
type againPage struct {
	page.Frame
	Next     string
	Password bool // the person has one
	Passkeys bool // the person has one, and it works here
	Provider string
	Problem  string
}

// Addresses at which people say who they are once more.
const again = "/sign-in/again"

// proved lets an answer be given only to who has said of late who they are. Others do that first and come back; what they sent is not
// kept.
func (d Desk) proved(answer func(ask.Request) (ask.Answer, error)) func(ask.Request) (ask.Answer, error) {
	return func(r ask.Request) (ask.Answer, error) {
		if d.Sessions.Proved(r.Context(), d.Now()) {
			return answer(r)
		}
		back := "/sign-in"
		if id := r.PathValue("id"); strings.HasPrefix(r.URL.Path, "/people/") && id != "" {
			back = "/people/" + id
		}
		return ask.Answer{To: again + "?next=" + url.QueryEscape(back)}, nil
	}
}

// Again answers with the ways to say who one is once more.
func (d Desk) Again(r ask.Request) (ask.Answer, error) {
	p, err := d.again(r, r.URL.Query().Get("next"), "")
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) again(r ask.Request, next, problem string) (*againPage, error) {
	p := &againPage{Frame: page.Frame{Template: "signin_again", Title: r.Words.T("sign.again"), Door: "sign-in"}, Next: entering.Local(next), Problem: problem}
	var err error
	if p.Password, err = signin.HasPassword(r.Context(), d.DB, r.Person.ID); err != nil {
		return nil, err
	}
	site, works := d.site(r.Request)
	keys, err := passkey.List(r.Context(), d.DB, r.Person.ID, site.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		p.Passkeys = p.Passkeys || works && !k.Foreign
	}
	if d.Provider != nil {
		p.Provider = d.Provider.Label()
	}
	return p, nil
}

// SayAgain takes the password of who is logged in.
func (d Desk) SayAgain(r ask.Request) (ask.Answer, error) {
	if err := errors.Join(d.openly(r), r.Form()); err != nil {
		return ask.Answer{}, err
	}
	next := r.PostForm.Get("next")
	mend := func(status int, problem string) (ask.Answer, error) {
		p, err := d.again(r, next, problem)
		return ask.Answer{Page: p, Status: status}, err
	}
	tries := throttle.LogIn(r.Person.Email, guard.From(r.Context()).Address)
	wait, err := throttle.Take(r.Context(), d.DB, tries...)
	if err != nil {
		return ask.Answer{}, err
	}
	if wait > 0 {
		return mend(http.StatusTooManyRequests, entering.Slowed(r.Words, wait))
	}
	if _, err := people.Check(r.Context(), d.DB, r.Person.Email, r.PostForm.Get("password")); fault.Is(err, fault.Forbidden) {
		return mend(http.StatusUnprocessableEntity, r.Words.T("own.old.wrong"))
	} else if err != nil {
		return ask.Answer{}, err
	}
	if err := throttle.Forgive(r.Context(), d.DB, tries...); err != nil {
		return ask.Answer{}, err
	}
	return d.said(r, next)
}

// said notes that somebody has said who they are, under a new token, and leads them back.
func (d Desk) said(r ask.Request, next string) (ask.Answer, error) {
	owes := d.Sessions.Owes(r.Context())
	if err := d.Sessions.Begin(r.Context(), r.Person); err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Owe(r.Context(), owes)
	d.Sessions.Prove(r.Context(), d.Now())
	return ask.Answer{To: entering.Local(next)}, nil
}

// ShowAgain answers with the page on which the browser asks for a passkey of who is logged in.
func (d Desk) ShowAgain(r ask.Request) (ask.Answer, error) {
	return d.asks(r, keptAgain, again+"/passkey", again)
}

// TakeAgain takes a passkey of who is logged in. One of somebody else's is refused: this browser is not theirs.
func (d Desk) TakeAgain(r ask.Request) (ask.Answer, error) {
	person, err := d.shown(r, keptAgain)
	if err == nil && person.ID != r.Person.ID {
		err = fault.New(fault.Forbidden, "This passkey is somebody else's. Use one of your own, or log out first.")
		err = errors.Join(err, d.refused(r, "login.passkey_refused", err))
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return d.said(r, r.PostForm.Get("next"))
}
