package aim

import (
	"context"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/draft/move"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// Target is a post that somebody wants to move, with what of it was missed or refused and may have a new time as well.
type Target struct {
	move.Found
	Stuck []decide.Waiting
}

// Find reads a post within the limits of who asks.
func Find(ctx context.Context, q postgres.Querier, r ask.Request, id int64) (Target, error) {
	if err := scope.Check(ctx, q, r.Person, scope.Post, id); err != nil {
		return Target{}, err
	}
	found, err := move.Find(ctx, q, id)
	if err != nil {
		return Target{}, err
	}
	t := Target{Found: found}
	if !r.Person.May(people.PostDecide) {
		return t, nil
	}
	all, err := decide.List(ctx, q, id)
	if err != nil {
		return Target{}, err
	}
	for _, w := range all {
		waits := slices.ContainsFunc(found.Spots, func(s move.Spot) bool { return s.Delivery == w.Delivery && s.Waits() })
		if !waits && w.MayMove() && r.Within.Channel(w.Channel) {
			t.Stuck = append(t.Stuck, w)
		}
	}
	return t, nil
}

// Moves reports whether something of it moves by itself, and not by a decision.
func (t Target) Moves() bool { return slices.ContainsFunc(t.Spots, move.Spot.Waits) }

// Name is how people call the post.
func (t Target) Name() string { return page.Heading(t.Message, t.Kind) }

// Item begins the post's line on a page.
func (t Target) Item() Item {
	it := Item{Name: t.Name(), URL: PostURL(t.ID)}
	if len(t.Source.Parts) > 0 {
		it.Text = page.NewText(t.Language, t.Source.Parts[0].Texts[t.Language]).Short(90)
	}
	return it
}

// Lay says what a change does to all of it.
func (t Target) Lay(r ask.Request, q postgres.Querier, c move.Change) (move.Plan, error) {
	if err := scope.Whole(r.Context(), q, r.Person, scope.Post, t.ID); err != nil {
		return move.Plan{}, err
	}
	if !t.Moves() && len(t.Stuck) > 0 {
		return move.Plan{Found: t.Found}, nil
	}
	return move.Lay(t.Found, c, r.Now)
}

// Do moves all of it in one transaction. Version is the one that the person has seen.
func (t Target) Do(r ask.Request, tx *postgres.Tx, version int, c move.Change) error {
	ctx := r.Context()
	if !t.Moves() && len(t.Stuck) == 0 {
		return fault.New(fault.Conflict, "Nothing of it waits to go out, so there is nothing to move.")
	}
	if t.Moves() {
		if _, err := move.Post(ctx, tx, t.ID, version, c, r.Person, r.Now); err != nil {
			return err
		}
	}
	for _, w := range t.Stuck {
		at := slices.IndexFunc(t.Spots, func(s move.Spot) bool { return s.Delivery == w.Delivery })
		if at < 0 {
			continue
		}
		date, clock, err := t.Retime(t.Spots[at], c)
		if err != nil {
			return err
		}
		if err := decide.NewTime(ctx, tx, w.Delivery, date, clock, r.Person, r.Now); err != nil {
			return err
		}
	}
	return nil
}
