package web

import (
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/entering"
	"daymark/internal/face/web/tongue"
	"daymark/internal/org/people/speech"
	"daymark/internal/postgres"
)

// language keeps the choice of a language that was made at the foot of a page: in the browser, and for who is logged in with the
// person too.
func (s *server) language(w http.ResponseWriter, r *request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	chosen := r.PostForm.Get("language")
	cookie, err := tongue.Cookie(chosen, s.guard.Secure())
	if err != nil {
		return err
	}
	if r.person.ID != 0 {
		if err := s.DB.InTx(r.Context(), func(tx *postgres.Tx) error { return speech.Choose(r.Context(), tx, r.person, chosen) }); err != nil {
			return err
		}
	}
	http.SetCookie(w, cookie)
	redirect(w, r, entering.Local(r.PostForm.Get("back")))
	return nil
}
