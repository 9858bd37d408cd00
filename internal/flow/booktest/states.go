package booktest

import (
	"fmt"
	"time"

	"daymark/internal/core/post"
)

// Submit puts held deliveries of one post in one language before the reviewers and returns the submission.
func (b *Book) Submit(deliveries ...int64) int64 {
	b.t.Helper()
	if len(deliveries) == 0 {
		b.t.Fatal("Submit needs a delivery")
	}
	submission := b.id(`
INSERT INTO submissions (post_id, revision_id, language, approvals_needed, submitted_by)
SELECT d.post_id, p.current_revision, d.language, 2, $2
FROM deliveries d
JOIN posts p ON p.id = d.post_id
WHERE d.id = $1
RETURNING id`, deliveries[0], b.Author)
	for _, d := range deliveries {
		b.id(`
INSERT INTO releases (delivery_id, submission_id, post_id, revision_id, channel_id, language, due_at, not_after, body, sha256)
SELECT d.id, s.id, d.post_id, s.revision_id, d.channel_id, d.language, d.due_at, d.not_after, $3, sha256($3)
FROM deliveries d
JOIN submissions s ON s.id = $2
WHERE d.id = $1
RETURNING id`, d, submission, b.final(d))
	}
	return submission
}

// Clear lets both reviewers approve a submission.
func (b *Book) Clear(submission int64) {
	b.t.Helper()
	const approve = `INSERT INTO verdicts (submission_id, person_id, role, verdict) VALUES ($1, $2, '', 'approve')`
	b.inTx(
		step{approve, []any{submission, b.Reviewers[0]}},
		step{approve, []any{submission, b.Reviewers[1]}},
		step{`INSERT INTO clearances (submission_id) VALUES ($1)`, []any{submission}},
	)
}

// Schedule submits held deliveries of one post in one language, lets them be approved and puts them into the queue.
func (b *Book) Schedule(deliveries ...int64) {
	b.t.Helper()
	submission := b.Submit(deliveries...)
	b.Clear(submission)
	b.inTx(
		step{`
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE r.submission_id = $1
  AND d.id = r.delivery_id`, []any{submission}},
		step{`
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id,
  submission_id, revision_id, due_at
FROM releases
WHERE submission_id = $1`, []any{submission}},
	)
}

// Send takes a delivery as far as sending: leased, with the intent and an attempt that began at the given instant and is
// still open. A held delivery is scheduled first.
func (b *Book) Send(delivery int64, started time.Time) {
	b.t.Helper()
	var state string
	b.one(&state, `SELECT state FROM delivery_states WHERE delivery_id = $1`, delivery)
	if state == "held" {
		b.Schedule(delivery)
	}
	b.inTx(
		step{`
UPDATE queue
SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute', fence = fence + 1, tries = tries + 1,
  sending_at = $2
WHERE delivery_id = $1`, []any{delivery, started}},
		step{`
INSERT INTO attempts (delivery_id, no, fence, key, request, request_sha256, started_at)
SELECT q.delivery_id, q.tries, q.fence, 'test-' || q.delivery_id, t.request, sha256(t.request), $2
FROM queue q
JOIN releases r ON r.id = q.release_id,
LATERAL (SELECT convert_to(json_build_object('content', json_build_object(), 'release', encode(r.sha256, 'hex'))::text, 'UTF8') AS request) t
WHERE q.delivery_id = $1`, []any{delivery, started}},
	)
}

// Copy is a part of a delivery that is out.
type Copy struct {
	Delivery int64
	Channel  int64
	RemoteID string // "remote-<delivery>" for the first part
}

// Publish takes a held or scheduled delivery all the way: its attempt begins and the network confirms it at the given
// instant.
func (b *Book) Publish(delivery int64, at time.Time) Copy {
	b.t.Helper()
	b.Send(delivery, at)
	c := Copy{Delivery: delivery, RemoteID: fmt.Sprintf("remote-%d", delivery)}
	b.one(&c.Channel, `SELECT channel_id FROM deliveries WHERE id = $1`, delivery)
	b.inTx(
		step{`UPDATE attempts SET outcome = 'published', ended_at = $2 WHERE delivery_id = $1 AND outcome IS NULL`, []any{delivery, at}},
		addCopy(delivery, 1, c.RemoteID, at),
		step{`UPDATE deliveries SET state = 'published', settled_at = $2 WHERE id = $1`, []any{delivery, at}},
	)
	return c
}

