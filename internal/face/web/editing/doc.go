// Package editing makes the editor of a post: one form for its words in every language, its pictures, when it goes out and where, with
// what networks and rules make of it beside it.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The form works without script, a button at a
// time; with script it is looked at while somebody types and kept every few seconds. The desk judges and counts nothing itself:
// editing/look asks who does, editing/fields reads the form, internal/flow/draft/edit writes.
package editing

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editing/fields"
	"daymark/internal/face/web/library/form"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/review"
	"daymark/internal/org/channel"
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

// subject is what is being edited, with what its form offers.
type subject struct {
	of       book.Post   // without an id for a new one
	now      edit.Change // what the post is now
	title    string      // of its edition; empty where it belongs to none
	channels []channel.Channel
	offers   edit.Offers
	values   fill.Values
	editions []book.Edition // that a new post may belong to
	copy     edit.Copy      // what the person has typed and not saved; without an id where there is nothing
}

func (s subject) new() bool { return s.of.ID == 0 }

// path is where the form is.
func (s subject) path() string {
	if s.new() {
		return "/new/post"
	}
	return fmt.Sprintf("/posts/%d/edit", s.of.ID)
}

func (s subject) reader() fields.Reader {
	return fields.Reader{Channels: s.channels, Pictures: s.offers.Pictures}
}

// tongues returns the languages that the form asks for: those of the accounts and those that are written already.
func (s subject) tongues(c edit.Change) []string {
	var spoken []string
	for _, one := range s.channels {
		spoken = append(spoken, one.Languages...)
	}
	return form.Tongues(spoken, edit.Languages(c.Source))
}

// about reads the post of the path, or begins a new one.
func (d Desk) about(r ask.Request) (subject, error) {
	if r.PathValue("id") == "" {
		return d.fresh(r)
	}
	id, err := r.Number("id")
	if err != nil {
		return subject{}, err
	}
	s := subject{}
	if s.of, err = book.FindPost(r.Context(), d.db, id); err != nil {
		return subject{}, err
	}
	if s.copy, _, err = edit.Own(r.Context(), d.db, r.Person, id, 0); err != nil {
		return subject{}, err
	}
	return s, d.offer(r, &s)
}

// fresh begins a new post, or goes on with one that the person has begun.
func (d Desk) fresh(r ask.Request) (subject, error) {
	s := subject{}
	all, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return subject{}, err
	}
	for _, e := range all {
		if e.LastDay >= r.Now.UTC().Format("2006-01-02") {
			s.editions = append(s.editions, e)
		}
	}
	if id := form.Number(r.FormValue("copy")); id > 0 {
		if s.copy, _, err = edit.Own(r.Context(), d.db, r.Person, 0, int64(id)); err != nil {
			return subject{}, err
		}
	}
	chosen := r.FormValue("edition")
	if s.copy.ID != 0 && !r.Request.Form.Has("edition") {
		typed, err := decode(s.copy.Body)
		if err != nil {
			return subject{}, err
		}
		chosen = typed.Get("edition")
	}
	if at := slices.IndexFunc(s.editions, func(e book.Edition) bool { return fmt.Sprint(e.ID) == chosen }); at >= 0 {
		s.of.Edition, s.of.Rehearsal = s.editions[at].ID, s.editions[at].Rehearsal
	}
	s.of.Source = post.Source{Parts: []post.SourcePart{{Texts: map[string]string{}}}, When: post.When{Date: r.FormValue("date"), Clock: "09:00"}}
	if s.of.Source.When.Date == "" {
		s.of.Source.When.Date = r.Now.In(r.Zone).AddDate(0, 0, 1).Format("2006-01-02")
	}
	return s, d.offer(r, &s)
}

// offer reads what the form offers.
func (d Desk) offer(r ask.Request, s *subject) error {
	ctx := r.Context()
	var err error
	if s.channels, err = edit.Reachable(ctx, d.db, r.Person); err != nil {
		return err
	}
	if s.offers, err = edit.Offered(ctx, d.db, s.of.Edition, r.Person); err != nil {
		return err
	}
	if s.values, err = fill.Read(ctx, d.db, s.of.Edition); err != nil {
		return err
	}
	s.title = s.values.Edition.Title
	s.now = edit.Begun(s.of, s.channels)
	return nil
}

// kept returns what the person has typed and not saved, or what the post is now.
func (s subject) kept() (edit.Change, error) {
	if s.copy.ID == 0 {
		return s.now, nil
	}
	typed, err := decode(s.copy.Body)
	if err != nil {
		return edit.Change{}, err
	}
	return s.reader().Read(typed, s.now), nil
}

// encode writes a form as a working copy has it, without what belongs to the sending of it.
func encode(typed url.Values) ([]byte, error) {
	plain := url.Values{}
	for field, values := range typed {
		if !slices.Contains([]string{"do", "copy", "no", "base", "over"}, field) {
			plain[field] = values
		}
	}
	body, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("write a working copy: %w", err)
	}
	return body, nil
}

func decode(body []byte) (url.Values, error) {
	typed := url.Values{}
	if err := json.Unmarshal(body, &typed); err != nil {
		return nil, fmt.Errorf("read a working copy: %w", err)
	}
	return typed, nil
}

// mayPlace reports whether a person says where posts go, not only what they say.
func mayPlace(by people.Person) bool { return by.May(people.PostWrite) }

// drop removes what the person had typed and not saved.
func (d Desk) drop(ctx context.Context, tx *postgres.Tx, s subject, by people.Person) error {
	return edit.Drop(ctx, tx, by, s.of.ID, s.copy.ID)
}

// tooLong refuses a form that is longer than anybody writes, before anything looks at it.
func tooLong(c edit.Change) bool {
	for _, part := range c.Source.Parts {
		for _, words := range part.Texts {
			if len(words) > 8*edit.MaxText {
				return true
			}
		}
	}
	return slices.ContainsFunc(c.Source.Variants, func(v post.Variant) bool { return len(v.Text) > 8*edit.MaxText })
}

// invalid reports whether what was typed has to be mended.
func invalid(err error) bool { return fault.Is(err, fault.Invalid) }
