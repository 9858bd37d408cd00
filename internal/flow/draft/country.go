package draft

import (
	"context"
	"fmt"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

const sqlOnChannel = `
SELECT DISTINCT post_id
FROM deliveries
WHERE channel_id = $1 AND state IN ('held', 'scheduled')`

// SetCountry says in which country a channel's readers are and renews the posts that show helplines there.
func SetCountry(ctx context.Context, db *postgres.DB, id int64, country string, by people.Person) (Renewed, error) {
	var done Renewed
	if !by.May(people.ChannelManage) {
		return done, fault.New(fault.Forbidden, "Your role does not allow changing channels.")
	}
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		done = Renewed{}
		if err := lockWaiting(ctx, tx); err != nil {
			return err
		}
		was, err := channel.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := channel.SetCountry(ctx, tx, id, country, by.ID); err != nil {
			return err
		}
		is, err := channel.Get(ctx, tx, id)
		if err != nil || is.Country == was.Country {
			return err
		}
		var there []int64
		if err := tx.SelectContext(ctx, &there, sqlOnChannel, id); err != nil {
			return fmt.Errorf("read what waits for channel %d: %w", id, err)
		}
		posts, err := underReview(ctx, tx, "helpline")
		if err != nil {
			return err
		}
		r, err := newRenewal(ctx, tx, by, &done)
		if err != nil {
			return err
		}
		r.hand = "country"
		for _, p := range posts {
			says := func(language string) bool { return p.Source.Says(language, "helpline") }
			if !slices.Contains(there, p.Post) || !slices.ContainsFunc(p.Languages, says) {
				continue
			}
			if err := r.renew(ctx, p.Post, fmt.Sprintf("The readers of %s are in another country now, with other helplines. %s", is.Name, again)); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}
