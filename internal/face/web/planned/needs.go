package planned

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/draft"
	"daymark/internal/org/channel"
	"daymark/internal/org/helpline"
	"daymark/internal/org/notice"
	"daymark/internal/org/notify/matter"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// homeMatters is how many open matters Home shows; countMatters bounds how many it counts.
const (
	homeMatters  = 5
	countMatters = 100
)

// needs fills in the matters that the team was told, and the facts and helplines that planned posts need checked.
func (v viewer) needs(ctx context.Context, q postgres.Querier, h *page.Home, near []view.Stand) error {
	open, err := notice.OpenFor(ctx, q, v.Person.ID, countMatters)
	if err != nil {
		return err
	}
	for _, n := range open[:min(len(open), homeMatters)] {
		h.Matters = append(h.Matters, Matter(v.Viewer, n, ""))
	}
	h.More = len(open) - len(h.Matters)
	mark := page.Mark{ID: "check", Icon: "clipboard-check", Word: v.Words.T("lib.home.check"), Tone: "look"}
	if v.Person.May(people.FactEdit) {
		due, err := draft.DueFacts(ctx, q, v.Now, homeAhead)
		if err != nil {
			return err
		}
		for _, d := range due {
			text := v.Words.T("lib.home.fact", len(d.Posts), d.Why, v.Words.LongDay(d.Day.String()))
			h.Looks = append(h.Looks, page.Look{Mark: mark, Text: text, URL: "/facts/" + url.PathEscape(d.Fact.ID)})
		}
	}
	if !v.Person.May(people.HelplineCheck) {
		return nil
	}
	looks, err := v.lines(ctx, q, near, mark)
	h.Looks = append(h.Looks, looks...)
	return err
}

// lines lists the checks of helplines that posts to come need: those whose number would not be shown any more by then, and the
// countries for which no number may be shown at all.
func (v viewer) lines(ctx context.Context, q postgres.Querier, near []view.Stand, mark page.Mark) ([]page.Look, error) {
	all, err := helpline.All(ctx, q)
	if err != nil {
		return nil, err
	}
	var looks []page.Look
	for _, due := range helpline.Due(all, v.Now, homeAhead) {
		if due.Record.Last == nil {
			continue // nothing shows it yet
		}
		carriers, err := helpline.Carriers(ctx, q, due.Record.ID)
		if err != nil {
			return nil, err
		}
		lost := slices.IndexFunc(carriers, func(c helpline.Carrier) bool {
			return (c.State == post.Held || c.State == post.Scheduled) && c.DueAt.After(v.Now) && c.DueAt.Before(v.Now.Add(homeAhead)) &&
				!due.Record.Holds(c.DueAt)
		})
		if lost >= 0 {
			text := v.Words.T("lib.home.line", due.Why, v.dayOf(carriers[lost].DueAt))
			looks = append(looks, page.Look{Mark: mark, Text: text, URL: "/helplines/" + url.PathEscape(due.Record.ID)})
		}
	}
	without, err := v.without(ctx, q, all, near)
	for _, one := range without {
		text := v.Words.T("lib.home.none", v.country(one.country), v.dayOf(one.first))
		looks = append(looks, page.Look{Mark: mark, Text: text, URL: "/helplines#country-" + one.country})
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

// missing is a country with no helpline for the first post that asks for one.
type missing struct {
	country string
	first   time.Time
}

// without returns the countries of channels where a post to come asks for a helpline and none may be shown. Rehearsals need
// nothing.
func (v viewer) without(ctx context.Context, q postgres.Querier, all []helpline.Record, near []view.Stand) ([]missing, error) {
	channels, err := channel.List(ctx, q)
	if err != nil {
		return nil, err
	}
	known := make(map[int64]channel.Channel, len(channels))
	for _, c := range channels {
		known[c.ID] = c
	}
	var list []missing
	for _, s := range near {
		c := known[s.Channel]
		if !s.Live() || s.Rehearsal || !s.DueAt.After(v.Now) || c.Country == "" || !strings.Contains(s.Text, "{{helpline}}") {
			continue
		}
		_, found := helpline.Choose(all, helpline.Need{Country: c.Country, Language: s.Language, Sandbox: c.Sandbox, At: s.DueAt})
		if !found && !slices.ContainsFunc(list, func(m missing) bool { return m.country == c.Country }) {
			list = append(list, missing{c.Country, s.DueAt})
		}
	}
	return list, nil
}

// Matter writes something that the team was told; back names the page to come back to.
func Matter(v view.Viewer, n notice.Notice, back string) page.Matter {
	mark := page.Mark{ID: string(n.Level), Icon: "message-square", Word: v.Words.T("lib.notice.note"), Tone: "quiet"}
	switch n.Level {
	case notice.Error:
		mark.Icon, mark.Word, mark.Tone = "octagon-x", v.Words.T("lib.notice.error"), "harm"
	case notice.Warning:
		mark.Icon, mark.Word, mark.Tone = "triangle-alert", v.Words.T("lib.notice.warning"), "look"
	case notice.Note:
	}
	return page.Matter{ID: n.ID, Mark: mark, Say: n.Say, When: v.Words.Moment(n.At, v.Zone), Back: back, URL: matter.Path(n.Kind, n.SubjectID)}
}
