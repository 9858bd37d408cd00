package review

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// The verdicts a person can give.
const (
	Approve  = "approve"
	Changes  = "changes"
	Withdraw = "withdraw"
)

// Outcome says what a verdict led to.
type Outcome struct {
	Cleared   bool // the policy is satisfied
	Scheduled int  // deliveries that are now in the queue
	Missing   int  // approvals still needed
}

const sqlInsertVerdict = `
INSERT INTO verdicts (submission_id, person_id, role, verdict, comment)
VALUES ($1, $2, $3, $4, $5)`

const sqlInsertClearance = `
INSERT INTO clearances (submission_id)
VALUES ($1)
ON CONFLICT DO NOTHING`

// Say writes a person's verdict on a submission. An approval that completes the policy clears the submission and schedules
// its deliveries in the same transaction; a request for changes or a withdrawal puts what was scheduled back to held.
func Say(ctx context.Context, db *postgres.DB, submission int64, by people.Person, verdict, comment string, now time.Time) (Outcome, error) {
	comment = strings.TrimSpace(comment)
	switch {
	case verdict != Approve && verdict != Changes && verdict != Withdraw:
		return Outcome{}, fault.BadField("verdict", "is %q; it must be approve, changes or withdraw", verdict)
	case !by.May(people.PostApprove):
		return Outcome{}, fault.New(fault.Forbidden, "Your role does not allow reviewing.")
	case verdict == Changes && comment == "":
		return Outcome{}, fault.BadField("comment", "Say what should change, so that the author can do it.")
	case len(comment) > 4000:
		return Outcome{}, fault.BadField("comment", "is too long: keep it under 4,000 characters")
	}
	var out Outcome
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		card, err := Find(ctx, tx, submission, by)
		if err != nil {
			return err
		}
		if _, err := book.Lock(ctx, tx, card.Post); err != nil {
			return err
		}
		if card, err = Find(ctx, tx, submission, by); err != nil {
			return err
		}
		if verdict == Approve && !card.MayApprove {
			return fault.New(refusal(card), "%s", card.WhyNot)
		}
		if verdict == Approve && card.Blocked != "" {
			return fault.New(fault.Conflict, "%s", card.Blocked)
		}
		if verdict == Approve && card.Prompt && !card.Until.After(now) {
			return fault.New(fault.Conflict, "It was to go out until %s UTC, and that has passed. Its author can give it a new time.", card.Until.UTC().Format("15:04"))
		}
		if _, err := tx.ExecContext(ctx, sqlInsertVerdict, submission, by.ID, string(by.Role), verdict, comment); err != nil {
			return explain(err, submission)
		}
		if err := audit.Write(ctx, tx, audit.Entry{
			Person: by.ID, Action: "post." + past(verdict), Kind: "post", ID: card.Post,
			Detail: map[string]any{"submission": submission, "language": card.Language, "comment": comment},
		}); err != nil {
			return err
		}
		if verdict != Approve {
			return notice.Settle(ctx, tx, promptKey(submission), by.ID, now)
		}
		out, err = clear(ctx, tx, submission, by, now)
		return err
	})
	return out, err
}

// clear makes the clearance when nothing is missing any more, and schedules.
func clear(ctx context.Context, tx *postgres.Tx, submission int64, by people.Person, now time.Time) (Outcome, error) {
	card, err := Find(ctx, tx, submission, by)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Missing: max(0, card.Needed-card.Got)}
	if out.Missing > 0 || card.Changes {
		return out, nil
	}
	if _, err := tx.ExecContext(ctx, sqlInsertClearance, submission); err != nil {
		return Outcome{}, explain(err, submission)
	}
	out.Cleared = true
	if err := notice.Settle(ctx, tx, promptKey(submission), by.ID, now); err != nil {
		return Outcome{}, err
	}
	out.Scheduled, err = book.Schedule(ctx, tx, submission, now, book.Grace)
	if err != nil {
		return Outcome{}, err
	}
	return out, audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "post.cleared", Kind: "post", ID: card.Post,
		Detail: map[string]any{"submission": submission, "language": card.Language, "scheduled": out.Scheduled},
	})
}

// refusal tells a matter of rights from a matter of timing.
func refusal(card Card) fault.Kind {
	if card.Cleared || !card.Current {
		return fault.Conflict
	}
	return fault.Forbidden
}

// explain turns a refusal of the database into a sentence.
func explain(err error, submission int64) error {
	switch postgres.Constraint(err) {
	case "newest_revision":
		return fault.Wrap(fault.Conflict, err, "The post has changed since. Look at its new version.")
	case "verdict_role":
		return fault.Wrap(fault.Forbidden, err, "Your account may not approve any more.")
	case "answered":
		return fault.Wrap(fault.Conflict, err, "A question about this post is open. Look again, and answer it first.")
	case "clear_enough":
		return fault.Wrap(fault.Conflict, err, "The approvals changed while you decided. Look again.")
	}
	return fmt.Errorf("verdict on submission %d: %w", submission, err)
}

func past(verdict string) string {
	switch verdict {
	case Approve:
		return "approved"
	case Changes:
		return "changes_asked"
	}
	return "withdrawn"
}
