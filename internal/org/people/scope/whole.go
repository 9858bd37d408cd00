package scope

import (
	"context"
	"fmt"

	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const (
	sqlWholePost = `
SELECT may_see_post($1, $2) AND NOT EXISTS (
  SELECT 1
  FROM deliveries d
  WHERE d.post_id = $2
    AND d.state <> 'cancelled'
    AND NOT may_see_channel($1, d.channel_id))`

	sqlWholeOffer = `
SELECT coalesce((
  SELECT may_see_post($1, o.post_id) AND NOT EXISTS (
    SELECT 1
    FROM deliveries d
    WHERE d.post_id = o.post_id
      AND d.state <> 'cancelled'
      AND NOT may_see_channel($1, d.channel_id))
  FROM offers o
  WHERE o.id = $2), false)`
)

// Whole returns Forbidden when something reaches beyond a person's limits, though part of it is within: a post that also goes to
// another chapter's accounts, an edition for somebody who works on single accounts of it. They see it and change nothing of it. What
// lies outside altogether is not there, which [Check] says.
func Whole(ctx context.Context, q postgres.Querier, person people.Person, kind Kind, id int64) error {
	if !person.Limited() {
		return nil
	}
	within := true
	var err error
	switch kind {
	case Post:
		err = q.GetContext(ctx, &within, sqlWholePost, person.ID, id)
	case Offer:
		err = q.GetContext(ctx, &within, sqlWholeOffer, person.ID, id)
	case Edition:
		within = len(person.Labels) == 0 && person.Role != people.RoleChapter
	case Submission, Delivery, Channel, TakeDown:
	}
	if err != nil {
		return fmt.Errorf("look whether all of %s %d is within limits: %w", kind, id, err)
	}
	if !within {
		return Beyond()
	}
	return nil
}

// Beyond is what somebody is told who would change more than they work on.
func Beyond() error {
	return fault.New(fault.Forbidden, "This reaches beyond the accounts or campaigns that you work on. Ask an editor or an admin who works on all of them.")
}
