// Package replan is the part of the book that planning writes again and again: editions, the versions of posts that follow
// their campaign file, offers of the file's words, deliveries that move, go and come back, tasks, themes and announced dates.
//
// Everything here is a plain write inside the caller's transaction; what ought to follow, move or go is decided in
// internal/flow/plan. A delivery that is on the wire, or may be out, is never touched. Writing what is so already writes
// nothing, not even an audit entry.
package replan

import (
	"context"
	"fmt"

	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// Post is a post of an edition with what planning must know to let it follow its file.
type Post struct {
	ID      int64
	Message string
	Current post.Source
	Touched bool         // a person wrote a version
	Words   *post.Source // the last version by planning before the first of a person; nil when planning did not make the post
	Laid    *post.Source // the last version by planning: its time is the one that planning gave
	Asked   []Asked      // offers made so far
}

// Asked is an offer that was made, by the hash of its words in hex.
type Asked struct {
	ID     int64
	Post   int64
	SHA256 string
	State  OfferState
	Last   bool // the latest that was answered
}

// No key of the posts is touched by this, so that queue rows can come and go meanwhile. Reading is a statement of its own: one that
// waited for the lock would see the posts as they are now beside the revisions as they were, and leave out what was just edited.
const sqlLockPosts = `
SELECT id
FROM posts
WHERE edition_id = $1
ORDER BY id
FOR NO KEY UPDATE`

const sqlPosts = `
SELECT p.id, p.message, r.body,
  EXISTS (SELECT 1 FROM revisions w WHERE w.post_id = p.id AND w.origin = 'person') AS touched,
  (SELECT w.body FROM revisions w
    WHERE w.post_id = p.id AND w.origin = 'plan'
      AND NOT EXISTS (SELECT 1 FROM revisions e WHERE e.post_id = p.id AND e.origin = 'person' AND e.no < w.no)
    ORDER BY w.no DESC LIMIT 1) AS words,
  (SELECT w.body FROM revisions w WHERE w.post_id = p.id AND w.origin = 'plan' ORDER BY w.no DESC LIMIT 1) AS laid
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.edition_id = $1
ORDER BY p.id`

const sqlAsked = `
SELECT o.id, o.post_id, encode(o.sha256, 'hex') AS sha256, o.state,
  o.answered_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM offers n WHERE n.post_id = o.post_id AND (n.answered_at, n.id) > (o.answered_at, o.id)
  ) AS last
FROM offers o
JOIN posts p ON p.id = o.post_id
WHERE p.edition_id = $1
ORDER BY o.id`

// Posts locks the posts of an edition against edits until the transaction ends, and returns them.
func Posts(ctx context.Context, tx *postgres.Tx, edition int64) ([]Post, error) {
	var rows []struct {
		ID      int64  `db:"id"`
		Message string `db:"message"`
		Body    []byte `db:"body"`
		Touched bool   `db:"touched"`
		Words   []byte `db:"words"`
		Laid    []byte `db:"laid"`
	}
	var locked []int64
	if err := tx.SelectContext(ctx, &locked, sqlLockPosts, edition); err != nil {
		return nil, fmt.Errorf("lock the posts of edition %d: %w", edition, err)
	}
	if err := tx.SelectContext(ctx, &rows, sqlPosts, edition); err != nil {
		return nil, fmt.Errorf("read the posts of edition %d: %w", edition, err)
	}
	var asked []struct {
		ID     int64      `db:"id"`
		Post   int64      `db:"post_id"`
		SHA256 string     `db:"sha256"`
		State  OfferState `db:"state"`
		Last   bool       `db:"last"`
	}
	if err := tx.SelectContext(ctx, &asked, sqlAsked, edition); err != nil {
		return nil, fmt.Errorf("read the offers of edition %d: %w", edition, err)
	}
	list := make([]Post, len(rows))
	at := make(map[int64]*Post, len(rows))
	for i, row := range rows {
		current, err := post.ReadSource(row.Body)
		if err != nil {
			return nil, fmt.Errorf("post %d: %w", row.ID, err)
		}
		p := Post{ID: row.ID, Message: row.Message, Current: current, Touched: row.Touched}
		if p.Words, err = maybe(row.Words); err != nil {
			return nil, fmt.Errorf("post %d: %w", row.ID, err)
		}
		if p.Laid, err = maybe(row.Laid); err != nil {
			return nil, fmt.Errorf("post %d: %w", row.ID, err)
		}
		list[i] = p
		at[row.ID] = &list[i]
	}
	for _, a := range asked {
		at[a.Post].Asked = append(at[a.Post].Asked, Asked(a))
	}
	return list, nil
}

// maybe reads a source where there is one.
func maybe(body []byte) (*post.Source, error) {
	if body == nil {
		return nil, nil
	}
	s, err := post.ReadSource(body)
	if err != nil {
		return nil, err
	}
	return &s, nil
}

// Follow writes a version that planning made, of a post that [Posts] locked. What was scheduled goes back to held.
func Follow(ctx context.Context, tx *postgres.Tx, postID int64, source post.Source, by int64) error {
	revision, err := book.AddRevision(ctx, tx, postID, source, by, book.FromPlan)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "post.followed", Kind: "post", ID: postID, Detail: map[string]any{"revision": revision},
	})
}

const sqlExplain = `
UPDATE deliveries
SET hold = 'edited', problem = $2
WHERE post_id = $1
  AND state = 'held'
  AND hold IN ('approval', 'edited')`

// Renew writes the current words of a post again, because the value of a token in them changed: whatever was put before
// reviewers, or approved, is so no longer. Each delivery that waits says why.
func Renew(ctx context.Context, tx *postgres.Tx, postID int64, why string, author, by int64) error {
	locked, err := book.Lock(ctx, tx, postID)
	if err != nil {
		return err
	}
	revision, err := book.AddRevision(ctx, tx, postID, locked.Source, author, book.FromValue)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, sqlExplain, postID, why); err != nil {
		return fmt.Errorf("say why post %d waits: %w", postID, err)
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "post.renewed", Kind: "post", ID: postID, Detail: map[string]any{"revision": revision, "why": why},
	})
}
