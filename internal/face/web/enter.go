package web

import (
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/guard"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
)

func (s *server) logInPage(w http.ResponseWriter, r *request) error {
	if r.person.ID != 0 {
		redirect(w, r, "/")
		return nil
	}
	n, err := people.Count(r.Context(), s.DB)
	if err != nil {
		return err
	}
	if n == 0 {
		redirect(w, r, "/first-run")
		return nil
	}
	return s.show(w, r, http.StatusOK, s.logInForm(r, "", r.URL.Query().Get("next"), ""))
}

func (s *server) logInForm(r *request, email, next, problem string) *page.LogIn {
	words := s.pages.Words()
	p := &page.LogIn{Frame: page.Frame{Title: words.T("login.title")}, Email: email, Next: local(next), Problem: problem}
	if !s.guard.MayLogIn(r.Request) {
		p.Blocked = words.T("login.plain")
	}
	return p
}

func (s *server) logIn(w http.ResponseWriter, r *request) error {
	if !s.guard.MayLogIn(r.Request) {
		return s.show(w, r, http.StatusForbidden, s.logInForm(r, "", "", ""))
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	email, next := r.PostForm.Get("email"), r.PostForm.Get("next")
	person, err := people.Check(r.Context(), s.DB, email, r.PostForm.Get("password"))
	if fault.Is(err, fault.Forbidden) {
		s.Log.InfoContext(r.Context(), "log-in refused", "from", guard.From(r.Context()).Address.String())
		return s.show(w, r, http.StatusUnprocessableEntity, s.logInForm(r, email, next, s.pages.Words().T("login.wrong")))
	}
	if err != nil {
		return err
	}
	if err := s.begin(r, person); err != nil {
		return err
	}
	redirect(w, r, local(next))
	return nil
}

// begin starts the session of somebody who has logged in.
func (s *server) begin(r *request, person people.Person) error {
	if err := s.sessions.Begin(r.Context(), person); err != nil {
		return err
	}
	s.Log.InfoContext(r.Context(), "logged in", "person_id", person.ID)
	return nil
}

func (s *server) logOut(w http.ResponseWriter, r *request) error {
	if err := s.sessions.End(r.Context()); err != nil {
		return err
	}
	redirect(w, r, "/login")
	return nil
}
