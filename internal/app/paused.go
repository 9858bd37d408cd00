package app

import (
	"context"

	"daymark/internal/flow/pause"
)

// holdPaused holds what fell due while a pause is in force. It looks at the licence first: in a restored database it may be out already.
func (a *App) holdPaused(ctx context.Context) error {
	err := a.CheckLicence(ctx)
	if err == nil {
		_, err = pause.HoldDue(ctx, a.DB, a.Clock.Now())
	}
	return err
}
