package feed

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/ics"
	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/timetable"
	"daymark/internal/flow/duties"
	"daymark/internal/flow/review/waiting"
)

// posts writes the posts of an edition, or with 0 all: one event for all places of a post that go out at one instant.
func (r reader) posts(ctx context.Context, edition int64) ([]ics.Event, error) {
	places, err := timetable.Places(ctx, r.db, r.now.Add(-back), r.now.Add(ahead), edition)
	if err != nil {
		return nil, err
	}
	places = slices.DeleteFunc(places, func(p timetable.Place) bool { return !r.within.Place(p.Edition, p.Channel) })
	var events []ics.Event
	for _, group := range Together(places) {
		events = append(events, r.event(group))
	}
	return events, nil
}

// Group is the places of a post that go out at one instant.
type Group struct {
	UID    string // its front
	Places []timetable.Place
}

// Together groups places into events. What a post has in one zone is one event, whose UID stays when it moves; a place there with a
// time of its own is one by itself.
func Together(places []timetable.Place) []Group {
	var order []string
	byKey := map[string]*Group{}
	// Those that still go out give the time: one that was left out earlier does not.
	sorted := slices.Clone(places)
	slices.SortStableFunc(sorted, func(a, b timetable.Place) int { return rank(a) - rank(b) })
	for _, p := range sorted {
		key := fmt.Sprintf("post-%d-%s", p.Post, strings.ReplaceAll(p.Zone, "/", "."))
		if g := byKey[key]; g != nil && !g.Places[0].DueAt.Equal(p.DueAt) {
			if rank(p) == 1 { // it was left out, and had another time: nobody needs to know
				continue
			}
			key = fmt.Sprintf("place-%d", p.Delivery)
		}
		if byKey[key] == nil {
			byKey[key] = &Group{UID: key}
			order = append(order, key)
		}
		byKey[key].Places = append(byKey[key].Places, p)
	}
	list := make([]Group, 0, len(order))
	for _, key := range order {
		list = append(list, *byKey[key])
	}
	slices.SortStableFunc(list, func(a, b Group) int { return a.Places[0].DueAt.Compare(b.Places[0].DueAt) })
	return list
}

func rank(p timetable.Place) int {
	if off(p.State) {
		return 1
	}
	return 0
}

// off reports whether a place does not go out, or is out no longer.
func off(s post.State) bool {
	return s == post.Cancelled || s == post.Removed || s == post.Missed || s == post.Failed
}

// Status says how certain an event is: cancelled when all of it is taken back, confirmed when all of the rest is approved.
func (g Group) Status() ics.Status {
	status := ics.Cancelled
	for _, p := range g.Places {
		switch {
		case off(p.State):
		case p.State == post.Held:
			return ics.Tentative
		default:
			status = ics.Confirmed
		}
	}
	return status
}

// maxNamed is how many accounts an event names.
const maxNamed = 20

func (r reader) event(g Group) ics.Event {
	first := g.Places[0]
	e := ics.Event{
		UID: g.UID + "@" + r.host, Summary: page.Heading(first.Message, first.Kind), URL: fmt.Sprintf("%s/posts/%d", r.base, first.Post),
		At: first.DueAt, Long: quarter, Status: g.Status(),
	}
	if first.Rehearsal {
		e.Summary = r.words.T("cal.rehearsing", e.Summary)
	}
	var lines, texts []string
	said := map[string]bool{}
	for i, p := range g.Places {
		e.Sequence = max(e.Sequence, p.Sequence)
		if p.ChangedAt.After(e.Changed) {
			e.Changed = p.ChangedAt
		}
		if i < maxNamed {
			lines = append(lines, r.words.T("feed.place", p.Handle, r.words.Network(p.Platform), r.words.Tongue(p.Language), r.words.T("feed.state."+state(p.State))))
		}
		if p.Text != "" && !said[p.Text] {
			said[p.Text] = true
			texts = append(texts, p.Text)
		}
	}
	if more := len(g.Places) - maxNamed; more > 0 {
		lines = append(lines, r.words.T("feed.more", more))
	}
	e.Text = strings.Join(append(lines, texts...), "\n\n")
	if len(texts) == 0 {
		e.Text = strings.Join(lines, "\n")
	}
	return e
}

const quarter = 15 * time.Minute

// state names a state as feeds do.
func state(s post.State) string {
	switch {
	case off(s):
		return "off"
	case s == post.Held:
		return "waiting"
	case s == post.Scheduled:
		return "ready"
	}
	return "out"
}

// duties writes what waits for the person's word, by when, and open tasks of editions by their day. Nothing counts how often a task gets
// another day, so that it is another event then.
func (r reader) duties(ctx context.Context) ([]ics.Event, error) {
	events, err := r.approvals(ctx)
	if err != nil {
		return nil, err
	}
	editions, err := book.Editions(ctx, r.db)
	if err != nil {
		return nil, err
	}
	for _, e := range editions {
		if e.Rehearsal || !r.within.Edition(e.ID) {
			continue
		}
		tasks, err := book.Tasks(ctx, r.db, e.ID)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			day, err := civil.ParseDate(t.DueDate)
			if err != nil || t.DoneAt != nil || !duties.IsFor(t.Who, r.person.Role) || day.DaysSince(civil.DateOf(r.now)) < -int(back.Hours()/24) {
				continue
			}
			events = append(events, ics.Event{
				UID: fmt.Sprintf("task-%d-%s@%s", t.ID, day, r.host), Summary: t.What, Text: fmt.Sprintf("%s %d", e.Title, e.Year), Days: civil.OneDay(day),
				URL: fmt.Sprintf("%s/editions/%d", r.base, e.ID), Status: ics.Confirmed, Changed: entered,
			})
		}
	}
	return events, nil
}

func (r reader) approvals(ctx context.Context) ([]ics.Event, error) {
	open, err := waiting.Drafts(ctx, r.db, r.person)
	if err != nil {
		return nil, err
	}
	var ids []int64
	first := map[int64]time.Time{}
	for _, d := range open {
		if d.For(r.person) {
			ids = append(ids, d.Submission)
			first[d.Submission] = d.First
		}
	}
	drafts, err := timetable.Drafts(ctx, r.db, ids)
	if err != nil {
		return nil, err
	}
	var events []ics.Event
	for _, d := range drafts {
		by := first[d.Submission]
		if d.By.Valid && d.By.Time.Before(by) {
			by = d.By.Time
		}
		events = append(events, ics.Event{
			UID: fmt.Sprintf("approval-%d@%s", d.Submission, r.host), Summary: r.words.T("feed.approve", page.Heading(d.Message, d.Kind), r.words.Tongue(d.Language)),
			URL: fmt.Sprintf("%s/review/%d", r.base, d.Submission), At: by, Long: quarter, Status: ics.Tentative, Changed: d.At, Busy: true,
		})
	}
	return events, nil
}
