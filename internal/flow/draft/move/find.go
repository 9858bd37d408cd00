// Package move gives posts another time: a whole post with every place that waits, or one of its places.
//
// [Find] reads a post, [Lay] says without changing anything what a [Change] would do, and [Post] and [Place] do it in the caller's
// transaction. What was approved, or is before reviewers, was so for the old time: it waits for a new approval then. The package
// moves nothing that is out, may be out or is on its way, and leaves to internal/flow/dispatch/decide what waits for a person's word.
// It sends nothing for review.
package move

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/postgres"
)

// Spot is a place of a post: one account in one language, with its time.
type Spot struct {
	Delivery int64       `db:"delivery"`
	Channel  int64       `db:"channel"`
	Handle   string      `db:"handle"`
	Platform string      `db:"platform"`
	Home     string      `db:"home"` // the channel's zone
	Language string      `db:"language"`
	Date     civil.Date  `db:"due_date"`
	Clock    civil.Clock `db:"due_clock"`
	Zone     string      `db:"zone"` // whose clock it is
	DueAt    time.Time   `db:"due_at"`
	NotAfter time.Time   `db:"not_after"`
	State    post.State  `db:"state"`
	Hold     post.Hold   `db:"hold"`
	Begun    bool        `db:"begun"`  // some of it is out, or was, or may be
	Asked    bool        `db:"asked"`  // it is before reviewers for this time
	Prompt   bool        `db:"prompt"` // it was to go out as soon as it is approved
}

// Waits reports whether the spot can move: it is neither out nor on its way, never may be out, and waits for no decision.
func (s Spot) Waits() bool {
	if s.Begun {
		return false
	}
	return s.State == post.Scheduled || (s.State == post.Held && s.Hold != post.ForDecision)
}

// Approved reports whether the spot goes out by itself as things are.
func (s Spot) Approved() bool { return s.State == post.Scheduled }

// Found is a post with what moving it needs.
type Found struct {
	ID       int64
	Edition  int64
	Message  string
	Kind     string
	Version  int
	Language string // of the first spot, for naming it
	Source   post.Source
	Spots    []Spot // all but those that do not go out, the earliest first
}

// Fixed returns the zone of a post that goes out everywhere at one instant, or nothing when each place has its own clock.
func (f Found) Fixed() string { return f.Source.When.Zone }

// First returns the civil time of the first spot that can move; without one, that of the first spot.
func (f Found) First() (civil.Date, civil.Clock) {
	for _, s := range f.Spots {
		if s.Waits() {
			return s.Date, s.Clock
		}
	}
	if len(f.Spots) > 0 {
		return f.Spots[0].Date, f.Spots[0].Clock
	}
	return civil.Date{}, civil.Clock{}
}

const sqlSpots = `
SELECT d.id AS delivery, d.channel_id AS channel, c.handle, c.platform, c.zone AS home, d.language, d.due_date, d.due_clock, d.zone, d.due_at,
  d.not_after, s.state, coalesce(d.hold, '') AS hold, d.prompt,
  EXISTS (SELECT 1 FROM copies k WHERE k.delivery_id = d.id)
    OR EXISTS (
      SELECT 1
      FROM attempts a
      WHERE a.delivery_id = d.id
        AND (a.outcome IS NULL OR (a.outcome IN ('unknown', 'lost') AND a.finding IS DISTINCT FROM 'absent'))) AS begun,
  d.state = 'held' AND EXISTS (
    SELECT 1
    FROM releases r
    JOIN submissions n ON n.id = r.submission_id
    WHERE r.delivery_id = d.id
      AND r.due_at = d.due_at
      AND r.revision_id = p.current_revision
      AND NOT EXISTS (SELECT 1 FROM submissions l WHERE l.post_id = n.post_id AND l.language = n.language AND l.id > n.id)
      AND NOT EXISTS (SELECT 1 FROM clearances x WHERE x.submission_id = n.id)) AS asked
FROM deliveries d
JOIN delivery_states s ON s.delivery_id = d.id
JOIN posts p ON p.id = d.post_id
JOIN channels c ON c.id = d.channel_id
WHERE d.post_id = $1
  AND d.state <> 'cancelled'
ORDER BY d.due_at, d.channel_id, d.language`

const sqlPost = `
SELECT p.id, coalesce(p.edition_id, 0) AS edition, p.message, p.version, r.body
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.id = $1`

const sqlPostOf = `
SELECT post_id
FROM deliveries
WHERE id = $1`

// Find reads a post.
func Find(ctx context.Context, q postgres.Querier, id int64) (Found, error) {
	var rows []struct {
		ID      int64  `db:"id"`
		Edition int64  `db:"edition"`
		Message string `db:"message"`
		Version int    `db:"version"`
		Body    []byte `db:"body"`
	}
	if err := q.SelectContext(ctx, &rows, sqlPost, id); err != nil {
		return Found{}, fmt.Errorf("read post %d: %w", id, err)
	}
	if len(rows) == 0 {
		return Found{}, fault.New(fault.NotFound, "There is no post %d.", id)
	}
	source, err := post.ReadSource(rows[0].Body)
	if err != nil {
		return Found{}, fmt.Errorf("post %d: %w", id, err)
	}
	f := Found{ID: id, Edition: rows[0].Edition, Message: rows[0].Message, Kind: source.Kind, Version: rows[0].Version, Source: source}
	if err := q.SelectContext(ctx, &f.Spots, sqlSpots, id); err != nil {
		return Found{}, fmt.Errorf("read the places of post %d: %w", id, err)
	}
	if len(f.Spots) > 0 {
		f.Language = f.Spots[0].Language
	}
	return f, nil
}

// PostOf returns the post of a delivery.
func PostOf(ctx context.Context, q postgres.Querier, delivery int64) (int64, error) {
	var ids []int64
	if err := q.SelectContext(ctx, &ids, sqlPostOf, delivery); err != nil {
		return 0, fmt.Errorf("look for delivery %d: %w", delivery, err)
	}
	if len(ids) == 0 {
		return 0, fault.New(fault.NotFound, "There is no delivery %d.", delivery)
	}
	return ids[0], nil
}

// locked locks a post and reads it.
func locked(ctx context.Context, tx *postgres.Tx, id int64, read int) (Found, error) {
	lock, err := book.Lock(ctx, tx, id)
	if err != nil {
		return Found{}, err
	}
	if lock.Version != read {
		return Found{}, moved()
	}
	return Find(ctx, tx, id)
}

// moved is what somebody is told who moves a post that is no longer as they saw it.
func moved() error {
	return fault.New(fault.Conflict, "Somebody changed this post meanwhile. Look at it again, then move it.")
}
