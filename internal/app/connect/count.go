package connect

import (
	"context"

	"daymark/internal/app/connect/recent"
	"daymark/internal/platform"
)

// ReadCost is what the network of a channel charges for reading one post, in millionths of a US dollar.
func (n *Networks) ReadCost(ctx context.Context, id int64) (int64, error) {
	connector, account, err := n.prepared(ctx, id, recent.Lately)
	if err != nil {
		return 0, err
	}
	if reader, ok := connector.(platform.Reader); ok {
		return int64(reader.ReadCost(account)), nil
	}
	return 0, nil
}

// Followers asks the network of a channel how many follow it; nil is that it does not tell.
func (n *Networks) Followers(ctx context.Context, id int64) (*int64, error) {
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return nil, err
	}
	accounts, ok := connector.(platform.Accounts)
	if !ok {
		return nil, nil
	}
	identity, err := accounts.Verify(ctx, account)
	return identity.Followers, n.refused(ctx, connector, account, err)
}
