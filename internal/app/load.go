package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Load takes a campaign that was read from files into the database and reports whether anything changed.
func (a *App) Load(ctx context.Context, loaded campaign.Loaded, by people.Person) (bool, error) {
	return a.LoadCounting(ctx, loaded, by, func() {})
}

// LoadCounting is [App.Load] that calls step after each post, for a person who waits.
func (a *App) LoadCounting(ctx context.Context, loaded campaign.Loaded, by people.Person, step func()) (bool, error) {
	if !by.May(people.CampaignLoad) {
		return false, fault.New(fault.Forbidden, "Your role does not allow loading campaigns.")
	}
	body, rule, err := written(loaded)
	if err != nil {
		return false, err
	}
	own, err := Own(loaded)
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

// Own reports whether a campaign says anything else than the one of its name that comes with Daymark. Nobody here wrote that one, so
// whoever loads it may approve what is planned from it.
func Own(loaded campaign.Loaded) (bool, error) {
	known, err := campaign.Shipped()
	if err != nil || !slices.Contains(known, loaded.Campaign.ID) {
		return true, err
	}
	shipped, err := campaign.LoadShipped(loaded.Campaign.ID)
	if err != nil {
		return true, err
	}
	body, rule, err := written(loaded)
	if err != nil {
		return true, err
	}
	theirs, theirRule, err := written(shipped)
	return !bytes.Equal(theirs, body) || !bytes.Equal(theirRule, rule), err
}

// written returns a campaign and its observance as the database keeps them.
func written(loaded campaign.Loaded) (body, rule []byte, err error) {
	if rule, err = json.Marshal(loaded.Observance); err != nil {
		return nil, nil, fmt.Errorf("observance of %s: %w", loaded.Campaign.ID, err)
	}
	body, err = campaign.Canonical(loaded.Campaign)
	return body, rule, err
}

// Plan makes the edition of a loaded campaign in a year.
func (a *App) Plan(ctx context.Context, campaignID string, year int, rehearsal bool, by people.Person) (plan.Made, error) {
	return plan.Make(ctx, a.DB, campaignID, year, plan.Options{Rehearsal: rehearsal, By: by, Now: a.Clock.Now()})
}
