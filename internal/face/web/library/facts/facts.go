// Package facts is the desk for the facts that posts may state: what each says in every language, where it comes from, until when it
// holds, and which posts state it.
//
// Each exported method of [Desk] answers one route of face/web, which checks who may ask. The desk decides nothing about facts or
// posts: internal/org/fact refuses what cannot be, internal/flow/draft renews the posts that state what changed.
package facts

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/draft"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Ahead is how far ahead planned posts are looked at, and soon how many days before its review date a fact is one to check.
const (
	Ahead = 120 * 24 * time.Hour
	soon  = 30
)

// Desk is what the answers need.
type Desk struct {
	db    *postgres.DB
	again form.Again
}

// New returns a desk; again submits renewed posts.
func New(db *postgres.DB, again form.Again) Desk { return Desk{db: db, again: again} }

// URL returns the address of a fact.
func URL(id string) string { return "/facts/" + url.PathEscape(id) }

// The choices of the list's filter besides the states of facts.
const due = "due"

// List answers with the facts, those to be checked first.
func (d Desk) List(r ask.Request) (ask.Answer, error) {
	records, err := fact.List(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	needed, err := d.needed(r)
	if err != nil {
		return ask.Answer{}, err
	}
	chosen := r.URL.Query().Get("status")
	p := &listPage{Frame: page.Frame{Template: "facts", Title: r.Words.T("lib.facts.title"), Door: "facts"}, MayEdit: r.Person.May(people.FactEdit)}
	for _, status := range []string{"", due, string(campaign.Current), string(campaign.Superseded), string(campaign.DoNotUse)} {
		o := page.Option{Value: status, Word: r.Words.T("lib.facts.status." + cmp.Or(status, "all")), Chosen: status == chosen}
		p.Filtered = p.Filtered || o.Chosen && status != ""
		p.Statuses = append(p.Statuses, o)
	}
	rank := map[string]int{}
	for _, rec := range records {
		l := lineOf(r, rec, needed[rec.ID])
		switch {
		case !p.Filtered, chosen == string(rec.Status), chosen == due && urgent[l.Mark.ID] < urgent["current"]:
			p.Facts = append(p.Facts, l)
			rank[l.ID] = urgent[l.Mark.ID]
		}
	}
	reviewed := map[string]string{}
	for _, rec := range records {
		reviewed[rec.ID] = rec.ReviewBy.String()
	}
	slices.SortStableFunc(p.Facts, func(a, b line) int {
		return cmp.Or(cmp.Compare(rank[a.ID], rank[b.ID]), cmp.Compare(reviewed[a.ID], reviewed[b.ID]))
	})
	return ask.Shown(p), nil
}

// needed returns the facts that planned posts state although they do not hold on their day.
func (d Desk) needed(r ask.Request) (map[string]draft.Due, error) {
	list, err := draft.DueFacts(r.Context(), d.db, r.Now, Ahead)
	if err != nil {
		return nil, err
	}
	all := make(map[string]draft.Due, len(list))
	for _, one := range list {
		all[one.Fact.ID] = one
	}
	return all, nil
}

// urgent orders the marks of facts: what has to be looked at comes first.
var urgent = map[string]int{"needed": 0, "over": 1, "soon": 2, "current": 3, "superseded": 4, "do-not-use": 5}

// markOf says where a fact stands today.
func markOf(r ask.Request, f campaign.Fact, needed bool) page.Mark {
	today := civil.DateOf(r.Now.In(r.Zone))
	id, icon, tone := "current", "circle-check", "live"
	switch {
	case needed:
		id, icon, tone = "needed", "triangle-alert", "look"
	case f.Status == campaign.Superseded:
		id, icon, tone = string(f.Status), "undo-2", "quiet"
	case f.Status == campaign.DoNotUse:
		id, icon, tone = string(f.Status), "ban", "harm"
	case f.ReviewBy.Before(today):
		id, icon, tone = "over", "clock", "look"
	case f.ReviewBy.DaysSince(today) <= soon:
		id, icon, tone = "soon", "clock", "look"
	}
	return page.Mark{ID: id, Icon: icon, Word: r.Words.T("lib.fact.mark." + id), Tone: tone}
}

func lineOf(r ask.Request, rec fact.Record, need draft.Due) line {
	l := line{
		ID: rec.ID, URL: URL(rec.ID), Mark: markOf(r, rec.Fact, need.Why != ""), Say: page.NewText("en", rec.Texts["en"]), Value: rec.Value,
		Kind: r.Words.T("lib.fact.kind." + string(rec.Kind)), Source: source{rec.Source.Name, view.HTTPOnly(rec.Source.URL)},
		Review: r.Words.LongDay(rec.ReviewBy.String()), Needed: need.Why,
	}
	return l
}

// Fact answers with a fact.
func (d Desk) Fact(r ask.Request) (ask.Answer, error) {
	p, err := d.page(r, r.PathValue("id"))
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

// page reads a fact with everything that its page shows.
func (d Desk) page(r ask.Request, id string) (*factPage, error) {
	ctx := r.Context()
	rec, err := fact.Find(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	needed, err := d.needed(r)
	if err != nil {
		return nil, err
	}
	p := &factPage{
		Frame: page.Frame{Template: "fact", Title: r.Words.T("lib.fact.title", rec.ID), Door: "facts"}, line: lineOf(r, rec, needed[rec.ID]),
		Scope: rec.Scope, Published: rec.Year, Counted: rec.DataYear, Confidence: r.Words.T("lib.fact.confidence." + strings.ToLower(rec.Confidence)),
		Note: rec.Note, No: rec.Version, Author: author(r, rec.UpdatedBy), Written: r.Words.Moment(rec.UpdatedAt, r.Zone),
		FromFile: rec.Origin == fact.FromFile, FileDiffers: rec.FileDiffers, MayEdit: r.Person.May(people.FactEdit),
	}
	if rec.SupersededBy != "" {
		p.Next, p.NextURL = rec.SupersededBy, URL(rec.SupersededBy)
	}
	for _, language := range ordered(rec.Texts) {
		if said, ok := rec.Say(language); ok {
			p.Sentences = append(p.Sentences, sentence{r.Words.Tongue(language), page.NewText(language, said)})
		}
	}
	versions, err := fact.Versions(ctx, d.db, rec.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		p.Versions = append(p.Versions, version{
			No: v.Version, Author: author(r, v.UpdatedBy), Written: r.Words.Moment(v.UpdatedAt, r.Zone), Say: page.NewText("en", v.Texts["en"]),
			Review: r.Words.LongDay(v.ReviewBy.String()),
		})
	}
	if err := d.users(r, p); err != nil {
		return nil, err
	}
	if p.MayEdit {
		spoken, err := form.Spoken(ctx, d.db)
		if err != nil {
			return nil, err
		}
		p.Edit = editForm(r, rec, form.Tongues(spoken, keys(rec.Texts), keys(rec.Cites)))
		p.Looked = lookedForm(r, rec)
	}
	return p, nil
}

// users lists the posts that state the fact.
func (d Desk) users(r ask.Request, p *factPage) error {
	list, err := draft.Users(r.Context(), d.db, p.ID)
	if err != nil {
		return err
	}
	for _, u := range list {
		written, err := book.FindPost(r.Context(), d.db, u.Post)
		if err != nil {
			return err
		}
		one := user{
			Name: page.Heading(u.Message, written.Source.Kind), URL: fmt.Sprintf("/posts/%d", u.Post), Edition: u.Title, Languages: r.Words.Tongues(u.Languages),
			Rehearsal: u.Rehearsal, Waiting: u.Waiting, Live: u.Live, First: r.Words.Moment(u.First, r.Zone), HasFirst: !u.First.IsZero(),
		}
		if u.Edition != 0 {
			one.PlanURL = view.EditionURL(u.Edition)
		}
		p.Users = append(p.Users, one)
	}
	return nil
}

// ordered returns the languages of texts: English first, because it is what the team reads.
func ordered(texts map[string]string) []string {
	list := form.Tongues(keys(texts))
	return slices.DeleteFunc(list, func(language string) bool { return texts[language] == "" })
}

func keys(m map[string]string) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}

// author names who wrote a version; the system's own name is Daymark.
func author(r ask.Request, name string) string { return cmp.Or(name, r.Words.T("event.daymark")) }
