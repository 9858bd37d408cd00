package judged

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/composing"
	"daymark/internal/face/web/consents"
	"daymark/internal/face/web/deciding"
	"daymark/internal/face/web/judged/happened"
	"daymark/internal/face/web/judged/written"
	"daymark/internal/face/web/outlook"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/book/judge"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Post answers with a post and everything known about it.
func (d Desk) Post(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.post(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) post(r ask.Request, id int64) (*PostPage, error) {
	ctx, v := r.Context(), viewerOf(r.Viewer)
	found, err := book.FindPost(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	name := page.Heading(found.Message, found.Source.Kind)
	p := &PostPage{
		Frame: page.Frame{Template: "post", Title: name, Door: "calendar"}, ID: id, Name: name, Edition: v.Words.T("plan.Standing"),
		PlanURL: "/calendar", Rehearsal: found.Rehearsal, Revision: found.Version, Author: found.Author, Revised: v.Words.Moment(found.RevisedAt, v.Zone),
	}
	if v.Person.May(people.PostEdit) {
		p.EditURL = fmt.Sprintf("/posts/%d/edit", id)
	}
	known, err := view.ReadAsked(ctx, d.db, id)
	if err != nil {
		return nil, err
	}
	var all []view.Stand
	for _, e := range found.Entries {
		s := view.Stand{Entry: e, Standing: page.StandingOf(e.State, e.Hold, known[view.Words{Post: id, Language: e.Language}].Standing)}
		p.MaySubmit = p.MaySubmit || (s.Submittable(v.Now) && v.Person.May(people.PostSubmit))
		if e.State != corepost.Removed && (e.URL != "" || e.State == corepost.Published) && v.Person.May(people.TakeDown) {
			p.TakeDownURL = fmt.Sprintf("/posts/%d/takedown", id)
		}
		all = append(all, s)
	}
	p.Tallies = v.Tally(all)
	if p.Decide, err = deciding.Read(ctx, d.db, v.Viewer, id); err != nil {
		return nil, err
	}
	if p.People, err = consents.OfPost(ctx, d.db, v.Viewer, id); err != nil {
		return nil, err
	}
	if p.Outlook, err = outlook.Read(ctx, d.db, v.Viewer, id, all); err != nil {
		return nil, err
	}
	if found.Edition != 0 {
		e, err := book.EditionByID(ctx, d.db, found.Edition)
		if err != nil {
			return nil, err
		}
		p.Edition = view.Title(e)
		if p.OfferURL, err = offered(ctx, d.db, e.ID, id); err != nil {
			return nil, err
		}
		if len(all) > 0 {
			p.PlanURL = view.CalendarURL(v.DateOf(all[0], false), e.ID)
		}
	}
	if err := d.languages(ctx, v, p, found, all, known); err != nil {
		return nil, err
	}
	if p.Now, err = composing.Read(ctx, d.db, v.Viewer, found); err != nil {
		return nil, err
	}
	p.History, err = happened.Read(ctx, d.db, v.Viewer, id)
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

// languages fills the languages that the post has a text or a place in.
func (d Desk) languages(ctx context.Context, v viewer, p *PostPage, found book.Post, all []view.Stand, known map[view.Words]view.Asked) error {
	releases, err := book.Releases(ctx, d.db, found.ID)
	if err != nil {
		return err
	}
	values, err := fill.Read(ctx, d.db, found.Edition)
	if err != nil {
		return err
	}
	for _, code := range written.Tongues(found) {
		l := PostLanguage{ID: "lang-" + code, Language: v.Words.Tongue(code)}
		var here []view.Stand
		for _, s := range all {
			if s.Language == code {
				here = append(here, s)
				l.Places = append(l.Places, v.PlaceOf(s))
			}
		}
		l.Tallies = v.Tally(here)
		if v.Person.May(people.PostWrite) && slices.ContainsFunc(here, func(s view.Stand) bool { return s.State == corepost.Published }) {
			l.CorrectURL = fmt.Sprintf("/posts/%d/correct?language=%s", found.ID, url.QueryEscape(code))
		}
		submission := known[view.Words{Post: found.ID, Language: code}].Submission
		var current []corepost.Final
		for _, r := range releases {
			if r.Submission == submission && r.Final.Language == code {
				current = append(current, r.Final)
			}
		}
		if submission != 0 {
			l.CardURL = fmt.Sprintf("/review/%d", submission)
			l.Final = v.Fold(current, l.ID)
		}
		var judged judge.Judged
		if l.Judged = len(l.Final) == 0 && (len(here) == 0 || slices.ContainsFunc(here, func(s view.Stand) bool { return s.Submittable(v.Now) })); l.Judged {
			if judged, err = judge.Post(ctx, d.db, d.checks.Rules, found, code, v.Now); err != nil {
				return err
			}
			l.Stops = v.Unfilled(values, found, here)
		}
		if len(l.Final) == 0 {
			l.Draft = v.Draft(found.Source, code, judged.Findings)
		}
		action := ""
		if v.Person.May(people.FindingWaive) {
			action = fmt.Sprintf("/posts/%d/waivers", found.ID)
		}
		l.Findings = v.Findings(judged.Findings, code, "finding-"+code, action)
		l.Errors = len(judged.Stops())
		l.Open, l.Answered = v.Questions(judged.Questions, code, []written.Release{l.Draft}, "question-"+code, fmt.Sprintf("/posts/%d/answers", found.ID),
			v.Person.May(people.RuleAnswer))
		p.Languages = append(p.Languages, l)
	}
	return nil
}