// AddPart adds a further part of a thread to a published delivery.
func (b *Book) AddPart(delivery int64, part int, at time.Time) Copy {
	b.t.Helper()
	c := Copy{Delivery: delivery, RemoteID: fmt.Sprintf("remote-%d-%d", delivery, part)}
	b.inTx(addCopy(delivery, part, c.RemoteID, at))
	b.one(&c.Channel, `SELECT channel_id FROM deliveries WHERE id = $1`, delivery)
	return c
}

// TakeDown takes every copy of a published delivery down.
func (b *Book) TakeDown(delivery int64, at time.Time) {
	b.t.Helper()
	b.inTx(
		step{`UPDATE copies SET removed_at = $2 WHERE delivery_id = $1`, []any{delivery, at}},
		step{`UPDATE deliveries SET state = 'removed' WHERE id = $1`, []any{delivery}},
	)
}

// Refuse lets the network refuse a held or scheduled delivery for good, at the given instant.
func (b *Book) Refuse(delivery int64, at time.Time, problem string) {
	b.t.Helper()
	b.Send(delivery, at)
	b.inTx(
		step{`UPDATE attempts SET outcome = 'refused', ended_at = $2, problem = $3 WHERE delivery_id = $1 AND outcome IS NULL`, []any{delivery, at, problem}},
		step{`UPDATE deliveries SET state = 'failed', problem = $2 WHERE id = $1`, []any{delivery, problem}},
	)
}

// Lose loses the answer to a held or scheduled delivery: its outcome is unknown, to be asked about at the given instant.
func (b *Book) Lose(delivery int64, at time.Time) {
	b.t.Helper()
	b.Send(delivery, at)
	b.inTx(
		step{`UPDATE attempts SET outcome = 'unknown', ended_at = $2 WHERE delivery_id = $1 AND outcome IS NULL`, []any{delivery, at}},
		step{`UPDATE deliveries SET state = 'unknown', ask_at = $2 WHERE id = $1`, []any{delivery, at}},
	)
}

// Miss lets the window of a held delivery close.
func (b *Book) Miss(delivery int64) {
	b.t.Helper()
	b.inTx(step{`UPDATE deliveries SET state = 'missed', hold = NULL WHERE id = $1`, []any{delivery}})
}

func addCopy(delivery int64, part int, remote string, at time.Time) step {
	return step{`
INSERT INTO copies (delivery_id, part, post_id, channel_id, language, remote_id, uri, url, published_at)
SELECT id, $2, post_id, channel_id, language, $3, 'http://127.0.0.1:1/statuses/' || $3::text, 'http://127.0.0.1:1/@charity/' || $3::text, $4
FROM deliveries
WHERE id = $1`, []any{delivery, part, remote, at}}
}

// final makes the canonical body of a delivery's release.
func (b *Book) final(delivery int64) []byte {
	b.t.Helper()
	var row struct {
		Post     int64     `db:"post_id"`
		Channel  int64     `db:"channel_id"`
		Language string    `db:"language"`
		Platform string    `db:"platform"`
		Handle   string    `db:"handle"`
		Date     string    `db:"due_date"`
		Clock    string    `db:"due_clock"`
		Zone     string    `db:"zone"`
		DueAt    time.Time `db:"due_at"`
		NotAfter time.Time `db:"not_after"`
		Message  string    `db:"message"`
	}
	b.one(&row, `
SELECT d.post_id, d.channel_id, d.language, c.platform, c.handle, to_char(d.due_date, 'YYYY-MM-DD') AS due_date,
  to_char(d.due_clock, 'HH24:MI') AS due_clock, d.zone, d.due_at, d.not_after, p.message
FROM deliveries d
JOIN channels c ON c.id = d.channel_id
JOIN posts p ON p.id = d.post_id
WHERE d.id = $1`, delivery)
	part := post.FinalPart{Text: "Text of " + row.Message}
	if sum := b.pictures[delivery]; sum != "" {
		part.Pictures = []post.FinalPicture{{SHA256: sum, Alt: "A picture."}}
	}
	return b.canonical(post.Final{
		Post: row.Post, Channel: row.Channel, Platform: row.Platform, Account: row.Handle, Language: row.Language,
		DueDate: row.Date, DueClock: row.Clock, Zone: row.Zone, DueAt: row.DueAt.UTC(), NotAfter: row.NotAfter.UTC(),
		Visibility: "public", Parts: []post.FinalPart{part},
	})
}
