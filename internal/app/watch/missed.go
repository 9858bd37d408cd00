package watch

import (
	"context"

	"daymark/internal/flow/draft/prompt"
)

// Missed tells the team of what was to go out as soon as it was approved and did not, because nobody approved it in time or nothing
// could be sent.
func (w *Watch) Missed(ctx context.Context) error {
	told, err := prompt.TellMissed(ctx, w.db, w.clock.Now())
	if told > 0 {
		w.log.WarnContext(ctx, "posts that were to go out at once missed their window; the team is told", "posts", told)
	}
	return err
}
