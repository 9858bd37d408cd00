package connect

import (
	"bytes"
	"context"
	"time"

	"daymark/internal/platform"
)

// prepared returns the connector of a channel and the account as it was when a post was prepared lately, else as it is.
func (n *Networks) prepared(ctx context.Context, id int64, age time.Duration) (platform.Connector, platform.Account, error) {
	if k, ok := n.recent.Get(id, age); ok {
		return k.Connector, k.Account, nil
	}
	return n.account(ctx, id)
}

// replaced reports whether the credentials of an account are others by now than those that were used.
func (n *Networks) replaced(ctx context.Context, used platform.Account) bool {
	n.recent.Forget(used.Channel)
	_, now, err := n.account(ctx, used.Channel)
	return err == nil && !bytes.Equal(now.Secret.Reveal(), used.Secret.Reveal())
}

// Rate returns what a channel's network said with the latest post about how many more it takes.
func (n *Networks) Rate(channel int64) (platform.Rate, bool) { return n.rates.Get(channel) }
