package composing

import (
	"context"
	"fmt"

	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Prompted is what a page says of a post that goes out as soon as it is approved, and of corrections.
type Prompted struct {
	At    bool        // something of it waits for its approval
	Until page.Moment // when the last of its windows closes
	Over  bool        // that has passed

	NowURL     string // where what waits of it can go out at once; empty where nothing waits, or for somebody who may not
	WordsURL   string // where its words can be changed
	CorrectURL string // where it can be corrected

	Corrects    []Linked // one, or none
	CorrectedBy []Linked
}

// Linked names a correction, or what it corrects.
type Linked struct {
	Name   string
	URL    string
	Reason string
	Person string
	When   page.Moment
}

// Read returns what the page of a post says and offers of this.
func Read(ctx context.Context, q postgres.Querier, v view.Viewer, p book.Post) (Prompted, error) {
	var out Prompted
	was := false
	for _, e := range p.Entries {
		was = was || e.State == corepost.Published || e.State == corepost.Removed
		if !e.Prompt || e.State != corepost.Held {
			continue
		}
		out.At = true
		if until := v.Words.Moment(e.NotAfter, v.Zone); until.At > out.Until.At {
			out.Until, out.Over = until, !e.NotAfter.After(v.Now)
		}
	}
	var err error
	if out.Corrects, err = Corrects(ctx, q, v, p.ID); err != nil {
		return out, err
	}
	if out.CorrectedBy, err = corrections(ctx, q, v, p.ID, prompt.CorrectedBy); err != nil {
		return out, err
	}
	if !v.Person.May(people.PostWrite) || !v.Person.May(people.PostSubmit) {
		return out, nil
	}
	waiting, err := prompt.Waiting(ctx, q, p.ID)
	if err != nil {
		return out, err
	}
	if waiting > 0 {
		out.NowURL = fmt.Sprintf("/posts/%d/now", p.ID)
	}
	own, err := prompt.Own(ctx, q, p.ID)
	if err != nil {
		return out, err
	}
	if own && (waiting > 0 || len(p.Entries) == 0) {
		out.WordsURL = fmt.Sprintf("/posts/%d/words", p.ID)
	}
	if was {
		out.CorrectURL = fmt.Sprintf("/posts/%d/correct", p.ID)
	}
	return out, nil
}

// Corrects returns what a post corrects: nothing, or one.
func Corrects(ctx context.Context, q postgres.Querier, v view.Viewer, id int64) ([]Linked, error) {
	return corrections(ctx, q, v, id, prompt.Corrects)
}

func corrections(ctx context.Context, q postgres.Querier, v view.Viewer, id int64, read func(context.Context, postgres.Querier, int64) ([]prompt.Link, error)) ([]Linked, error) {
	links, err := read(ctx, q, id)
	if err != nil {
		return nil, err
	}
	var list []Linked
	for _, l := range links {
		list = append(list, Linked{
			Name: page.Heading(l.Message, l.Kind), URL: fmt.Sprintf("/posts/%d", l.Post), Reason: l.Reason, Person: l.Person, When: v.Words.Moment(l.At, v.Zone),
		})
	}
	return list, nil
}
