package entering

import (
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/begin"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
)

// FirstRunPage answers with the form of the first run, while there is nobody.
func (d Desk) FirstRunPage(r ask.Request) (ask.Answer, error) {
	n, err := people.Count(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	if n > 0 {
		return ask.Answer{To: "/login"}, nil
	}
	return ask.Shown(d.firstRunForm(r, begin.Beginning{You: people.NewPerson{Languages: []string{"en"}}}, nil)), nil
}

// FirstRun makes the first admin and the organisation's profile.
func (d Desk) FirstRun(r ask.Request) (ask.Answer, error) {
	if !d.guard.MayLogIn(r.Request) {
		return ask.Answer{Page: d.firstRunForm(r, begin.Beginning{}, nil), Status: http.StatusForbidden}, nil
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	f := r.PostForm
	b := begin.Beginning{
		You: people.NewPerson{Name: f.Get("name"), Email: f.Get("email"), Password: f.Get("password"), Languages: f["languages"], Role: people.RoleAdmin},
		Org: profile.Profile{Name: f.Get("org-name"), Link: f.Get("org-link"), Zone: f.Get("org-zone"), SupportNote: f.Get("org-support")},
	}
	admin, err := begin.Make(r.Context(), d.db, b)
	if fault.Is(err, fault.Invalid) {
		return ask.Again(d.firstRunForm(r, b, r.Words.Problems(err))), nil
	}
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.begin(r, admin); err != nil {
		return ask.Answer{}, err
	}
	return ask.Answer{To: "/", Said: r.Words.T("first.done", admin.Name)}, nil
}

func (d Desk) firstRunForm(r ask.Request, b begin.Beginning, problems page.Fields) *page.FirstRun {
	p := b.Page(r.Words, problems)
	if !d.guard.MayLogIn(r.Request) {
		p.Blocked = r.Words.T("login.plain")
	}
	return p
}
