// Package booktest builds rows of the book of posts for tests: people, channels, an edition, its posts and their deliveries
// in any state up to published.
//
// Everything goes the way the product's own statements go, as the role that the database given has, past every trigger and
// constraint: a delivery is published only after a submission, a release, two verdicts, a clearance, the queue, an intent,
// an attempt and a copy. It talks to no network and is never part of the binary.
package booktest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/postgres"
)

// Due is the instant at which deliveries fall due unless a test says otherwise: 30 July 2027, 09:00 UTC.
var Due = time.Date(2027, 7, 30, 9, 0, 0, 0, time.UTC)

// Book is an edition in a test database with the people who work on it. Its methods fail the test instead of returning
// errors.
type Book struct {
	Edition   int64
	Campaign  string
	Year      int
	Author    int64    // an editor, who wrote every post
	Reviewers [2]int64 // both approve what is scheduled

	t        testing.TB
	db       *postgres.DB
	pictures map[int64]string // by delivery
}

// New makes an edition of the July 30 campaign in 2027. A database takes one Book.
func New(t testing.TB, db *postgres.DB) *Book {
	t.Helper()
	b := &Book{Campaign: "july-30", Year: 2027, t: t, db: db, pictures: map[int64]string{}}
	b.Author = b.person("writer@example.org", "Wren Writer", "editor")
	b.Reviewers[0] = b.person("ana@example.org", "Ana Approver", "reviewer")
	b.Reviewers[1] = b.person("omar@example.org", "Omar Approver", "safeguarding")
	b.one(new(string), `
INSERT INTO campaigns (id, observance, title, body, sha256, loaded_by, loaded_at)
VALUES ($1, '{"id": "july-30"}', '{"en": "World Day Against Trafficking in Persons"}', '{}', sha256('{}'), $2, $3)
RETURNING id`, b.Campaign, b.Author, Due.AddDate(0, -3, 0))
	b.Edition = b.id(`
INSERT INTO editions (campaign_id, year, first_day, last_day)
VALUES ($1, $2, '2027-07-30', '2027-07-30')
RETURNING id`, b.Campaign, b.Year)
	return b
}

// Join makes a Book of an edition that is there already, whose posts somebody who is there writes.
func Join(t testing.TB, db *postgres.DB, edition int64, campaign string, author int64) *Book {
	t.Helper()
	b := &Book{Edition: edition, Campaign: campaign, Author: author, t: t, db: db, pictures: map[int64]string{}}
	b.Reviewers[0] = b.person("ana@example.org", "Ana Approver", "reviewer")
	b.Reviewers[1] = b.person("omar@example.org", "Omar Approver", "safeguarding")
	return b
}

// Published makes a Book with one channel and n published deliveries, each of its own post, due and out at [Due].
func Published(t testing.TB, db *postgres.DB, n int) (*Book, []int64) {
	t.Helper()
	b := New(t, db)
	channel := b.Channel(Channel{})
	list := make([]int64, n)
	for i := range list {
		list[i] = b.Deliver(Delivery{Post: b.Post(fmt.Sprintf("message-%d", i+1)), Channel: channel})
		b.Publish(list[i], Due)
	}
	return b, list
}

// Channel describes a channel; zero fields get good values.
type Channel struct {
	Platform  string // "mastodon"
	Handle    string // one that no other channel has
	Name      string // the handle without its sign
	Zone      string // "Etc/UTC"
	Languages []string
}

// Channel makes a sandbox channel and returns its id.
func (b *Book) Channel(c Channel) int64 {
	b.t.Helper()
	var before int
	b.one(&before, `SELECT count(*) FROM channels`)
	c.Platform = or(c.Platform, "mastodon")
	c.Handle = or(c.Handle, fmt.Sprintf("@charity%d@127.0.0.1", before+1))
	c.Name = or(c.Name, strings.TrimPrefix(c.Handle, "@"))
	c.Zone = or(c.Zone, "Etc/UTC")
	if len(c.Languages) == 0 {
		c.Languages = []string{"en"}
	}
	return b.id(`
INSERT INTO channels (platform, address, handle, remote_id, name, zone, languages, sandbox, sealed, key_id)
VALUES ($1, 'http://127.0.0.1:1', $2, $2, $3, $4, string_to_array($5, ','), true, '\x00', 'test')
RETURNING id`, c.Platform, c.Handle, c.Name, c.Zone, strings.Join(c.Languages, ","))
}

