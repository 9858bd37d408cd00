// Package scope says what lies within the limits of a person: a chapter lead sees the posts that go to the accounts of the chapter, a
// volunteer who helps with one campaign sees that one.
//
// The rule itself is said once, in the database's functions may_see_channel, may_see_edition and may_see_post. What lies outside is
// not there for the person: a page of it answers as one that does not exist. What somebody may do inside is said by their role.
package scope

import (
	"context"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Kind is a kind of thing that has a number in an address.
type Kind string

// The kinds that lie within or outside of somebody's limits.
const (
	Post       Kind = "post"
	Edition    Kind = "edition"
	Submission Kind = "submission"
	Delivery   Kind = "delivery"
	Channel    Kind = "channel"
	Offer      Kind = "offer"
	TakeDown   Kind = "takedown"
)

const (
	sqlPost       = `SELECT may_see_post($1, $2)`
	sqlEdition    = `SELECT may_see_edition($1, $2)`
	sqlChannel    = `SELECT may_see_channel($1, $2)`
	sqlSubmission = `
SELECT coalesce((SELECT may_see_post($1, s.post_id) FROM submissions s WHERE s.id = $2), false)`
	sqlDelivery = `
SELECT coalesce((SELECT may_see_post($1, d.post_id) AND may_see_channel($1, d.channel_id) FROM deliveries d WHERE d.id = $2), false)`
	sqlOffer = `
SELECT coalesce((SELECT may_see_post($1, o.post_id) FROM offers o WHERE o.id = $2), false)`
	// A take-down of a helpline or a picture reaches over campaigns and accounts.
	sqlTakeDown = `
SELECT coalesce((SELECT CASE t.scope WHEN 'post' THEN may_see_post($1, t.post_id) WHEN 'edition' THEN may_see_edition($1, t.edition_id) ELSE false END
  FROM takedowns t WHERE t.id = $2), false)`
)

var statements = map[Kind]string{
	Post: sqlPost, Edition: sqlEdition, Channel: sqlChannel, Submission: sqlSubmission, Delivery: sqlDelivery, Offer: sqlOffer, TakeDown: sqlTakeDown,
}

// Check returns NotFound when a thing lies outside of a person's limits, as it does when there is no such thing.
func Check(ctx context.Context, q postgres.Querier, person people.Person, kind Kind, id int64) error {
	if !person.Limited() {
		return nil
	}
	var within bool
	if err := q.GetContext(ctx, &within, statements[kind], person.ID, id); err != nil {
		return fmt.Errorf("look whether %s %d is within limits: %w", kind, id, err)
	}
	if !within {
		return fault.New(fault.NotFound, "There is no such page, or it lies outside of what you work on.")
	}
	return nil
}

// Limits are what of long lists a person sees.
type Limits struct {
	all      bool
	channels map[int64]bool
	editions map[int64]bool
}

const (
	sqlChannels = `
SELECT id
FROM channels
WHERE may_see_channel($1, id)`

	sqlEditions = `
SELECT id
FROM editions
WHERE may_see_edition($1, id)`
)

// Of reads the limits of a person.
func Of(ctx context.Context, q postgres.Querier, person people.Person) (Limits, error) {
	l := Limits{all: !person.Limited(), channels: map[int64]bool{}, editions: map[int64]bool{}}
	if l.all {
		return l, nil
	}
	for _, read := range []struct {
		statement string
		into      map[int64]bool
	}{{sqlChannels, l.channels}, {sqlEditions, l.editions}} {
		var ids []int64
		if err := q.SelectContext(ctx, &ids, read.statement, person.ID); err != nil {
			return Limits{}, fmt.Errorf("read the limits of person %d: %w", person.ID, err)
		}
		for _, id := range ids {
			read.into[id] = true
		}
	}
	if len(person.Campaigns) == 0 {
		l.editions[0] = true // posts that stand alone
	}
	return l, nil
}

// Channel reports whether a channel is within the limits.
func (l Limits) Channel(id int64) bool { return l.all || l.channels[id] }

// Edition reports whether an edition is within the limits; 0 is that of posts that stand alone.
func (l Limits) Edition(id int64) bool { return l.all || l.editions[id] }

// Place reports whether a place of a post is within the limits.
func (l Limits) Place(edition, channel int64) bool { return l.Edition(edition) && l.Channel(channel) }
