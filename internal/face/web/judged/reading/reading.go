// Package reading writes the texts of a submission as its reviewers read them, whether they have an account or a link.
//
// It reads names that a card does not carry, and leaves the pages to the rooms that show it.
package reading

import (
	"context"
	"fmt"
	"slices"

	"daymark/internal/face/web/judged/written"
	"daymark/internal/flow/review"
	"daymark/internal/org/helpline"
	"daymark/internal/postgres"
)

// Releases writes the texts of a card, each with its places, what changed in it, and what goes out without a helpline's number.
func Releases(ctx context.Context, q postgres.Querier, w written.Writer, c review.Card) ([]written.Release, error) {
	names := map[string]string{}
	if slices.ContainsFunc(c.Groups, func(g review.Group) bool { return len(g.Final.Without) > 0 }) {
		all, err := helpline.All(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			names[one.ID] = one.Name
		}
	}
	var list []written.Release
	for i, g := range c.Groups {
		var goes []written.Place
		for _, at := range g.Places {
			place := written.Place{Handle: at.Handle, Network: w.Words.Network(at.Platform), When: w.CivilMoment(at.DueAt, at.DueDate, at.DueClock, at.Zone)}
			goes = append(goes, w.Prompt(place, g.Final.Prompt, at.NotAfter, at.Answers))
		}
		r := w.Release(g.Final, goes, c.Findings, fmt.Sprintf("release-%d", i+1))
		var lines []string
		for _, l := range g.Final.Helplines {
			if name := names[l.ID]; name != "" && !slices.Contains(lines, name) {
				lines = append(lines, name)
			}
		}
		r.InsteadOf = w.Words.Joined(lines)
		if c.Earlier != 0 {
			if r.Unchanged = g.Previous == g.Words(); !r.Unchanged {
				r.Changed = written.Changes(g.Previous, g.Words())
			}
		}
		list = append(list, r)
	}
	return list, nil
}
