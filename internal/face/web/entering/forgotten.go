package entering

import (
	"net/http"
	"net/netip"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/people/reset"
	"daymark/internal/org/people/throttle"
)

// sheet is a page before log-in with one form, or with words only.
type sheet struct {
	page.Frame
	Lede    string
	Blocked string // why nobody can log in from here, when so
	Form    form.Form
}

func (d Desk) sheet(r ask.Request, title, lede string, f form.Form) *sheet {
	p := &sheet{Frame: page.Frame{Template: "entry", Title: title}, Lede: lede, Form: f}
	if !d.guard.MayLogIn(r.Request) {
		p.Blocked = r.Words.T("login.plain")
	}
	return p
}

// refused answers a form that came over a way on which passwords could be read.
func refused(p *sheet) ask.Answer { return ask.Answer{Page: p, Status: http.StatusForbidden} }

// from returns where a request comes from.
func from(r ask.Request) netip.Addr { return guard.From(r.Context()).Address }

// Slowed answers somebody who has to wait.
func Slowed(words page.Words, wait time.Duration) string {
	if wait <= time.Minute {
		return words.T("login.slow", int(wait.Seconds()))
	}
	return words.T("login.slow.minutes", int((wait+time.Minute-time.Second)/time.Minute))
}

func (d Desk) forgottenForm(r ask.Request) *sheet {
	t := r.Words.T
	return d.sheet(r, t("forgotten.title"), t("forgotten.lede"), form.Form{ID: "forgotten", Action: "/forgotten", Button: t("forgotten.button"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Exact("email", "email", t("login.email"), "").Completed("username"),
	}}}})
}

// ForgottenPage answers with the form that asks for a letter with a link to a new password.
func (d Desk) ForgottenPage(r ask.Request) (ask.Answer, error) {
	return ask.Shown(d.forgottenForm(r)), nil
}

// Forgotten writes down that a letter was asked for. It says and does the same whoever has the address.
func (d Desk) Forgotten(r ask.Request) (ask.Answer, error) {
	p := d.forgottenForm(r)
	if p.Blocked != "" {
		return refused(p), nil
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	email := r.PostForm.Get("email")
	wait, err := throttle.Take(r.Context(), d.db, throttle.Letter(email, from(r))...)
	if err != nil {
		return ask.Answer{}, err
	}
	if wait > 0 {
		p.Form.Mend(r.PostForm, []fault.Problem{{Field: "email", Message: Slowed(r.Words, wait)}})
		return ask.Answer{Page: p, Status: http.StatusTooManyRequests}, nil
	}
	if err := reset.Ask(r.Context(), d.db, email, from(r).String()); err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(d.sheet(r, r.Words.T("forgotten.title"), r.Words.T("forgotten.sent"), form.Form{})), nil
}

func (d Desk) resetForm(r ask.Request) *sheet {
	t := r.Words.T
	return d.sheet(r, t("reset.title"), t("reset.lede"), form.Form{ID: "reset", Action: "/reset/" + r.PathValue("token"), Button: t("reset.button"), Main: true, Groups: []form.Group{{Controls: []form.Control{
		form.Exact("password", "password", t("first.password"), "").Completed("new-password").Hinted(t("first.password.hint")),
	}}}})
}

// ResetPage answers with the form for a new password. Looking at it uses nothing up: mail scanners follow links.
func (d Desk) ResetPage(r ask.Request) (ask.Answer, error) {
	if err := reset.Look(r.Context(), d.db, r.PathValue("token")); err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(d.resetForm(r)), nil
}

// Reset takes a new password. The person logs in with it, with their second step if they have one.
func (d Desk) Reset(r ask.Request) (ask.Answer, error) {
	p := d.resetForm(r)
	if p.Blocked != "" {
		return refused(p), nil
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	err := reset.Use(r.Context(), d.db, r.PathValue("token"), r.PostForm.Get("password"), people.Cost{})
	if fault.Is(err, fault.Invalid) {
		p.Form.Mend(r.PostForm, r.Words.Problems(err))
		return ask.Again(p), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/login", Said: r.Words.T("reset.done")}, nil
}
