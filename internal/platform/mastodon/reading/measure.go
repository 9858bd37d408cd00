package reading

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
	Favourites *int64 `json:"favourites_count"`
	Boosts     *int64 `json:"reblogs_count"`
	Replies    *int64 `json:"replies_count"`
	Quotes     *int64 `json:"quotes_count"` // Mastodon 4.5 and later
}

// Measure reads the counts of statuses: many at a time where the server allows it, one by one elsewhere.
func Measure(ctx context.Context, s *session.Session, many bool, refs []platform.Ref) (map[string]platform.Counts, error) {
	out := map[string]platform.Counts{}
	return out, each(ctx, s, many, refs, out, func(c counted) (platform.Counts, bool) {
		return platform.Counts{At: s.Now(), Favourites: c.Favourites, Boosts: c.Boosts, Replies: c.Replies, Quotes: c.Quotes}, true
	}, platform.Counts{At: s.Now(), Gone: true})
}

// each reads statuses into out by their numbers. use says what a status comes to, or that it is none; gone is what one comes to that is
// not there.
func each[In, Out any](ctx context.Context, s *session.Session, many bool, refs []platform.Ref, out map[string]Out, use func(In) (Out, bool), gone Out) error {
	if many && len(refs) > 1 {
		if err := batches(ctx, s, refs, out, use); err != nil {
			return err
		}
	}
	for _, ref := range refs { // what no batch told: single, unsupported or deleted
		if _, ok := out[ref.ID]; ok {
			continue
		}
		if err := one(ctx, s, ref.ID, out, use, gone); err != nil {
			return err
		}
	}
	return nil
}

// numbered is a status with its number.
type numbered[In any] struct {
	ID   gomastodon.ID
	Rest In
}

// UnmarshalJSON reads both from the same object.
func (n *numbered[In]) UnmarshalJSON(raw []byte) error {
	var id struct {
		ID gomastodon.ID `json:"id"`
	}
	if err := json.Unmarshal(raw, &id); err != nil {
		return err
	}
	n.ID = id.ID
	return json.Unmarshal(raw, &n.Rest)
}

// batches reads as many as it can. A server that refuses batches is not an error.
func batches[In, Out any](ctx context.Context, s *session.Session, refs []platform.Ref, out map[string]Out, use func(In) (Out, bool)) error {
	for chunk := range slices.Chunk(refs, batchSize) {
		query := url.Values{}
		for _, ref := range chunk {
			query.Add("id[]", ref.ID)
		}
		var statuses []numbered[In]
		err := s.Get(ctx, &session.Call{}, "/api/v1/statuses", query, &statuses)
		if platform.Outcome(err) == platform.KindPermanent {
			return nil
		}
		if err != nil {
			return err
		}
		for _, status := range statuses {
			if got, ok := use(status.Rest); ok {
				out[string(status.ID)] = got
			}
		}
	}
	return nil
}

// one reads one status, or that it is gone.
func one[In, Out any](ctx context.Context, s *session.Session, id string, out map[string]Out, use func(In) (Out, bool), gone Out) error {
	answer := &session.Call{}
	var status numbered[In]
	err := s.Do(ctx, session.Harmless, answer, func(ctx context.Context) error {
		raw := &bytes.Buffer{}
		s.API.JSONWriter = raw
		defer func() { s.API.JSONWriter = nil }()
		if _, err := s.API.GetStatus(ctx, gomastodon.ID(url.PathEscape(id))); err != nil {
			return err
		}
		return json.Unmarshal(raw.Bytes(), &status)
	})
	if answer.Gone() {
		out[id] = gone
		return nil
	}
	if err != nil {
		return err
	}
	got, ok := use(status.Rest)
	if string(status.ID) != id || !ok {
		return &platform.Transient{Say: session.SayNotMastodon}
	}
	out[id] = got
	return nil
}
