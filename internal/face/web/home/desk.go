// Package home is the desk for the page that each person comes to first. It answers "what needs me?", for each role otherwise: what an editor
// has to decide, what waits for a reviewer, what the last edition reached for a manager, which languages are wanting for a translator.
//
// It reads little of each thing, by internal/flow/book/glance, because the page is looked at often. It changes nothing.
package home

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/face/web/ask"
	"daymark/internal/face/web/notices"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/glance"
	"daymark/internal/org/notify/inbox"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// What Home looks at around now, and how many lines of each kind it shows.
const (
	back  = 14 * 24 * time.Hour
	ahead = 60 * 24 * time.Hour
	lines = 5
)

// Desk is what the answers need.
type Desk struct {
	db *postgres.DB
}

// New returns a desk.
func New(db *postgres.DB) Desk { return Desk{db: db} }

// Routes returns the addresses that this desk answers, with who may ask them.
func (d Desk) Routes() []ask.Route {
	return []ask.Route{{Pattern: "GET /{$}", Needs: ask.Member, Answer: d.Home}}
}

// orders say which parts each role sees, in which order. A part with nothing in it is left out; those that a role is there for say so
// in place of that.
var orders = map[people.Role][]string{
	people.RoleEditor:       {"now", "day", "next", "decide", "looks", "own", "matters", "sent", "coming"},
	people.RoleChapter:      {"now", "day", "next", "decide", "looks", "own", "accounts", "matters", "sent", "coming"},
	people.RoleReviewer:     {"now", "review", "day", "looks", "next", "decided", "matters", "sent", "coming"},
	people.RoleSafeguarding: {"now", "review", "decide", "day", "looks", "matters", "decided", "next", "sent", "coming"},
	people.RoleTranslator:   {"wanting", "own", "day", "next", "matters", "coming"},
	people.RoleModerator:    {"day", "next", "looks", "matters", "sent", "coming"},
	people.RoleManager:      {"reach", "day", "next", "looks", "matters", "sent", "coming"},
	people.RoleAdmin:        {"now", "review", "day", "next", "decide", "looks", "health", "own", "matters", "reach", "sent", "coming"},
}

// viewer is who looks, with what the parts are read by.
type viewer struct {
	view.Viewer
	of glance.Of
	db *postgres.DB
}

// Home answers with what needs this person.
func (d Desk) Home(r ask.Request) (ask.Answer, error) {
	v := viewer{r.Viewer, glance.Of{Person: r.Person, Now: r.Now}, d.db}
	p := &homePage{Frame: page.Frame{Template: "home", Title: r.Words.T("home.title"), Door: "home"}, Writes: r.Person.May(people.PostWrite)}
	order := orders[r.Person.Role]
	editions, err := r.Editions(r.Context(), d.db)
	if err != nil {
		return ask.Answer{}, err
	}
	for _, read := range []struct {
		of []string // the parts that need it; none for all
		do func(context.Context, *homePage) error
	}{
		{[]string{"now", "review"}, v.waiting},
		{[]string{"day"}, v.today},
		{[]string{"next"}, func(ctx context.Context, p *homePage) error { return v.next(ctx, p, editions) }},
		{[]string{"decide"}, v.decide},
		{[]string{"looks"}, v.looks},
		{[]string{"own"}, v.own},
		{[]string{"decided"}, v.decided},
		{[]string{"wanting"}, v.wanting},
		{[]string{"accounts"}, v.accounts},
		{[]string{"health"}, v.health},
		{[]string{"reach"}, func(ctx context.Context, p *homePage) error { return v.reached(ctx, p, editions) }},
		{[]string{"matters"}, v.matters},
		{[]string{"sent"}, v.sent},
		{[]string{"coming"}, v.coming},
	} {
		if !slices.ContainsFunc(read.of, func(kind string) bool { return slices.Contains(order, kind) }) {
			continue
		}
		if err := read.do(r.Context(), p); err != nil {
			return ask.Answer{}, err
		}
	}
	p.Main = p.main(r.Person)
	for _, kind := range order {
		if p.has(kind) {
			p.Order = append(p.Order, Part{kind, kind == p.Main})
		}
	}
	return ask.Shown(p), nil
}

// has reports whether a part has something to say. What a role is there for always has.
func (p *homePage) has(kind string) bool {
	switch kind {
	case "now":
		return len(p.Now) > 0
	case "day":
		return p.Day.Any
	case "decide":
		return p.Decide > 0
	case "looks":
		return len(p.Looks) > 0
	case "own":
		return len(p.Own) > 0
	case "decided":
		return len(p.Decided) > 0
	case "accounts":
		return len(p.Accounts) > 0
	case "matters":
		return len(p.Matters) > 0
	case "reach":
		return p.Reached.Any
	case "sent":
		return len(p.Sent) > 0
	case "coming":
		return len(p.Coming) > 0
	}
	return true
}

