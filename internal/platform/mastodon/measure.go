package mastodon

import (
	"context"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/reading"
	"daymark/internal/platform/mastodon/session"
)

// Measure reads the counts of statuses: many at a time from Mastodon 4.3 and later, one by one elsewhere.
func (c *Connector) Measure(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Counts, error) {
	s, many, err := c.reader(ctx, account, refs)
	if err != nil {
		return map[string]platform.Counts{}, err
	}
	return reading.Measure(ctx, s, many, refs)
}

// Read reads statuses as readers see them.
func (c *Connector) Read(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Shown, error) {
	s, many, err := c.reader(ctx, account, refs)
	if err != nil {
		return map[string]platform.Shown{}, err
	}
	return reading.Read(ctx, s, many, refs)
}

// reader opens a session and says whether its server tells of several statuses at a time.
func (c *Connector) reader(ctx context.Context, account platform.Account, refs []platform.Ref) (*session.Session, bool, error) {
	s, err := session.Open(c.o, account)
	if err != nil || len(refs) < 2 {
		return s, false, err
	}
	srv, err := c.server(ctx, s)
	return s, srv.Batch, err
}

// Expected returns how a part is shown when the server changes nothing.
func (*Connector) Expected(content platform.Content, part int) platform.Shown {
	return reading.Expected(content, part)
}

// ReadCost is nothing.
func (*Connector) ReadCost(platform.Account) platform.Money { return 0 }
