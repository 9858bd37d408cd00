package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/org/seal"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

const (
	// lease is how long one attempt may take: a sender gives up well before. An attempt whose daemon died is made again after it.
	lease = 2 * time.Minute
	// perRound bounds how many letters one round sends.
	perRound = 50
	// failuresPerRound ends a round: the server does not want us now.
	failuresPerRound = 3
	// keepEnded is how long it is kept that a letter went out, without its words.
	keepEnded = 30 * 24 * time.Hour
)

// Office sends what waits in the outbox. Several replicas may have one each.
type Office struct {
	DB      *postgres.DB
	Keys    seal.Keys
	Senders map[string]Sender // by way; letters of a way without a sender wait until they expire
	Clock   clock.Clock       // product time, for what the team is told
	Log     *slog.Logger
}

// waiting is a letter that this round took.
type waiting struct {
	ID        int64  `db:"id"`
	MessageID string `db:"message_id"`
	Way       string `db:"way"`
	Person    int64  `db:"person"`
	Address   string `db:"address"`
	Kind      string `db:"kind"`
	Sealed    []byte `db:"sealed"`
	KeyID     string `db:"key_id"`
	Tries     int    `db:"tries"`
}

const sqlExpire = `
UPDATE outbox
SET state = 'given up', ended_at = $1, sealed = NULL, key_id = NULL,
  problem = CASE WHEN problem = '' THEN 'It was not sent in time.' ELSE problem END
WHERE state = 'waiting'
  AND (expires_at <= $1 OR NOT coalesce(is_active(person_id), true))`

const sqlForget = `
DELETE FROM outbox
WHERE state <> 'waiting'
  AND ended_at < $1`

const sqlClaim = `
UPDATE outbox
SET tries = tries + 1, next_at = $2
WHERE id = (
  SELECT o.id
  FROM outbox o
  WHERE o.state = 'waiting'
    AND o.next_at <= $1
    AND o.way = ANY ($3)
  ORDER BY o.next_at, o.id
  LIMIT 1
  FOR UPDATE SKIP LOCKED)
RETURNING id, message_id, way, coalesce(person_id, 0) AS person, address, kind, sealed, key_id, tries`

// Round sends what waits, at an instant of real time, and returns how many letters went out. What somebody else of the team's
// daemons sends meanwhile is left to them. A letter to somebody whose access ended is dropped.
func (o *Office) Round(ctx context.Context, now time.Time) (int, error) {
	if _, err := o.DB.ExecContext(ctx, sqlExpire, now); err != nil {
		return 0, fmt.Errorf("give up old letters: %w", err)
	}
	if _, err := o.DB.ExecContext(ctx, sqlForget, now.Add(-keepEnded)); err != nil {
		return 0, fmt.Errorf("forget old letters: %w", err)
	}
	ways := slices.Collect(maps.Keys(o.Senders))
	sent, failed := 0, 0
	for range perRound {
		if len(ways) == 0 || failed == failuresPerRound || ctx.Err() != nil {
			break
		}
		var w waiting
		err := o.DB.GetContext(ctx, &w, sqlClaim, now, now.Add(lease), pq.Array(ways))
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return sent, fmt.Errorf("take a letter: %w", err)
		}
		err = o.send(ctx, w)
		// What became of it is written even when the daemon stops meanwhile: a letter that went out would go out again.
		keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease/4)
		keptErr := o.settle(keep, w, err, now)
		cancel()
		if keptErr != nil {
			return sent, keptErr
		}
		if err == nil {
			sent++
		} else if refused := (*RefusedError)(nil); !errors.As(err, &refused) {
			failed++
		}
	}
	return sent, nil
}

// errSealed says that the words of a letter cannot be read any more.
var errSealed = &RefusedError{Say: "The letter was sealed with a key that this daemon does not have."}

// send opens a letter and hands it to its sender.
func (o *Office) send(ctx context.Context, w waiting) error {
	opened, err := o.Keys.Open("a letter", w.KeyID, w.Sealed, place(w.MessageID))
	if err != nil {
		return errSealed
	}
	var body words
	if err := json.Unmarshal(opened, &body); err != nil {
		return errSealed
	}
	return o.Senders[w.Way].Send(ctx, Letter{
		ID: w.MessageID, To: w.Address, Kind: w.Kind, Subject: body.Subject, Text: body.Text, HTML: body.HTML, Unsubscribe: body.Unsubscribe,
	})
}

const sqlEnd = `
UPDATE outbox
SET state = $2, problem = $3, ended_at = $4, sealed = NULL, key_id = NULL
WHERE id = $1
  AND state = 'waiting'`

const sqlLater = `
UPDATE outbox
SET next_at = $2, problem = $3
WHERE id = $1
  AND state = 'waiting'`

// settle writes down what became of an attempt.
func (o *Office) settle(ctx context.Context, w waiting, sent error, now time.Time) error {
	log := o.Log.With("letter", w.ID, "kind", w.Kind, "tries", w.Tries)
	var refused *RefusedError
	err := o.DB.InTx(ctx, func(tx *postgres.Tx) error {
		switch {
		case sent == nil:
			if _, err := tx.ExecContext(ctx, sqlEnd, w.ID, "sent", "", now); err != nil {
				return err
			}
			return o.worked(ctx, tx, w, now)
		case errors.As(sent, &refused):
			if _, err := tx.ExecContext(ctx, sqlEnd, w.ID, "refused", OneLine(refused.Say), now); err != nil {
				return err
			}
			return o.refused(ctx, tx, w, refused, now)
		}
		if _, err := tx.ExecContext(ctx, sqlLater, w.ID, now.Add(pause(w.Tries)), OneLine(sent.Error())); err != nil {
			return err
		}
		return o.stuck(ctx, tx, w, sent, now)
	})
	if err != nil {
		return fmt.Errorf("write what became of letter %d: %w", w.ID, err)
	}
	switch {
	case sent == nil:
		log.InfoContext(ctx, "a letter was sent")
	case refused != nil:
		log.WarnContext(ctx, "a letter was refused", "why", OneLine(refused.Say))
	default:
		log.WarnContext(ctx, "a letter was not sent and is tried again", "err", OneLine(sent.Error()))
	}
	return nil
}

// pause is how long to wait after a number of tries: 15 s, doubled each time, an hour at most. A code to log in with is worth ten
// minutes, so the first waits are short.
func pause(tries int) time.Duration {
	return min(15*time.Second<<min(max(tries-1, 0), 10), time.Hour)
}
