package app

import (
	"context"

	"daymark/internal/flow/draft/prompt"
)

// tellMissed tells the team of what was to go out as soon as it was approved and did not, because nobody approved it in time or nothing
// could be sent.
func (a *App) tellMissed(ctx context.Context) error {
	told, err := prompt.TellMissed(ctx, a.DB, a.Clock.Now())
	if told > 0 {
		a.Log.WarnContext(ctx, "posts that were to go out at once missed their window; the team is told", "posts", told)
	}
	return err
}
