package edit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"daymark/internal/core/post"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/org/picture"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Reachable returns the accounts that a person may write for: to them no others are there.
func Reachable(ctx context.Context, q postgres.Querier, by people.Person) ([]channel.Channel, error) {
	limits, err := scope.Of(ctx, q, by)
	if err != nil {
		return nil, err
	}
	all, err := channel.List(ctx, q)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(c channel.Channel) bool { return !limits.Channel(c.ID) }), nil
}

const sqlCapabilities = `
SELECT id, capabilities
FROM channels
WHERE archived_at IS NULL`

// Capabilities returns what the servers of accounts allow, as far as they were asked.
func Capabilities(ctx context.Context, q postgres.Querier) (map[int64]platform.Capabilities, error) {
	var rows []struct {
		ID   int64  `db:"id"`
		Body []byte `db:"capabilities"`
	}
	if err := q.SelectContext(ctx, &rows, sqlCapabilities); err != nil {
		return nil, fmt.Errorf("read what channels allow: %w", err)
	}
	all := make(map[int64]platform.Capabilities, len(rows))
	for _, row := range rows {
		var c platform.Capabilities
		if err := json.Unmarshal(row.Body, &c); err != nil {
			return nil, fmt.Errorf("read what channel %d allows: %w", row.ID, err)
		}
		all[row.ID] = c
	}
	return all, nil
}

// Offers is what the library and other posts have, so that an author can take it without typing it again.
type Offers struct {
	Pictures []post.SourcePicture // of the library, the latest first, each with what is said of it
	Hashtags []string             // with their sign, the usual ones first
	Mentions map[string][]string  // partners' addresses, by network
}

// The offers are made of so many posts: those of the edition first, then the latest.
const (
	mostPosts    = 150
	mostPictures = 24
	mostOffered  = 30
)

// What somebody does not see is not offered to them.
const sqlLatest = `
SELECT r.body
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE ($2 = 0 OR may_see_post($2, p.id))
ORDER BY p.edition_id IS NOT DISTINCT FROM nullif($1::bigint, 0) DESC, r.id DESC
LIMIT $3`

// Offered returns what an author of a post of an edition is offered.
func Offered(ctx context.Context, q postgres.Querier, edition int64, by people.Person) (Offers, error) {
	limited := int64(0)
	if by.Limited() {
		limited = by.ID
	}
	var bodies [][]byte
	if err := q.SelectContext(ctx, &bodies, sqlLatest, edition, limited, mostPosts); err != nil {
		return Offers{}, fmt.Errorf("read what other posts have: %w", err)
	}
	o := Offers{Mentions: map[string][]string{}}
	var err error
	if o.Pictures, err = picture.Offered(ctx, q, by, mostPictures); err != nil {
		return Offers{}, err
	}
	count := map[string]int{}
	for _, body := range bodies {
		s, err := post.ReadSource(body)
		if err != nil {
			return Offers{}, fmt.Errorf("read what other posts have: %w", err)
		}
		for _, tag := range s.Hashtags {
			count[tag]++
		}
		for _, tags := range s.NetworkTags {
			for _, tag := range tags {
				count[tag]++
			}
		}
		for network, list := range s.Mentions {
			for _, one := range list {
				if !slices.Contains(o.Mentions[network], one) && len(o.Mentions[network]) < mostOffered {
					o.Mentions[network] = append(o.Mentions[network], one)
				}
			}
		}
		o.described(s)
	}
	for tag := range count {
		o.Hashtags = append(o.Hashtags, tag)
	}
	slices.SortFunc(o.Hashtags, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	o.Hashtags = o.Hashtags[:min(len(o.Hashtags), mostOffered)]
	return o, nil
}

// described takes from a post what it says of pictures in languages in which the library says nothing.
func (o *Offers) described(s post.Source) {
	for _, part := range s.Parts {
		for _, shown := range part.Pictures {
			at := slices.IndexFunc(o.Pictures, func(p post.SourcePicture) bool { return p.SHA256 == shown.SHA256 })
			for language, alt := range shown.Alt {
				if at >= 0 && o.Pictures[at].Alt[language] == "" {
					o.Pictures[at].Alt[language] = alt
				}
			}
		}
	}
}
