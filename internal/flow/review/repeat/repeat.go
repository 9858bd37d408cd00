// Package repeat finds texts that several accounts of one network would say, where the network forbids that.
//
// It compares what is about to be put before reviewers with itself and with what other accounts have approved or sent. What is the
// same text is for the network to say.
package repeat

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/book/fill"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// Distinct is met by networks that know whether one of them forbids the same text from several accounts.
type Distinct interface {
	// Same reports whether two contents would be the same text to the network of a channel. It is false where the network does not
	// mind. It makes no call.
	Same(ctx context.Context, channel int64, a, b platform.Content) (bool, error)
}

// near is how far apart two posts may be due and still count as repeating each other. X names no time; a year later the same words
// are a tradition.
const near = 30 * 24 * time.Hour

// What other accounts of the network have approved, sent or perhaps sent around that time.
const sqlElsewhere = `
SELECT r.body
FROM deliveries d
JOIN channels c ON c.id = d.channel_id
JOIN releases r ON r.id = d.release_id
WHERE c.platform = $1
  AND d.channel_id <> $2
  AND d.state IN ('scheduled', 'unknown', 'published')
  AND d.due_at BETWEEN $3 AND $4`

// Reasons returns a sentence for each text that another account of its network says too, where the network forbids that.
func Reasons(ctx context.Context, q postgres.Querier, distinct Distinct, filled []fill.Filled) ([]string, error) {
	var reasons []string
	for i, f := range filled {
		says := textOf(f.Final)
		// A text is never the same as itself where the network does not mind.
		if minds, err := distinct.Same(ctx, f.Final.Channel, says, says); err != nil || !minds {
			if err != nil {
				return nil, err
			}
			continue
		}
		others, err := elsewhere(ctx, q, f.Final)
		if err != nil {
			return nil, err
		}
		for _, other := range filled[:i] {
			if other.Final.Platform == f.Final.Platform && other.Final.Channel != f.Final.Channel {
				others = append(others, other.Final)
			}
		}
		for _, other := range others {
			same, err := distinct.Same(ctx, f.Final.Channel, says, textOf(other))
			if err != nil {
				return nil, err
			}
			if same {
				reasons = append(reasons, fmt.Sprintf("%s says the same as %s, and the network forbids that of several accounts: write another text for one of them, or leave one out.",
					f.Final.Account, other.Account))
				break
			}
		}
	}
	return reasons, nil
}

func elsewhere(ctx context.Context, q postgres.Querier, final post.Final) ([]post.Final, error) {
	var bodies [][]byte
	if err := q.SelectContext(ctx, &bodies, sqlElsewhere, final.Platform, final.Channel, final.DueAt.Add(-near), final.DueAt.Add(near)); err != nil {
		return nil, fmt.Errorf("read what other accounts say: %w", err)
	}
	list := make([]post.Final, len(bodies))
	for i, body := range bodies {
		var err error
		if list[i], err = post.ReadFinal(body); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// textOf returns the words of a final, which is all that is compared.
func textOf(f post.Final) platform.Content {
	c := platform.Content{ContentNote: f.ContentNote, Language: f.Language}
	for _, part := range f.Parts {
		c.Parts = append(c.Parts, platform.Part{Text: part.Text})
	}
	return c
}
