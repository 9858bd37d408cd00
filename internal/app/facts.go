package app

import (
	"context"
	"maps"
	"slices"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/flow/draft"
	"daymark/internal/flow/review"
	"daymark/internal/org/people"

	files "daymark/internal/flow/campaign"
)

// LoadFacts takes the facts that come with Daymark into the database. A fact that somebody edited, or that a file of the charity's
// has, stays as it is.
func (a *App) LoadFacts(ctx context.Context) error {
	known, err := files.ShippedFacts()
	if err != nil {
		return err
	}
	by, err := people.System(ctx, a.DB)
	if err != nil {
		return err
	}
	list := make([]campaign.Fact, 0, len(known))
	for _, id := range slices.Sorted(maps.Keys(known)) {
		list = append(list, known[id])
	}
	return a.loadFacts(ctx, list, by)
}

// loadFacts takes the facts of a file into the database and puts the posts that state one that changed before reviewers again.
func (a *App) loadFacts(ctx context.Context, list []campaign.Fact, by people.Person) error {
	taken, renewed, err := draft.LoadFacts(ctx, a.DB, list, by, a.Clock.Now())
	if err != nil {
		return err
	}
	if len(taken.Added)+len(taken.Changed) > 0 {
		a.Log.InfoContext(ctx, "facts were loaded", "added", len(taken.Added), "changed", taken.Changed, "kept_as_edited", taken.Differs, "posts_renewed", len(renewed.Posts))
	}
	waiting, err := a.SubmitAgain(ctx, renewed, by)
	for _, why := range waiting {
		a.Log.WarnContext(ctx, "a post states a fact that changed, and waits", "why", why)
	}
	return err
}

// SubmitAgain puts posts that were renewed before reviewers again, and returns a sentence for each that waits for something. A post
// that somebody edits at the same moment is theirs to submit.
func (a *App) SubmitAgain(ctx context.Context, renewed draft.Renewed, by people.Person) ([]string, error) {
	var waiting []string
	for _, id := range renewed.Posts {
		out, err := review.Submit(ctx, a.DB, a.Checks(), id, by, a.Clock.Now())
		switch {
		case fault.Is(err, fault.Conflict):
			waiting = append(waiting, fault.Say(err))
		case err != nil:
			return waiting, err
		}
		waiting = append(waiting, out.Waiting...)
	}
	return waiting, nil
}
