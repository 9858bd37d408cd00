package results

import (
	"context"
	"fmt"

	"daymark/internal/core/civil"
	"daymark/internal/face/web/page"
	"daymark/internal/face/web/results/tabled"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/reach/compare"
	"daymark/internal/flow/reach/handling"
	"daymark/internal/flow/reach/trend"
)

// ended is a message at one end of the list.
type ended struct {
	Name    string
	Text    page.Text
	Picture string
	Alt     page.Text
	Said    string // engagements of a post on average, over how many posts
	Rate    string
	Few     string
}

// most is how many messages are named best, and weakest.
const most = 3

func (p *editionPage) putEnds(s source) {
	best, weakest := s.did.Ends(most)
	p.Best, p.Weakest = s.ends(best), s.ends(weakest)
}

func (s source) ends(list []compare.Message) []ended {
	var all []ended
	for _, m := range list {
		e := ended{Name: page.Heading(m.Key, m.Kind), Text: s.text(m.Texts).Short(view.Excerpt)}
		if tenths, posts, ok := m.Each(); ok {
			e.Said = s.Words.T("results.each.said", s.Words.Tenths(tenths), posts)
			if posts < compare.Enough {
				e.Few = s.Words.T("results.few", posts)
			}
		}
		if tenths, of, ok := m.Rate(); ok {
			e.Rate = s.Words.T("results.rate.said", s.Words.PercentTenths(tenths), of)
		}
		if m.Picture != "" {
			e.Picture, e.Alt = "/media/"+m.Picture, s.text(m.Alt)
		}
		all = append(all, e)
	}
	return all
}

// putHandled shows how the edition was worked.
func (d Desk) putHandled(ctx context.Context, s source, p *editionPage) error {
	h, err := handling.Of(ctx, d.db, s.edition.ID, s.accounts, s.Now)
	if err != nil {
		return err
	}
	t := s.Words.T
	one := func(id string, told bool, said, beneath string) {
		p.Handled = append(p.Handled, tabled.Figure{ID: id, Word: t("results." + id), Told: told, Said: said, Beneath: beneath, What: t("results.what." + id)})
	}
	one("approval", h.Cleared > 0, s.Words.Span(h.Approval), t("results.approval.of", h.Cleared))
	for _, part := range []struct {
		id string
		handling.Part
	}{{"ontime", h.OnTime}, {"channels", h.Channels}, {"complete", h.Complete}, {"sourced", h.Sourced}, {"described", h.Described}, {"checked", h.Checked}} {
		said := ""
		if part.Of > 0 {
			said = s.Words.Percent(int64((part.Is*100 + part.Of/2) / part.Of))
		}
		one(part.id, part.Of > 0, said, t("results.part", part.Is, part.Of))
	}
	if h.Slowest > 0 {
		p.Punctual = t("reach.time.text", s.Words.Span(h.Half), s.Words.Span(h.Most), s.Words.Span(h.Slowest))
	}
	return nil
}

// putFollowers adds who followed the accounts on the first day: the reach that was possible, which is an estimate.
func (d Desk) putFollowers(ctx context.Context, s source, p *editionPage) error {
	first, err := civil.ParseDate(s.edition.FirstDay)
	if err != nil {
		return fmt.Errorf("first day of edition %d: %w", s.edition.ID, err)
	}
	ids := make([]int64, len(s.did.Accounts))
	for i, a := range s.did.Accounts {
		ids[i] = int64(tabled.Number(a.Key))
	}
	known, err := trend.FollowersAt(ctx, d.db, first, ids...)
	if err != nil {
		return err
	}
	f := tabled.Figure{ID: "followers", Word: s.Words.T("results.followers"), What: s.Words.T("results.what.followers")}
	for _, one := range known {
		f.Told = true
		f.Value += one.Followers
	}
	f.Said, f.Beneath = s.Words.Number(f.Value), s.Words.T("results.followers.of", len(known), len(ids))
	p.Totals = append(p.Totals, f)
	return nil
}
