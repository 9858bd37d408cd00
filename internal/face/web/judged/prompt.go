package judged

import (
	"context"
	"fmt"

	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft/prompt"
	"daymark/internal/org/people"
)

// Prompted is what a page says of a post that goes out as soon as it is approved, and of corrections.
type Prompted struct {
	At    bool        // something of it waits for its approval
	Until page.Moment // when the last of its windows closes
	Over  bool        // that has passed

	NowURL     string // where what waits of it can go out at once; empty where nothing waits, or for somebody who may not
	WordsURL   string // where its words can be changed
	CorrectURL string // where it can be corrected

	Corrects    []Correction // one, or none
	CorrectedBy []Correction
}

// Correction names a correction, or what it corrects.
type Correction struct {
	Name   string
	URL    string
	Reason string
	Person string
	When   page.Moment
}

// prompted reads what a post's page offers beside the usual.
func (d Desk) prompted(ctx context.Context, v viewer, p book.Post) (Prompted, error) {
	var out Prompted
	was := false
	for _, e := range p.Entries {
		was = was || e.State == corepost.Published || e.State == corepost.Removed
		if !e.Prompt || e.State != corepost.Held {
			continue
		}
		out.At = true
		if until := page.NewMoment(e.NotAfter, v.Zone); until.At > out.Until.At {
			out.Until, out.Over = until, !e.NotAfter.After(v.Now)
		}
	}
	var err error
	if out.Corrects, err = d.corrections(ctx, v, p.ID, true); err != nil {
		return out, err
	}
	if out.CorrectedBy, err = d.corrections(ctx, v, p.ID, false); err != nil {
		return out, err
	}
	if !v.Person.May(people.PostEdit) || !v.Person.May(people.PostSubmit) {
		return out, nil
	}
	waiting, err := prompt.Waiting(ctx, d.db, p.ID)
	if err != nil {
		return out, err
	}
	if waiting > 0 {
		out.NowURL = fmt.Sprintf("/posts/%d/now", p.ID)
	}
	own, err := prompt.Own(ctx, d.db, p.ID)
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

func (d Desk) corrections(ctx context.Context, v viewer, id int64, up bool) ([]Correction, error) {
	read := prompt.CorrectedBy
	if up {
		read = prompt.Corrects
	}
	links, err := read(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	var list []Correction
	for _, l := range links {
		list = append(list, Correction{
			Name: page.Heading(l.Message, l.Kind), URL: fmt.Sprintf("/posts/%d", l.Post), Reason: l.Reason, Person: l.Person, When: page.NewMoment(l.At, v.Zone),
		})
	}
	return list, nil
}
