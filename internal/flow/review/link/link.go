// Package link lets somebody without an account review one submission, by a personal link.
//
// An admin or a safeguarding lead makes the link; it is mailed to the address on file, ends by itself, can be taken back, and leads
// to one submission. Whoever has it can read and hold. To approve, or to ask for changes, a code is asked for that is mailed to the
// address on file. Reading changes nothing, so that the scanners of mail servers may follow the link. What counts is held by the
// database: the triggers lawful on review_links and verdict_link on verdicts, and counted_approvals. The package shows no page.
package link

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// State is how a link stands.
type State string

// The states of a link. Only an open one takes an approval or a request for changes; a used one still takes a hold.
const (
	Open    State = "open"
	Used    State = "used"
	Expired State = "expired" // its time is over, or what it leads to has fallen due
	Revoked State = "revoked"
	Gone    State = "gone"   // the reviewer was removed, or has another address
	Edited  State = "edited" // the post has changed since
)

// Link is a personal link to a submission.
type Link struct {
	ID         int64      `db:"id"`
	Submission int64      `db:"submission_id"`
	Person     int64      `db:"person_id"`
	Reviewer   string     `db:"reviewer"`
	Email      string     `db:"email"` // on file now
	MadeBy     string     `db:"made_by"`
	MadeAt     time.Time  `db:"made_at"`
	ExpiresAt  time.Time  `db:"expires_at"` // real time
	RevokedAt  *time.Time `db:"revoked_at"`
	RevokedBy  string     `db:"revoked_by"`
	Safeguards bool       `db:"safeguards"` // the yes it brings counts as the safeguarding yes
	Over       bool       `db:"over"`
	Active     bool       `db:"active"`
	Current    bool       `db:"current"`
	Due        time.Time  `db:"due"`     // the first instant of what it leads to; the last chance where that goes out once approved
	Verdict    string     `db:"verdict"` // what was said by it; empty for nothing yet
	SaidAt     *time.Time `db:"said_at"`
}

// State says how the link stands at an instant of product time.
func (l Link) State(now time.Time) State {
	switch {
	case l.RevokedAt != nil:
		return Revoked
	case !l.Active:
		return Gone
	case !l.Current:
		return Edited
	case l.Verdict != "":
		return Used
	case l.Over || !l.Due.After(now):
		return Expired
	}
	return Open
}

// Holds reports whether the link still takes a hold: until its time is over, also after a verdict.
func (l Link) Holds(now time.Time) bool {
	state := l.State(now)
	return state == Open || state == Used && !l.Over
}

// sqlLinks reads links; each statement that begins with it says which.
const sqlLinks = `
SELECT k.id, k.submission_id, k.person_id, r.name AS reviewer, r.email, m.name AS made_by, k.made_at, k.expires_at, k.revoked_at,
  coalesce(b.name, '') AS revoked_by, k.safeguards, k.expires_at <= clock_timestamp() AS over, is_active(k.person_id) AND r.role = 'outside' AND r.email = k.address AS active,
  s.revision_id = p.current_revision
    AND NOT EXISTS (SELECT 1 FROM submissions n WHERE n.post_id = s.post_id AND n.language = s.language AND n.id > s.id) AS current,
  x.due, coalesce(v.verdict, '') AS verdict, v.at AS said_at
FROM review_links k
JOIN people r ON r.id = k.person_id
JOIN people m ON m.id = k.made_by
LEFT JOIN people b ON b.id = k.revoked_by
JOIN submissions s ON s.id = k.submission_id
JOIN posts p ON p.id = s.post_id
LEFT JOIN verdicts v ON v.link_id = k.id
  AND v.verdict <> 'hold'
JOIN LATERAL (
  SELECT coalesce(min(l.due_at) FILTER (WHERE NOT d.prompt), max(l.not_after), 'epoch') AS due
  FROM releases l
  JOIN deliveries d ON d.id = l.delivery_id
  WHERE l.submission_id = k.submission_id
) x ON true
WHERE k.token = $1 OR k.submission_id = $2
ORDER BY k.id DESC`

// Of returns the links of a submission, the latest first.
func Of(ctx context.Context, q postgres.Querier, submission int64) ([]Link, error) {
	var list []Link
	if err := q.SelectContext(ctx, &list, sqlLinks, []byte(nil), submission); err != nil {
		return nil, fmt.Errorf("list the links of submission %d: %w", submission, err)
	}
	return list, nil
}

// Find returns the link with a token.
func Find(ctx context.Context, q postgres.Querier, token string) (Link, error) {
	var l Link
	err := q.GetContext(ctx, &l, sqlLinks, hashed(token), int64(0))
	if errors.Is(err, sql.ErrNoRows) {
		return Link{}, fault.New(fault.NotFound, "This link leads nowhere. Open it from the mail again, whole, or ask for a new one.")
	}
	if err != nil {
		return Link{}, fmt.Errorf("find a link: %w", err)
	}
	return l, nil
}

// lent returns the reviewer of a link with what it lends: the rights of a reviewer, for the one submission. The database writes down
// that the verdict came from outside.
func lent(ctx context.Context, q postgres.Querier, l Link) (people.Person, error) {
	p, err := people.ByID(ctx, q, l.Person)
	if err != nil {
		return people.Person{}, err
	}
	p.Role = people.RoleReviewer
	return p, nil
}

// Card returns the submission that a link leads to, as its reviewer sees it, and the reviewer.
func Card(ctx context.Context, q postgres.Querier, l Link) (review.Card, people.Person, error) {
	p, err := lent(ctx, q, l)
	if err != nil {
		return review.Card{}, people.Person{}, err
	}
	card, err := review.Find(ctx, q, l.Submission, p)
	return card, p, err
}

// hashed is what the database keeps of a token or a pass: at 128 bits of chance nobody finds another text with the same hash.
func hashed(token string) []byte {
	sum := sha256.Sum256([]byte("daymark link\n" + token))
	return sum[:]
}

// digest is what the database keeps of a code. The key is the token, which the database does not know: a copy of it tells no code.
func digest(token, code string) []byte {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte(code))
	return mac.Sum(nil)
}

// plain is a code as people type it from a mail: with spaces or a dash between.
func plain(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		if r >= '٠' && r <= '٩' { // as Arabic keyboards write them
			return '0' + r - '٠'
		}
		return -1
	}, code)
}
