package conflict

import (
	"context"
	"fmt"
	"time"

	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/plan"
	"daymark/internal/org/channel"
	"daymark/internal/postgres"
)

// Looked is an edition of the book with what is wrong with it.
type Looked struct {
	Entries   []book.Entry
	Conflicts map[int64][]Conflict // by delivery
}

const sqlSources = `
SELECT p.id, r.body
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.edition_id = $1`

// Look returns the deliveries of an edition and the conflicts of those that have yet to go out, with all that goes to the same
// channels around them.
func Look(ctx context.Context, q postgres.Querier, edition book.Edition, now time.Time) (Looked, error) {
	entries, err := book.Entries(ctx, q, book.EntryFilter{Edition: edition.ID})
	if err != nil {
		return Looked{}, err
	}
	var rows []struct {
		ID   int64  `db:"id"`
		Body []byte `db:"body"`
	}
	if err := q.SelectContext(ctx, &rows, sqlSources, edition.ID); err != nil {
		return Looked{}, fmt.Errorf("read the posts of edition %d: %w", edition.ID, err)
	}
	sources := make(map[int64]post.Source, len(rows))
	for _, row := range rows {
		if sources[row.ID], err = post.ReadSource(row.Body); err != nil {
			return Looked{}, fmt.Errorf("post %d: %w", row.ID, err)
		}
	}
	around, err := Around(ctx, q, edition.Rehearsal)
	if err != nil {
		return Looked{}, err
	}
	var items []Item
	var of []int64 // the delivery of each item
	for _, e := range entries {
		if !e.State.Alive() {
			continue
		}
		it := around.item(e)
		it.Context = e.State.Out()
		it.Texts = nil
		for part := range sources[e.Post].Parts {
			if words, ok := sources[e.Post].Text(part, e.Language, e.Platform); ok {
				it.Texts = append(it.Texts, words)
			}
		}
		items, of = append(items, it), append(of, e.Delivery)
	}
	c := Circumstances{Now: now, Year: edition.Year, Theme: edition.Theme, Habits: around.Habits}
	beside, err := around.Beside(ctx, q, items, edition.ID)
	if err != nil {
		return Looked{}, err
	}
	found := map[int64][]Conflict{}
	for _, conflict := range Find(append(items, beside...), c) {
		found[of[conflict.At]] = append(found[of[conflict.At]], conflict)
	}
	return Looked{Entries: entries, Conflicts: found}, nil
}

// Surroundings are the channels that a plan goes to.
type Surroundings struct {
	Habits    map[int64]channel.Habits
	homes     map[int64]string
	rehearsal bool
}

// Around reads the channels.
func Around(ctx context.Context, q postgres.Querier, rehearsal bool) (Surroundings, error) {
	channels, err := channel.List(ctx, q)
	if err != nil {
		return Surroundings{}, err
	}
	s := Surroundings{Habits: map[int64]channel.Habits{}, homes: map[int64]string{}, rehearsal: rehearsal}
	for _, c := range channels {
		s.Habits[c.ID], s.homes[c.ID] = c.Habits, c.Zone
	}
	return s, nil
}

func (s Surroundings) item(e book.Entry) Item {
	return Item{
		Message: e.Message, Post: e.Post, Channel: e.Channel, Name: e.ChannelName, Platform: e.Platform, Language: e.Language,
		Texts: []string{e.Text}, Home: s.homes[e.Channel], DueAt: e.DueAt, NotAfter: e.NotAfter,
	}
}

// Beside returns what else goes to the channels of the items at about their time, as context; posts of one edition are left
// out.
func (s Surroundings) Beside(ctx context.Context, q postgres.Querier, items []Item, edition int64) ([]Item, error) {
	if len(items) == 0 {
		return nil, nil
	}
	first, last := items[0].DueAt, items[0].DueAt
	channels := map[int64]bool{}
	for _, it := range items {
		channels[it.Channel] = true
		if it.DueAt.Before(first) {
			first = it.DueAt
		}
		if it.DueAt.After(last) {
			last = it.DueAt
		}
	}
	entries, err := book.Entries(ctx, q, book.EntryFilter{From: first.AddDate(0, 0, -1), To: last.AddDate(0, 0, 1)})
	if err != nil {
		return nil, err
	}
	var beside []Item
	for _, e := range entries {
		if channels[e.Channel] && e.Edition != edition && e.Rehearsal == s.rehearsal && e.State.Alive() {
			it := s.item(e)
			it.Context = true
			beside = append(beside, it)
		}
	}
	return beside, nil
}

// Items returns the slots of a plan that is only laid, in their order.
func Items(laid []plan.Laid) []Item {
	var items []Item
	for _, l := range laid {
		for _, s := range l.Slots {
			items = append(items, Item{
				Message: l.Source.Message, Channel: s.Place.Channel, Name: s.Place.Name, Platform: s.Place.Platform, Language: s.Language,
				Texts: s.Words.Parts, Home: s.Place.Zone, DueAt: s.DueAt, NotAfter: s.NotAfter,
			})
		}
	}
	return items
}

// Foresee returns the circumstances of an edition that is not made: with its observance's own theme, when that is known. The
// past does not matter to it, nor do the habits of channels.
func Foresee(o observance.Observance, year int) Circumstances {
	theme, _ := o.Theme(year)
	return Circumstances{Year: year, Theme: theme.Text}
}
