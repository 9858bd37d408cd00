package app

import (
	"context"

	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/library"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Load takes a campaign that was read from files into the database and reports whether anything changed.
func (a *App) Load(ctx context.Context, loaded campaign.Loaded, by people.Person) (bool, error) {
	return a.LoadCounting(ctx, loaded, by, false, func() {})
}

// LoadCounting is [App.Load] that calls step after each post, for a person who waits. Changes of the browser are written over when over is set.
func (a *App) LoadCounting(ctx context.Context, loaded campaign.Loaded, by people.Person, over bool, step func()) (bool, error) {
	if !by.May(people.CampaignLoad) {
		return false, fault.New(fault.Forbidden, "Your role does not allow loading campaigns.")
	}
	body, rule, err := library.Kept(loaded)
	if err != nil {
		return false, err
	}
	own, err := library.Own(loaded)
	if err != nil {
		return false, err
	}
	if err := a.LoadFacts(ctx); err != nil {
		return false, err
	}
	if err := a.loadFacts(ctx, loaded.OwnFacts, by); err != nil {
		return false, err
	}
	var changed bool
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		if err := library.Untouched(ctx, tx, loaded, over); err != nil {
			return err
		}
		stored := map[string]bool{}
		for _, m := range loaded.Campaign.Posts {
			for i := range m.Parts() {
				for _, picture := range m.PartMedia(i) {
					p := loaded.Pictures[picture.File]
					if stored[picture.File] {
						continue
					}
					stored[picture.File] = true
					if err := book.AddBlob(ctx, tx, book.Blob{MIME: p.MIME, Width: p.Width, Height: p.Height, Bytes: p.Bytes}); err != nil {
						return err
					}
				}
			}
			step()
		}
		c := loaded.Campaign
		changed, err = book.SaveCampaign(ctx, tx, book.Campaign{
			ID: c.ID, Observance: rule, Title: c.Title, Body: body, LoadedAt: a.Clock.Now(), Shipped: !own,
		}, by.ID)
		return err
	})
	return changed, err
}

// Plan makes the edition of a loaded campaign in a year.
func (a *App) Plan(ctx context.Context, campaignID string, year int, rehearsal bool, by people.Person) (plan.Made, error) {
	return plan.Make(ctx, a.DB, campaignID, year, plan.Options{Rehearsal: rehearsal, By: by, Now: a.Clock.Now()})
}
