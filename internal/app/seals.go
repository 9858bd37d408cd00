package app

import (
	"context"

	"daymark/internal/org/audit"
)

// sealLog seals the rows of the audit log that have settled, unless another replica does.
func (a *App) sealLog(ctx context.Context, sealer *audit.Sealer) error {
	_, err := a.DB.Leader(ctx, lockSeals, func(ctx context.Context) error {
		_, err := sealer.Seal(ctx)
		return err
	})
	return err
}
