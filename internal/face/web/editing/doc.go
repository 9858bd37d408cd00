// Package editing makes the editor of a post: one form for its words in every language, its pictures, when it goes out and where, with
// what networks and rules make of it beside it.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The form works without script, a button at a
// time; with script it is looked at while somebody types and kept every few seconds. The desk judges and counts nothing itself:
// editing/look asks who does, editing/fields reads the form, internal/flow/draft/edit writes.
package editing

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/editing/sheet"
	"daymark/internal/face/web/library/form"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/draft/edit/kept"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db     *postgres.DB
	checks review.Checks
}

// New returns a desk that looks at what is written by checks.
func New(db *postgres.DB, checks review.Checks) Desk { return Desk{db: db, checks: checks} }

func (d Desk) maker() sheet.Maker { return sheet.Maker{DB: d.db, Checks: d.checks} }

// about reads the post of the path, or begins a new one.
func (d Desk) about(r ask.Request) (sheet.Subject, error) {
	if r.PathValue("id") == "" {
		return d.fresh(r)
	}
	id, err := r.Number("id")
	if err != nil {
		return sheet.Subject{}, err
	}
	s := sheet.Subject{}
	if s.Of, err = book.FindPost(r.Context(), d.db, id); err != nil {
		return sheet.Subject{}, err
	}
	if s.Copy, _, err = kept.Own(r.Context(), d.db, r.Person, id, 0); err != nil {
		return sheet.Subject{}, err
	}
	return s, d.offer(r, &s)
}

// fresh begins a new post, or goes on with one that the person has begun.
func (d Desk) fresh(r ask.Request) (sheet.Subject, error) {
	s := sheet.Subject{}
	all, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return sheet.Subject{}, err
	}
	for _, e := range all {
		if e.LastDay >= r.Now.UTC().Format("2006-01-02") {
			s.Editions = append(s.Editions, e)
		}
	}
	if id := form.Number(r.FormValue("copy")); id > 0 {
		if s.Copy, _, err = kept.Own(r.Context(), d.db, r.Person, 0, int64(id)); err != nil {
			return sheet.Subject{}, err
		}
	}
	chosen := r.FormValue("edition")
	if s.Copy.ID != 0 && !r.Request.Form.Has("edition") {
		typed, err := fields.Decode(s.Copy.Body)
		if err != nil {
			return sheet.Subject{}, err
		}
		chosen = typed.Get("edition")
	}
	if at := slices.IndexFunc(s.Editions, func(e book.Edition) bool { return fmt.Sprint(e.ID) == chosen }); at >= 0 {
		s.Of.Edition, s.Of.Rehearsal = s.Editions[at].ID, s.Editions[at].Rehearsal
	}
	s.Of.Source = post.Source{Parts: []post.SourcePart{{Texts: map[string]string{}}}, When: post.When{Date: cmp.Or(r.FormValue("date"), r.FormValue("day")), Clock: "09:00"}}
	if s.Of.Source.When.Date == "" {
		s.Of.Source.When.Date = r.Now.In(r.Zone).AddDate(0, 0, 1).Format("2006-01-02")
	}
	return s, d.offer(r, &s)
}

// offer reads what the form offers.
func (d Desk) offer(r ask.Request, s *sheet.Subject) error {
	ctx := r.Context()
	var err error
	if s.Channels, err = edit.Reachable(ctx, d.db, r.Person); err != nil {
		return err
	}
	if s.Offers, err = edit.Offered(ctx, d.db, s.Of.Edition, r.Person); err != nil {
		return err
	}
	if s.Values, err = fill.Read(ctx, d.db, s.Of.Edition); err != nil {
		return err
	}
	s.Title = s.Values.Edition.Title
	s.Now = edit.Begun(s.Of, s.Channels)
	return nil
}

// drop removes what the person had typed and not saved.
func (d Desk) drop(ctx context.Context, tx *postgres.Tx, s sheet.Subject, by people.Person) error {
	return kept.Drop(ctx, tx, by, s.Of.ID, s.Copy.ID)
}

// invalid reports whether what was typed has to be mended.
func invalid(err error) bool { return fault.Is(err, fault.Invalid) }
