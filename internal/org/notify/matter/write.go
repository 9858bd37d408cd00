package matter

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"daymark/internal/org/notice"
	"daymark/internal/org/notify"
	"daymark/internal/org/notify/letterhead"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// perLetter is how many matters one letter lists. Whoever has more to do needs the page.
const perLetter = 40

// Settings is the page where a person chooses what they are told.
const Settings = "/you/mail"

// Writer writes letters of what concerns people.
type Writer struct {
	DB   *postgres.DB
	Keys seal.Keys
	// PublicURL is where people reach the pages, such as https://daymark.example.org. Without it letters have no links and say in
	// words where to look.
	PublicURL string
}

const sqlDrop = `
DELETE FROM tellings t
USING notices n
WHERE n.id = t.notice_id
  AND n.done_at IS NOT NULL`

const sqlToTell = `
SELECT DISTINCT person_id
FROM tellings
WHERE how = $1
ORDER BY person_id`

// Write puts letters into the outbox, at an instant of real time: to each person one letter of what they are to be told at once, and,
// when their hour has come, one of what can wait for it. It returns how many letters that were. What is done by then is left out.
func (w *Writer) Write(ctx context.Context, now time.Time) (int, error) {
	if _, err := w.DB.ExecContext(ctx, sqlDrop); err != nil {
		return 0, fmt.Errorf("drop what is done: %w", err)
	}
	written := 0
	for _, how := range []How{Once, Daily} {
		var ids []int64
		if err := w.DB.SelectContext(ctx, &ids, sqlToTell, how); err != nil {
			return written, fmt.Errorf("list whom to write to: %w", err)
		}
		for _, id := range ids {
			wrote := false
			if err := w.DB.InTx(ctx, func(tx *postgres.Tx) (err error) {
				wrote, err = w.one(ctx, tx, id, how, now)
				return err
			}); err != nil {
				return written, err
			}
			if wrote {
				written++
			}
		}
	}
	return written, nil
}

// apart is how far letters to one person are apart, so that a bad morning is a few letters and not a hundred. What is taken down and
// what goes out now does not wait for it.
const apart = 2 * time.Minute

const sqlWait = `
SELECT EXISTS (
    SELECT 1
    FROM outbox o
    WHERE o.person_id = $1
      AND o.kind = 'once'
      AND o.queued_at > $2::timestamptz - $3 * interval '1 second')
  AND NOT EXISTS (
    SELECT 1
    FROM tellings t
    WHERE t.person_id = $1
      AND t.how = 'once'
      AND t.kind = ANY ($4))`

// one writes one person's letter.
func (w *Writer) one(ctx context.Context, tx *postgres.Tx, id int64, how How, now time.Time) (bool, error) {
	p, err := people.ByID(ctx, tx, id)
	if err != nil {
		return false, err
	}
	team, err := w.zone(ctx, tx)
	if err != nil {
		return false, err
	}
	all, err := Of(ctx, tx, p)
	if err != nil {
		return false, err
	}
	wishes := all[id]
	if how == Daily && !p.Disabled {
		due, err := dueDaily(ctx, tx, id, wishes, team, now)
		if err != nil || !due {
			return false, err
		}
	}
	if how == Once && !p.Disabled {
		var wait bool
		if err := tx.GetContext(ctx, &wait, sqlWait, id, now, apart.Seconds(), pq.Array([]Kind{TakeDown, Now})); err != nil || wait {
			return false, err
		}
	}
	list, err := take(ctx, tx, id, how)
	if err != nil || len(list) == 0 || p.Disabled {
		return false, err
	}
	if wishes.Zone == "" {
		wishes.Zone = team
	}
	zone, err := time.LoadLocation(wishes.Zone)
	if err != nil {
		zone = time.UTC
	}
	sheet := w.sheet(list, how, zone)
	text, html, err := letterhead.Write(sheet)
	if err != nil {
		return false, err
	}
	letter := notify.Mail{To: p.Email, Person: p.ID, Kind: string(how), Subject: notify.OneLine(sheet.Heading), Text: text, HTML: html}
	if how == Daily {
		letter.Kind, letter.Unsubscribe = "digest", sheet.Settings.URL
	}
	_, err = notify.Queue(ctx, tx, w.Keys[0], letter)
	return err == nil, err
}

const sqlLastDaily = `
SELECT digest_at
FROM mail_people
WHERE person_id = $1
FOR UPDATE`

