package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"slices"

	gomastodon "github.com/mattn/go-mastodon"

	"daymark/internal/platform"
	"daymark/internal/platform/mastodon/session"
)

// batchSize is how many statuses Mastodon returns in one call (DEFAULT_STATUSES_LIMIT in
// app/controllers/api/v1/statuses_controller.rb).
const batchSize = 20

// counted is the part of a status that counts. A field that is not there stays nil: absent is not zero.
type counted struct {
	ID         gomastodon.ID `json:"id"`
	Favourites *int64        `json:"favourites_count"`
	Boosts     *int64        `json:"reblogs_count"`
	Replies    *int64        `json:"replies_count"`
	Quotes     *int64        `json:"quotes_count"` // Mastodon 4.5 and later
}

// Measure reads the counts of statuses: many at a time from Mastodon 4.3 and later, one by one elsewhere.
func (c *Connector) Measure(ctx context.Context, account platform.Account, refs []platform.Ref) (map[string]platform.Counts, error) {
	out := map[string]platform.Counts{}
	s, err := session.Open(c.o, account)
	if err != nil {
		return out, err
	}
	if len(refs) > 1 {
		srv, err := c.server(ctx, s)
		if err != nil {
			return out, err
		}
		if srv.Batch {
			if err := measureBatches(ctx, s, refs, out); err != nil {
				return out, err
			}
		}
	}
	for _, ref := range refs { // what no batch told: single, unsupported or deleted
		if _, ok := out[ref.ID]; ok {
			continue
		}
		if err := measureOne(ctx, s, ref.ID, out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// measureBatches reads as many as it can. A server that refuses batches is not an error.
func measureBatches(ctx context.Context, s *session.Session, refs []platform.Ref, out map[string]platform.Counts) error {
	for chunk := range slices.Chunk(refs, batchSize) {
		query := url.Values{}
		for _, ref := range chunk {
			query.Add("id[]", ref.ID)
		}
		var statuses []counted
		err := s.Get(ctx, &session.Call{}, "/api/v1/statuses", query, &statuses)
		if platform.Outcome(err) == platform.KindPermanent {
			return nil
		}
		if err != nil {
			return err
		}
		for _, status := range statuses {
			out[string(status.ID)] = countsOf(s, status)
		}
	}
	return nil
}

// measureOne reads one status, or that it is gone.
func measureOne(ctx context.Context, s *session.Session, id string, out map[string]platform.Counts) error {
	answer := &session.Call{}
	var status counted
	err := s.Do(ctx, session.Harmless, answer, func(ctx context.Context) error {
		raw := &bytes.Buffer{}
		s.API.JSONWriter = raw
		defer func() { s.API.JSONWriter = nil }()
		if _, err := s.API.GetStatus(ctx, gomastodon.ID(url.PathEscape(id))); err != nil {
			return err
		}
		return json.Unmarshal(raw.Bytes(), &status)
	})
	switch {
	case answer.Gone():
		out[id] = platform.Counts{At: s.Now(), Gone: true}
	case err != nil:
		return err
	case string(status.ID) != id:
		return &platform.Transient{Say: session.SayNotMastodon}
	default:
		out[id] = countsOf(s, status)
	}
	return nil
}

// countsOf dates the counts of a status.
func countsOf(s *session.Session, status counted) platform.Counts {
	return platform.Counts{At: s.Now(), Favourites: status.Favourites, Boosts: status.Boosts, Replies: status.Replies, Quotes: status.Quotes}
}
