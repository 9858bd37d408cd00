package pace

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// farthest is the greatest distance: two posts that are due together would else wait longer for each other than they go out by themselves.
const farthest = 4 * time.Minute

const sqlSpace = `
INSERT INTO channel_pace AS p (channel_id, spacing_ms)
SELECT id, $2
FROM channels
WHERE id = $1
ON CONFLICT (channel_id) DO UPDATE
SET spacing_ms = excluded.spacing_ms
RETURNING coalesce((SELECT o.spacing_ms FROM channel_pace o WHERE o.channel_id = p.channel_id), 0)`

// Space sets how long, in real time, there is at least between the beginnings of two calls to a channel, on all replicas; 0 is no distance.
// It is no error when it is so already. What is in hand keeps the distance that it was read with.
func Space(ctx context.Context, tx *postgres.Tx, channel int64, every time.Duration, by people.Person) error {
	if !by.May(people.ChannelManage) {
		return fault.New(fault.Forbidden, "%s may not change accounts.", by.Name)
	}
	if every < 0 || every > farthest {
		return fault.BadField("every", "must be between 0 and %s, such as 5s", farthest)
	}
	var was []int64
	if err := tx.SelectContext(ctx, &was, sqlSpace, channel, every.Milliseconds()); err != nil {
		return fmt.Errorf("set the distance of posts on channel %d: %w", channel, err)
	}
	if len(was) == 0 {
		return fault.New(fault.NotFound, "There is no channel with the number %d.", channel)
	}
	if was[0] == every.Milliseconds() {
		return nil
	}
	detail := map[string]any{"seconds": every.Seconds()}
	return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "channel.spacing_changed", Kind: "channel", ID: channel, Detail: detail})
}

const sqlSpacing = `
SELECT coalesce((SELECT spacing_ms FROM channel_pace WHERE channel_id = $1), 0)
FROM channels
WHERE id = $1`

// Spacing returns how long there is at least between the beginnings of two calls to a channel.
func Spacing(ctx context.Context, q postgres.Querier, channel int64) (time.Duration, error) {
	var ms []int64
	if err := q.SelectContext(ctx, &ms, sqlSpacing, channel); err != nil {
		return 0, fmt.Errorf("read the distance of posts on channel %d: %w", channel, err)
	}
	if len(ms) == 0 {
		return 0, fault.New(fault.NotFound, "There is no channel with the number %d.", channel)
	}
	return time.Duration(ms[0]) * time.Millisecond, nil
}
