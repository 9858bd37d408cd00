package web

import (
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/begin"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
)

func (s *server) firstRunPage(w http.ResponseWriter, r *request) error {
	n, err := people.Count(r.Context(), s.DB)
	if err != nil {
		return err
	}
	if n > 0 {
		redirect(w, r, "/login")
		return nil
	}
	return s.show(w, r, http.StatusOK, s.firstRunForm(r, begin.Beginning{You: people.NewPerson{Languages: []string{"en"}}}, nil))
}

func (s *server) firstRun(w http.ResponseWriter, r *request) error {
	if !s.guard.MayLogIn(r.Request) {
		return s.show(w, r, http.StatusForbidden, s.firstRunForm(r, begin.Beginning{}, nil))
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	f := r.PostForm
	b := begin.Beginning{
		You: people.NewPerson{Name: f.Get("name"), Email: f.Get("email"), Password: f.Get("password"), Languages: f["languages"], Role: people.RoleAdmin},
		Org: profile.Profile{Name: f.Get("org-name"), Link: f.Get("org-link"), Zone: f.Get("org-zone"), SupportNote: f.Get("org-support")},
	}
	admin, err := begin.Make(r.Context(), s.DB, b)
	if fault.Is(err, fault.Invalid) {
		return s.show(w, r, http.StatusUnprocessableEntity, s.firstRunForm(r, b, fault.Problems(err)))
	}
	if err != nil {
		return err
	}
	if err := s.begin(r, admin); err != nil {
		return err
	}
	s.sessions.Say(r.Context(), s.pages.Words().T("first.done", admin.Name))
	redirect(w, r, "/")
	return nil
}

func (s *server) firstRunForm(r *request, b begin.Beginning, problems page.Fields) *page.FirstRun {
	p := b.Page(s.pages.Words(), problems)
	if !s.guard.MayLogIn(r.Request) {
		p.Blocked = s.pages.Words().T("login.plain")
	}
	return p
}
