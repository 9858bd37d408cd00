package moving

import (
	"slices"
	"strconv"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/calendar/moving/aim"
	"daymark/internal/face/web/library/form"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/review"
)

// begin reads the chosen posts for a page that does something else with them than moving.
func (d Desk) begin(r ask.Request, what string) (*aim.Page, []aim.Target, error) {
	if err := r.Form(); err != nil {
		return nil, nil, err
	}
	ids, err := aim.Chosen(r)
	if err != nil {
		return nil, nil, err
	}
	p := aim.New(r, what)
	var list []aim.Target
	for _, id := range ids {
		t, err := aim.Find(r.Context(), d.db, r, id)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, t)
		p.Hide("post", strconv.FormatInt(id, 10))
		p.Hide("seen", strconv.FormatInt(id, 10)+":"+strconv.Itoa(t.Version))
	}
	p.Hide("sure", "yes")
	return p, list, nil
}

// card is what reviewers are asked about a post in one language.
type card struct {
	submission int64
	language   string
}

// cards returns what of a post is before reviewers or approved, and has yet to go out.
func (d Desk) cards(r ask.Request, t aim.Target) ([]card, error) {
	known, err := view.ReadAsked(r.Context(), d.db, t.ID)
	if err != nil {
		return nil, err
	}
	var list []card
	for _, s := range t.Spots {
		asked, ok := known[view.Words{Post: t.ID, Language: s.Language}]
		if ok && s.Waits() && !slices.ContainsFunc(list, func(c card) bool { return c.language == s.Language }) {
			list = append(list, card{asked.Submission, s.Language})
		}
	}
	return list, nil
}

// Hold stops the chosen posts until somebody lifts it, for a reason.
func (d Desk) Hold(r ask.Request) (ask.Answer, error) {
	p, list, err := d.begin(r, "hold")
	if err != nil {
		return ask.Answer{}, err
	}
	if len(list) == 0 {
		return aim.Nothing(r), nil
	}
	held := make([][]card, len(list))
	for i, t := range list {
		if held[i], err = d.cards(r, t); err != nil {
			return ask.Answer{}, err
		}
		it := t.Item()
		var languages []string
		for _, c := range held[i] {
			languages = append(languages, c.language)
		}
		it.Cards = r.Words.Tongues(languages)
		if p.Can++; len(languages) == 0 {
			p.Can--
			it.Failed = r.Words.T("moving.hold.none")
		}
		p.Items = append(p.Items, it)
	}
	comment, wrong := form.Reason(r.Words, r.PostForm.Get("comment"), 500)
	p.Form = form.Form{ID: "hold", Main: true, Button: r.Words.T("moving.hold.button", p.Can), Groups: []form.Group{{Controls: []form.Control{
		form.Area("comment", r.Words.T("moving.hold.why"), "", 3).Hinted(r.Words.T("moving.hold.hint")),
	}}}}
	switch {
	case !aim.Sure(r):
		return ask.Shown(p), nil
	case wrong != "":
		p.Form.Mend(r.PostForm, []fault.Problem{{Field: "comment", Message: wrong}})
		return ask.Again(p), nil
	}
	result := aim.NewTally(r)
	for i, t := range list {
		if len(held[i]) == 0 {
			result.Looks = append(result.Looks, r.Words.T("moving.failed", t.Name(), p.Items[i].Failed))
		}
		var failures []error
		for _, c := range held[i] {
			if _, err := review.Say(r.Context(), d.db, c.submission, r.Person, review.Hold, comment, r.Now); err != nil {
				failures = append(failures, err)
			}
		}
		for _, err := range failures {
			if err := result.Add(t.Name(), err); err != nil {
				return ask.Answer{}, err
			}
		}
		if len(held[i]) > 0 && len(failures) == 0 {
			result.Done++
		}
	}
	return result.Answer("moving.said.held", p.Back), nil
}

// Submit sends the chosen posts for review.
func (d Desk) Submit(r ask.Request) (ask.Answer, error) {
	p, list, err := d.begin(r, "submit")
	if err != nil {
		return ask.Answer{}, err
	}
	if len(list) == 0 {
		return aim.Nothing(r), nil
	}
	var can []aim.Target
	for _, t := range list {
		it := t.Item()
		standing, err := d.drafts(r, t)
		if err != nil {
			return ask.Answer{}, err
		}
		if it.Cards = r.Words.Tongues(standing); len(standing) == 0 {
			it.Failed = r.Words.T("moving.submit.none")
		} else {
			can = append(can, t)
		}
		p.Items = append(p.Items, it)
	}
	p.Can, p.Ready = len(can), true
	if !aim.Sure(r) {
		return ask.Shown(p), nil
	}
	result, err := d.send(r, can)
	if err != nil {
		return ask.Answer{}, err
	}
	for _, it := range p.Items {
		if it.Failed != "" {
			result.Looks = append(result.Looks, r.Words.T("moving.failed", it.Name, it.Failed))
		}
	}
	return result.Answer("moving.said.sent", p.Back), nil
}

// drafts returns the languages of a post that can be sent for review.
func (d Desk) drafts(r ask.Request, t aim.Target) ([]string, error) {
	stands, err := r.Viewer.ReadStands(r.Context(), d.db, book.EntryFilter{Post: t.ID})
	if err != nil {
		return nil, err
	}
	var list []string
	for _, s := range stands {
		if s.Submittable(r.Now) && !slices.Contains(list, s.Language) {
			list = append(list, s.Language)
		}
	}
	return list, nil
}
