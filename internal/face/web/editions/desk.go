// Package editions is the desk for planning in the browser: the year, an edition's plan with its tasks, theme and announced
// days, and the words that a changed campaign file offers for an edited post.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask, keeps sessions and writes the
// [Answer]. The desk decides nothing about posts: internal/flow/plan and internal/flow/review do.
package editions

import (
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/planned"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/review"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db      *postgres.DB
	checks  review.Checks
	shipped []observance.Observance
}

// New returns a desk with the calendar that Daymark ships.
func New(db *postgres.DB, checks review.Checks) (Desk, error) {
	shipped, err := campaign.ShippedObservances()
	if err != nil {
		return Desk{}, fmt.Errorf("read the shipped calendar: %w", err)
	}
	return Desk{db: db, checks: checks, shipped: shipped}, nil
}

// edition reads the edition that the path names.
func (d Desk) edition(r ask.Request) (book.Edition, error) {
	id, err := r.Number("id")
	if err != nil {
		return book.Edition{}, err
	}
	return book.EditionByID(r.Context(), d.db, id)
}

// Submit sends every draft of an edition for review. A post that cannot go says why and does not stop the others.
func (d Desk) Submit(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	if err := r.Form(); err != nil {
		return ask.Answer{}, err
	}
	posts, err := planned.Drafts(r.Context(), d.db, r.Viewer, id)
	if err != nil {
		return ask.Answer{}, err
	}
	a, sent := ask.Answer{To: "/campaigns"}, 0
	if r.PostForm.Get("back") == "plan" {
		a.To = view.EditionURL(id)
	}
	for _, post := range posts {
		out, err := review.Submit(r.Context(), d.db, d.checks, post, r.Person, r.Now)
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return ask.Answer{}, err
		}
		if err != nil {
			out.Waiting = append(out.Waiting, r.Words.Say(err))
		}
		if len(out.Submissions) > 0 {
			sent++
		}
		if len(out.Waiting) == 0 {
			continue
		}
		p, err := book.FindPost(r.Context(), d.db, post)
		if err != nil {
			return ask.Answer{}, err
		}
		for _, reason := range out.Waiting {
			a.Looks = append(a.Looks, r.Words.T("campaigns.waits", page.Heading(p.Message, p.Source.Kind), reason))
		}
	}
	a.Said = r.Words.T("campaigns.sent", sent)
	return a, nil
}
