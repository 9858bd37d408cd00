package judged

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Post reads a post with everything known about it.
func Post(ctx context.Context, q postgres.Querier, who view.Viewer, id int64) (*page.Post, error) {
	v := viewer{who}
	found, err := book.FindPost(ctx, q, id)
	if err != nil {
		return nil, err
	}
	known, err := view.ReadAsked(ctx, q, id)
	if err != nil {
		return nil, err
	}
	releases, err := book.Releases(ctx, q, id)
	if err != nil {
		return nil, err
	}
	p := &page.Post{
		Frame: page.Frame{Title: page.Heading(found.Message, found.Source.Kind), Door: "calendar"}, ID: id, Name: page.Heading(found.Message, found.Source.Kind),
		Edition: v.Words.T("plan.Standing"), PlanURL: "/calendar", Rehearsal: found.Rehearsal, Revision: found.Version, Author: found.Author,
		Revised: page.NewMoment(found.RevisedAt, v.Zone),
	}
	var all []view.Stand
	for _, e := range found.Entries {
		s := view.Stand{Entry: e, Standing: page.StandingOf(e.State, e.Hold, known[view.Words{Post: id, Language: e.Language}].Standing)}
		p.MaySubmit = p.MaySubmit || (s.Submittable(v.Now) && v.Person.May(people.PostSubmit))
		all = append(all, s)
	}
	p.Tallies = v.Tally(all)
	if found.Edition != 0 {
		e, err := book.EditionByID(ctx, q, found.Edition)
		if err != nil {
			return nil, err
		}
		p.Edition = view.Title(e)
		if p.OfferURL, err = offered(ctx, q, e.ID, id); err != nil {
			return nil, err
		}
		if len(all) > 0 {
			p.PlanURL = view.CalendarURL(v.DateOf(all[0], false), e.ID)
		}
	}
	v.postLanguages(p, found, all, known, releases)
	p.History, err = v.history(ctx, q, id)
	return p, err
}

// offered returns where the words that the campaign file has for an edited post are compared with its own, when it has any.
func offered(ctx context.Context, q postgres.Querier, edition, post int64) (string, error) {
	list, err := replan.Offers(ctx, q, edition)
	if err != nil {
		return "", err
	}
	for _, o := range list {
		if o.Post == post {
			return view.OfferURL(o.ID), nil
		}
	}
	return "", nil
}

// postLanguages fills the languages that the post has a text or a place in.
func (v viewer) postLanguages(p *page.Post, found book.Post, all []view.Stand, known map[view.Words]view.Asked, releases []book.Release) {
	for _, code := range codes(found) {
		l := page.PostLanguage{ID: "lang-" + code, Language: view.Language(code)}
		var here []view.Stand
		for _, s := range all {
			if s.Language == code {
				here = append(here, s)
				l.Places = append(l.Places, v.place(s))
			}
		}
		l.Tallies = v.Tally(here)
		submission := known[view.Words{Post: found.ID, Language: code}].Submission
		var current []corepost.Final
		for _, r := range releases {
			if r.Submission == submission && r.Final.Language == code {
				current = append(current, r.Final)
			}
		}
		if submission != 0 {
			l.CardURL = fmt.Sprintf("/review/%d", submission)
			l.Final = v.fold(current, fmt.Sprint(l.ID))
		}
		if len(l.Final) == 0 {
			l.Draft = v.draft(found.Source, code)
		}
		p.Languages = append(p.Languages, l)
	}
}

