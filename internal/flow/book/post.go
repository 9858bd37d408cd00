package book

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book/link"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Draft is a post about to be written into the book.
type Draft struct {
	Edition   int64 // 0 for a post that stands alone
	Rehearsal bool  // as its edition
	Planned   bool  // laid from a campaign file; else somebody wrote it
	Source    post.Source
}

// Origin says where a version of a post comes from.
type Origin string

// The origins of a version.
const (
	FromPlan   Origin = "plan"   // laid from a campaign file
	FromPerson Origin = "person" // somebody wrote it; from then on the post no longer follows its file by itself
	FromValue  Origin = "value"  // the same words again, because the value of a token in them changed
)

const sqlInsertPost = `
INSERT INTO posts (edition_id, rehearsal, message)
VALUES (nullif($1::bigint, 0), $2, $3)
RETURNING id`

const sqlInsertRevision = `
INSERT INTO revisions (post_id, no, author_id, body, sha256, origin)
SELECT $1, coalesce(max(no), 0) + 1, $2, $3, $4, $5
FROM revisions
WHERE post_id = $1
RETURNING id`

// The lock is a statement of its own: one that waited for it would see the post as it is now, beside the revisions as they were
// when it began to wait, and so miss the newest.
const (
	sqlLockPost = `
SELECT id
FROM posts
WHERE id = $1
FOR UPDATE`

	sqlLockedPost = `
SELECT p.version, p.current_revision AS revision, r.body
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.id = $1`
)

// AddPost writes a new post with its first revision and returns its id.
func AddPost(ctx context.Context, tx *postgres.Tx, draft Draft, author int64) (int64, error) {
	var id int64
	if err := tx.GetContext(ctx, &id, sqlInsertPost, draft.Edition, draft.Rehearsal, draft.Source.Message); err != nil {
		return 0, fmt.Errorf("add post %q: %w", draft.Source.Message, err)
	}
	origin, action := FromPerson, "post.written"
	if draft.Planned {
		origin, action = FromPlan, "post.planned"
	}
	if _, err := AddRevision(ctx, tx, id, draft.Source, author, origin); err != nil {
		return 0, err
	}
	return id, audit.Write(ctx, tx, audit.Entry{
		Person: author, Action: action, Kind: "post", ID: id,
		Detail: map[string]any{"message": draft.Source.Message},
	})
}

// Locked is a post that this transaction has locked: nobody else changes it until the transaction ends.
type Locked struct {
	ID       int64
	Version  int
	Revision int64
	Source   post.Source
}

// Lock locks a post against edits, submissions and scheduling and returns its current source.
func Lock(ctx context.Context, tx *postgres.Tx, id int64) (Locked, error) {
	var row struct {
		Version  int    `db:"version"`
		Revision int64  `db:"revision"`
		Body     []byte `db:"body"`
	}
	var locked int64
	if err := tx.GetContext(ctx, &locked, sqlLockPost, id); err != nil {
		return Locked{}, notFound(err, "There is no post %d.", id)
	}
	if err := tx.GetContext(ctx, &row, sqlLockedPost, id); err != nil {
		return Locked{}, fmt.Errorf("read post %d: %w", id, err)
	}
	source, err := post.ReadSource(row.Body)
	if err != nil {
		return Locked{}, fmt.Errorf("post %d: %w", id, err)
	}
	return Locked{ID: id, Version: row.Version, Revision: row.Revision, Source: source}, nil
}

