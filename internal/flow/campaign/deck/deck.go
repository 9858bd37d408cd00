// Package deck makes cards for posts: pictures that Daymark draws in each language of a post, with the facts, the helpline and the name that
// the charity has written down by then; and it knows which cards a shipped campaign has ready.
//
// Each language has a picture of its own, with an alternative text from the same values. The package draws nothing itself
// (internal/media/card does), writes nothing (internal/flow/draft/carded does) and knows no page.
package deck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"daymark/campaigns"
	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/media/card"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/helpline"
	"daymark/internal/postgres"
)

// Wanted is a card that somebody wants on a post.
type Wanted struct {
	cards.Card
	Format   string
	Helpline string // the id of the line on it; empty for none
	Named    bool   // with the charity's name at the foot
	Day      civil.Date
}

// Drawn is a card in one language.
type Drawn struct {
	Language string
	Bytes    []byte // a PNG
	SHA256   string // of Bytes, in lower-case hexadecimal
	Alt      string
	States   *post.Stated
}

// Draw draws a card in languages, or says what it lacks. The same values give the same pictures.
func Draw(w Wanted, values fill.Values, languages []string, fonts *lettering.Fonts, now time.Time) ([]Drawn, error) {
	if w.Template == "quote" {
		return nil, fault.New(fault.Invalid, "Quotes are drawn with daymark card only, where the person who draws them says that the quoted person agreed.")
	}
	w.ID = w.Template // as errors call it
	on := cards.Setting{Facts: values.Facts, Day: w.Day, Today: civil.DateOf(now.UTC())}
	if w.Named {
		on.Org = values.Profile.Name
	}
	var list []Drawn
	for _, language := range languages {
		one := Drawn{Language: language}
		c, err := w.In(language, w.Format, on)
		if err != nil {
			return nil, err
		}
		if w.Template == "helpline" {
			if err := line(&c, values.Lines, w.Helpline, now); err != nil {
				return nil, err
			}
			one.States = &post.Stated{Line: w.Helpline, Said: c.Phone}
		}
		if one.Alt, err = card.Alt(c); err != nil {
			return nil, err
		}
		if one.Bytes, err = card.Draw(c, fonts); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(one.Bytes)
		one.SHA256 = hex.EncodeToString(sum[:])
		if w.Fact != "" {
			said, _ := values.Facts[w.Fact].Say(language)
			one.States = &post.Stated{Fact: w.Fact, Said: said}
		}
		list = append(list, one)
	}
	return list, nil
}

// line puts a helpline on a card whose check holds now. A line for tips to the police is no help and is never drawn.
func line(c *card.Card, lines []helpline.Record, id string, now time.Time) error {
	for _, l := range lines {
		if l.ID != id {
			continue
		}
		if !Shows(l, now) {
			return fault.New(fault.Conflict, "The helpline %s cannot be drawn: it needs a number to call and a check that holds. Call it, and write down that it works.", l.Name)
		}
		c.Name, c.Phone, c.Hours = l.Name, l.Phone, l.Hours
		return nil
	}
	return fault.New(fault.Invalid, "Choose the helpline that stands on the card.")
}

// Shows reports whether a helpline may stand on a picture now.
func Shows(l helpline.Record, now time.Time) bool {
	return l.Holds(now) && l.Phone != "" && l.Purpose == campaign.Support
}

// Planned returns the cards that the campaign of an edition has ready, with the campaign's own titles where they have none. A campaign that
// Daymark does not ship has none.
func Planned(ctx context.Context, q postgres.Querier, campaignID string) ([]cards.Card, error) {
	src, err := fs.ReadFile(campaigns.Files, path.Join(path.Base(campaignID), cards.FileName))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the cards of %s: %w", campaignID, err)
	}
	kept, err := book.FindCampaign(ctx, q, campaignID)
	if err != nil {
		return nil, err
	}
	var of campaign.Campaign
	if err := json.Unmarshal(kept.Body, &of); err != nil {
		return nil, fmt.Errorf("read campaign %s: %w", campaignID, err)
	}
	list, problems := cards.Read(cards.FileName, src, of)
	if len(problems) > 0 { // a charity's own campaign under the name of a shipped one, whose messages are others
		return nil, nil
	}
	for i := range list {
		if list[i].Titles == nil {
			list[i].Titles = of.Title
		}
	}
	return list, nil
}
