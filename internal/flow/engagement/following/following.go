// Package following asks once a day how many follow each channel, and keeps the answer by the civil day at the channel's place.
//
// A channel that fails stops no other and is asked again at the next look; a day on which nobody could be asked has no row, and none is
// made up. What followers are called, and that reaching them is an estimate, stands in docs/metrics.md.
package following

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// lockFollowing is the advisory lock of the replica that asks.
const lockFollowing = 30072014005

// apartPriced is how many days lie between questions where the network charges for them.
const apartPriced = 7

// patience is how long a network has to answer, in real time.
const patience = 20 * time.Second

// Networks tells how many follow a channel.
type Networks interface {
	// Followers returns nil where the network does not tell.
	Followers(ctx context.Context, channel int64) (*int64, error)
	// ReadCost is what the network charges for reading one post: one that charges for it charges for accounts, too.
	ReadCost(ctx context.Context, channel int64) (int64, error)
}

const sqlChannels = `
SELECT h.id, h.zone, (SELECT max(f.day) FROM channel_counts f WHERE f.channel_id = h.id) AS last
FROM channels h
WHERE h.archived_at IS NULL
  AND h.platform <> $1
ORDER BY h.id`

const sqlKeep = `
INSERT INTO channel_counts (channel_id, day, followers, taken_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (channel_id, day) DO UPDATE
SET followers = excluded.followers, taken_at = excluded.taken_at`

// Look asks the channels that were not asked today, on one replica, and returns how many told their followers. An error is the database's.
func Look(ctx context.Context, db *postgres.DB, networks Networks, now time.Time, log *slog.Logger) (int, error) {
	told := 0
	_, err := db.Leader(ctx, lockFollowing, func(ctx context.Context) error {
		var list []struct {
			ID   int64      `db:"id"`
			Zone string     `db:"zone"`
			Last civil.Date `db:"last"`
		}
		if err := db.SelectContext(ctx, &list, sqlChannels, string(platform.ByHand)); err != nil {
			return fmt.Errorf("list channels whose followers are counted: %w", err)
		}
		for _, c := range list {
			today := day(now, c.Zone)
			if !c.Last.IsZero() && today.DaysSince(c.Last) < apart(ctx, networks, c.ID) {
				continue
			}
			n, err := ask(ctx, networks, c.ID)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				log.WarnContext(ctx, "followers not counted", "channel_id", c.ID, "kind", platform.Outcome(err).String(), "error", err.Error())
				continue
			}
			if n == nil || *n < 0 {
				continue
			}
			if _, err := db.ExecContext(ctx, sqlKeep, c.ID, today, *n, now); err != nil {
				return fmt.Errorf("keep the followers of channel %d: %w", c.ID, err)
			}
			told++
		}
		return nil
	})
	return told, err
}

func ask(ctx context.Context, networks Networks, channel int64) (*int64, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return networks.Followers(ctx, channel)
}

// apart is how many days lie between two questions.
func apart(ctx context.Context, networks Networks, channel int64) int {
	if cost, err := networks.ReadCost(ctx, channel); err == nil && cost > 0 {
		return apartPriced
	}
	return 1
}

// day is the civil day at a place. A zone that is not known counts as UTC.
func day(now time.Time, zone string) civil.Date {
	at, err := time.LoadLocation(zone)
	if err != nil {
		at = time.UTC
	}
	return civil.DateOf(now.In(at))
}
