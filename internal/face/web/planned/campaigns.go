package planned

import (
	"context"
	"fmt"

	"daymark/internal/face/web/page"
	"daymark/internal/face/web/view"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign/compose"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// edition is an edition with its deliveries.
type edition struct {
	book.Edition
	stands []view.Stand
	drafts map[int64]bool // posts that can be sent for review
}

// Campaigns reads the editions with how far each is.
func Campaigns(ctx context.Context, q postgres.Querier, who view.Viewer) (*page.Campaigns, error) {
	v := viewer{who}
	list, err := v.editions(ctx, q)
	if err != nil {
		return nil, err
	}
	p := &page.Campaigns{Frame: page.Frame{Title: v.Words.T("campaigns.title"), Door: "campaigns"}}
	for _, e := range list {
		p.Editions = append(p.Editions, v.editionLine(e))
	}
	if v.Person.May(people.CampaignLoad) && !v.Person.Limited() {
		p.NewURL = "/new-campaign"
	}
	kept, err := compose.Names(ctx, q, v.Words.Lang)
	for _, c := range kept {
		if compose.MaySee(v.Person, c.ID) == nil {
			p.All = append(p.All, page.CampaignLine{Name: c.Name, URL: "/campaigns/" + c.ID})
		}
	}
	return p, err
}

// Drafts returns the posts of an edition that can be sent for review, in the order they are due.
func Drafts(ctx context.Context, q postgres.Querier, v view.Viewer, id int64) ([]int64, error) {
	stands, err := v.ReadStands(ctx, q, book.EntryFilter{Edition: id})
	if err != nil {
		return nil, err
	}
	var posts []int64
	seen := map[int64]bool{}
	for _, s := range stands {
		if s.Submittable(v.Now) && !seen[s.Post] {
			seen[s.Post] = true
			posts = append(posts, s.Post)
		}
	}
	return posts, nil
}

func (v viewer) editions(ctx context.Context, q postgres.Querier) ([]edition, error) {
	editions, err := v.Editions(ctx, q)
	if err != nil {
		return nil, err
	}
	list := make([]edition, 0, len(editions))
	for _, e := range editions {
		stands, err := v.ReadStands(ctx, q, book.EntryFilter{Edition: e.ID})
		if err != nil {
			return nil, err
		}
		one := edition{Edition: e, stands: stands, drafts: map[int64]bool{}}
		for _, s := range stands {
			if s.Submittable(v.Now) {
				one.drafts[s.Post] = true
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// Line writes an edition with its deliveries in short.
func Line(who view.Viewer, e book.Edition, stands []view.Stand) page.EditionLine {
	one := edition{Edition: e, stands: stands, drafts: map[int64]bool{}}
	for _, s := range stands {
		if s.Submittable(who.Now) {
			one.drafts[s.Post] = true
		}
	}
	return viewer{who}.editionLine(one)
}

func (v viewer) editionLine(e edition) page.EditionLine {
	posts := map[int64]bool{}
	month := e.FirstDay
	for i, s := range e.stands {
		posts[s.Post] = true
		if i == 0 && v.DateOf(s, false) < month {
			month = v.DateOf(s, false) // the plan opens where its first post is
		}
	}
	return page.EditionLine{
		ID: e.ID, Title: view.Title(e.Edition), Theme: e.Theme, Days: v.Words.Days(e.FirstDay, e.LastDay), Away: v.Away(e.FirstDay, e.LastDay), Rehearsal: e.Rehearsal,
		Posts: len(posts), Tallies: v.Tally(e.stands), Drafts: len(e.drafts), MaySubmit: v.Person.May(people.PostSubmit),
		PlanURL: view.EditionURL(e.ID), CalendarURL: view.CalendarURL(month, e.ID), ReachURL: fmt.Sprintf("/reach/%d", e.ID),
	}
}
