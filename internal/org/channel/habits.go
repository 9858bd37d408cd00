package channel

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/postgres"
)

// DefaultSpacing is how far apart the posts of a channel are unless the team says otherwise.
const DefaultSpacing = 15 * time.Minute

const maxSpacing = 24 * time.Hour

// Habits say how a channel likes to post. They forbid nothing: planning warns where a plan is against them.
type Habits struct {
	Spacing   time.Duration // between two posts, in whole minutes; zero is as close as one likes
	QuietFrom civil.Clock   // on the channel's own clock; the same as QuietTo where there are no quiet hours
	QuietTo   civil.Clock   // the first minute that is not quiet any more; before QuietFrom it is the next day's
}

// Usual returns the habits of a channel of which nobody has said anything.
func Usual() Habits { return Habits{Spacing: DefaultSpacing} }

// Quiet reports whether the channel would rather be quiet at a time of its day.
func (h Habits) Quiet(at civil.Clock) bool {
	from, to, m := h.QuietFrom.Minutes(), h.QuietTo.Minutes(), at.Minutes()
	if from <= to {
		return from <= m && m < to
	}
	return m >= from || m < to
}

// wrong says which habits make no sense, by field.
func (h Habits) wrong() map[string]string {
	if h.Spacing < 0 || h.Spacing > maxSpacing || h.Spacing%time.Minute != 0 {
		return map[string]string{"spacing": fmt.Sprintf("is %s; write whole minutes from 0m to 24h", h.Spacing)}
	}
	return nil
}

// quiet returns the quiet hours as the columns have them: nothing where there are none.
func (h Habits) quiet() (from, to *civil.Clock) {
	if h.QuietFrom == h.QuietTo {
		return nil, nil
	}
	return &h.QuietFrom, &h.QuietTo
}

const sqlSaveHabits = `
UPDATE channels
SET spacing_minutes = $2, quiet_from = $3, quiet_to = $4
WHERE id = $1
  AND (spacing_minutes, quiet_from, quiet_to) IS DISTINCT FROM ($2::int, $3::time, $4::time)`

// SaveHabits gives a channel new habits; by is who does it. Saving the same again changes nothing.
func SaveHabits(ctx context.Context, tx *postgres.Tx, id int64, h Habits, by int64) error {
	for field, wrong := range h.wrong() {
		return fault.BadField(field, "%s", wrong)
	}
	if _, err := Get(ctx, tx, id); err != nil {
		return err
	}
	from, to := h.quiet()
	res, err := tx.ExecContext(ctx, sqlSaveHabits, id, int(h.Spacing.Minutes()), from, to)
	if err != nil {
		return fmt.Errorf("save the habits of channel %d: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: by, Action: "channel.habits_changed", Kind: "channel", ID: id,
		Detail: map[string]any{"spacing": h.Spacing.String(), "quiet_from": h.QuietFrom.String(), "quiet_to": h.QuietTo.String()},
	})
}
