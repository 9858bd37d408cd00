package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"daymark/internal/platform"
	"daymark/internal/platform/bluesky/record"
	"daymark/internal/platform/bluesky/xrpc"
)

const (
	// batchSize is how many posts app.bsky.feed.getPosts returns in one call.
	batchSize = 25
	// indexed is how long the network's index may take to know a post. It is a second as a rule; this is generous.
	indexed = 15 * time.Minute
)

// counted is the part of a post's view that counts. A field that is not there stays nil: absent is not zero.
type counted struct {
	URI     string `json:"uri"`
	Likes   *int64 `json:"likeCount"`
	Reposts *int64 `json:"repostCount"`
	Replies *int64 `json:"replyCount"`
	Quotes  *int64 `json:"quoteCount"`
}

// Measure reads the counts of posts from the network's index, which the account's server hands the question on to. The index leaves
// out what it does not show. Such a post is gone when the account's server does not have it either, or when it has had time to
// become known.
func (c *Connector) Measure(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Counts, error) {
	out := map[string]platform.Counts{}
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
			Posts *[]counted `json:"posts"`
		}
		if err := s.Do(ctx, &xrpc.Call{Name: "app.bsky.feed.getPosts", Query: query, Out: &answer}); err != nil {
			return out, err
		}
		if answer.Posts == nil {
			return out, &platform.Transient{Say: xrpc.SayNotBluesky}
		}
		for _, p := range *answer.Posts {
			if id, asked := names[p.URI]; asked {
				out[id] = platform.Counts{At: c.o.Now(), Favourites: p.Likes, Boosts: p.Reposts, Replies: p.Replies, Quotes: p.Quotes}
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
				out[ref.ID] = platform.Counts{At: c.o.Now(), Gone: true}
			}
		}
	}
	return out, nil
}

// gone reports whether a post that the index leaves out is not there any more, rather than not there yet.
func (c *Connector) gone(ctx context.Context, s *xrpc.Client, account platform.Account, ref platform.Ref) (bool, error) {
	var there kept
	call := getRecord(account, ref.ID, &there)
	if err := s.Do(ctx, call); err != nil {
		if call.Gone() {
			return true, nil
		}
		return false, err
	}
	var value struct {
		CreatedAt time.Time `json:"createdAt"`
	}
	if err := json.Unmarshal(there.Value, &value); err != nil {
		return false, &platform.Transient{Say: xrpc.SayNotBluesky, Err: err}
	}
	return c.o.Now().Sub(value.CreatedAt) > indexed, nil
}