// Revise writes a new version of a post. It is refused with a Conflict when the post has moved on from the version that the
// author read. Every scheduled delivery of the post goes back to held in the same transaction, by the database.
func Revise(ctx context.Context, tx *postgres.Tx, id int64, read int, source post.Source, author int64) (int64, error) {
	locked, err := Lock(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if locked.Version != read {
		return 0, fault.New(fault.Conflict, "Somebody changed this post while you were editing. Nothing of yours is lost: compare both and save again.")
	}
	source.Message = locked.Source.Message
	revision, err := AddRevision(ctx, tx, id, source, author, FromPerson)
	if err != nil {
		return 0, err
	}
	return revision, audit.Write(ctx, tx, audit.Entry{
		Person: author, Action: "post.edited", Kind: "post", ID: id,
		Detail: map[string]any{"revision": revision},
	})
}

// AddRevision writes a new version of a post that this transaction has locked, or has just made, and returns its id. The
// database puts every scheduled delivery of the post back to held. The caller writes the audit entry.
func AddRevision(ctx context.Context, tx *postgres.Tx, postID int64, source post.Source, author int64, origin Origin) (int64, error) {
	body, sum, err := post.Canonical(source)
	if err != nil {
		return 0, err
	}
	var id int64
	if err := tx.GetContext(ctx, &id, sqlInsertRevision, postID, author, body, sum[:], string(origin)); err != nil {
		if refusedAs(err, "revision_pictures_sha256_fkey") {
			return 0, fault.Wrap(fault.Conflict, err, "A picture of this post is not in the library any more. Choose another one.")
		}
		return 0, fmt.Errorf("add revision to post %d: %w", postID, err)
	}
	return id, nil
}

// Submission is what is put before reviewers: the current revision of a post in one language.
type Submission struct {
	Post      int64
	Revision  int64
	Language  string
	Approvals int // how many people must approve: only those that count, see the function counted_approvals
	By        int64
	Sensitive bool
	Roles     []string  // each is to be the role of somebody who approves
	Own       bool      // its author may approve it after a while
	ApproveBy time.Time // product time; later it may be too late to mend anything
}

const sqlInsertSubmission = `
INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by, sensitive, roles_needed, reader, own, approve_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, true, $8, $9)
RETURNING id`

const sqlInsertRelease = `
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING id`

const sqlInsertReleaseHelpline = `
INSERT INTO release_helplines (release_id, helpline_id, version)
VALUES ($1, $2, $3)`

// AddSubmission writes a submission with the final content of each of its deliveries, and returns its id.
func AddSubmission(ctx context.Context, tx *postgres.Tx, s Submission, finals map[int64]post.Final) (int64, error) {
	var id int64
	if s.Roles == nil {
		s.Roles = []string{}
	}
	if err := tx.GetContext(ctx, &id, sqlInsertSubmission, s.Post, s.Revision, s.Language, s.Approvals, s.By, s.Sensitive, pq.Array(s.Roles),
		s.Own, sql.NullTime{Time: s.ApproveBy, Valid: !s.ApproveBy.IsZero()}); err != nil {
		return 0, fmt.Errorf("submit post %d in %s: %w", s.Post, s.Language, err)
	}
	for delivery, final := range finals {
		body, sum, err := post.Canonical(final)
		if err != nil {
			return 0, err
		}
		var release int64
		if err := tx.GetContext(ctx, &release, sqlInsertRelease, delivery, id, s.Post, s.Revision, final.Channel, s.Language,
			final.DueAt, final.NotAfter, body, sum[:]); refusedAs(err, "consented") {
			return 0, unconsented(err)
		} else if err != nil {
			return 0, fmt.Errorf("add release of delivery %d: %w", delivery, err)
		}
		if err := link.Add(ctx, tx, final); err != nil {
			return 0, err
		}
		for _, line := range final.Helplines {
			_, err := tx.ExecContext(ctx, sqlInsertReleaseHelpline, release, line.ID, line.Version)
			switch {
			case refusedAs(err, "offered_as_support"):
				return 0, fault.Wrap(fault.Conflict, err, "The helpline %s changed a moment ago. Send the post for review again.", line.ID)
			case refusedAs(err, "invented_stays"):
				return 0, fault.Wrap(fault.Forbidden, err, "The helpline %s is invented; it is shown in the sandbox only.", line.ID)
			case err != nil:
				return 0, fmt.Errorf("add a helpline to release %d: %w", release, err)
			}
		}
	}
	return id, audit.Write(ctx, tx, audit.Entry{
		Person: s.By, Action: "post.submitted", Kind: "post", ID: s.Post,
		Detail: map[string]any{"submission": id, "language": s.Language, "places": len(finals)},
	})
}

// unhex reads a SHA-256 written in hex.
func unhex(sum string) ([]byte, error) {
	b, err := hex.DecodeString(sum)
	if err != nil || len(b) != 32 {
		return nil, fault.New(fault.NotFound, "There is no picture with that address.")
	}
	return b, nil
}
