package home

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"daymark/internal/core/civil"
	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/flow/book/glance"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
)

// decide counts what waits for a decision.
func (v viewer) decide(ctx context.Context, p *homePage) (err error) {
	p.Decide, err = glance.Decisions(ctx, v.db, v.of)
	return err
}

// looks lists what may not go out, what did not, where changes are asked for, and what has to be checked before posts need it.
func (v viewer) looks(ctx context.Context, p *homePage) error {
	for _, list := range []func(context.Context) ([]page.Look, error){v.risks, v.troubles, v.changes, v.facts, v.lines} {
		found, err := list(ctx)
		if err != nil {
			return err
		}
		p.Looks = append(p.Looks, found...)
	}
	return nil
}

// risks lists the posts of which something is at risk, those due soonest first.
func (v viewer) risks(ctx context.Context) ([]page.Look, error) {
	list, err := glance.AtRisks(ctx, v.db, v.of, lines)
	if err != nil {
		return nil, err
	}
	mark := page.Mark{ID: "risk", Icon: "triangle-alert", Word: v.Words.T("ahead.mark"), Tone: "look"}
	var out []page.Look
	for _, r := range list {
		out = append(out, v.look(mark, r.Post, r.Message, r.Kind, r.Handle, r.Say))
	}
	return out, nil
}

// look writes that something is about a post on an account. more is a sentence in English, or nothing.
func (v viewer) look(mark page.Mark, id int64, message, kind, handle, more string) page.Look {
	text := v.Words.T("home.look", page.Heading(message, kind), handle)
	if more != "" {
		text = v.Words.T("home.look.why", text, v.Words.InEnglish(more))
	}
	return page.Look{Mark: mark, Text: text, URL: fmt.Sprintf("/posts/%d", id)}
}

// troubles lists what did not go out as planned, the gravest first.
func (v viewer) troubles(ctx context.Context) ([]page.Look, error) {
	list, err := glance.Troubles(ctx, v.db, v.of, v.Now.Add(-back), 2*lines)
	if err != nil {
		return nil, err
	}
	var out []page.Look
	for _, t := range list {
		out = append(out, v.look(v.Words.MarkOf(page.StandingOf(t.State, t.Hold, "")), t.Post, t.Message, t.Kind, t.Handle, t.Problem))
	}
	return out, nil
}

// changes lists the drafts in which a reviewer asked for changes, for those who can make them.
func (v viewer) changes(ctx context.Context) ([]page.Look, error) {
	if !v.Person.May(people.PostEdit) {
		return nil, nil
	}
	list, err := glance.ChangesAskedFor(ctx, v.db, v.of, lines)
	if err != nil {
		return nil, err
	}
	var out []page.Look
	for _, c := range list {
		out = append(out, v.look(v.Words.MarkOf(page.Changes), c.Post, c.Message, c.Kind, c.Handle, ""))
	}
	return out, nil
}

// check is the mark of what somebody has to check.
func (v viewer) check() page.Mark {
	return page.Mark{ID: "check", Icon: "clipboard-check", Word: v.Words.T("lib.home.check"), Tone: "look"}
}

// doubted is a fact that does not hold on a day on which posts state it.
type doubted struct {
	why   string
	day   civil.Date // the first
	posts map[int64]bool
}

// facts lists the facts that posts to come state although they will not hold by then. Only facts that fail by the end of the time that
// is looked at are looked for in posts.
func (v viewer) facts(ctx context.Context) ([]page.Look, error) {
	if !v.Person.May(people.FactEdit) {
		return nil, nil
	}
	all, err := fact.All(ctx, v.db)
	if err != nil {
		return nil, err
	}
	until := v.Now.Add(ahead)
	var failing []string
	for id, f := range all {
		if holds, _ := f.Usable(civil.DateOf(until.AddDate(0, 0, 1))); !holds {
			failing = append(failing, id)
		}
	}
	slices.Sort(failing)
	posts, err := glance.StatingOf(ctx, v.db, v.of, failing, until)
	if err != nil {
		return nil, err
	}
	found := map[string]*doubted{}
	for _, one := range posts {
		source, err := post.ReadSource(one.Body)
		if err != nil {
			return nil, fmt.Errorf("post %d: %w", one.Post, err)
		}
		for _, id := range source.StatedIn(one.Language) {
			f, known := all[id]
			holds, why := f.Usable(one.Day)
			if !known || holds {
				continue
			}
			if found[id] == nil {
				found[id] = &doubted{why, one.Day, map[int64]bool{}}
			}
			found[id].posts[one.Post] = true
		}
	}
	var out []page.Look
	for _, id := range failing {
		if d := found[id]; d != nil {
			text := v.Words.T("lib.home.fact", len(d.posts), v.Words.InEnglish(d.why), v.Words.LongDay(d.day.String()))
			out = append(out, page.Look{Mark: v.check(), Text: text, URL: "/facts/" + url.PathEscape(id)})
		}
	}
	return out, nil
}

// lines lists the checks of helplines that posts to come need: those whose number would not be shown any more by then, and the
// countries for which no number may be shown at all.
func (v viewer) lines(ctx context.Context) ([]page.Look, error) {
	if !v.Person.May(people.HelplineCheck) {
		return nil, nil
	}
	all, err := helpline.All(ctx, v.db)
	if err != nil {
		return nil, err
	}
	var looks []page.Look
	for _, due := range helpline.Due(all, v.Now, ahead) {
		if due.Record.Last == nil {
			continue // nothing shows it yet
		}
		carriers, err := helpline.Carriers(ctx, v.db, due.Record.ID)
		if err != nil {
			return nil, err
		}
		lost := slices.IndexFunc(carriers, func(c helpline.Carrier) bool {
			return (c.State == post.Held || c.State == post.Scheduled) && c.DueAt.After(v.Now) && c.DueAt.Before(v.Now.Add(ahead)) &&
				!due.Record.Holds(c.DueAt)
		})
		if lost >= 0 {
			text := v.Words.T("lib.home.line", v.Words.InEnglish(due.Why), v.dayOf(carriers[lost].DueAt))
			looks = append(looks, page.Look{Mark: v.check(), Text: text, URL: "/helplines/" + url.PathEscape(due.Record.ID)})
		}
	}
	asking, err := glance.AskingFor(ctx, v.db, v.of, v.Now.Add(ahead))
	told := map[string]bool{}
	for _, a := range asking {
		_, found := helpline.Choose(all, helpline.Need{Country: a.Country, Language: a.Language, Sandbox: a.Sandbox, At: a.First})
		if found || told[a.Country] {
			continue
		}
		told[a.Country] = true
		text := v.Words.T("lib.home.none", v.country(a.Country), v.dayOf(a.First))
		looks = append(looks, page.Look{Mark: v.check(), Text: text, URL: "/helplines#country-" + a.Country})
	}
	return looks, err
}

// country returns the name of a country where the texts have one.
func (v viewer) country(code string) string {
	if key := "country." + code; v.Words.Has(key) {
		return v.Words.T(key)
	}
	return code
}

func (v viewer) dayOf(at time.Time) string { return v.Words.Moment(at, v.Zone).Day }
