package editions

import (
	"fmt"
	"slices"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/editions/worddiff"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// find returns the open offer that the path names, with its post.
func (d Desk) find(r ask.Request) (replan.Offer, book.Post, error) {
	id, err := r.Number("id")
	if err != nil {
		return replan.Offer{}, book.Post{}, err
	}
	list, err := replan.Offers(r.Context(), d.db, 0)
	if err != nil {
		return replan.Offer{}, book.Post{}, err
	}
	at := slices.IndexFunc(list, func(o replan.Offer) bool { return o.ID == id })
	if at < 0 {
		return replan.Offer{}, book.Post{}, fault.New(fault.NotFound, "There is no such offer any more: it was answered, or the file has changed again. Look at the plan.")
	}
	p, err := book.FindPost(r.Context(), d.db, list[at].Post)
	return list[at], p, err
}

// Offer answers with the words of a post beside those of its campaign file.
func (d Desk) Offer(r ask.Request) (ask.Answer, error) {
	o, post, err := d.find(r)
	if err != nil {
		return ask.Answer{}, err
	}
	name := page.Heading(post.Message, post.Source.Kind)
	p := &page.Offer{
		Frame: page.Frame{Title: r.Words.T("offer.title", name), Door: "campaigns"}, ID: o.ID,
		PostURL: fmt.Sprintf("/posts/%d", o.Post), PlanURL: view.EditionURL(post.Edition), Offered: r.Words.Moment(o.At, r.Zone),
		MayEdit: r.Person.May(people.PostWrite),
	}
	for _, diff := range replan.Differences(o.Current, o.Words) {
		where, code := diff.Where, ""
		if at := strings.LastIndex(where, ", "); at >= 0 && !strings.Contains(where[at:], "picture ") {
			where, code = where[:at], where[at+2:]
		}
		was, now := worddiff.Compare(diff.Was, diff.Now)
		section(p, r.Words, code, page.Compared{What: page.Name(where), Lang: code, Dir: locale.Dir(code), Ours: pieces(was), File: pieces(now)})
	}
	return ask.Shown(p), nil
}

// section puts a text under its language, and makes the heading when it is the first.
func section(p *page.Offer, words page.Words, code string, c page.Compared) {
	id := "offer-" + code
	at := slices.IndexFunc(p.Sections, func(s page.OfferSection) bool { return s.ID == id })
	if at < 0 {
		at = len(p.Sections)
		s := page.OfferSection{ID: id}
		if code != "" {
			s.Language = words.Tongue(code)
		}
		p.Sections = append(p.Sections, s)
	}
	p.Sections[at].Compared = append(p.Sections[at].Compared, c)
}

// pieces makes runs ready to be read: the space between two words that are marked is marked with them.
func pieces(runs []worddiff.Run) []page.Piece {
	var list []page.Piece
	for i, r := range runs {
		between := i > 0 && i < len(runs)-1 && r.Text == " "
		if last := len(list) - 1; last >= 0 && list[last].Only && (r.Only || between) {
			list[last].Text += r.Text
			continue
		}
		list = append(list, page.Piece{Text: r.Text, Only: r.Only})
	}
	return list
}

// TakeOffer makes the file's words the post's.
func (d Desk) TakeOffer(r ask.Request) (ask.Answer, error) { return d.answer(r, true) }

// KeepOurs keeps the post as it is.
func (d Desk) KeepOurs(r ask.Request) (ask.Answer, error) { return d.answer(r, false) }

func (d Desk) answer(r ask.Request, accept bool) (ask.Answer, error) {
	o, post, err := d.find(r)
	if err != nil {
		return ask.Answer{}, err
	}
	if err := d.db.InTx(r.Context(), func(tx *postgres.Tx) error { return replan.Answer(r.Context(), tx, o.ID, r.Person, accept) }); err != nil {
		return ask.Answer{}, err
	}
	said := "offer.kept"
	if accept {
		said = "offer.accepted"
	}
	return ask.Answer{To: fmt.Sprintf("/posts/%d", o.Post), Said: r.Words.T(said, page.Heading(post.Message, post.Source.Kind))}, nil
}
