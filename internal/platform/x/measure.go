package x

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/reading"
	"daymark/internal/platform/x/session"
)

// batchSize is how many posts X returns in one call (https://docs.x.com/x-api/posts/get-posts-by-ids).
const batchSize = 100

// measured is an answer with posts that count. A count that is not there stays nil: absent is not zero.
type measured struct {
	Data []struct {
		ID      string `json:"id"`
		Metrics struct {
			Likes       *int64 `json:"like_count"`
			Reposts     *int64 `json:"retweet_count"`
			Shares      *int64 `json:"repost_count"` // the name in X's machine-readable definition of 2026
			Replies     *int64 `json:"reply_count"`
			Quotes      *int64 `json:"quote_count"`
			Impressions *int64 `json:"impression_count"`
		} `json:"public_metrics"`
	} `json:"data"`
	Errors []reading.Problem `json:"errors"`
}

// Measure reads the public counts of posts, a hundred at a time. Asked for again on the same day (UTC) a post costs nothing
// more.
func (c *Connector) Measure(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Counts, error) {
	out := map[string]platform.Counts{}
	s, err := session.Open(c.o, account)
	if err != nil {
		return out, err
	}
	for chunk := range slices.Chunk(refs, batchSize) {
		var ids []string
		for _, ref := range chunk {
			if entity.IsID(ref.ID) && !slices.Contains(ids, ref.ID) {
				ids = append(ids, ref.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		if s.Keys.API == session.Legacy {
			err = measureLegacy(ctx, s, ids, out)
		} else {
			err = measure(ctx, s, ids, out)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// measure reads with version 2.
func measure(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Counts) error {
	var got measured
	if err := s.Get(ctx, &session.Call{}, "/2/tweets", url.Values{"ids": {strings.Join(ids, ",")}, "tweet.fields": {"public_metrics"}}, &got); err != nil {
		return err
	}
	if len(got.Data)+len(got.Errors) == 0 {
		return &platform.Transient{Say: session.SayNotX}
	}
	for _, p := range got.Data {
		m := p.Metrics
		if m.Reposts == nil {
			m.Reposts = m.Shares
		}
		out[p.ID] = platform.Counts{At: s.Now(), Favourites: m.Likes, Boosts: m.Reposts, Replies: m.Replies, Quotes: m.Quotes, Impressions: m.Impressions}
	}
	for _, p := range got.Errors {
		id := p.Of(ids)
		if _, read := out[id]; id != "" && !read {
			out[id] = platform.Counts{At: s.Now(), Gone: true}
		}
	}
	return nil
}

// measureLegacy reads with version 1.1, which leaves out what is gone.
func measureLegacy(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Counts) error {
	got, err := legacy.Measure(ctx, s, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		m, ok := got[id]
		if !ok {
			out[id] = platform.Counts{At: s.Now(), Gone: true}
			continue
		}
		out[id] = platform.Counts{At: s.Now(), Favourites: &m.Likes, Boosts: &m.Reposts}
	}
	return nil
}
