package judge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/lint"
	"daymark/internal/core/locale"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Bounds of what people write, in characters. A reason that says nothing is none; waivers_reason_check asks for as many.
const (
	minReason = 10
	maxWords  = 2000
)

const sqlInsertWaiver = `
INSERT INTO waivers (post_id, language, rule, finding, quote, reason, person_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id`

// Waiving is what a person lets stand.
type Waiving struct {
	Post     int64
	Language string
	Key      [32]byte // of the finding
	Reason   string
}

// Waive lets a finding about a post's current words stand, for a reason that reviewers are shown. It ends when the words change.
// Whoever wrote the words may do so: the reviewers decide. What has to be mended cannot be waived.
func Waive(ctx context.Context, tx *postgres.Tx, rules *lint.Set, w Waiving, by people.Person, now time.Time) error {
	reason := strings.TrimSpace(w.Reason)
	switch n := utf8.RuneCountInString(reason); {
	case !by.May(people.FindingWaive):
		return fault.New(fault.Forbidden, "Your role does not allow letting a finding stand.")
	case n < minReason:
		return fault.BadField("reason", "Say in a sentence why it may stand: reviewers read it.")
	case n > maxWords || !utf8.ValidString(reason):
		return fault.BadField("reason", "is too long: keep it under 2,000 characters")
	}
	if _, err := book.Lock(ctx, tx, w.Post); err != nil {
		return err
	}
	p, err := book.FindPost(ctx, tx, w.Post)
	if err != nil {
		return err
	}
	judged, err := Post(ctx, tx, rules, p, w.Language, now)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(judged.Findings, func(f Found) bool { return f.Key == w.Key })
	if at < 0 {
		return fault.New(fault.Conflict, "The %s text has changed since, or what was found in it. Look at it again.", locale.Name(w.Language))
	}
	f := judged.Findings[at]
	switch {
	case f.Fixed:
		return fault.New(fault.Conflict, "This has to be mended; no reason lets it stand: %s", f.Sentence())
	case f.Waiver != nil:
		return fault.New(fault.Conflict, "%s has let this stand already: %s", f.Waiver.Person, f.Waiver.Reason)
	}
	var id int64
	if err := tx.GetContext(ctx, &id, sqlInsertWaiver, w.Post, w.Language, f.Rule, w.Key[:], f.Quote, reason, by.ID); err != nil {
		return fmt.Errorf("waive %s in post %d: %w", f.Rule, w.Post, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "finding.waived", Kind: "post", ID: w.Post,
		Detail: map[string]any{"waiver": id, "language": w.Language, "rule": f.Rule, "quote": f.Quote, "message": f.Message, "reason": reason},
	})
}