// main returns the part with the one next action: what waits for this person first, then the day that is on, then the plan.
func (p *homePage) main(by people.Person) string {
	order := orders[by.Role]
	for _, next := range []struct {
		kind string
		is   bool
	}{
		{"review", p.Drafts > 0},
		{"decide", p.Decide > 0 && by.May(people.PostDecide)},
		{"wanting", slices.ContainsFunc(p.Wanting, func(w wanting) bool { return w.URL != "" })},
		{"reach", p.Reached.Any && by.Role == people.RoleManager},
		{"next", p.HasNext && p.Next.Drafts > 0 && p.Next.MaySubmit},
		{"day", p.Day.Any},
		{"next", p.HasNext},
	} {
		if next.is && slices.Contains(order, next.kind) {
			return next.kind
		}
	}
	return ""
}

// matters fills in what the team was told.
func (v viewer) matters(ctx context.Context, p *homePage) error {
	told, err := inbox.List(ctx, v.db, v.Person, inbox.Filter{})
	if err != nil {
		return err
	}
	for _, n := range told.Items[:min(len(told.Items), lines)] {
		p.Matters = append(p.Matters, notices.Matter(v.Viewer, n.Notice, ""))
	}
	p.More = told.Total - len(p.Matters)
	return nil
}

// next fills in the edition that is on or comes soonest, a real one before a rehearsal.
func (v viewer) next(ctx context.Context, p *homePage, editions []book.Edition) error {
	today := v.Now.In(v.Zone).Format(time.DateOnly)
	var best *book.Edition
	for i := range editions {
		e := &editions[i]
		if e.LastDay < today {
			continue
		}
		if best == nil || (best.Rehearsal && !e.Rehearsal) || (best.Rehearsal == e.Rehearsal && e.FirstDay < best.FirstDay) {
			best = e
		}
	}
	if best == nil && len(editions) > 0 {
		best = &editions[0]
	}
	if best == nil {
		return nil
	}
	counted, err := glance.ReadEdition(ctx, v.db, v.of, best.ID)
	if err != nil {
		return err
	}
	p.HasNext, p.Next = true, page.EditionLine{
		ID: best.ID, Title: view.Title(*best), Theme: best.Theme, Days: v.Words.Days(best.FirstDay, best.LastDay), Away: v.Away(best.FirstDay, best.LastDay),
		Rehearsal: best.Rehearsal, Posts: counted.Posts, Tallies: v.tallies(counted.Tallies), Drafts: counted.Drafts, MaySubmit: v.Person.May(people.PostSubmit),
		PlanURL: view.EditionURL(best.ID), CalendarURL: view.CalendarURL(best.FirstDay, best.ID), ReachURL: fmt.Sprintf("/reach/%d", best.ID),
	}
	return nil
}

// tallies writes how many places stand how, the most urgent first.
func (v viewer) tallies(list []glance.Tally) []page.Tally {
	counts := map[page.Standing]int{}
	for _, t := range list {
		counts[page.StandingOf(t.State, t.Hold, page.Standing(t.Review))] += t.Places
	}
	var out []page.Tally
	for _, s := range page.Standings() {
		if counts[s] > 0 {
			out = append(out, page.Tally{Mark: v.Words.MarkOf(s), Count: counts[s]})
		}
	}
	return out
}

// today fills in the day that is on: one on which something is due.
func (v viewer) today(ctx context.Context, p *homePage) error {
	local := v.Now.In(v.Zone)
	from := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, v.Zone)
	day, err := glance.CountDay(ctx, v.db, v.of, from, from.AddDate(0, 0, 1))
	if err != nil || day.Places == 0 {
		return err
	}
	p.Day = today{Any: true, Line: v.Words.T("home.day.out", day.Places, day.Out), Places: day.Places}
	if day.Next != nil {
		p.Day.Next = v.Words.Moment(*day.Next, v.Zone)
	}
	return nil
}

// stands gives places of posts the standing that people see, with what is at risk.
func (v viewer) stands(ctx context.Context, list []glance.Place) ([]view.Stand, error) {
	return view.Places(ctx, v.db, list)
}

func (v viewer) sent(ctx context.Context, p *homePage) error {
	list, err := glance.Lately(ctx, v.db, v.of, v.Now.Add(-back), lines)
	if err != nil {
		return err
	}
	all, err := v.stands(ctx, list)
	slices.Reverse(all)
	p.Sent = v.onDays(all)
	return err
}

func (v viewer) coming(ctx context.Context, p *homePage) error {
	list, err := glance.Coming(ctx, v.db, v.of, v.Now.Add(ahead), lines)
	if err != nil {
		return err
	}
	all, err := v.stands(ctx, list)
	p.Coming = v.onDays(all)
	return err
}

// onDays writes one line for each post and day.
func (v viewer) onDays(list []view.Stand) []page.Line {
	all := v.Lines(list, false, func(s view.Stand) string { return fmt.Sprint(s.Post, v.DateOf(s, false)) })
	return all[:min(len(all), lines)]
}
