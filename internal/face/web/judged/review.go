package judged

import (
	"fmt"
	"slices"
	"strconv"

	"daymark/internal/core/lint"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/composing"
	"daymark/internal/face/web/judged/reading"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/review"
	"daymark/internal/flow/review/waiting"
	"daymark/internal/org/people"
)

// shownDrafts is how many drafts each list of the queue shows at once.
const shownDrafts = 25

// Queue answers with what waits for reviewers.
func (d Desk) Queue(r ask.Request) (ask.Answer, error) {
	v := viewerOf(r.Viewer)
	drafts, err := waiting.Drafts(r.Context(), d.db, v.Person)
	if err != nil {
		return ask.Answer{}, err
	}
	var mine, others []waiting.Draft
	for _, one := range drafts {
		if one.For(v.Person) {
			mine = append(mine, one)
		} else {
			others = append(others, one)
		}
	}
	p := &QueuePage{Frame: page.Frame{Template: "queue", Title: v.Words.T("queue.title"), Door: "review"}, Count: len(mine)}
	if p.Mine, err = d.pageOf(r, v, "mine", mine, &p.MorePages); err != nil {
		return ask.Answer{}, err
	}
	if p.Others, err = d.pageOf(r, v, "others", others, &p.OtherPages); err != nil {
		return ask.Answer{}, err
	}
	p.Frame.Waiting = new(len(mine))
	return ask.Shown(p), nil
}

// pageOf reads the cards of the page of a list that the address names, and where its neighbours are.
func (d Desk) pageOf(r ask.Request, v viewer, name string, list []waiting.Draft, links *[]PageLink) ([]QueueRow, error) {
	last := max(0, (len(list)-1)/shownDrafts)
	at, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || at < 1 {
		at = 1
	}
	at = min(at-1, last)
	if last > 0 {
		for n := range last + 1 {
			*links = append(*links, PageLink{No: n + 1, URL: fmt.Sprintf("/review?%s=%d", name, n+1), Here: n == at})
		}
	}
	cards, err := review.Some(r.Context(), d.db, v.Person, list[at*shownDrafts:min(len(list), (at+1)*shownDrafts)])
	if err != nil {
		return nil, err
	}
	rows := make([]QueueRow, len(cards))
	for i, c := range cards {
		rows[i] = v.queueRow(c)
	}
	return rows, nil
}

func (v viewer) queueRow(c review.Card) QueueRow {
	row := QueueRow{
		Line: page.Line{
			ID: fmt.Sprintf("card-%d", c.Submission), URL: fmt.Sprintf("/review/%d", c.Submission), Name: page.Heading(c.Message, c.Kind),
			Languages: v.Words.Tongue(c.Language), When: v.Words.Moment(c.First, v.Zone), Places: places(c),
		},
		Edition: c.Title, By: c.SubmittedBy, Progress: v.progress(c), Changes: c.Changes,
	}
	if row.Now = c.Prompt; row.Now {
		row.Until = v.Words.Moment(c.Until, v.Zone)
	}
	for _, q := range c.Questions {
		if q.Open && q.Severity == lint.Error {
			row.Asked++
		}
	}
	if !c.MayApprove && v.Person.May(people.PostApprove) {
		row.WhyNot = c.WhyNot
	}
	if len(c.Groups) > 0 && len(c.Groups[0].Final.Parts) > 0 {
		row.Text = page.NewText(c.Language, c.Groups[0].Final.Parts[0].Text).Short(view.Excerpt)
	}
	return row
}

// Card answers with a submission and all that is needed to decide on it.
func (d Desk) Card(r ask.Request) (ask.Answer, error) {
	id, err := r.Number("id")
	if err != nil {
		return ask.Answer{}, err
	}
	p, err := d.card(r, id)
	if err != nil {
		return ask.Answer{}, err
	}
	return ask.Shown(p), nil
}

