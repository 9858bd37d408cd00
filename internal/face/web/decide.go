package web

import (
	"fmt"
	"net/http"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/judged"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/review"
)

func (s *server) submitPost(w http.ResponseWriter, r *request) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	out, err := review.Submit(r.Context(), s.DB, s.Checks, id, r.person, s.Clock.Now())
	if err != nil {
		return err
	}
	said := "post.submitted"
	if len(out.Submissions) == 0 {
		said = "post.unsent"
	}
	s.flash(r.Context(), s.pages.Words().T(said), out.Waiting...)
	redirect(w, r, fmt.Sprintf("/posts/%d", id))
	return nil
}

func (s *server) approve(w http.ResponseWriter, r *request) error {
	return s.say(w, r, review.Approve, func(out review.Outcome, name, language string) string {
		t := s.pages.Words().T
		switch {
		case out.Cleared:
			return t("card.scheduled", out.Scheduled, name, language)
		case out.Missing > 0:
			return t("card.missing", out.Missing, name, language)
		}
		return t("card.kept", name, language)
	})
}

func (s *server) askChanges(w http.ResponseWriter, r *request) error {
	return s.say(w, r, review.Changes, func(_ review.Outcome, name, language string) string {
		return s.pages.Words().T("card.asked", name, language)
	})
}

func (s *server) withdraw(w http.ResponseWriter, r *request) error {
	return s.say(w, r, review.Withdraw, func(_ review.Outcome, name, language string) string {
		return s.pages.Words().T("card.withdrawn", name, language)
	})
}

// say gives a verdict and goes back to what still waits; told makes the sentence about what it led to.
func (s *server) say(w http.ResponseWriter, r *request, verdict string, told func(out review.Outcome, name, language string) string) error {
	id, err := r.id()
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	comment := r.PostForm.Get("comment")
	out, err := review.Say(r.Context(), s.DB, id, r.person, verdict, comment, s.Clock.Now())
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	card, problem := (*page.Card)(nil), err
	if card, err = judged.Card(r.Context(), s.DB, s.viewer(r), id); err != nil {
		return err
	}
	if problem != nil {
		card.Comment.Value, card.Comment.Problem = comment, page.Fields(fault.Problems(problem)).Of("comment")
		return s.show(w, r, http.StatusUnprocessableEntity, card)
	}
	s.flash(r.Context(), told(out, card.Name, card.Language))
	redirect(w, r, "/review")
	return nil
}
