package notify

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

// Stuck is what of the mail does not go out.
type Stuck struct {
	Waiting int        `db:"waiting"` // letters of which an attempt failed, and that are tried again
	GivenUp int        `db:"given_up"`
	Refused int        `db:"refused"` // people whose address takes no mail
	Sent    *time.Time `db:"sent"`    // when a letter went out last; nil when none did within 30 days
}

const sqlStuck = `
SELECT count(*) FILTER (WHERE state = 'waiting' AND tries > 1) AS waiting,
  count(*) FILTER (WHERE state = 'given up' AND ended_at > clock_timestamp() - $1 * interval '1 second') AS given_up,
  (SELECT count(*) FROM mail_people WHERE refused_at IS NOT NULL) AS refused,
  max(ended_at) FILTER (WHERE state = 'sent') AS sent
FROM outbox`

// StuckFor says what of the mail does not go out, or was given up within some time back from now, in real time.
func StuckFor(ctx context.Context, q postgres.Querier, back time.Duration) (Stuck, error) {
	var s Stuck
	if err := q.GetContext(ctx, &s, sqlStuck, back.Seconds()); err != nil {
		return Stuck{}, fmt.Errorf("look how mail goes: %w", err)
	}
	return s, nil
}