// Post makes a post of the edition with one revision by the author and returns its id.
func (b *Book) Post(message string) int64 {
	b.t.Helper()
	id := b.id(`
INSERT INTO posts (edition_id, message)
VALUES ($1, $2)
RETURNING id`, b.Edition, message)
	b.Revise(id, "Text of "+message)
	return id
}

// Revise writes a new revision of a post with the given English text and returns its id. Scheduled deliveries go back to held.
func (b *Book) Revise(postID int64, text string) int64 {
	b.t.Helper()
	var message string
	b.one(&message, `SELECT message FROM posts WHERE id = $1`, postID)
	body := b.canonical(post.Source{Message: message, Parts: []post.SourcePart{{Texts: map[string]string{"en": text}}}})
	return b.id(`
INSERT INTO revisions (post_id, no, author_id, body, sha256)
SELECT $1, count(*) + 1, $2, $3, sha256($3)
FROM revisions
WHERE post_id = $1
RETURNING id`, postID, b.Author, body)
}

// Delivery describes a delivery; zero fields get good values.
type Delivery struct {
	Post     int64
	Channel  int64
	Language string        // "en"
	Due      time.Time     // [Due]
	Window   time.Duration // three days
	Picture  string        // the hash of one that [Book.Picture] made; none
}

// Deliver makes a delivery, held for approval, and returns its id. Its civil time is that of the instant in the channel's zone.
func (b *Book) Deliver(d Delivery) int64 {
	b.t.Helper()
	if d.Due.IsZero() {
		d.Due = Due
	}
	if d.Window == 0 {
		d.Window = 72 * time.Hour
	}
	var name string
	b.one(&name, `SELECT zone FROM channels WHERE id = $1`, d.Channel)
	zone, err := time.LoadLocation(name)
	if err != nil {
		b.t.Fatalf("zone of channel %d: %v", d.Channel, err)
	}
	local := d.Due.In(zone)
	id := b.id(`
INSERT INTO deliveries (post_id, channel_id, language, due_date, due_clock, zone, due_at, not_after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id`, d.Post, d.Channel, or(d.Language, "en"), local.Format(time.DateOnly), local.Format(time.TimeOnly), name,
		d.Due, d.Due.Add(d.Window))
	if d.Picture != "" {
		b.pictures[id] = d.Picture
	}
	return id
}

// Picture stores a picture, which is none for a program that looks at it, and returns its hash.
func (b *Book) Picture(name string) string {
	b.t.Helper()
	var sum string
	b.one(&sum, `
INSERT INTO blobs (sha256, mime, width, height, bytes)
VALUES (sha256(convert_to($1, 'UTF8')), 'image/png', 1, 1, convert_to($1, 'UTF8'))
RETURNING encode(sha256, 'hex')`, name)
	return sum
}

func (b *Book) person(email, name, role string) int64 {
	b.t.Helper()
	return b.id(`
INSERT INTO people (email, name, role, languages)
VALUES ($1, $2, $3, '{en,fr,es,ar}')
RETURNING id`, email, name, role)
}

func (b *Book) canonical(v any) []byte {
	b.t.Helper()
	body, _, err := post.Canonical(v)
	if err != nil {
		b.t.Fatal(err)
	}
	return body
}

// id runs a statement that returns an id.
func (b *Book) id(query string, args ...any) int64 {
	b.t.Helper()
	var id int64
	b.one(&id, query, args...)
	return id
}

// one runs a statement that returns one row.
func (b *Book) one(dest any, query string, args ...any) {
	b.t.Helper()
	if err := b.db.GetContext(b.t.Context(), dest, query, args...); err != nil {
		b.t.Fatalf("build a test database: %v\n%s", err, query)
	}
}

// step is one statement of a transaction.
type step struct {
	query string
	args  []any
}

// inTx runs statements in one transaction; each must touch a row.
func (b *Book) inTx(steps ...step) {
	b.t.Helper()
	ctx := b.t.Context()
	err := b.db.InTx(ctx, func(tx *postgres.Tx) error { return run(ctx, tx, steps) })
	if err != nil {
		b.t.Fatalf("build a test database: %v", err)
	}
}

func run(ctx context.Context, tx *postgres.Tx, steps []step) error {
	for _, s := range steps {
		res, err := tx.ExecContext(ctx, s.query, s.args...)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, s.query)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("no row for the statement (%w)\n%s", err, s.query)
		}
	}
	return nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
