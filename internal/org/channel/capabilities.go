package channel

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/postgres"
)

const sqlCapabilities = `
SELECT capabilities, capabilities_at
FROM channels
WHERE id = $1`

const sqlSaveCapabilities = `
UPDATE channels
SET capabilities = $2, capabilities_at = $3
WHERE id = $1`

// Capabilities returns what the channel's server allowed when it was last asked, as the connector's own JSON, and when that
// was: the zero time for never.
func Capabilities(ctx context.Context, q postgres.Querier, id int64) (json.RawMessage, time.Time, error) {
	var row struct {
		Body []byte     `db:"capabilities"`
		At   *time.Time `db:"capabilities_at"`
	}
	if err := q.GetContext(ctx, &row, sqlCapabilities, id); err != nil {
		return nil, time.Time{}, fmt.Errorf("read what channel %d allows: %w", id, err)
	}
	if row.At == nil {
		return nil, time.Time{}, nil
	}
	return row.Body, row.At.UTC(), nil
}

// SaveCapabilities keeps what the channel's server allows.
func SaveCapabilities(ctx context.Context, q postgres.Querier, id int64, body json.RawMessage, at time.Time) error {
	if _, err := q.ExecContext(ctx, sqlSaveCapabilities, id, string(body), at); err != nil {
		return fmt.Errorf("keep what channel %d allows: %w", id, err)
	}
	return nil
}
