// Package share lets people without an account read the report of one edition, by a link that ends.
//
// A link holds a token of which the database knows the hash only, so that its address is shown once. It ends by itself and can be taken
// back at any time; then it leads nowhere. Reading changes nothing but when the link was read last, to the hour. What the report shows
// is read elsewhere, as it is at that moment.
package share

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/people/token"
	"daymark/internal/postgres"
)

// Path is where links lead; the token follows.
const Path = "/shared/"

// The bounds of a link.
const (
	UsualDays  = 30
	MostDays   = 365
	maxPurpose = 120
	maxOpen    = 50 // links of one edition that lead somewhere
)

// Link is a link to a report.
type Link struct {
	ID        int64      `db:"id"`
	Edition   int64      `db:"edition_id"`
	MadeBy    string     `db:"made_by"`
	Purpose   string     `db:"purpose"` // whom it is for
	Language  string     `db:"language"`
	Lessons   bool       `db:"lessons"` // what the team learnt is shown too
	MadeAt    time.Time  `db:"made_at"`
	ExpiresAt time.Time  `db:"expires_at"`
	OpenedAt  *time.Time `db:"opened_at"` // to the hour; nil when nobody has
	RevokedAt *time.Time `db:"revoked_at"`
	Over      bool       `db:"over"`
}

// Open reports whether the link leads somewhere.
func (l Link) Open() bool { return l.RevokedAt == nil && !l.Over }

// New is what [Make] needs to know.
type New struct {
	Edition  int64
	Purpose  string
	Language string
	Lessons  bool
	Days     int
}

const sqlOpen = `
SELECT count(*)
FROM report_links
WHERE edition_id = $1
  AND revoked_at IS NULL
  AND expires_at > clock_timestamp()`

const sqlMake = `
INSERT INTO report_links (edition_id, made_by, purpose, language, lessons, token, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 day')
RETURNING id`

// Make makes a link and returns its token, which is to be shown once.
func Make(ctx context.Context, tx *postgres.Tx, by people.Person, n New) (string, error) {
	n.Purpose = strings.Join(strings.Fields(n.Purpose), " ")
	_, _, unsafe := text.FirstUnsafe(n.Purpose)
	switch {
	case !by.May(people.ReachShare) || by.Limited():
		return "", fault.New(fault.Forbidden, "Your role does not allow sharing reports.")
	case n.Purpose == "":
		return "", fault.BadField("purpose", "is missing: say whom the link is for")
	case utf8.RuneCountInString(n.Purpose) > maxPurpose || unsafe:
		return "", fault.BadField("purpose", "must be at most %d plain characters", maxPurpose)
	case n.Days < 1 || n.Days > MostDays:
		return "", fault.BadField("days", "must be from 1 to %d", MostDays)
	}
	var open int
	if err := tx.GetContext(ctx, &open, sqlOpen, n.Edition); err != nil {
		return "", fmt.Errorf("count the links to edition %d: %w", n.Edition, err)
	}
	if open >= maxOpen {
		return "", fault.New(fault.Conflict, "There are %d links to this report already. Take one back that nobody needs.", maxOpen)
	}
	secret := token.New()
	var id int64
	if err := tx.GetContext(ctx, &id, sqlMake, n.Edition, by.ID, n.Purpose, n.Language, n.Lessons, token.Hash(secret), n.Days); err != nil {
		return "", fmt.Errorf("make a link to edition %d: %w", n.Edition, err)
	}
	return secret, audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "report.shared", Kind: "report_link", ID: id,
		Detail: map[string]any{"edition": n.Edition, "purpose": n.Purpose, "language": n.Language, "lessons": n.Lessons, "days": n.Days},
	})
}

const sqlOf = `
SELECT k.id, k.edition_id, p.name AS made_by, k.purpose, k.language, k.lessons, k.made_at, k.expires_at, k.opened_at, k.revoked_at,
  k.expires_at <= clock_timestamp() AS over
FROM report_links k
JOIN people p ON p.id = k.made_by
WHERE k.edition_id = $1
ORDER BY k.id DESC`

// Of returns the links to an edition, the latest first.
func Of(ctx context.Context, q postgres.Querier, edition int64) ([]Link, error) {
	var list []Link
	if err := q.SelectContext(ctx, &list, sqlOf, edition); err != nil {
		return nil, fmt.Errorf("list the links to edition %d: %w", edition, err)
	}
	return list, nil
}

const sqlRevoke = `
UPDATE report_links
SET revoked_at = clock_timestamp(), revoked_by = $3
WHERE id = $1
  AND edition_id = $2
  AND revoked_at IS NULL`

// Revoke takes a link back, whoever made it.
func Revoke(ctx context.Context, tx *postgres.Tx, by people.Person, edition, id int64) error {
	if !by.May(people.ReachShare) || by.Limited() {
		return fault.New(fault.Forbidden, "Your role does not allow sharing reports.")
	}
	res, err := tx.ExecContext(ctx, sqlRevoke, id, edition, by.ID)
	if err != nil {
		return fmt.Errorf("take link %d back: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "There is no such link any more.")
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "report.link_revoked", Kind: "report_link", ID: id, Detail: map[string]any{"edition": edition}})
}

const sqlByToken = `
SELECT k.id, k.edition_id, '' AS made_by, k.purpose, k.language, k.lessons, k.made_at, k.expires_at, k.opened_at, k.revoked_at,
  k.expires_at <= clock_timestamp() AS over
FROM report_links k
WHERE k.token = $1`

const sqlOpened = `
UPDATE report_links
SET opened_at = date_trunc('hour', clock_timestamp())
WHERE id = $1
  AND opened_at IS DISTINCT FROM date_trunc('hour', clock_timestamp())`

// Find returns the link of a token. It is NotFound when there is none, or it has ended, or was taken back: whoever holds it learns no
// more than that.
func Find(ctx context.Context, q postgres.Querier, secret string) (Link, error) {
	var l Link
	err := sql.ErrNoRows
	if token.Fits(secret) {
		err = q.GetContext(ctx, &l, sqlByToken, token.Hash(secret))
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && !l.Open() {
		return Link{}, fault.New(fault.NotFound, "This link leads nowhere. It has ended, or was taken back. Ask whoever sent it for another one.")
	}
	if err != nil {
		return Link{}, fmt.Errorf("find a link to a report: %w", err)
	}
	if _, err := q.ExecContext(ctx, sqlOpened, l.ID); err != nil {
		return Link{}, fmt.Errorf("note that link %d was read: %w", l.ID, err)
	}
	return l, nil
}
