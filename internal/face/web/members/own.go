package members

import (
	"fmt"
	"strconv"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/tongue"
	"daymark/internal/org/people"
	"daymark/internal/org/people/speech"
	"daymark/internal/org/people/throttle"
	"daymark/internal/postgres"
)

// ownPage shows one's own password form and where one is logged in.
type ownPage struct {
	page.Frame
	Email  string
	Form   form.Form
	Speech form.Form // the language of the pages
	Rows   []placeRow
	Others bool // there are others to end
}

// placeRow is a browser in which the person is logged in.
type placeRow struct {
	Number  string
	Agent   string
	Address string
	Began   page.Moment
	Seen    page.Moment
	Here    bool
	End     string
}

// Own answers with one's own account.
func (d Desk) Own(r ask.Request) (ask.Answer, error) {
	p, err := d.own(r)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) own(r ask.Request) (*ownPage, error) {
	t := r.Words.T
	p := &ownPage{Frame: page.Frame{Template: "account", Title: t("own.title"), Door: "account"}, Email: r.Person.Email}
	p.Form = form.Form{ID: "password", Action: "/account/password", Button: t("reset.button"), Groups: []form.Group{{Controls: []form.Control{
		form.Exact("old", "password", t("own.old"), "").Completed("current-password"),
		form.Exact("new", "password", t("own.new"), "").As("password").Completed("new-password").Hinted(t("first.password.hint")),
	}}}}
	p.Speech = form.Form{ID: "speech", Action: "/account/language", Button: t("own.language.button"), Groups: []form.Group{{Controls: []form.Control{
		form.Choice("language", t("own.language"), r.Person.Interface, page.Speaking(t("own.language.browser"))).Hinted(t("own.language.hint")),
	}}}}
	list, err := people.SignedInOf(r.Context(), d.DB, r.Person.ID, d.Sessions.Token(r.Context()))
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		p.Rows = append(p.Rows, placeRow{
			Number: strconv.FormatInt(s.ID, 10), Agent: s.Agent, Address: s.Address, Began: r.Words.Moment(s.Began, r.Zone), Seen: r.Words.Moment(s.Seen, r.Zone), Here: s.Here,
			End: fmt.Sprintf("/account/sessions/%d/end", s.ID),
		})
		p.Others = p.Others || !s.Here
	}
	return p, nil
}

// ChangePassword gives oneself a new password. All sessions end but this one, which goes on under a new token.
func (d Desk) ChangePassword(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	wrong := func(field, message string) (ask.Answer, error) {
		p, err := d.own(r)
		if err != nil {
			return ask.Answer{}, err
		}
		p.Form.Mend(r.PostForm, []fault.Problem{{Field: field, Message: message}})
		return ask.Again(p), nil
	}
	tries := throttle.LogIn(r.Person.Email, guard.From(r.Context()).Address)
	wait, err := throttle.Take(r.Context(), d.DB, tries...)
	if err != nil {
		return ask.Answer{}, err
	}
	if wait > 0 {
		return wrong("old", r.Words.T("login.slow.minutes", int((wait+time.Minute-1)/time.Minute)))
	}
	if _, err := people.Check(r.Context(), d.DB, r.Person.Email, r.PostForm.Get("old")); fault.Is(err, fault.Forbidden) {
		return wrong("old", r.Words.T("own.old.wrong"))
	} else if err != nil {
		return ask.Answer{}, err
	}
	if err := throttle.Forgive(r.Context(), d.DB, tries...); err != nil {
		return ask.Answer{}, err
	}
	var person people.Person
	err = d.DB.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		if err := people.SetPassword(r.Context(), tx, r.Person.ID, r.PostForm.Get("new"), people.Cost{}, r.Person.ID); err != nil {
			return err
		}
		person, err = people.ByID(r.Context(), tx, r.Person.ID)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		return wrong("password", r.Words.Problems(err)[0].Message)
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.Sessions.Begin(r.Context(), person); err != nil {
		return ask.Answer{}, err
	}
	d.Sessions.Prove(r.Context(), d.Now())
	return ask.Answer{To: "/account", Said: r.Words.T("own.changed")}, nil
}

// ChooseLanguage keeps the language in which the person wants the pages.
func (d Desk) ChooseLanguage(r ask.Request) (ask.Answer, error) {
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	chosen := r.PostForm.Get("language")
	if chosen != "" && !tongue.Known(chosen) {
		return ask.Answer{}, fault.New(fault.Invalid, "Daymark is not written in this language yet. Choose one from the list.")
	}
	err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return speech.Choose(r.Context(), tx, r.Person, chosen) })
	return ask.Answer{To: "/account"}, err
}

// EndOne ends one of one's own sessions.
func (d Desk) EndOne(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("session")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return people.EndSession(r.Context(), tx, r.Person.ID, id) }); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/account", Said: r.Words.T("own.ended")}, nil
}

// EndOthers ends one's own sessions but for this one.
func (d Desk) EndOthers(r ask.Request) (ask.Answer, error) {
	err := d.DB.InTx(r.Context(), func(tx *postgres.Tx) error {
		_, err := people.EndOthers(r.Context(), tx, r.Person.ID, d.Sessions.Token(r.Context()))
		return err
	})
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/account", Said: r.Words.T("own.others.ended")}, nil
}
