package demo

import (
	"context"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/answer"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// rehearse submits and approves the rehearsal's posts up to its end, and submits the first posts of the coming edition, so
// that there is something to approve.
func (d *Demo) rehearse(ctx context.Context) error {
	editor, reviewers := d.Logins[1].Person, []people.Person{d.Logins[2].Person, d.Logins[3].Person}
	entries, err := book.Entries(ctx, d.app.DB, book.EntryFilter{Edition: d.Rehearsal.ID, To: d.Ends})
	if err != nil {
		return err
	}
	for _, id := range postsOf(entries) {
		sent, err := review.Submit(ctx, d.app.DB, d.app.Checks(), id, editor, d.app.Clock.Now())
		if err != nil {
			return err
		}
		if len(sent.Waiting) > 0 {
			return fault.New(fault.Internal, "the demo's post %d cannot be submitted: %v", id, sent.Waiting)
		}
		for _, submission := range sent.Submissions {
			if err := d.approve(ctx, submission, reviewers); err != nil {
				return err
			}
		}
	}
	entries, err = book.Entries(ctx, d.app.DB, book.EntryFilter{Edition: d.Coming.ID})
	if err != nil {
		return err
	}
	for _, id := range firstFew(postsOf(entries), 3) {
		if _, err := review.Submit(ctx, d.app.DB, d.app.Checks(), id, editor, d.app.Clock.Now()); err != nil {
			return err
		}
	}
	return nil
}

// answer lets a reviewer answer what is open about a submission: the demo's pictures are drawings that show nobody.
func (d *Demo) answer(ctx context.Context, submission int64, by people.Person) error {
	card, err := review.Find(ctx, d.app.DB, submission, by)
	if err != nil {
		return err
	}
	return d.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		for _, q := range card.Questions {
			if !q.Open {
				continue
			}
			if _, err := answer.Give(ctx, tx, d.app.Rules(), q.Asks(), q.Right, "", by); err != nil {
				return err
			}
		}
		return nil
	})
}

// approve lets as many reviewers say yes as the policy of a submission asks for.
func (d *Demo) approve(ctx context.Context, submission int64, reviewers []people.Person) error {
	if err := d.answer(ctx, submission, reviewers[0]); err != nil {
		return err
	}
	for _, r := range reviewers {
		out, err := review.Say(ctx, d.app.DB, submission, r, review.Approve, "", d.app.Clock.Now())
		if err != nil {
			return err
		}
		if out.Cleared {
			return nil
		}
	}
	return fault.New(fault.Internal, "submission %d needs more reviewers than the demo has", submission)
}

// postsOf returns the posts of entries that a person still has to approve, in their order.
func postsOf(entries []book.Entry) []int64 {
	var ids []int64
	seen := map[int64]bool{}
	for _, e := range entries {
		if e.State == post.Held && !seen[e.Post] {
			seen[e.Post] = true
			ids = append(ids, e.Post)
		}
	}
	return ids
}

func firstFew(ids []int64, n int) []int64 { return ids[:min(n, len(ids))] }
