package judged

import (
	"context"
	"fmt"
	"slices"

	corepost "daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Queue reads what waits for reviewers.
func Queue(ctx context.Context, q postgres.Querier, who view.Viewer) (*page.Queue, error) {
	v := viewer{who}
	cards, err := review.Queue(ctx, q, v.Person)
	if err != nil {
		return nil, err
	}
	p := &page.Queue{Frame: page.Frame{Title: v.Words.T("queue.title"), Door: "review"}}
	for _, c := range cards {
		row := v.queueRow(c)
		if view.Waits(c) {
			p.Mine = append(p.Mine, row)
		} else {
			p.Others = append(p.Others, row)
		}
	}
	p.Frame.Waiting = new(len(p.Mine))
	return p, nil
}

// Waiting counts the drafts that wait for a person's word.
func Waiting(ctx context.Context, q postgres.Querier, person people.Person) (int, error) {
	if !person.May(people.PostApprove) {
		return 0, nil
	}
	cards, err := review.Queue(ctx, q, person)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, c := range cards {
		if view.Waits(c) {
			n++
		}
	}
	return n, nil
}

func (v viewer) queueRow(c review.Card) page.QueueRow {
	row := page.QueueRow{
		Line: page.Line{
			ID: fmt.Sprintf("card-%d", c.Submission), URL: fmt.Sprintf("/review/%d", c.Submission), Name: page.Heading(c.Message, c.Kind),
			Languages: view.Language(c.Language), When: page.NewMoment(c.First, v.Zone), Places: places(c),
		},
		Edition: c.Title, By: c.SubmittedBy, Progress: v.progress(c), Changes: c.Changes,
	}
	if !c.MayApprove && v.Person.May(people.PostApprove) {
		row.WhyNot = c.WhyNot
	}
	if len(c.Groups) > 0 && len(c.Groups[0].Final.Parts) > 0 {
		row.Text = page.NewText(c.Language, c.Groups[0].Final.Parts[0].Text).Short(view.Excerpt)
	}
	return row
}

// Card reads a submission with all that is needed to decide on it.
func Card(ctx context.Context, q postgres.Querier, who view.Viewer, submission int64) (*page.Card, error) {
	v := viewer{who}
	c, err := review.Find(ctx, q, submission, v.Person)
	if err != nil {
		return nil, err
	}
	name := page.Heading(c.Message, c.Kind)
	p := &page.Card{
		Frame: page.Frame{Title: name + ", " + view.Language(c.Language), Door: "review"}, ID: submission, Edition: c.Title, Name: name,
		Language: view.Language(c.Language), PostURL: fmt.Sprintf("/posts/%d", c.Post), First: page.NewMoment(c.First, v.Zone), Places: places(c),
		By: c.SubmittedBy, Submitted: page.NewMoment(c.SubmittedAt, v.Zone), Progress: v.progress(c), Cleared: c.Cleared, Current: c.Current,
		MayApprove: c.MayApprove, MayReview: v.Person.May(people.PostApprove) && c.Current, WhyNot: c.WhyNot,
		Comment: page.Field{ID: "comment", Label: v.Words.T("card.changes.label"), Hint: v.Words.T("card.changes.hint")},
	}
	approved := slices.ContainsFunc(c.Verdicts, func(said review.Verdict) bool { return said.Latest && said.Verdict == review.Approve })
	p.MayWithdraw = p.MayReview && approved
	for _, said := range c.Verdicts {
		p.Verdicts = append(p.Verdicts, v.said(said))
	}
	for i, g := range c.Groups {
		p.Releases = append(p.Releases, v.group(g, i))
	}
	return p, nil
}

func (v viewer) group(g review.Group, i int) page.Release {
	r := v.fold([]corepost.Final{g.Final}, fmt.Sprintf("release-%d", i+1))[0]
	r.Places = nil
	for _, at := range g.Places {
		r.Places = append(r.Places, page.Place{Handle: at.Handle, Network: view.Network(at.Platform), When: civilMoment(at.DueAt, at.DueDate, at.DueClock, at.Zone)})
	}
	return r
}

func (v viewer) said(said review.Verdict) page.Said {
	mark := page.Mark{ID: said.Verdict, Word: v.Words.T("verdict." + said.Verdict)}
	switch said.Verdict {
	case review.Approve:
		mark.Icon, mark.Tone = "thumbs-up", "live"
	case review.Changes:
		mark.Icon, mark.Tone = "message-square", "look"
	default:
		mark.Icon, mark.Tone = "undo-2", "look"
	}
	return page.Said{Person: said.Person, Mark: mark, Comment: said.Comment, When: page.NewMoment(said.At, v.Zone), Old: !said.Latest}
}

func (v viewer) progress(c review.Card) string { return v.Words.T("card.got", c.Got, c.Needed) }

func places(c review.Card) int {
	n := 0
	for _, g := range c.Groups {
		n += len(g.Places)
	}
	return n
}
