package bluesky

import (
	"context"
	"net/url"
	"slices"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/reading"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/xrpc"
)

// ReadCost is nothing.
func (*Connector) ReadCost(platform.Account) platform.Money { return 0 }

// Expected returns how a part is shown when the network changes nothing.
func (*Connector) Expected(content platform.Content, part int) platform.Shown {
	return reading.Expected(content, part)
}

// Read reads posts from the network's index. What the index leaves out is gone when the account's server does not have it either;
// otherwise it is not known there yet, and left out here.
func (c *Connector) Read(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Shown, error) {
	out := map[string]platform.Shown{}
	s, err := c.session(account)
	if err != nil {
		return out, err
	}
	for chunk := range slices.Chunk(refs, batchSize) {
		names, query := map[string]string{}, url.Values{}
		for _, ref := range chunk {
			uri := record.URI(account.RemoteID, ref.ID)
			names[uri] = ref.ID
			query.Add("uris", uri)
		}
		var answer struct {
			Posts *[]reading.Post `json:"posts"`
		}
		if err := s.Do(ctx, &xrpc.Call{Name: "app.bsky.feed.getPosts", Query: query, Out: &answer}); err != nil {
			return out, err
		}
		if answer.Posts == nil {
			return out, &platform.Transient{Say: xrpc.SayNotBluesky}
		}
		for _, p := range *answer.Posts {
			shown, ok := p.Shown()
			if id, asked := names[p.URI]; asked && ok {
				out[id] = shown
			}
		}
		for _, ref := range chunk {
			if _, told := out[ref.ID]; told {
				continue
			}
			gone, err := c.gone(ctx, s, account, ref)
			if err != nil {
				return out, err
			}
			if gone {
				out[ref.ID] = platform.Shown{Gone: true}
			}
		}
	}
	return out, nil
}
