// Package reading reads posts of X by their numbers, as readers see them, with both versions of its API.
package reading

import (
	"context"
	"slices"
	"strings"

	"daymark/internal/platform"
	"daymark/internal/platform/x/entity"
	"daymark/internal/platform/x/legacy"
	"daymark/internal/platform/x/session"
	"daymark/internal/platform/x/timeline"
)

// Problem says of one post in an answer why it is not there.
type Problem struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	ID    string `json:"resource_id"`
}

// Gone reports whether the problem is that the post does not exist.
func (p Problem) Gone() bool { return strings.HasSuffix(p.Type, "/problems/resource-not-found") }

// Of returns of which of the posts asked for it says that they do not exist; empty for none.
func (p Problem) Of(asked []string) string {
	id := p.ID
	if id == "" {
		id = p.Value
	}
	if !p.Gone() || !slices.Contains(asked, id) {
		return ""
	}
	return id
}

// Read reads up to a hundred posts into out.
func Read(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Shown) error {
	if s.Keys.API == session.Legacy {
		return readLegacy(ctx, s, ids, out)
	}
	return readPosts(ctx, s, ids, out)
}

// readPosts reads with version 2.
func readPosts(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Shown) error {
	var got struct {
		timeline.Several
		Errors []Problem `json:"errors"`
	}
	query := timeline.Fields()
	query.Set("ids", strings.Join(ids, ","))
	if err := s.Get(ctx, &session.Call{}, "/2/tweets", query, &got); err != nil {
		return err
	}
	posts := got.Posts()
	if len(posts)+len(got.Errors) == 0 {
		return &platform.Transient{Say: session.SayNotX}
	}
	for _, p := range posts {
		out[p.ID] = shownOf(p)
	}
	for _, p := range got.Errors {
		id := p.Of(ids)
		if _, read := out[id]; id != "" && !read {
			out[id] = platform.Shown{Gone: true}
		}
	}
	return nil
}

// readLegacy reads with version 1.1, which leaves out what is gone.
func readLegacy(ctx context.Context, s *session.Session, ids []string, out map[string]platform.Shown) error {
	posts, err := legacy.Read(ctx, s, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		out[id] = platform.Shown{Gone: true}
	}
	for _, p := range posts {
		out[p.ID] = shownOf(p)
	}
	return nil
}

// shownOf puts a post into the contract's form.
func shownOf(p entity.Post) platform.Shown {
	shown := platform.Shown{Text: entity.Plain(p.Text), Alts: slices.Clone(p.Alts)}
	for len(shown.Alts) < p.Pictures {
		shown.Alts = append(shown.Alts, nil)
	}
	return shown
}
