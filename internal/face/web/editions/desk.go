// Package editions is the desk for planning in the browser: the year, an edition's plan with its tasks, theme and announced
// days, and the words that a changed campaign file offers for an edited post.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask, keeps sessions and writes the
// [Answer]. The desk decides nothing about posts: internal/flow/plan and internal/flow/review do.
package editions

import (
	"fmt"
	"net/http"
	"strconv"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
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
	facts   map[string]core.Fact // that posts are judged by
}

// New returns a desk with the calendar and the facts that Daymark ships.
func New(db *postgres.DB, checks review.Checks) (Desk, error) {
	shipped, err := campaign.ShippedObservances()
	if err != nil {
		return Desk{}, fmt.Errorf("read the shipped calendar: %w", err)
	}
	facts, err := campaign.ShippedFacts()
	if err != nil {
		return Desk{}, fmt.Errorf("read the shipped facts: %w", err)
	}
	return Desk{db: db, checks: checks, shipped: shipped, facts: facts}, nil
}

// Request is a request with who makes it.
type Request struct {
	*http.Request
	view.Viewer
}

// Answer is a page with its status; or, without a page, where to go next and what is said there.
type Answer struct {
	Page   page.Page
	Status int
	To     string
	Said   string
	Looks  []string // sentences beneath it
}

func shown(p page.Page) Answer { return Answer{Page: p, Status: http.StatusOK} }

// number reads a number of the path.
func (r Request) number(name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, fault.New(fault.NotFound, "The address may be mistyped: it needs a number.")
	}
	return n, nil
}

// form reads what was sent.
func (r Request) form() error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Try again.")
	}
	return nil
}

// edition reads the edition that the path names.
func (d Desk) edition(r Request) (book.Edition, error) {
	id, err := r.number("id")
	if err != nil {
		return book.Edition{}, err
	}
	return book.EditionByID(r.Context(), d.db, id)
}

// Submit sends every draft of an edition for review. A post that cannot go says why and does not stop the others.
func (d Desk) Submit(r Request) (Answer, error) {
	id, err := r.number("id")
	if err != nil {
		return Answer{}, err
	}
	if err := r.form(); err != nil {
		return Answer{}, err
	}
	posts, err := planned.Drafts(r.Context(), d.db, id, r.Now)
	if err != nil {
		return Answer{}, err
	}
	a, sent := Answer{To: "/campaigns"}, 0
	if r.PostForm.Get("back") == "plan" {
		a.To = view.EditionURL(id)
	}
	for _, post := range posts {
		out, err := review.Submit(r.Context(), d.db, d.checks, post, r.Person, r.Now)
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return Answer{}, err
		}
		if err != nil {
			out.Waiting = append(out.Waiting, fault.Say(err))
		}
		if len(out.Submissions) > 0 {
			sent++
		}
		if len(out.Waiting) == 0 {
			continue
		}
		p, err := book.FindPost(r.Context(), d.db, post)
		if err != nil {
			return Answer{}, err
		}
		for _, reason := range out.Waiting {
			a.Looks = append(a.Looks, r.Words.T("campaigns.waits", page.Heading(p.Message, p.Source.Kind), reason))
		}
	}
	a.Said = r.Words.T("campaigns.sent", sent)
	return a, nil
}
