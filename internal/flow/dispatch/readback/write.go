package readback

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/org/notice"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// A worker whose lease ended while it waited for the network says nothing any more: whoever has the row now does.
const sqlResult = `
UPDATE readbacks
SET state = $4, differences = $5, problem = $6, absent = $7, next_at = clock_timestamp() + $8 * interval '1 millisecond',
  asked_at = CASE WHEN $4 IN ('same', 'changed', 'gone') OR $10 > 0 THEN $9 ELSE asked_at END, cost = cost + $10
WHERE delivery_id = $1
  AND part = $2
  AND state = 'waiting'
  AND next_at = $3`

// write writes what the network showed of the copies of a channel, and tells the team what is not as approved.
func write(ctx context.Context, o Options, list []chosen, results []result) error {
	err := o.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now := o.Now()
		for i, c := range list {
			r := results[i]
			differences, err := encode(r.differences)
			if err != nil {
				return err
			}
			res, err := tx.ExecContext(ctx, sqlResult, c.Delivery, c.Part, c.NextAt, r.state, differences, r.problem, r.absent, r.again.Milliseconds(), now, r.cost)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n == 0 || (r.state != Changed && r.state != Gone) {
				if err != nil {
					return err
				}
				continue
			}
			detail := map[string]any{"part": c.Part, "differences": len(r.differences)}
			if err := audit.Write(ctx, tx, audit.Entry{Action: "copy.seen_" + r.state, Kind: "delivery", ID: c.Delivery, Detail: detail}); err != nil {
				return err
			}
			if c.Removed {
				continue // that it is gone, or changes, is what is wanted
			}
			if err := tell(ctx, tx, c, r, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write what the network shows of channel %d: %w", list[0].Channel, err)
	}
	return nil
}

// words says what a network can change.
var words = map[string]string{
	Text: "the text", Note: "the content note", Language: "the language", Visibility: "who sees it", Sensitive: "whether pictures are hidden",
	Pictures: "the pictures", Alt: "an alt text",
}

// tell tells the team about a copy that is not as approved: once for each post and network, since a network does the same to all.
func tell(ctx context.Context, tx *postgres.Tx, c chosen, r result, now time.Time) error {
	n := notice.New{Level: notice.Warning, Kind: "post", ID: fmt.Sprint(c.Post), At: now}
	if r.state == Gone {
		n.Key, n.Level = fmt.Sprintf("readback-gone:%d:%d", c.Delivery, c.Part), notice.Error
		n.Say = fmt.Sprintf("%s went out on %s, and the network says that it is not there any more. Look on the account why.", c.Message, c.Name)
	} else {
		var what []string
		for _, d := range r.differences {
			if word := words[d.What]; len(what) == 0 || what[len(what)-1] != word {
				what = append(what, word)
			}
		}
		n.Key = fmt.Sprintf("readback-changed:%d:%s", c.Post, c.Platform)
		n.Say = fmt.Sprintf("%s is not shown on %s as it was approved: %s differs. Look at the post, and decide whether it may stay.", c.Message, c.Name, strings.Join(what, " and "))
	}
	_, err := notice.Tell(ctx, tx, n)
	return err
}

// Seen is what a network shows of one part of a delivery.
type Seen struct {
	Delivery    int64
	Part        int
	State       string // one of the words above
	Differences []Difference
	Problem     string
	At          time.Time // product time; zero while nobody has answered
}

const sqlSeen = `
SELECT r.delivery_id, r.part, r.state, r.differences, r.problem, r.asked_at
FROM readbacks r
JOIN copies c ON c.delivery_id = r.delivery_id AND c.part = r.part
WHERE r.delivery_id = ANY($1)
  AND c.removed_at IS NULL
ORDER BY r.delivery_id, r.part`

// Of returns what networks show of deliveries, by delivery; of those that are taken down nothing.
func Of(ctx context.Context, q postgres.Querier, deliveries []int64) (map[int64][]Seen, error) {
	var rows []struct {
		Delivery    int64      `db:"delivery_id"`
		Part        int        `db:"part"`
		State       string     `db:"state"`
		Differences []byte     `db:"differences"`
		Problem     string     `db:"problem"`
		AskedAt     *time.Time `db:"asked_at"`
	}
	if err := q.SelectContext(ctx, &rows, sqlSeen, pq.Array(deliveries)); err != nil {
		return nil, fmt.Errorf("read what networks show: %w", err)
	}
	all := map[int64][]Seen{}
	for _, r := range rows {
		one := Seen{Delivery: r.Delivery, Part: r.Part, State: r.State, Problem: r.Problem}
		if err := json.Unmarshal(r.Differences, &one.Differences); err != nil {
			return nil, fmt.Errorf("read what the network changed of delivery %d: %w", r.Delivery, err)
		}
		if r.AskedAt != nil {
			one.At = r.AskedAt.UTC()
		}
		all[r.Delivery] = append(all[r.Delivery], one)
	}
	return all, nil
}
