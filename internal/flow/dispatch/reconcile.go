package dispatch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// unknown is a delivery of which nobody knows whether it is out, with its latest attempt.
type unknown struct {
	Delivery int64          `db:"delivery_id"`
	Channel  int64          `db:"channel_id"`
	Attempt  int64          `db:"attempt_id"`
	No       int            `db:"no"`
	Key      string         `db:"key"`
	Request  []byte         `db:"request"`
	Handles  []byte         `db:"handles"`
	FirstAt  time.Time      `db:"first_at"`
	Ended    float64        `db:"ended"` // seconds since the attempt ended, by the database's clock
	Absent   int            `db:"absent"`
	Due      time.Time      `db:"due_at"`
	NotAfter time.Time      `db:"not_after"`
	Others   pq.StringArray `db:"others"` // remote ids of the channel's other copies
}

// Taking a row moves the next question a little ahead, so that replicas do not ask at the same time.
const sqlTakeUnknown = `
WITH taken AS MATERIALIZED (
  SELECT id
  FROM deliveries
  WHERE state = 'unknown'
    AND ask_at <= clock_timestamp()
  ORDER BY ask_at
  LIMIT 16
  FOR NO KEY UPDATE SKIP LOCKED
),
moved AS (
  UPDATE deliveries d
  SET ask_at = clock_timestamp() + interval '45 seconds'
  FROM taken
  WHERE d.id = taken.id
  RETURNING d.id, d.channel_id, d.absent, d.due_at, d.not_after
)
SELECT m.id AS delivery_id, m.channel_id, m.absent, m.due_at, m.not_after, a.id AS attempt_id, a.no, a.key, a.request, a.handles,
  (SELECT min(f.started_at) FROM attempts f WHERE f.delivery_id = m.id) AS first_at,
  extract(epoch FROM clock_timestamp() - a.ended_at)::float8 AS ended,
  ARRAY(SELECT k.remote_id FROM copies k WHERE k.channel_id = m.channel_id AND k.delivery_id <> m.id) AS others
FROM moved m
JOIN LATERAL (
  SELECT *
  FROM attempts
  WHERE delivery_id = m.id
  ORDER BY no DESC
  LIMIT 1
) a ON true`

const (
	sqlAskLater = `
UPDATE deliveries
SET ask_at = clock_timestamp() + $2 * interval '1 millisecond', absent = $3, problem = $4
WHERE id = $1
  AND state = 'unknown'`

	sqlRequeue = `
UPDATE deliveries
SET state = 'scheduled', ask_at = NULL, problem = ''
WHERE id = $1
  AND state = 'unknown'
RETURNING release_id`

	sqlRequeueRow = `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id,
  submission_id, revision_id, greatest(due_at, $2)
FROM releases
WHERE id = $1`
)

// reconcile asks the networks about every delivery whose fate is unknown and whose turn has come.
func (d *Dispatcher) reconcile(ctx context.Context) error {
	var list []unknown
	if err := d.DB.SelectContext(ctx, &list, sqlTakeUnknown); err != nil {
		return fmt.Errorf("look for unknown deliveries: %w", err)
	}
	for _, u := range list {
		d.busy.Go(func() {
			if err := d.ask(ctx, u); err != nil && ctx.Err() == nil {
				d.Log.ErrorContext(ctx, "asking about a delivery failed", "delivery_id", u.Delivery, "err", err)
			}
			d.Wake()
		})
	}
	return nil
}

// ask looks for one delivery at its network and settles it: found is adopted; absent, read twice after the settling time,
// goes out again; what cannot be told waits for a person.
func (d *Dispatcher) ask(ctx context.Context, u unknown) error {
	content, err := thaw(u.Request)
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	finding, err := d.Networks.Find(call, u.Channel, platform.Attempt{Key: u.Key, No: u.No, Content: content,
		Handles: platform.Handles(u.Handles), StartedAt: u.FirstAt, Exclude: u.Others})
	if err != nil {
		return d.later(ctx, u, 10*time.Second, u.Absent, platform.Say(err))
	}
	settling, err := d.Networks.Settling(ctx, u.Channel)
	if err != nil {
		return err
	}
	settled := time.Duration(u.Ended*float64(time.Second)) - settling
	switch {
	case finding.State == platform.Found:
		return d.adopt(ctx, u, finding.Receipt)
	case settled < 0:
		return d.later(ctx, u, -settled, 0, "The network does not show it; it is asked again when a late answer can no longer come.")
	case finding.State == platform.CannotTell:
		return d.decide(ctx, u, finding.Why)
	case u.Absent == 0:
		return d.later(ctx, u, min(settling/4+100*time.Millisecond, 10*time.Second), 1, "The network does not show it; it is asked once more.")
	}
	return d.resend(ctx, u)
}

func (d *Dispatcher) later(ctx context.Context, u unknown, wait time.Duration, absent int, say string) error {
	// Every question reads the whole answer anew, so asking more often than this gains nothing.
	_, err := d.DB.ExecContext(ctx, sqlAskLater, u.Delivery, max(wait, 100*time.Millisecond).Milliseconds(), absent, say)
	return err
}

// adopt writes down the copy that was found.
func (d *Dispatcher) adopt(ctx context.Context, u unknown, receipt platform.Receipt) error {
	return d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlFound, u.Attempt, "found"); err != nil {
			return err
		}
		return d.copyOut(ctx, tx, u.Delivery, receipt)
	})
}

// decide hands the delivery to a person.
func (d *Dispatcher) decide(ctx context.Context, u unknown, why string) error {
	say := "Nobody can tell whether it is out: " + why
	return d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		return change(ctx, tx, u.Delivery, "delivery.held", say, sqlHold, u.Delivery, string(post.ForDecision), say)
	})
}

// resend puts a delivery that is proved absent back into the queue, if it is still approved and in time.
func (d *Dispatcher) resend(ctx context.Context, u unknown) error {
	now := d.Clock.Now()
	say := "The network does not have it, and its time has passed. Give it a new time, or leave it out."
	err := d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlFound, u.Attempt, "absent"); err != nil {
			return err
		}
		if now.Sub(u.Due) > d.late()+d.settled(ctx, u) || !now.Before(u.NotAfter) {
			return change(ctx, tx, u.Delivery, "delivery.held", say, sqlHold, u.Delivery, string(post.ForOverdue), say)
		}
		var release int64
		if err := tx.GetContext(ctx, &release, sqlRequeue, u.Delivery); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return nil // somebody else has settled it
			}
			return err
		}
		_, err := tx.ExecContext(ctx, sqlRequeueRow, release, now)
		return err
	})
	if postgres.Constraint(err) == "" {
		return err
	}
	// The guards refused: the text was changed or the approval withdrawn while it was on its way.
	say = "The network does not have it, and it is no longer approved as it was."
	return d.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlFound, u.Attempt, "absent"); err != nil {
			return err
		}
		return change(ctx, tx, u.Delivery, "delivery.held", say, sqlHold, u.Delivery, string(post.ForEdited), say)
	})
}

// settled is how much of the delay the settling time explains, in product time: waiting for proof is no lateness of the
// kind that a person has to decide about.
func (d *Dispatcher) settled(ctx context.Context, u unknown) time.Duration {
	settling, err := d.Networks.Settling(ctx, u.Channel)
	if err != nil {
		return 0
	}
	return time.Duration(float64(2*settling) * d.Clock.Rate())
}
