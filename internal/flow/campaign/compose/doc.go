// Package compose makes and changes campaigns without a file: the browser's way to what internal/flow/campaign reads.
//
// A [Sheet] is a campaign as the fields of a file, so that whatever is wrong with it is found by the same reader and said with its
// field, and so that it can be exported and loaded again unchanged. Each save names who made it; the database writes down whose words
// they are. The package plans nothing and shows nothing.
package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	core "daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/campaign/form"
	"daymark/internal/flow/campaign/read"
	"daymark/internal/org/fact"
	"daymark/internal/org/people"
	"daymark/internal/org/people/scope"
	"daymark/internal/postgres"
)

// Sheet is a campaign on its way into the database.
type Sheet struct {
	form.Campaign
	Day    observance.Observance
	ByHand bool   // somebody made or changed it in the browser
	Seen   string // what the database had when it was read; empty for a new one

	sums  map[string]string // the SHA-256 of each picture by its path
	blobs []book.Blob       // pictures that are not stored yet
}

// MaySee returns NotFound for whoever works on other campaigns or only on some accounts: a campaign says what goes to all of them.
func MaySee(by people.Person, id string) error {
	if !by.Limited() || (len(by.Labels) == 0 && by.Role != people.RoleChapter && slices.Contains(by.Campaigns, id)) {
		return nil
	}
	return fault.New(fault.NotFound, "There is no such page, or it lies outside of what you work on.")
}

// mayWrite refuses whoever may not make campaigns, and whoever works on others. A new campaign lies outside of every limit.
func mayWrite(by people.Person, id string, isNew bool) error {
	if !by.May(people.CampaignLoad) {
		return fault.New(fault.Forbidden, "Your role does not allow making or changing campaigns.")
	}
	if isNew && by.Limited() {
		return scope.Beyond()
	}
	return MaySee(by, id)
}

// Read returns a campaign of the database as a sheet.
func Read(ctx context.Context, q postgres.Querier, id string) (Sheet, core.Campaign, error) {
	var c core.Campaign
	kept, err := book.FindCampaign(ctx, q, id)
	if err != nil {
		return Sheet{}, c, err
	}
	if err := json.Unmarshal(kept.Body, &c); err != nil {
		return Sheet{}, c, fmt.Errorf("read campaign %s: %w", id, err)
	}
	s := Sheet{ByHand: kept.ByHand, Seen: string(kept.Body), sums: map[string]string{}}
	if err := json.Unmarshal(kept.Observance, &s.Day); err != nil {
		return Sheet{}, c, fmt.Errorf("read the observance of %s: %w", id, err)
	}
	for _, m := range c.Posts {
		for part := range m.Parts() {
			for _, picture := range m.PartMedia(part) {
				s.sums[picture.File] = picture.SHA256
			}
		}
	}
	s.Campaign, err = campaign.Shape(c)
	return s, c, err
}

// New returns the sheet of a campaign that is not there yet, for a day.
func New(day observance.Observance) Sheet {
	return Sheet{Campaign: form.Campaign{Daymark: read.Version, Observance: day.ID}, Day: day, sums: map[string]string{}}
}

// Sum returns the SHA-256 of a picture of the sheet, in hex.
func (s *Sheet) Sum(file string) string { return s.sums[file] }

// Attach takes a picture that somebody sent, and returns its path in the campaign's folder.
func (s *Sheet) Attach(p campaign.Picture) string {
	s.blobs = append(s.blobs, book.Blob{MIME: p.MIME, Width: p.Width, Height: p.Height, Bytes: p.Bytes})
	return s.name(p.SHA256, p.MIME)
}

// Take takes a picture that is stored already, by its SHA-256 in hex.
func (s *Sheet) Take(ctx context.Context, q postgres.Querier, sum string) (string, error) {
	blob, err := book.FindBlob(ctx, q, sum)
	if err != nil {
		return "", err
	}
	return s.name(sum, blob.MIME), nil
}

// name returns the path of a picture: the one it has in the campaign, or one made of its hash, so that no two pictures share it.
func (s *Sheet) name(sum, mime string) string {
	for file, have := range s.sums {
		if have == sum {
			return file
		}
	}
	file := "picture-" + sum[:min(len(sum), 12)] + "." + strings.TrimPrefix(mime, "image/")
	s.sums[file] = sum
	return file
}

// Save writes a sheet, when nothing is wrong with it, and reports whether that changed anything. A sheet that somebody else changed
// meanwhile is a Conflict.
func Save(ctx context.Context, db *postgres.DB, s Sheet, by people.Person, now time.Time) (bool, []campaign.Problem, error) {
	if err := mayWrite(by, s.ID, s.Seen == ""); err != nil {
		return false, nil, err
	}
	var changed bool
	var problems []campaign.Problem
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		changed = false
		c, wrong, err := s.Judge(ctx, tx)
		if problems = wrong; err != nil || len(wrong) > 0 {
			return err
		}
		body, err := campaign.Canonical(c)
		if err != nil {
			return err
		}
		rule, err := json.Marshal(s.Day)
		if err != nil {
			return fmt.Errorf("observance of %s: %w", c.ID, err)
		}
		if err := s.still(ctx, tx); err != nil {
			return err
		}
		if s.Seen != "" && bytes.Equal(body, []byte(s.Seen)) {
			return nil
		}
		for _, b := range s.blobs {
			if err := book.AddBlob(ctx, tx, b); err != nil {
				return err
			}
		}
		changed, err = book.SaveCampaign(ctx, tx, book.Campaign{ID: c.ID, Observance: rule, Title: c.Title, Body: body, LoadedAt: now, ByHand: true}, by.ID)
		return err
	})
	return changed, problems, err
}

// Judge returns the campaign that a sheet says, and everything that is wrong with it.
func (s *Sheet) Judge(ctx context.Context, q postgres.Querier) (core.Campaign, []campaign.Problem, error) {
	known, err := Facts(ctx, q)
	if err != nil {
		return core.Campaign{}, nil, err
	}
	return campaign.Judge(s.Campaign, campaign.Ground{Observance: s.Day, Facts: known, Pictures: s.sums})
}

// still holds the campaign and refuses when it is another than was read.
func (s *Sheet) still(ctx context.Context, tx *postgres.Tx) error {
	kept, err := book.LockCampaign(ctx, tx, s.ID)
	switch {
	case fault.Is(err, fault.NotFound) && s.Seen == "":
		return nil
	case err != nil:
		return err
	case s.Seen == "":
		return fault.BadField("id", "is the short name of another campaign: choose another one")
	case string(kept.Body) != s.Seen:
		return fault.New(fault.Conflict, "Somebody else changed this campaign meanwhile. Look at it again.")
	}
	return nil
}

// Facts returns what a campaign may state, by id: what the database has, and beside it what comes with Daymark.
func Facts(ctx context.Context, q postgres.Querier) (map[string]core.Fact, error) {
	known, err := campaign.ShippedFacts()
	if err != nil {
		return nil, err
	}
	ours, err := fact.All(ctx, q)
	maps.Copy(known, ours)
	return known, err
}
