package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/review"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Say writes the verdict of a link's reviewer. A hold needs the link; an approval and a request for changes need a pass of [Enter].
// What cannot be done leaves a line in the log and changes nothing else.
func Say(ctx context.Context, db *postgres.DB, token, pass string, word review.Word, now time.Time) (review.Outcome, error) {
	l, err := Find(ctx, db, token)
	if err != nil {
		return review.Outcome{}, err
	}
	out, err := speak(ctx, db, l, pass, word, now)
	if err == nil || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Internal) {
		return out, err
	}
	if noted := db.InTx(ctx, func(tx *postgres.Tx) error { return refuse(ctx, tx, l, word.Verdict+": "+fault.Say(err)) }); noted != nil {
		return out, errors.Join(err, noted)
	}
	return out, err
}

func speak(ctx context.Context, db *postgres.DB, l Link, pass string, word review.Word, now time.Time) (review.Outcome, error) {
	if word.Verdict == review.Hold {
		if state := l.State(now); !l.Holds(now) {
			return review.Outcome{}, refusal(state)
		}
	} else {
		if err := l.takes(now); err != nil {
			return review.Outcome{}, err
		}
		if err := passed(ctx, db, l, pass); err != nil {
			return review.Outcome{}, err
		}
	}
	who, err := lent(ctx, db, l)
	if err != nil {
		return review.Outcome{}, err
	}
	word.Link = l.ID
	out, err := review.Speak(ctx, db, l.Submission, who, word, now)
	if err != nil {
		return review.Outcome{}, explain(err)
	}
	return out, nil
}

// takes says why a link takes no approval and no request for changes.
func (l Link) takes(now time.Time) error {
	if state := l.State(now); state != Open {
		return refusal(state)
	}
	return nil
}

// refusal says what a link in a state does not do any more.
func refusal(s State) error {
	switch s {
	case Used:
		return fault.New(fault.Conflict, "This link was used: what you said by it stands. If you see it otherwise now, hold the post, or ask for a new link.")
	case Expired:
		return fault.New(fault.Conflict, "The time of this link is over. Ask whoever sent it to make a new one.")
	case Revoked:
		return fault.New(fault.Conflict, "This link was taken back. If you think that is a mistake, ask whoever sent it.")
	case Gone:
		return fault.New(fault.Forbidden, "You are not on file as a reviewer any more, or with another address. Ask whoever sent the link.")
	case Edited:
		return fault.New(fault.Conflict, "The post has changed since this link was made. Ask whoever sent it for a link to the new version.")
	case Open:
	}
	return fault.New(fault.Conflict, "This cannot be done by this link any more.")
}

// Why says in a sentence why a link is not open; empty when it is.
func (l Link) Why(now time.Time) string { return fault.Say(l.takes(now)) }

// explain turns a refusal of the database into a sentence.
func explain(err error) error {
	switch postgres.Constraint(err) {
	case "link_used":
		return fault.Wrap(fault.Conflict, err, "%s", fault.Say(refusal(Used)))
	case "link_code", "answer_link":
		return fault.Wrap(fault.Forbidden, err, "Your code is used up. Have a new one sent and type it; nothing was changed.")
	case "verdict_link":
		return fault.Wrap(fault.Conflict, err, "This link was taken back or its time is over. Nothing was changed.")
	case "link_address":
		return &fault.Error{Kind: fault.Invalid, Err: err, Problems: []fault.Problem{{
			Field: "reviewer", Message: "has your own address or an author's. Somebody else has to look at the post.",
		}}}
	case "link_held":
		return fault.Wrap(fault.Conflict, err, "You hold it already. It stays held until a safeguarding lead or an admin lifts that.")
	case "link_reviewer":
		return fault.Wrap(fault.Conflict, err, "This reviewer was removed meanwhile.")
	case "link_maker":
		return fault.Wrap(fault.Forbidden, err, "Your account may not make links any more.")
	case "newest_revision":
		return fault.Wrap(fault.Conflict, err, "The post has changed since. Look at its new version.")
	}
	return err
}

// maxRefusals bounds the lines in the log that tries in vain at one link leave.
const maxRefusals = 100

const sqlRefuse = `
UPDATE review_links
SET refusals = refusals + 1
WHERE id = $1
  AND refusals < $2
RETURNING id`

// refuse notes in the log what was tried in vain.
func refuse(ctx context.Context, tx *postgres.Tx, l Link, what string) error {
	var counted []int64
	if err := tx.SelectContext(ctx, &counted, sqlRefuse, l.ID, maxRefusals); err != nil {
		return fmt.Errorf("count what link %d is refused: %w", l.ID, err)
	}
	if len(counted) == 0 {
		return nil
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: l.Person, Action: "link.refused", Kind: "link", ID: l.ID, Detail: map[string]any{"submission": l.Submission, "what": what},
	})
}

// refusing does some work with a link in a transaction; where it is refused, that is noted in another.
func refusing(ctx context.Context, db *postgres.DB, token, what string, work func(*postgres.Tx, Link) error) error {
	var l Link
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		var err error
		if l, err = Find(ctx, tx, token); err != nil {
			return err
		}
		return work(tx, l)
	})
	if l.ID == 0 || err == nil || fault.Is(err, fault.Internal) {
		return err
	}
	if noted := db.InTx(ctx, func(tx *postgres.Tx) error { return refuse(ctx, tx, l, what+": "+fault.Say(err)) }); noted != nil {
		return errors.Join(err, noted)
	}
	return err
}
