package takedown

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/platform"
	"daymark/internal/postgres"

	"golang.org/x/sync/errgroup"
)

// Networks removes posts.
type Networks interface {
	// Delete takes one post of a channel down. One that is gone already is a success; a network that cannot answers with a
	// [platform.Permanent].
	Delete(ctx context.Context, channel int64, ref platform.Ref) error
}

const (
	batch    = 32               // copies taken at once
	parallel = 8                // calls at the same time by one replica
	patience = 20 * time.Second // that a network has to answer
	writing  = 10 * time.Second // to write a result, shutdown or not
	lease    = patience + writing + 10*time.Second

	firstBackOff = 2 * time.Second
	lastBackOff  = 5 * time.Minute
)

// Did says what a [Run] did, in copies.
type Did struct {
	Removed, Gone, Cannot, Failed int
}

// chosen is one copy that a worker took.
type chosen struct {
	Takedown int64     `db:"takedown_id"`
	Delivery int64     `db:"delivery_id"`
	Part     int       `db:"part"`
	Tries    int       `db:"tries"`   // this one counted
	NextAt   time.Time `db:"next_at"` // says that the row is ours: who takes it later has another
	Channel  int64     `db:"channel_id"`
	Out      bool      `db:"out"`     // there is a copy, not removed
	Removed  bool      `db:"removed"` // there was one
	Doubtful bool      `db:"doubtful"`
	ByHand   bool      `db:"by_hand"` // a person posts there
	ID       string    `db:"remote_id"`
	URI      string    `db:"uri"`
}

// sqlTake takes what is due. The last part of a thread goes first; one that fails again and again holds the others up no more.
// What is still on its way, or asked about, is left alone until its answer is there.
const sqlTake = `
WITH taken AS MATERIALIZED (
  SELECT t.takedown_id, t.delivery_id, t.part
  FROM takedown_copies t
  WHERE t.state IN ('waiting', 'failed')
    AND t.next_at <= clock_timestamp()
    AND NOT EXISTS (
      SELECT 1
      FROM takedown_copies l
      WHERE l.takedown_id = t.takedown_id
        AND l.delivery_id = t.delivery_id
        AND l.part > t.part
        AND (l.state = 'waiting' OR (l.state = 'failed' AND l.tries < 3))
    )
    AND (
      EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = t.delivery_id AND c.part = t.part)
      OR NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = t.delivery_id AND d.state IN ('scheduled', 'unknown'))
    )
  ORDER BY t.next_at
  LIMIT $1
  FOR UPDATE OF t SKIP LOCKED
),
moved AS (
  UPDATE takedown_copies t
  SET next_at = clock_timestamp() + $2 * interval '1 millisecond', tries = t.tries + 1, tried_at = clock_timestamp()
  FROM taken
  WHERE t.takedown_id = taken.takedown_id
    AND t.delivery_id = taken.delivery_id
    AND t.part = taken.part
  RETURNING t.takedown_id, t.delivery_id, t.part, t.tries, t.next_at
)
SELECT m.takedown_id, m.delivery_id, m.part, m.tries, m.next_at, d.channel_id,
  c.delivery_id IS NOT NULL AND c.removed_at IS NULL AS out, c.removed_at IS NOT NULL AS removed,
  EXISTS (
    SELECT 1
    FROM attempts a
    WHERE a.delivery_id = m.delivery_id
      AND a.part = m.part
      AND a.outcome IN ('unknown', 'lost')
      AND a.finding IS NULL
  ) AS doubtful,
  h.platform = 'byhand' AS by_hand,
  coalesce(c.remote_id, '') AS remote_id, coalesce(c.uri, '') AS uri
FROM moved m
JOIN deliveries d ON d.id = m.delivery_id
JOIN channels h ON h.id = d.channel_id
LEFT JOIN copies c ON c.delivery_id = m.delivery_id AND c.part = m.part`

// Run asks the networks to remove what is to be taken down and due for a try, until nothing is. Any number of replicas may do so
// at the same time. A network that fails is no error; the copy is tried again later.
func Run(ctx context.Context, db *postgres.DB, networks Networks, now func() time.Time) (Did, error) {
	var total Did
	point(stepBegun)
	for {
		var list []chosen
		if err := db.SelectContext(ctx, &list, sqlTake, batch, lease.Milliseconds()); err != nil {
			return total, fmt.Errorf("look for what is to be taken down: %w", err)
		}
		if len(list) == 0 {
			return total, nil
		}
		point(stepTaken)
		results := make([]result, len(list))
		var group errgroup.Group
		group.SetLimit(parallel)
		for i, c := range list {
			group.Go(func() error {
				results[i] = remove(ctx, networks, c)
				if results[i].state == "" {
					return ctx.Err() // stopped: whoever runs next tries it again when the lease ends
				}
				point(stepAsked)
				late, cancel := context.WithTimeout(context.WithoutCancel(ctx), writing)
				defer cancel()
				err := write(late, db, c, results[i], now())
				point(stepResult)
				return err
			})
		}
		err := group.Wait()
		for _, r := range results {
			total.count(r.state)
		}
		if err != nil {
			return total, err
		}
	}
}

func (d *Did) count(state string) {
	switch state {
	case Removed:
		d.Removed++
	case Gone:
		d.Gone++
	case Cannot:
		d.Cannot++
	case Failed:
		d.Failed++
	}
}

