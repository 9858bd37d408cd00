// Package feed keeps the private addresses under which calendar programs ask for what a person may see.
//
// An address holds a token of which the database knows the hash only, so that it is shown once. It is good until its person takes it
// back, and worth nothing while the person may not log in. What a feed shows is read elsewhere, each time by what its person may see
// then: nothing of that is kept with the address.
package feed

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// Path is where feeds are asked for; the token follows, and then [Suffix].
const Path = "/feeds/"

// Suffix ends the address: some calendar programs take no other.
const Suffix = ".ics"

// Kind is what a feed shows.
type Kind string

// The kinds of feeds.
const (
	Observances Kind = "observances" // the days of the calendar
	Edition     Kind = "edition"     // the posts of one edition
	Posts       Kind = "posts"       // all posts
	Duties      Kind = "duties"      // what waits for the person's word, and tasks
)

// Kinds lists the kinds in the order of the pages.
func Kinds() []Kind { return []Kind{Observances, Posts, Duties, Edition} }

// Feed is one address.
type Feed struct {
	ID      int64         `db:"id"`
	Person  int64         `db:"person_id"`
	Kind    Kind          `db:"kind"`
	Edition sql.NullInt64 `db:"edition_id"`
	Name    string        `db:"name"`
	Made    time.Time     `db:"made_at"`
	Asked   sql.NullTime  `db:"asked_at"`
}

// maxFeeds is how many a person has at most, maxName how many characters a name.
const (
	maxFeeds = 20
	maxName  = 80
)

const sqlOpen = `
SELECT count(*)
FROM feeds
WHERE person_id = $1
  AND revoked_at IS NULL`

const sqlMake = `
INSERT INTO feeds (person_id, kind, edition_id, name, token)
VALUES ($1, $2, nullif($3::bigint, 0), $4, $5)
RETURNING id`

// Make makes a feed for a person and returns its token, which is to be shown once. edition is 0 but for [Edition].
func Make(ctx context.Context, tx *postgres.Tx, by people.Person, kind Kind, edition int64, name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	_, _, unsafe := text.FirstUnsafe(name)
	switch {
	case !by.May(people.PostRead):
		return "", fault.New(fault.Forbidden, "Your role does not allow calendar feeds.")
	case name == "":
		return "", fault.BadField("name", "is missing: say what uses the address, such as “My phone”")
	case utf8.RuneCountInString(name) > maxName || unsafe:
		return "", fault.BadField("name", "must be at most %d plain characters", maxName)
	case kind == Edition && edition == 0:
		return "", fault.BadField("edition", "choose one")
	case kind == Edition:
		if err := scope.Check(ctx, tx, by, scope.Edition, edition); err != nil {
			return "", err
		}
	case kind != Observances && kind != Posts && kind != Duties:
		return "", fault.BadField("kind", "choose one")
	default:
		edition = 0
	}
	var open int
	if err := tx.GetContext(ctx, &open, sqlOpen, by.ID); err != nil {
		return "", fmt.Errorf("count the feeds of person %d: %w", by.ID, err)
	}
	if open >= maxFeeds {
		return "", fault.New(fault.Conflict, "You have %d addresses already. Take one back that nothing uses any more.", maxFeeds)
	}
	secret := make([]byte, 32) // 256 bits
	_, _ = rand.Read(secret)   // it never fails
	token := base64.RawURLEncoding.EncodeToString(secret)
	var id int64
	err := tx.GetContext(ctx, &id, sqlMake, by.ID, kind, edition, name, hash(token))
	if postgres.Constraint(err) == "feeds_edition_id_fkey" {
		return "", fault.Wrap(fault.NotFound, err, "There is no such edition.")
	}
	if err != nil {
		return "", fmt.Errorf("make a feed: %w", err)
	}
	return token, audit.Write(ctx, tx, audit.Entry{
		Person: by.ID, Action: "feed.made", Kind: "feed", ID: id, Detail: map[string]any{"kind": string(kind), "name": name, "edition": edition},
	})
}

const sqlList = `
SELECT id, person_id, kind, edition_id, name, made_at, asked_at
FROM feeds
WHERE person_id = $1
  AND revoked_at IS NULL
ORDER BY made_at, id`

// List returns the feeds of a person that are good, the oldest first.
func List(ctx context.Context, q postgres.Querier, person int64) ([]Feed, error) {
	var list []Feed
	if err := q.SelectContext(ctx, &list, sqlList, person); err != nil {
		return nil, fmt.Errorf("list the feeds of person %d: %w", person, err)
	}
	return list, nil
}

const sqlRevoke = `
UPDATE feeds
SET revoked_at = clock_timestamp()
WHERE id = $1
  AND person_id = $2
  AND revoked_at IS NULL`

// Revoke takes one of a person's own feeds back. Somebody else's is not there for them.
func Revoke(ctx context.Context, tx *postgres.Tx, by people.Person, id int64) error {
	res, err := tx.ExecContext(ctx, sqlRevoke, id, by.ID)
	if err != nil {
		return fmt.Errorf("take feed %d back: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fault.Wrap(fault.NotFound, err, "There is no such address any more.")
	}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "feed.revoked", Kind: "feed", ID: id})
}

const sqlByToken = `
SELECT id, person_id, kind, edition_id, name, made_at, asked_at
FROM feeds
WHERE token = $1
  AND revoked_at IS NULL`

// A program asks often; it is enough to know the hour.
const sqlAsked = `
UPDATE feeds
SET asked_at = date_trunc('hour', clock_timestamp())
WHERE id = $1
  AND asked_at IS DISTINCT FROM date_trunc('hour', clock_timestamp())`

// Find returns the feed of a token with its person as they are now. It is NotFound when the address was never made or was taken back,
// and when its person is disabled, past the end of their access, or may not read posts any more.
func Find(ctx context.Context, q postgres.Querier, token string) (Feed, people.Person, error) {
	var f Feed
	err := q.GetContext(ctx, &f, sqlByToken, hash(token))
	if errors.Is(err, sql.ErrNoRows) {
		return f, people.Person{}, fault.New(fault.NotFound, "There is no such feed.")
	}
	if err != nil {
		return f, people.Person{}, fmt.Errorf("look for a feed: %w", err)
	}
	person, err := people.ByID(ctx, q, f.Person)
	if err != nil {
		return f, person, err
	}
	if !person.May(people.PostRead) {
		return f, people.Person{}, fault.New(fault.NotFound, "There is no such feed.")
	}
	if f.Kind == Edition {
		if err := scope.Check(ctx, q, person, scope.Edition, f.Edition.Int64); err != nil {
			return f, people.Person{}, err
		}
	}
	if _, err := q.ExecContext(ctx, sqlAsked, f.ID); err != nil {
		return f, people.Person{}, fmt.Errorf("note that feed %d was asked for: %w", f.ID, err)
	}
	return f, person, nil
}

// hash is what is kept of a token. It is random and long, so that a plain hash cannot be turned back.
func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