func (d Desk) card(r ask.Request, submission int64) (*CardPage, error) {
	v := viewerOf(r.Viewer)
	c, err := review.Find(r.Context(), d.db, submission, v.Person)
	if err != nil {
		return nil, err
	}
	name := page.Heading(c.Message, c.Kind)
	p := &CardPage{
		Frame: page.Frame{Template: "card", Title: name + ", " + r.Words.Tongue(c.Language), Door: "review"}, ID: submission, Edition: c.Title, Name: name,
		Language: r.Words.Tongue(c.Language), PostURL: fmt.Sprintf("/posts/%d", c.Post), First: v.Words.Moment(c.First, v.Zone), Places: places(c),
		By: c.SubmittedBy, Submitted: v.Words.Moment(c.SubmittedAt, v.Zone), Progress: v.progress(c), Cleared: c.Cleared, Current: c.Current,
		MayApprove: c.MayApprove, MayReview: v.Person.May(people.PostApprove) && c.Current, WhyNot: c.WhyNot, Blocked: c.Blocked,
		Comment: page.Field{ID: "comment", Label: v.Words.T("card.changes.label"), Hint: v.Words.T("card.changes.hint")},
	}
	v.stops(p, c)
	if c.Beyond && !c.Cleared && c.Current && v.Person.May(people.PostApprove) {
		able, err := waiting.Able(r.Context(), d.db, submission, v.Person)
		if err != nil {
			return nil, err
		}
		if p.Others = v.Words.T("card.others.none"); len(able) > 0 {
			p.Others = v.Words.T("card.others", v.Words.Joined(able))
		}
	}
	if p.Cleared {
		p.Blocked = "" // a later answer holds what was approved; it does not block it
	}
	approved := slices.ContainsFunc(c.Verdicts, func(said review.Verdict) bool { return said.Latest && said.Verdict == review.Approve })
	p.MayWithdraw = c.Current && approved && (p.MayReview || said(c, v.Person, review.Approve))
	for _, one := range c.Verdicts {
		p.Verdicts = append(p.Verdicts, v.said(one))
	}
	if p.Now.Corrects, err = composing.Corrects(r.Context(), d.db, r.Viewer, c.Post); err != nil {
		return nil, err
	}
	if c.Prompt && !c.Cleared {
		p.Now.At, p.Now.Until, p.Now.Over = true, v.Words.Moment(c.Until, v.Zone), !c.Until.After(v.Now)
	}
	if p.Releases, err = reading.Releases(r.Context(), d.db, v.Writer, c); err != nil {
		return nil, err
	}
	if v.Person.May(people.OutsideName) && c.Current && !c.Cleared {
		p.LinksURL = fmt.Sprintf("/review/%d/links", submission)
	}
	p.Findings = v.Findings(c.Findings, c.Language, "finding", "")
	p.Open, p.Answered = v.Questions(c.Questions, c.Language, p.Releases, "question", fmt.Sprintf("/review/%d/answers", submission),
		v.Person.May(people.RuleAnswer) && c.Current)
	return p, nil
}

func (v viewer) said(said review.Verdict) Said {
	mark := page.Mark{ID: said.Verdict, Word: v.Words.T("verdict." + said.Verdict)}
	switch said.Verdict {
	case review.Approve:
		mark.Icon, mark.Tone = "thumbs-up", "live"
	case review.Changes:
		mark.Icon, mark.Tone = "message-square", "look"
	case review.Hold:
		mark.Icon, mark.Tone = "octagon-x", "harm"
	case review.Lift:
		mark.Icon, mark.Tone = "undo-2", "quiet"
	default:
		mark.Icon, mark.Tone = "undo-2", "look"
	}
	one := Said{Person: said.Person, Mark: mark, Comment: said.Comment, When: v.Words.Moment(said.At, v.Zone), Old: !said.Latest}
	for _, r := range said.Remarks {
		about := v.Words.T("card.remark.part", r.Part)
		if r.Picture != "" {
			about = v.Words.T("card.remark.picture", r.Part)
		}
		one.Remarks = append(one.Remarks, Remark{About: about, Say: r.Say})
	}
	return one
}

func (v viewer) progress(c review.Card) string { return v.Words.T("card.got", c.Got, c.Needed) }

func places(c review.Card) int {
	n := 0
	for _, g := range c.Groups {
		n += len(g.Places)
	}
	return n
}