// result is what became of a try; an empty state is that of one that was broken off.
type result struct {
	state, problem string
	again          time.Duration // for Failed
}

// remove asks the network about one copy.
func remove(ctx context.Context, networks Networks, c chosen) result {
	switch {
	case c.Removed:
		return result{state: Gone, problem: "It was removed before."}
	case !c.Out && c.Doubtful && c.ByHand:
		return result{state: Cannot, problem: "Somebody may have posted it by hand. Ask the team, and remove it there if it is out."}
	case !c.Out && c.Doubtful:
		return result{state: Cannot, problem: "Nobody can tell whether it went out. Look on the account, and remove it there by hand."}
	case !c.Out:
		return result{state: Gone, problem: "It did not go out."}
	}
	call, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := networks.Delete(call, c.Channel, platform.Ref{ID: c.ID, URI: c.URI})
	if err == nil {
		return result{state: Removed}
	}
	if ctx.Err() != nil {
		return result{}
	}
	say := platform.Say(err)
	if say == "" {
		say = "The network gave no clear answer."
	}
	if permanent, ok := errors.AsType[*platform.Permanent](err); ok {
		return result{state: Cannot, problem: permanent.Say + " Open the link, and remove it there by hand."}
	}
	wait := min(firstBackOff<<min(c.Tries-1, 10), lastBackOff)
	if limited, ok := errors.AsType[*platform.RateLimited](err); ok {
		wait = lastBackOff
		say = limited.Say
	}
	return result{state: Failed, problem: say + " It is tried again.", again: wait}
}

const (
	sqlLockTakedown = `
SELECT id
FROM takedowns
WHERE id = $1
FOR UPDATE`

	sqlLockDelivery = `
SELECT id
FROM deliveries
WHERE id = $1
FOR UPDATE`

	sqlCopyRemoved = `
UPDATE copies
SET removed_at = $3
WHERE delivery_id = $1
  AND part = $2
  AND removed_at IS NULL`

	sqlDeliveryRemoved = `
UPDATE deliveries d
SET state = 'removed'
WHERE d.id = $1
  AND d.state = 'published'
  AND NOT EXISTS (SELECT 1 FROM copies c WHERE c.delivery_id = d.id AND c.removed_at IS NULL)`

	// A worker whose lease ended while it waited for the network may still say that the copy is removed, and nothing else.
	sqlResult = `
UPDATE takedown_copies
SET state = $4, problem = $5, next_at = clock_timestamp() + $6 * interval '1 millisecond'
WHERE takedown_id = $1
  AND delivery_id = $2
  AND part = $3
  AND state IN ('waiting', 'failed')
  AND ($4 = 'removed' OR next_at = $7)`

	sqlDone = `
UPDATE takedowns t
SET done_at = $2
WHERE t.id = $1
  AND t.done_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM takedown_copies c WHERE c.takedown_id = t.id AND c.state IN ('waiting', 'failed'))`
)

// write writes one result, and with the last one that the take-down is done.
func write(ctx context.Context, db *postgres.DB, c chosen, r result, now time.Time) error {
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		var locked int64
		if err := tx.GetContext(ctx, &locked, sqlLockTakedown, c.Takedown); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &locked, sqlLockDelivery, c.Delivery); err != nil {
			return err
		}
		if r.state == Removed {
			if _, err := tx.ExecContext(ctx, sqlCopyRemoved, c.Delivery, c.Part, now); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, sqlDeliveryRemoved, c.Delivery); err != nil {
				return err
			}
		}
		res, err := tx.ExecContext(ctx, sqlResult, c.Takedown, c.Delivery, c.Part, r.state, r.problem, r.again.Milliseconds(), c.NextAt)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err // another worker has written it
		}
		detail := map[string]any{"takedown": c.Takedown, "part": c.Part, "say": r.problem}
		if err := audit.Write(ctx, tx, audit.Entry{Action: "copy." + r.state, Kind: "delivery", ID: c.Delivery, Detail: detail}); err != nil {
			return err
		}
		if err := finish(ctx, tx, c.Takedown, now); err != nil {
			return err
		}
		point(stepCommit)
		return nil
	})
	if err != nil {
		return fmt.Errorf("write that part %d of delivery %d is %s: %w", c.Part, c.Delivery, r.state, err)
	}
	return nil
}

const sqlLeft = `
SELECT count(*)
FROM takedown_copies
WHERE takedown_id = $1
  AND state = 'cannot'`

// finish writes that a take-down is done once every copy has its result, and tells the team what is left for them to do.
func finish(ctx context.Context, tx *postgres.Tx, id int64, now time.Time) error {
	res, err := tx.ExecContext(ctx, sqlDone, id, now)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	var left int
	if err := tx.GetContext(ctx, &left, sqlLeft, id); err != nil || left == 0 {
		return err
	}
	_, err = notice.Tell(ctx, tx, notice.New{
		Key: fmt.Sprintf("takedown-left:%d", id), Level: notice.Error, Kind: "takedown", ID: fmt.Sprint(id), At: now,
		Say: fmt.Sprintf("Of take-down %d, %d copies are still out, because their network does not let Daymark remove them. Open their links, remove them there, and say so here.", id, left),
	})
	return err
}