// codes lists the languages of a post: those it goes out in, then those it only has a text in.
func codes(p book.Post) []string {
	var list []string
	add := func(code string) {
		if !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	for _, e := range p.Entries {
		add(e.Language)
	}
	var rest []string
	for _, part := range p.Source.Parts {
		for code := range part.Texts {
			rest = append(rest, code)
		}
	}
	slices.Sort(rest)
	for _, code := range rest {
		add(code)
	}
	return list
}

func (v viewer) place(s view.Stand) page.Place {
	p := page.Place{
		Handle: s.Handle, Network: view.Network(s.Platform), When: civilMoment(s.DueAt, s.DueDate, s.DueClock, s.Zone),
		Ours: page.NewMoment(s.DueAt, v.Zone), Mark: v.Words.MarkOf(s.Standing), Problem: s.Problem, Live: view.HTTPOnly(s.URL),
	}
	if s.PublishedAt != nil {
		p.Sent = page.NewMoment(*s.PublishedAt, v.Zone)
	}
	return p
}

// civilMoment writes a day and a clock time as the channel's zone has them.
func civilMoment(at time.Time, date, clock, zone string) page.Moment {
	return page.Moment{At: at.UTC().Format(time.RFC3339), Day: page.LongDay(date), Clock: clock, Zone: zone}
}

// fold puts finals that say the same into one release with all their places.
func (v viewer) fold(finals []corepost.Final, prefix string) []page.Release {
	var out []page.Release
	var heads []corepost.Final
	for _, f := range finals {
		place := page.Place{Handle: f.Account, Network: view.Network(f.Platform), When: civilMoment(f.DueAt, f.DueDate, f.DueClock, f.Zone)}
		at := slices.IndexFunc(heads, f.SameWords)
		if at < 0 {
			at = len(heads)
			heads = append(heads, f)
			out = append(out, v.release(f, fmt.Sprintf("%s-%d", prefix, at)))
		}
		out[at].Places = append(out[at].Places, place)
	}
	return out
}

// release writes a final for people.
func (v viewer) release(f corepost.Final, prefix string) page.Release {
	r := page.Release{Language: view.Language(f.Language), Note: page.NewText(f.Language, f.ContentNote)}
	for i, part := range f.Parts {
		one := page.Part{No: number(i, len(f.Parts)), Text: page.NewText(f.Language, part.Text)}
		for j, pic := range part.Pictures {
			one.Pictures = append(one.Pictures, picture(f.Language, pic.SHA256, pic.Alt, f.Sensitive, fmt.Sprintf("%s-picture-%d-%d", prefix, i+1, j+1)))
		}
		r.Parts = append(r.Parts, one)
	}
	return r
}

// draft writes a source in one language for people, tokens unfilled.
func (v viewer) draft(s corepost.Source, code string) page.Release {
	r := page.Release{Language: view.Language(code), Note: page.NewText(code, s.ContentNote[code])}
	for i, part := range s.Parts {
		body := part.Texts[code]
		if i == 0 && len(s.Hashtags) > 0 {
			body = strings.TrimSpace(body + "\n\n" + strings.Join(s.Hashtags, " "))
		}
		one := page.Part{No: number(i, len(s.Parts)), Text: page.NewText(code, body)}
		for j, pic := range part.Pictures {
			one.Pictures = append(one.Pictures, picture(code, pic.SHA256, pic.Alt[code], s.Sensitive, fmt.Sprintf("lang-%s-draft-%d-%d", code, i+1, j+1)))
		}
		r.Parts = append(r.Parts, one)
	}
	return r
}

func number(i, of int) int {
	if of < 2 {
		return 0
	}
	return i + 1
}

func picture(code, sum, alt string, veiled bool, id string) page.Picture {
	return page.Picture{ID: id, URL: "/media/" + sum, Alt: page.NewText(code, alt), Veils: veiled}
}

// speaking are the actions whose sentence names a language.
var speaking = map[string]bool{"post.submitted": true, "post.approved": true, "post.changes_asked": true, "post.withdrawn": true, "post.cleared": true}

func (v viewer) history(ctx context.Context, q postgres.Querier, id int64) ([]page.Event, error) {
	rows, err := audit.List(ctx, q, audit.Filter{Kind: "post", ID: id, Limit: 100})
	if err != nil {
		return nil, err
	}
	events := make([]page.Event, 0, len(rows))
	for _, r := range rows {
		who := r.PersonName
		if who == "" {
			who = v.Words.T("event.daymark")
		}
		e := page.Event{When: page.NewMoment(r.At, v.Zone)}
		code, _ := r.Detail["language"].(string)
		e.Said, _ = r.Detail["comment"].(string)
		switch key := "event." + r.Action; {
		case !v.Words.Has(key):
			e.Text = v.Words.T("event.other", who, strings.ReplaceAll(strings.ReplaceAll(r.Action, ".", " "), "_", " "))
		case speaking[r.Action]:
			e.Text = v.Words.T(key, who, view.Language(code))
		default:
			e.Text = v.Words.T(key, who)
		}
		events = append(events, e)
	}
	return events, nil
}
