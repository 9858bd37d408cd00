// Package consents is the desk for the ledger of consents: who is shown, named or quoted, what they agreed to, and what is linked to it.
//
// Its pages are there for safeguarding leads only; for everybody else they do not exist. Everybody who sees a post or a picture sees the
// references of its consents and whether they hold ([OfPost], [OfPicture]). What the end of a consent does to posts is for
// internal/flow/dispatch/consenting.
package consents

import (
	"context"
	"fmt"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/org/consent"
	"daymark/internal/org/consent/linking"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"
)

// Desk is what the answers need.
type Desk struct {
	db   *postgres.DB
	keys seal.Keys
}

// New returns a desk.
func New(db *postgres.DB, keys seal.Keys) Desk { return Desk{db: db, keys: keys} }

// Routes returns the addresses that this desk answers. Who may not see the ledger is told that there is no such page, which the
// permission alone does not do.
func (d Desk) Routes() []ask.Route {
	kept := func(answer func(ask.Request) (ask.Answer, error)) func(ask.Request) (ask.Answer, error) {
		return func(r ask.Request) (ask.Answer, error) {
			if err := consent.Keeper(r.Person); err != nil {
				return ask.Answer{}, err
			}
			return answer(r)
		}
	}
	return []ask.Route{
		{Pattern: "GET /consents", Needs: ask.Member, Answer: kept(d.List)},
		{Pattern: "GET /new/consent", Needs: ask.Member, Answer: kept(d.New)},
		{Pattern: "POST /new/consent", Needs: ask.Member, Answer: kept(d.Record)},
		{Pattern: "GET /consents/{id}", Needs: ask.Member, Answer: kept(d.Show)},
		{Pattern: "POST /consents/{id}", Needs: ask.Member, Answer: kept(d.Amend)},
		{Pattern: "POST /consents/{id}/links", Needs: ask.Member, Answer: kept(d.Link)},
		{Pattern: "POST /consents/{id}/links/{link}/end", Needs: ask.Member, Answer: kept(d.Unlink)},
		{Pattern: "POST /consents/{id}/withdraw", Needs: ask.Member, Answer: kept(d.Withdraw)},
		{Pattern: "POST /consents/{id}/erase", Needs: ask.Member, Answer: kept(d.Erase)},
		{Pattern: "POST /nobody-shown", Needs: ask.Member, Answer: kept(d.Unmark)},
		{Pattern: "POST /posts/{id}/people", Needs: people.RuleAnswer, Answer: d.Mark},
	}
}

// listPage is the ledger.
type listPage struct {
	page.Frame
	Lacking []lacking
	Rows    []row
}

// lacking is something that shows a person, to which no consent is linked.
type lacking struct {
	ID, Name, URL, Source string // Source is the address of a picture
	Post                  int64
	Picture               string
}

// row is a line of the ledger.
type row struct {
	ID, Ref, URL, Name string
	Mark               page.Mark
	Until, Uses        string
}

// List answers with the ledger.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	p := &listPage{Frame: page.Frame{Template: "consents", Title: r.Words.T("consent.title"), Door: "consents"}}
	var list []consent.Entry
	err := d.db.InTx(r.Context(), func(tx *postgres.Tx) (err error) {
		list, err = consent.List(r.Context(), tx, d.keys, r.Person)
		return err
	})
	if err != nil {
		return ask.Answer{}, err
	}
	for _, c := range list {
		one := row{
			ID: fmt.Sprintf("consent-%d", c.ID), Ref: c.Ref(), URL: fmt.Sprintf("/consents/%d", c.ID), Name: c.Who.Name, Mark: mark(r.Words, c.Consent, r.Viewer),
			Until: r.Words.LongDay(c.Until.String()), Uses: uses(r.Words, c.Uses),
		}
		p.Rows = append(p.Rows, one)
	}
	if p.Lacking, err = d.lacking(r.Context(), r); err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) lacking(ctx context.Context, r ask.Request) ([]lacking, error) {
	list, err := linking.Lacking(ctx, d.db)
	if err != nil {
		return nil, err
	}
	var out []lacking
	for i, l := range list {
		one := lacking{ID: fmt.Sprintf("lacking-%d", i+1), Post: l.Post, Picture: l.Picture}
		if l.Post != 0 {
			one.Name, one.URL = page.Name(l.Message), fmt.Sprintf("/posts/%d", l.Post)
		} else {
			one.Name, one.URL, one.Source = r.Words.T("consent.picture"), "/pictures/"+l.Picture, "/media/"+l.Picture
		}
		out = append(out, one)
	}
	return out, nil
}
