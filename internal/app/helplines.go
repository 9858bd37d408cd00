package app

import (
	"context"

	"daymark/internal/flow/campaign/helplines"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// LoadHelplines takes the helplines that come with Daymark into the database, unchecked. One that somebody edited or took out of
// use stays as it is. Loading them again changes nothing.
func (a *App) LoadHelplines(ctx context.Context) error {
	list, err := helplines.Shipped()
	if err != nil {
		return err
	}
	by, err := people.System(ctx, a.DB)
	if err != nil {
		return err
	}
	var loaded helpline.Loaded
	if err := a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		loaded, err = helpline.LoadFile(ctx, tx, list, by, a.Clock.Now())
		return err
	}); err != nil {
		return err
	}
	if loaded != (helpline.Loaded{}) {
		a.Log.InfoContext(ctx, "helplines were loaded", "added", loaded.Added, "changed", loaded.Changed, "kept_as_edited", loaded.Kept)
	}
	return nil
}
