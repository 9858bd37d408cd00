package engagement

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// readShare is the part of a channel's budget of a month that reading counts may use: a quarter. What a charity sets a budget for is
// publishing, and counting must not take that away.
const readShare = 4

// sayNoRoom is why a post waits to be asked about.
const sayNoRoom = "The account's budget of this month has no room for reading counts; the post is asked about again when it has."

// reserved is what was set aside before a network was called, and what each part of a post costs.
type reserved struct {
	each  int64
	paid  map[int64]bool // deliveries that cost something this time
	day   time.Time      // of UTC: the day by which networks charge
	total int64
}

// A channel's row is locked, so that two replicas do not spend the same money.
const sqlBudget = `
SELECT h.budget, spent(h.id, $2) AS spent, spent_on_counts(h.id, $2) AS on_counts
FROM channels h
WHERE h.id = $1
FOR NO KEY UPDATE`

const sqlReserve = `
INSERT INTO count_reads AS r (channel_id, day, posts, cost)
VALUES ($1, $2, $3, $4)
ON CONFLICT (channel_id, day) DO UPDATE
SET posts = r.posts + excluded.posts, cost = r.cost + excluded.cost`

const sqlRefund = `
UPDATE count_reads
SET posts = posts - $3, cost = cost - $4
WHERE channel_id = $1
  AND day = $2`

// reserve sets aside what asking about posts of a channel costs, and returns those that the budget has room for and those that wait.
// Networks that charge do so once a day of UTC for each post (https://docs.x.com/x-api/getting-started/pricing), so that what was read
// today is free. A channel without a budget has no limit.
func (c *Collector) reserve(ctx context.Context, questions []question, now time.Time) (ask, wait []question, r reserved, err error) {
	if r.each, err = c.Networks.ReadCost(ctx, questions[0].channel); err != nil || r.each == 0 {
		return questions, nil, reserved{}, nil // what is wrong with the channel, the call itself says
	}
	r.day, r.paid = now.UTC().Truncate(day), map[int64]bool{}
	channel := questions[0].channel
	err = c.DB.InTx(ctx, func(tx *postgres.Tx) error {
		ask, wait, r.total = nil, nil, 0
		clear(r.paid)
		var money struct {
			Budget   *int64 `db:"budget"`
			Spent    int64  `db:"spent"`
			OnCounts int64  `db:"on_counts"`
		}
		if err := tx.GetContext(ctx, &money, sqlBudget, channel, now); err != nil {
			return fmt.Errorf("read what channel %d may spend: %w", channel, err)
		}
		posts := 0
		for _, q := range questions {
			cost := r.each * int64(len(q.refs))
			if q.asked != nil && q.asked.UTC().Truncate(day).Equal(r.day) {
				cost = 0
			}
			next := r.total + cost
			if cost > 0 && money.Budget != nil && (money.OnCounts+next > *money.Budget/readShare || money.Spent+next > *money.Budget) {
				wait = append(wait, q)
				continue
			}
			ask, r.total = append(ask, q), next
			if cost > 0 {
				r.paid[q.delivery] = true
				posts++
			}
		}
		if r.total == 0 {
			return nil
		}
		if _, err := tx.ExecContext(ctx, sqlReserve, channel, r.day, posts, r.total); err != nil {
			return fmt.Errorf("set money aside for channel %d: %w", channel, err)
		}
		return nil
	})
	return ask, wait, r, err
}

// refund gives back what was set aside for posts that were not read.
func (r reserved) refund(ctx context.Context, tx *postgres.Tx, questions []question, read func(question) bool) error {
	posts, cost := 0, int64(0)
	for _, q := range questions {
		if r.paid[q.delivery] && !read(q) {
			posts, cost = posts+1, cost+r.each*int64(len(q.refs))
		}
	}
	if posts == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, sqlRefund, questions[0].channel, r.day, posts, cost); err != nil {
		return fmt.Errorf("give money back to channel %d: %w", questions[0].channel, err)
	}
	return nil
}

// waits plans a question again that the budget has no room for: in a day, when the month may be another or somebody has raised it.
func waits(q question, now time.Time) plan {
	later := now.Add(day + time.Duration(share(q.delivery)*float64(day)))
	done, _, more := After(q.delivery, q.published, now, q.done)
	if !more {
		return plan{delivery: q.delivery, done: done, problem: sayNoRoom}
	}
	return plan{delivery: q.delivery, done: q.done, fails: q.fails, next: later, problem: sayNoRoom}
}
