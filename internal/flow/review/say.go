package review

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
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
	Hold     = "hold" // stops it without asking for other words
	Lift     = "lift" // ends every hold
)

// Word is what a person says about a submission.
type Word struct {
	Verdict string
	Comment string   // why; asked for with Changes and Hold
	Remarks []Remark // with Changes: what is said about single parts and pictures
	Link    int64    // the personal link that somebody from outside says it by; 0 by account
}

// Remark is said about one part, or about one picture of it.
type Remark struct {
	Part    int    `db:"part"`    // from 1
	Picture string `db:"picture"` // its SHA-256 in hex; empty is the part's words
	Say     string `db:"say"`
}

// longest is how many bytes a comment or a remark may have.
const longest = 4000

// Outcome says what a verdict led to.
type Outcome struct {
	Cleared   bool   // the policy is satisfied
	Scheduled int    // deliveries that are now in the queue
	Missing   int    // approvals still needed
	Lacking   string // roles whose approval is still needed, with commas between
}

const sqlInsertVerdict = `
INSERT INTO verdicts (submission_id, person_id, role, verdict, comment, link_id)
VALUES ($1, $2, $3, $4, $5, nullif($6, 0))
RETURNING id`

const sqlInsertRemark = `
INSERT INTO remarks (verdict_id, part, picture, say)
VALUES ($1, $2, nullif($3, ''), $4)`

const sqlInsertClearance = `
INSERT INTO clearances (submission_id)
VALUES ($1)
ON CONFLICT DO NOTHING`

// Say writes a person's verdict on a submission. An approval that completes the policy clears the submission and schedules
// its deliveries in the same transaction; a request for changes, a hold or a withdrawal puts what was scheduled back to held.
func Say(ctx context.Context, db *postgres.DB, submission int64, by people.Person, verdict, comment string, now time.Time) (Outcome, error) {
	return Speak(ctx, db, submission, by, Word{Verdict: verdict, Comment: comment}, now)
}

// Speak is [Say] with remarks on single parts and pictures.
func Speak(ctx context.Context, db *postgres.DB, submission int64, by people.Person, word Word, now time.Time) (Outcome, error) {
	word.Comment = strings.TrimSpace(word.Comment)
	if err := word.check(); err != nil {
		return Outcome{}, err
	}
	if word.Comment == "" && len(word.Remarks) > 0 {
		word.Comment = word.Remarks[0].Say
	}
	verdict, comment := word.Verdict, word.Comment
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
		if err := allowed(card, by, verdict); err != nil {
			return err
		}
		if verdict == Approve && card.Blocked != "" {
			return fault.New(fault.Conflict, "%s", card.Blocked)
		}
		if verdict == Approve && card.Prompt && !card.Until.After(now) {
			return fault.New(fault.Conflict, "It was to go out until %s UTC, and that has passed. Its author can give it a new time.", card.Until.UTC().Format("15:04"))
		}
		var id int64
		if err := tx.GetContext(ctx, &id, sqlInsertVerdict, submission, by.ID, string(by.Role), verdict, comment, word.Link); err != nil {
			return explain(err, submission)
		}
		for _, r := range word.Remarks {
			if _, err := tx.ExecContext(ctx, sqlInsertRemark, id, r.Part, r.Picture, r.Say); err != nil {
				return fmt.Errorf("write a remark on submission %d: %w", submission, err)
			}
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
	out := Outcome{Missing: max(0, card.Needed-card.Got), Lacking: strings.Join(card.Lacking, ", ")}
	if out.Missing > 0 || out.Lacking != "" || card.Changes || card.Held {
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

// check says what is wrong with a word by itself.
func (w Word) check() error {
	switch {
	case !slices.Contains([]string{Approve, Changes, Withdraw, Hold, Lift}, w.Verdict):
		return fault.BadField("verdict", "is %q; it must be approve, changes, withdraw, hold or lift", w.Verdict)
	case w.Verdict == Changes && w.Comment == "" && len(w.Remarks) == 0:
		return fault.BadField("comment", "Say what should change, so that the author can do it.")
	case w.Verdict == Hold && w.Comment == "":
		return fault.BadField("comment", "Say why it should wait, so that somebody can see to it.")
	case len(w.Comment) > longest:
		return fault.BadField("comment", "is too long: keep it under 4,000 characters")
	}
	for _, r := range w.Remarks {
		if sum, err := hex.DecodeString(r.Picture); err != nil || len(sum) != 0 && len(sum) != 32 {
			return fault.BadField("remark", "names a picture that is none")
		}
		if len(r.Say) > longest || strings.TrimSpace(r.Say) == "" || r.Part < 1 {
			return fault.BadField("remark", "a remark names a part and has up to 4,000 characters")
		}
	}
	return nil
}

// allowed says why a person may not give a verdict on a card.
func allowed(card Card, by people.Person, verdict string) error {
	spoke := slices.ContainsFunc(card.Verdicts, func(v Verdict) bool { return v.PersonID == by.ID })
	switch verdict {
	case Approve:
		if !card.MayApprove {
			return fault.New(refusal(card), "%s", card.WhyNot)
		}
	case Hold:
		if !by.May(people.PostHold) {
			return fault.New(fault.Forbidden, "Your role does not allow holding posts.")
		}
	case Lift:
		if by.Role != people.RoleAdmin && by.Role != people.RoleSafeguarding || !by.May(people.PostApprove) {
			return fault.New(fault.Forbidden, "A safeguarding lead or an admin lifts what somebody else holds.")
		}
		if !card.Held {
			return fault.New(fault.Conflict, "Nobody holds this post any more.")
		}
	case Withdraw:
		if !by.May(people.PostApprove) && !spoke {
			return fault.New(fault.Forbidden, "Your role does not allow reviewing.")
		}
	default:
		if !by.May(people.PostApprove) {
			return fault.New(fault.Forbidden, "Your role does not allow reviewing.")
		}
	}
	return nil
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
	case "within_limits":
		return fault.Wrap(fault.Forbidden, err, "It also goes to accounts that you do not work on. Somebody who works on all of them has to approve it.")
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
	case Hold:
		return "stopped"
	case Lift:
		return "hold_lifted"
	}
	return "withdrawn"
}
