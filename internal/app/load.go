package app

import (
	"context"
	"encoding/json"
	"fmt"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
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
	rule, err := json.Marshal(loaded.Observance)
	if err != nil {
		return false, fmt.Errorf("observance of %s: %w", loaded.Campaign.ID, err)
	}
	body, err := campaign.Canonical(loaded.Campaign)
	if err != nil {
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
		changed, err = book.SaveCampaign(ctx, tx, book.Campaign{ID: c.ID, Observance: rule, Title: c.Title, Body: body, LoadedAt: a.Clock.Now()}, by.ID)
		return err
	})
	return changed, err
}

// Exported is a campaign of the database as files, by their names in its folder.
type Exported struct {
	Files map[string][]byte
	// OwnObservance is the id of its observance where Daymark ships none like it: its calendar has to lie beside the folder.
	OwnObservance string
}

// Export returns a campaign of the database as the files that would load it: loading them changes nothing.
func (a *App) Export(ctx context.Context, id string) (Exported, error) {
	kept, err := book.FindCampaign(ctx, a.DB, id)
	if err != nil {
		return Exported{}, err
	}
	var c core.Campaign
	if err := json.Unmarshal(kept.Body, &c); err != nil {
		return Exported{}, fmt.Errorf("read campaign %s: %w", id, err)
	}
	file, err := campaign.Export(c)
	if err != nil {
		return Exported{}, err
	}
	out := Exported{Files: map[string][]byte{campaign.FileName: file}}
	for _, m := range c.Posts {
		for i := range m.Parts() {
			for _, picture := range m.PartMedia(i) {
				if _, have := out.Files[picture.File]; have {
					continue
				}
				blob, err := book.FindBlob(ctx, a.DB, picture.SHA256)
				if err != nil {
					return Exported{}, fmt.Errorf("picture %s of %s: %w", picture.File, id, err)
				}
				out.Files[picture.File] = blob.Bytes
			}
		}
	}
	if shipped, err := isShipped(kept.Observance); err != nil || !shipped {
		out.OwnObservance = c.Observance
		return out, err
	}
	return out, nil
}

// isShipped reports whether an observance, as the database has it, is one that Daymark ships.
func isShipped(kept []byte) (bool, error) {
	var own observance.Observance
	if err := json.Unmarshal(kept, &own); err != nil {
		return false, fmt.Errorf("read an observance: %w", err)
	}
	all, err := campaign.ShippedObservances()
	if err != nil {
		return false, err
	}
	mine, err := json.Marshal(own)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.ID != own.ID {
			continue
		}
		theirs, err := json.Marshal(o)
		return string(mine) == string(theirs), err
	}
	return false, nil
}

// Plan makes the edition of a loaded campaign in a year.
func (a *App) Plan(ctx context.Context, campaignID string, year int, rehearsal bool, by people.Person) (plan.Made, error) {
	return plan.Make(ctx, a.DB, campaignID, year, plan.Options{Rehearsal: rehearsal, By: by, Now: a.Clock.Now()})
}
