// Package kept keeps what people have typed into posts and not saved yet: their working copies, one for each person and post.
//
// What was typed is a form of face/web, which this package does not read. A working copy is its author's alone: others see that it is
// there, and since when.
package kept

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// maxCopy is how many bytes a working copy may have.
const maxCopy = 2 << 20

// Copy is what somebody has typed and not saved yet.
type Copy struct {
	ID     int64     `db:"id"`
	Post   int64     `db:"post"` // 0 for a post that has not been written
	Person string    `db:"person"`
	Base   int       `db:"base"` // the version that it began from; 0 for a new post
	No     int       `db:"no"`   // grows each time it is kept
	Body   []byte    `db:"body"` // the form as it was filled in
	Begun  time.Time `db:"begun_at"`
	At     time.Time `db:"at"` // real time
}

const sqlOwn = `
SELECT c.id, coalesce(c.post_id, 0) AS post, p.name AS person, c.base, c.no, c.body, c.begun_at, c.at
FROM working_copies c
JOIN people p ON p.id = c.person_id
WHERE c.person_id = $1
  AND ((c.post_id = $2) OR ($2 = 0 AND c.post_id IS NULL AND c.id = $3))`

const sqlNew = `
SELECT c.id, 0 AS post, p.name AS person, c.base, c.no, c.body, c.begun_at, c.at
FROM working_copies c
JOIN people p ON p.id = c.person_id
WHERE c.person_id = $1
  AND c.post_id IS NULL
ORDER BY c.at DESC
LIMIT $2`

const sqlOthers = `
SELECT c.id, c.post_id AS post, p.name AS person, c.base, c.no, ''::bytea AS body, c.begun_at, c.at
FROM working_copies c
JOIN people p ON p.id = c.person_id
WHERE c.post_id = $1
  AND c.person_id <> $2
ORDER BY c.begun_at, c.id`

// Own returns what a person has typed into a post; with post 0, their copy of that id of a post that has not been written. It is false
// where there is none.
func Own(ctx context.Context, q postgres.Querier, by people.Person, post, id int64) (Copy, bool, error) {
	var c Copy
	err := q.GetContext(ctx, &c, sqlOwn, by.ID, post, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Copy{}, false, nil
	}
	if err != nil {
		return Copy{}, false, fmt.Errorf("read the working copy of post %d: %w", post, err)
	}
	return c, true, nil
}

// mostNew is how many posts that a person has begun are offered to go on with.
const mostNew = 10

// New returns the posts that a person has begun and not written, the latest first.
func New(ctx context.Context, q postgres.Querier, by people.Person) ([]Copy, error) {
	var list []Copy
	if err := q.SelectContext(ctx, &list, sqlNew, by.ID, mostNew); err != nil {
		return nil, fmt.Errorf("list the posts that person %d has begun: %w", by.ID, err)
	}
	return list, nil
}

// Others returns who else has typed something into a post and not saved it, without what they typed.
func Others(ctx context.Context, q postgres.Querier, by people.Person, post int64) ([]Copy, error) {
	if post == 0 {
		return nil, nil
	}
	var list []Copy
	if err := q.SelectContext(ctx, &list, sqlOthers, post, by.ID); err != nil {
		return nil, fmt.Errorf("look who else edits post %d: %w", post, err)
	}
	return list, nil
}

const sqlKeepFirst = `
INSERT INTO working_copies (person_id, post_id, base, body)
VALUES ($1, nullif($2::bigint, 0), $3, $4)
ON CONFLICT (post_id, person_id) DO NOTHING
RETURNING id, no, begun_at, at`

const sqlKeep = `
UPDATE working_copies
SET base = $4, body = $5, no = no + 1, at = clock_timestamp()
WHERE id = $1
  AND person_id = $2
  AND no = $3
RETURNING id, no, begun_at, at`

const sqlKeepOver = `
INSERT INTO working_copies (person_id, post_id, base, body)
VALUES ($1, $2, $3, $4)
ON CONFLICT (post_id, person_id) DO UPDATE
SET base = excluded.base, body = excluded.body, no = working_copies.no + 1, at = clock_timestamp()
RETURNING id, no, begun_at, at`

// Keep keeps what somebody has typed, and returns the copy with its id, its number and its time. It is refused with a Conflict when
// another window of theirs has kept something else meanwhile, or saved it; over keeps it all the same, in place of that.
func Keep(ctx context.Context, tx *postgres.Tx, c Copy, by people.Person, over bool) (Copy, error) {
	switch {
	case !by.May(people.PostEdit), c.Post == 0 && !by.May(people.PostWrite):
		return Copy{}, fault.New(fault.Forbidden, "Your role does not allow writing posts.")
	case len(c.Body) > maxCopy:
		return Copy{}, fault.New(fault.Invalid, "This is too long to be kept. Shorten it; it is still in the field.")
	}
	if c.Post != 0 {
		if err := scope.Whole(ctx, tx, by, scope.Post, c.Post); err != nil {
			return Copy{}, err
		}
	}
	var err error
	switch {
	case over && c.Post != 0:
		err = tx.GetContext(ctx, &c, sqlKeepOver, by.ID, c.Post, c.Base, c.Body)
	case c.ID == 0 || over:
		err = tx.GetContext(ctx, &c, sqlKeepFirst, by.ID, c.Post, c.Base, c.Body)
	default:
		err = tx.GetContext(ctx, &c, sqlKeep, c.ID, by.ID, c.No, c.Base, c.Body)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Copy{}, fault.New(fault.Conflict, "This post is open in another window of yours, which kept or saved something else. What you typed here is still here.")
	case err != nil:
		return Copy{}, fmt.Errorf("keep the working copy of post %d: %w", c.Post, err)
	}
	return c, nil
}

const sqlDrop = `
DELETE FROM working_copies
WHERE person_id = $1
  AND (post_id = $2 OR ($2 = 0 AND post_id IS NULL AND id = $3))`

// Drop removes what a person has typed into a post and not saved; with post 0, their copy of that id.
func Drop(ctx context.Context, tx *postgres.Tx, by people.Person, post, id int64) error {
	if _, err := tx.ExecContext(ctx, sqlDrop, by.ID, post, id); err != nil {
		return fmt.Errorf("remove the working copy of post %d: %w", post, err)
	}
	return nil
}