const sqlBeginDaily = `
INSERT INTO mail_people (person_id, digest_at)
VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE
SET digest_at = excluded.digest_at`

// dueDaily reports whether a person's hour has come since their last letter of the day, and keeps that it did. Two replicas wait for
// each other here. For somebody who never had one, the count begins now.
func dueDaily(ctx context.Context, tx *postgres.Tx, id int64, wishes Wishes, team string, now time.Time) (bool, error) {
	var last sql.NullTime
	err := tx.GetContext(ctx, &last, sqlLastDaily, id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read when the last letter of the day was: %w", err)
	}
	due := false
	if last.Valid {
		next, err := wishes.next(last.Time, team)
		if err != nil {
			return false, err
		}
		if due = !next.After(now); !due {
			return false, nil
		}
	}
	if _, err := tx.ExecContext(ctx, sqlBeginDaily, id, now); err != nil {
		return false, fmt.Errorf("keep when the letter of the day was: %w", err)
	}
	return due, nil
}

// telling is one matter of a letter.
type telling struct {
	Kind    Kind         `db:"kind"`
	Level   notice.Level `db:"level"`
	Say     string       `db:"say"`
	Subject string       `db:"subject_kind"`
	About   string       `db:"subject_id"`
	At      time.Time    `db:"at"`
	Hidden  bool         `db:"hidden"`
}

const sqlTake = `
DELETE FROM tellings
WHERE person_id = $1
  AND how = $2
RETURNING notice_id`

// A post is sensitive when its words say so, or when it was ever put before reviewers as such.
const sqlRead = `
SELECT n.level, n.say, n.subject_kind, n.subject_id, n.at, n.key AS kind,
  EXISTS (
    SELECT 1
    FROM posts p
    JOIN revisions r ON r.id = p.current_revision
    WHERE p.id = CASE
        WHEN n.subject_id !~ '^[0-9]{1,18}$' THEN NULL
        WHEN n.subject_kind = 'post' THEN n.subject_id::bigint
        WHEN n.subject_kind = 'submission' THEN (SELECT s.post_id FROM submissions s WHERE s.id = n.subject_id::bigint)
        WHEN n.subject_kind = 'byhand' THEN (SELECT d.post_id FROM deliveries d WHERE d.id = n.subject_id::bigint)
        WHEN n.subject_kind = 'takedown' THEN (SELECT t.post_id FROM takedowns t WHERE t.id = n.subject_id::bigint)
      END
      AND (convert_from(r.body, 'UTF8')::jsonb ->> 'sensitive' = 'true'
        OR EXISTS (SELECT 1 FROM submissions s WHERE s.post_id = p.id AND s.sensitive))) AS hidden
FROM notices n
WHERE n.id = ANY ($1)
  AND n.done_at IS NULL
ORDER BY CASE n.level WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, n.at, n.id`

// take removes what a person is to be told in one way and returns what of it is still to be done, the gravest first.
func take(ctx context.Context, tx *postgres.Tx, person int64, how How) ([]telling, error) {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, sqlTake, person, how); err != nil {
		return nil, fmt.Errorf("take what a person is to be told: %w", err)
	}
	var list []telling
	if err := tx.SelectContext(ctx, &list, sqlRead, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("read what a person is to be told: %w", err)
	}
	for i, t := range list {
		list[i].Kind = KindOf(string(t.Kind), t.Subject)
	}
	return list, nil
}

// zone is the team's time zone; before the first run there is none.
func (w *Writer) zone(ctx context.Context, q postgres.Querier) (string, error) {
	is, err := profile.Get(ctx, q)
	if err != nil || is.Zone == "" {
		return "UTC", noProfile(err)
	}
	return is.Zone, nil
}

// Path returns the page on which what a notice is about is seen to; it is empty where there is none.
func Path(kind, id string) string {
	id = url.PathEscape(id)
	switch kind {
	case "helpline":
		return "/helplines/" + id
	case "fact":
		return "/facts/" + id
	case "post":
		return "/posts/" + id
	case "submission":
		return "/review/" + id
	case "edition":
		return "/editions/" + id
	case "review":
		return "/review"
	case "person":
		return "/people/" + id
	case "channel":
		return "/channels"
	case "byhand":
		return "/deliveries/" + id + "/by-hand"
	case "takedown":
		return "/takedowns/" + id
	case "consent":
		return "/consents/" + id
	}
	return ""
}
