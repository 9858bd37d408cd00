package draft

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// SaveFact writes a fact that a person edited, or a new one where version is zero, and renews the posts that state it: by its token,
// where what it says in their language changed, or in words of their own. See [fact.Change] for what is refused.
func SaveFact(ctx context.Context, db *postgres.DB, f campaign.Fact, version int, by people.Person, now time.Time) (Renewed, error) {
	var done Renewed
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		done = Renewed{}
		if err := lockWaiting(ctx, tx); err != nil {
			return err
		}
		was, err := fact.Find(ctx, tx, fact.Clean(f).ID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if _, err := fact.Change(ctx, tx, f, version, by, now); err != nil {
			return err
		}
		if version == 0 {
			return nil // a text that names a fact which is not there yet was never submitted
		}
		r, err := newRenewal(ctx, tx, by, &done)
		if err != nil {
			return err
		}
		return r.fact(ctx, was.Fact, fact.Clean(f))
	})
	return done, err
}

// RenewFact says that a person looked at a fact's source again and that it still holds, until another day. Posts stay as they are:
// they say the same.
func RenewFact(ctx context.Context, db *postgres.DB, id string, until civil.Date, version int, by people.Person, now time.Time) error {
	if !by.May(people.FactEdit) {
		return fault.New(fault.Forbidden, "Your role does not allow changing facts.")
	}
	if !until.Exists() || until.Before(civil.DateOf(now.UTC())) {
		return fault.BadField("review date", "must be a day that is still to come")
	}
	return db.InTx(ctx, func(tx *postgres.Tx) error {
		f, err := fact.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		f.ReviewBy = until
		_, err = fact.Change(ctx, tx, f.Fact, version, by, now)
		return err
	})
}

// LoadFacts takes the facts of a file, as [fact.LoadFile] does, and renews the posts that state one that changed.
func LoadFacts(ctx context.Context, db *postgres.DB, list []campaign.Fact, by people.Person, now time.Time) (fact.Taken, Renewed, error) {
	var taken fact.Taken
	var done Renewed
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		taken, done = fact.Taken{}, Renewed{}
		was, err := fact.All(ctx, tx)
		if err != nil {
			return err
		}
		// Most starts change nothing, and then no post has to be locked.
		if slices.ContainsFunc(list, func(f campaign.Fact) bool {
			had, ok := was[f.ID]
			return ok && !reflect.DeepEqual(had, fact.Clean(f))
		}) {
			if err := lockWaiting(ctx, tx); err != nil {
				return err
			}
		}
		if taken, err = fact.LoadFile(ctx, tx, list, by, now); err != nil || len(taken.Changed) == 0 {
			return err
		}
		is, err := fact.All(ctx, tx)
		if err != nil {
			return err
		}
		r, err := newRenewal(ctx, tx, by, &done)
		if err != nil {
			return err
		}
		for _, id := range taken.Changed {
			if err := r.fact(ctx, was[id], is[id]); err != nil {
				return err
			}
		}
		return nil
	})
	return taken, done, err
}

// fact renews what states a fact that changed.
func (r *renewal) fact(ctx context.Context, was, is campaign.Fact) error {
	if was.ID == "" || sameStatement(was, is) && reflect.DeepEqual(was.Texts, is.Texts) && was.Cite == is.Cite && reflect.DeepEqual(was.Cites, is.Cites) {
		return nil
	}
	posts, err := underReview(ctx, r.tx, is.ID)
	if err != nil {
		return err
	}
	return r.where(ctx, posts, factWhy(was, is), func(s post.Source, language string) bool {
		before, _ := was.Say(language)
		after, _ := is.Say(language)
		listed := slices.Contains(s.Facts, is.ID)
		return (listed || s.Says(language, text.FactToken(is.ID))) && (before != after || !sameStatement(was, is))
	})
}

// sameStatement reports whether a fact states the same, whatever its words: no figure, scope, source or state of it changed.
func sameStatement(was, is campaign.Fact) bool {
	return was.Value == is.Value && was.Kind == is.Kind && was.Scope == is.Scope && was.Status == is.Status &&
		was.SupersededBy == is.SupersededBy && was.Year == is.Year && was.DataYear == is.DataYear
}

func factWhy(was, is campaign.Fact) string {
	if ok, why := is.Usable(is.ReviewBy); !ok {
		return why + " " + again
	}
	before, _ := was.Say("en")
	after, _ := is.Say("en")
	if before != after {
		return fmt.Sprintf("The fact %s now says: “%s” %s", is.ID, after, again)
	}
	return fmt.Sprintf("The fact %s has changed. %s", is.ID, again)
}
