package deck

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/campaign/cards"
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

// sqlUnsent lists the posts of an edition that nobody has sent for review yet: another picture would take an approval back.
const sqlUnsent = `
SELECT p.id
FROM posts p
WHERE p.edition_id = $1
  AND NOT EXISTS (SELECT FROM submissions s WHERE s.post_id = p.id)
ORDER BY p.id`

// PutAll puts the cards that a campaign has ready on the posts of an edition that show none and that nobody has sent for review, in one
// format, and tells of each. Cards that cannot be drawn, as of a fact past its review, keep no other from being put.
func PutAll(ctx context.Context, db *postgres.DB, of book.Edition, format string, fonts *lettering.Fonts, by people.Person, now time.Time, tell func(Done)) error {
	if !by.May(people.PostEdit) {
		return fault.New(fault.Forbidden, "Your role does not allow changing posts.")
	}
	ready, err := Planned(ctx, db, of.Campaign)
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
	var ids []int64
	if err := db.SelectContext(ctx, &ids, sqlUnsent, of.ID); err != nil {
		return fmt.Errorf("list the posts of edition %d: %w", of.ID, err)
	}
	for _, id := range ids {
		p, err := book.FindPost(ctx, db, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(ready, func(c cards.Card) bool { return slices.Contains(c.Posts, p.Message) })
		if at < 0 || shows(p.Source) {
			continue
		}
		done := Done{Message: p.Message, Card: ready[at].ID}
		drawn, err := Draw(Wanted{Card: ready[at], Format: format, Named: true, Day: day}, values, edit.Languages(p.Source), fonts, now)
		if err == nil {
			err = db.InTx(ctx, func(tx *postgres.Tx) error { return Put(ctx, tx, id, p.Version, drawn, by, now) })
			done.Drawn = len(drawn)
		}
		if err != nil && fault.Say(err) == "" {
			return err
		}
		done.Why = err
		tell(done)
	}
	return nil
}

// shows reports whether a post has a card.
func shows(s post.Source) bool {
	for _, part := range s.Parts {
		if slices.ContainsFunc(part.Pictures, func(p post.SourcePicture) bool { return p.Only != "" }) {
			return true
		}
	}
	return false
}
