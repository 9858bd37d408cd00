// Package answered tells moderators that people reply to a post, with the link to it: among the replies may be somebody in need.
//
// It knows how many replies there are and never what they say: their text is not asked for and not kept.
package answered

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/lib/pq"

	"daymark/internal/core/fault"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// one is a delivery with what people know it by.
type one struct {
	Delivery int64  `db:"id"`
	Post     int64  `db:"post_id"`
	Message  string `db:"message"`
	Channel  string `db:"name"`
	URL      string `db:"url"`
}

const sqlAnswered = `
SELECT d.id, d.post_id, p.message, h.name, coalesce(c.url, '') AS url
FROM deliveries d
JOIN posts p ON p.id = d.post_id
JOIN channels h ON h.id = d.channel_id
LEFT JOIN copies c ON c.delivery_id = d.id AND c.part = 1
WHERE d.id = ANY ($1)
ORDER BY d.id`

// Tell tells the moderators of deliveries that have more replies than before, and by how many, at an instant of product time. A post is
// told of once in a day of UTC, so that a lively one does not bury the others. Where nobody who may see it moderates, nobody is told: the
// whole team would soon read no notices at all.
func Tell(ctx context.Context, tx *postgres.Tx, more map[int64]int64, now time.Time) error {
	if len(more) == 0 {
		return nil
	}
	team, err := moderators(ctx, tx)
	if err != nil || len(team) == 0 {
		return err
	}
	ids := make([]int64, 0, len(more))
	for id := range more {
		ids = append(ids, id)
	}
	var list []one
	if err := tx.SelectContext(ctx, &list, sqlAnswered, pq.Array(ids)); err != nil {
		return fmt.Errorf("read what was replied to: %w", err)
	}
	for _, d := range list {
		who, err := seeing(ctx, tx, team, d.Delivery)
		if err != nil {
			return err
		}
		if len(who) == 0 {
			continue
		}
		n := notice.New{
			Key: fmt.Sprintf("replies:%d:%s", d.Delivery, now.UTC().Format(time.DateOnly)), Level: notice.Note, Kind: "post", ID: strconv.FormatInt(d.Post, 10), At: now, For: who,
			Say: fmt.Sprintf("People reply to %s on %s (%d more than before). Read the replies and answer whoever needs help: %s", d.Message, d.Channel, more[d.Delivery], d.URL),
		}
		if _, err := notice.Tell(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}

const sqlModerators = `
SELECT id
FROM people
WHERE role = $1
  AND disabled_at IS NULL
ORDER BY id`

// moderators returns everybody who moderates.
func moderators(ctx context.Context, tx *postgres.Tx) ([]people.Person, error) {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, sqlModerators, string(people.RoleModerator)); err != nil {
		return nil, fmt.Errorf("list moderators: %w", err)
	}
	var team []people.Person
	for _, id := range ids {
		p, err := people.ByID(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if !p.Disabled {
			team = append(team, p)
		}
	}
	return team, nil
}

// seeing returns those who may see a delivery.
func seeing(ctx context.Context, tx *postgres.Tx, team []people.Person, delivery int64) ([]int64, error) {
	var who []int64
	for _, p := range team {
		err := scope.Check(ctx, tx, p, scope.Delivery, delivery)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		who = append(who, p.ID)
	}
	return who, nil
}
