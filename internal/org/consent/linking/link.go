// Package linking says what shows, names or quotes a person, and which consents are there for it: posts, and pictures wherever they are
// shown.
//
// Anybody who answers the questions of the rules may say that a post shows a person; only safeguarding leads link consents, and say that
// it shows nobody after all. The package ends no consent, and what a link does not cover is for internal/flow/dispatch/consenting.
package linking

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/consent"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Thing is what shows, names or quotes a person: a picture wherever it is shown, or a post. Exactly one of its fields is set.
type Thing struct {
	Picture string // its SHA-256 in hex
	Post    int64
}

// Link says that a consent is there for a thing.
type Link struct {
	consent.Uses
	ID      int64     `db:"id"`
	Consent int64     `db:"consent_id"`
	Picture string    `db:"sum"`
	Post    int64     `db:"post_id"`
	Message string    `db:"message"` // of the post
	At      time.Time `db:"at"`
}

const (
	sqlLink = `
INSERT INTO consent_links (consent_id, sha256, post_id, picture, name, words, person_id, at)
VALUES ($1, decode(NULLIF($2, ''), 'hex'), NULLIF($3::bigint, 0), $4, $5, $6, $7, $8)
RETURNING id`

	sqlUnlink = `
UPDATE consent_links
SET ended_at = $3, ended_by = $4
WHERE id = $2
  AND consent_id = $1
  AND ended_at IS NULL`

	sqlLinks = `
SELECT l.id, l.consent_id, coalesce(encode(l.sha256, 'hex'), '') AS sum, coalesce(l.post_id, 0) AS post_id, coalesce(p.message, '') AS message,
  l.picture, l.name, l.words, l.at
FROM consent_links l
LEFT JOIN posts p ON p.id = l.post_id
WHERE l.consent_id = $1
  AND l.ended_at IS NULL
ORDER BY l.id`
)

// Add links a consent to a thing, of which it says what of the person is there. What the consent does not cover is for
// internal/flow/dispatch/consenting to hold and take down.
func Add(ctx context.Context, tx *postgres.Tx, id int64, to Thing, uses consent.Uses, by people.Person, now time.Time) error {
	if err := consent.Keeper(by); err != nil {
		return err
	}
	sum, err := hex.DecodeString(to.Picture)
	if err != nil || len(sum) != 0 && len(sum) != 32 || (to.Picture != "") == (to.Post != 0) || to.Post < 0 {
		return fault.BadField("thing", "give the number of a post, or a picture by its address")
	}
	c, err := consent.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	switch {
	case c.Ended != "":
		return fault.New(fault.Conflict, "Consent %s has ended and is not changed any more. Record a new one.", c.Ref())
	case !uses.Any():
		return fault.BadField("uses", "say what of them is there: their picture, their name or their words")
	case !uses.Within(c.Uses):
		return fault.BadField("uses", "are more than consent %s allows", c.Ref())
	}
	var link int64
	err = tx.GetContext(ctx, &link, sqlLink, id, to.Picture, to.Post, uses.Picture, uses.Name, uses.Words, by.ID, now)
	switch postgres.Constraint(err) {
	case "consent_links_post_id_fkey", "consent_links_sha256_fkey":
		return fault.BadField("thing", "is nothing that Daymark has; give the number of a post, or a picture by its address")
	case "one_consent_link":
		return fault.New(fault.Conflict, "Consent %s is linked to that already.", c.Ref())
	}
	if err != nil {
		return fmt.Errorf("link consent %d: %w", id, err)
	}
	return linked(ctx, tx, "consent.linked", c, to, by)
}

// linked logs a link with the consent, and with its post.
func linked(ctx context.Context, tx *postgres.Tx, action string, c consent.Consent, to Thing, by people.Person) error {
	detail := map[string]any{"consent": c.Ref()}
	if to.Picture != "" {
		detail["picture"] = to.Picture
	}
	if to.Post != 0 {
		detail["post"] = to.Post
		if err := audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "post", ID: to.Post, Detail: map[string]any{"consent": c.Ref()}}); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "consent", ID: c.ID, Detail: detail})
}

