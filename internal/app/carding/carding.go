// Package carding puts the cards that a campaign has ready on the posts of an edition.
//
// It joins two steps that know nothing of each other: internal/flow/campaign/deck draws, internal/flow/draft/carded changes the posts.
package carding

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/campaign/deck"
	"daymark/internal/flow/draft/carded"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Done says what became of one post of an edition.
type Done struct {
	Message string
	Card    string // the id of its card
	Drawn   int    // in how many languages
	Why     error  // why it has none, in a sentence; nil where it has
}

// PutAll puts the cards that a campaign has ready on the posts of an edition that show none and that nobody has sent for review, in one
// format, and tells of each. Cards that cannot be drawn, as of a fact past its review, keep no other from being put.
func PutAll(ctx context.Context, db *postgres.DB, of book.Edition, format string, fonts *lettering.Fonts, by people.Person, now time.Time, tell func(Done)) error {
	if !by.May(people.PostEdit) {
		return fault.New(fault.Forbidden, "Your role does not allow changing posts.")
	}
	ready, err := deck.Planned(ctx, db, of.Campaign)
	if err != nil {
		return err
	}
	if len(ready) == 0 {
		return fault.New(fault.NotFound, "The campaign %q has no cards ready.", of.Campaign)
	}
	values, err := fill.Read(ctx, db, of.ID)
	if err != nil {
		return err
	}
	day, err := civil.ParseDate(of.FirstDay)
	if err != nil {
		return fmt.Errorf("read the first day of edition %d: %w", of.ID, err)
	}
	ids, err := carded.Unsent(ctx, db, of.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, err := book.FindPost(ctx, db, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(ready, func(c cards.Card) bool { return slices.Contains(c.Posts, p.Message) })
		if at < 0 || carded.Shows(p.Source) {
			continue
		}
		done := Done{Message: p.Message, Card: ready[at].ID}
		drawn, err := deck.Draw(deck.Wanted{Card: ready[at], Format: format, Named: true, Day: day}, values, edit.Languages(p.Source), fonts, now)
		if err == nil {
			var list []carded.Picture
			for _, one := range drawn {
				list = append(list, carded.Picture(one))
			}
			err = db.InTx(ctx, func(tx *postgres.Tx) error { return carded.Put(ctx, tx, id, p.Version, list, by, now) })
			done.Drawn = len(list)
		}
		if err != nil && fault.Say(err) == "" {
			return err
		}
		done.Why = err
		tell(done)
	}
	return nil
}
