package draft

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/org/fact"
	"daymark/internal/org/notice"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// ExpireFacts takes back the posts that state a fact whose review date has passed by now, so that none goes out before somebody
// has checked the fact: they wait as edited posts do, and the team is told. It runs as Daymark itself, and running it again
// changes nothing.
func ExpireFacts(ctx context.Context, db *postgres.DB, now time.Time) (Renewed, error) {
	var done Renewed
	today := civil.DateOf(now.UTC())
	known, err := fact.All(ctx, db)
	if err != nil {
		return done, err
	}
	var over []campaign.Fact
	for _, f := range known {
		if f.Status == campaign.Current && f.ReviewBy.Before(today) {
			over = append(over, f)
		}
	}
	if len(over) == 0 {
		return done, nil
	}
	slices.SortFunc(over, func(a, b campaign.Fact) int { return a.ReviewBy.Compare(b.ReviewBy) })
	by, err := people.System(ctx, db)
	if err != nil {
		return done, err
	}
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		done = Renewed{}
		stated := map[string][]reviewed{}
		for _, f := range over {
			posts, err := underReview(ctx, tx, f.ID)
			if err != nil {
				return err
			}
			posts = slices.DeleteFunc(posts, func(p reviewed) bool { return !states(p, f.ID) })
			if len(posts) > 0 {
				stated[f.ID] = posts
			}
		}
		if len(stated) == 0 {
			return nil
		}
		if err := lockWaiting(ctx, tx); err != nil {
			return err
		}
		r, err := newRenewal(ctx, tx, by, &done)
		if err != nil {
			return err
		}
		for _, f := range over {
			before := len(done.Posts)
			why := fmt.Sprintf("The fact %s was to be checked by %s. Check it again; then send the post for review.", f.ID, f.ReviewBy)
			if err := r.where(ctx, stated[f.ID], why, func(s post.Source, language string) bool {
				return slices.Contains(s.StatedIn(language), f.ID) || s.Says(language, text.FactToken(f.ID))
			}); err != nil {
				return err
			}
			if n := len(done.Posts) - before; n > 0 {
				if err := tellExpired(ctx, tx, f, n, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return done, err
}

// states reports whether a post under review states a fact in one of the languages that reviewers have.
func states(p reviewed, id string) bool {
	return slices.ContainsFunc(p.Languages, func(language string) bool {
		return slices.Contains(p.Source.StatedIn(language), id) || p.Source.Says(language, text.FactToken(id))
	})
}

func tellExpired(ctx context.Context, tx *postgres.Tx, f campaign.Fact, posts int, now time.Time) error {
	count := "1 post that states it waits"
	if posts > 1 {
		count = fmt.Sprintf("%d posts that state it wait", posts)
	}
	_, err := notice.Tell(ctx, tx, notice.New{
		Key: fmt.Sprintf("fact-expired:%s:%s", f.ID, f.ReviewBy), Level: notice.Error, Kind: "fact", ID: f.ID, At: now,
		Say: fmt.Sprintf("The fact %s was to be checked by %s, and %s until somebody has looked at its source again.", f.ID, f.ReviewBy, count),
	})
	return err
}