// Remove ends a link that was a mistake. What is approved and shows the thing goes before reviewers again, which the database sees to.
func Remove(ctx context.Context, tx *postgres.Tx, id, link int64, by people.Person, now time.Time) error {
	if err := consent.Keeper(by); err != nil {
		return err
	}
	c, err := consent.Lock(ctx, tx, id)
	if err != nil {
		return err
	}
	links, err := Links(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, l := range links {
		if l.ID != link {
			continue
		}
		if _, err := tx.ExecContext(ctx, sqlUnlink, id, link, now, by.ID); err != nil {
			return fmt.Errorf("end link %d of consent %d: %w", link, id, err)
		}
		return linked(ctx, tx, "consent.unlinked", c, Thing{Picture: l.Picture, Post: l.Post}, by)
	}
	return fault.New(fault.Conflict, "Consent %s is not linked to that any more.", c.Ref())
}

// Links returns what a consent is linked to.
func Links(ctx context.Context, q postgres.Querier, id int64) ([]Link, error) {
	var list []Link
	if err := q.SelectContext(ctx, &list, sqlLinks, id); err != nil {
		return nil, fmt.Errorf("list what consent %d is linked to: %w", id, err)
	}
	return list, nil
}

const (
	sqlMark = `
INSERT INTO post_people (post_id, person_id, at)
VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING`

	sqlUnmark = `
UPDATE post_people
SET ended_at = $2, ended_by = $3
WHERE post_id = $1
  AND ended_at IS NULL`
)

// Mark says that a post shows, names or quotes a person: from now on it needs a consent. It reports whether that is new. Who may answer
// the questions of the rules may say so.
func Mark(ctx context.Context, tx *postgres.Tx, post int64, by people.Person, now time.Time) (bool, error) {
	if !by.May(people.RuleAnswer) {
		return false, fault.New(fault.Forbidden, "Your role does not allow saying that a post shows a person. Tell an editor or the safeguarding lead.")
	}
	return change(ctx, tx, "post.shows_person", sqlMark, post, by, post, by.ID, now)
}

// Unmark says that a post shows, names and quotes nobody after all. Only safeguarding leads may.
func Unmark(ctx context.Context, tx *postgres.Tx, post int64, by people.Person, now time.Time) (bool, error) {
	if err := consent.Keeper(by); err != nil {
		return false, err
	}
	return change(ctx, tx, "post.shows_nobody", sqlUnmark, post, by, post, now, by.ID)
}

const sqlUnmarkPicture = `
UPDATE pictures
SET shows_person = false, version = version + 1
WHERE sha256 = decode($1, 'hex')
  AND shows_person`

// UnmarkPicture says that a picture shows nobody after all. Only safeguarding leads may.
func UnmarkPicture(ctx context.Context, tx *postgres.Tx, sum string, by people.Person) error {
	if err := consent.Keeper(by); err != nil {
		return err
	}
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != 32 {
		return fault.New(fault.NotFound, "There is no picture with that address.")
	}
	res, err := tx.ExecContext(ctx, sqlUnmarkPicture, sum)
	if err != nil {
		return fmt.Errorf("say that picture %s shows nobody: %w", sum, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "picture.shows_nobody", Kind: "picture", Detail: map[string]any{"picture": sum}})
}

func change(ctx context.Context, tx *postgres.Tx, action, statement string, post int64, by people.Person, args ...any) (bool, error) {
	res, err := tx.ExecContext(ctx, statement, args...)
	if postgres.Constraint(err) == "post_people_post_id_fkey" {
		return false, fault.New(fault.NotFound, "There is no post %d.", post)
	}
	if err != nil {
		return false, fmt.Errorf("say whether post %d shows a person: %w", post, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: action, Kind: "post", ID: post})
}
