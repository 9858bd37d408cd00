// Package deck puts cards on posts: pictures that Daymark draws in each language of a post, with the facts, the helpline and the name that
// the charity has written down by then.
//
// A card is one picture for each language, stored like any other and shown by the post in that language only; its alternative text is
// written from the same values. Putting a card on a post makes a new version of it, which is reviewed as every version is. The package
// draws nothing itself (internal/media/card does) and knows no page.
package deck

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"path"
	"slices"
	"time"

	"daymark/campaigns"
	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/fill"
	"daymark/internal/flow/campaign/cards"
	"daymark/internal/flow/draft/edit"
	"daymark/internal/flow/plan"
	"daymark/internal/media/card"
	"daymark/internal/media/card/lettering"
	"daymark/internal/org/helpline"
	"daymark/internal/org/people"
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
		c, err := w.In(language, w.Format, on)
		if err != nil {
			return nil, err
		}
		if w.Template == "helpline" {
			if err := line(&c, values.Lines, w.Helpline, now); err != nil {
				return nil, err
			}
		}
		one := Drawn{Language: language}
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

// Put stores the pictures of a card and lets a post show them, in the place of another card where it has one. It is a Conflict when
// somebody changed the post since the version that was read.
func Put(ctx context.Context, tx *postgres.Tx, id int64, read int, drawn []Drawn, by people.Person, now time.Time) error {
	found, err := book.FindPost(ctx, tx, id)
	if err != nil {
		return err
	}
	channels, err := edit.Reachable(ctx, tx, by)
	if err != nil {
		return err
	}
	change := edit.Begun(found, channels)
	change.Read = read
	if len(change.Source.Parts) == 0 {
		return fault.New(fault.Invalid, "Write the words of the post first, then make its card.")
	}
	parts := slices.Clone(change.Source.Parts)
	pictures := slices.DeleteFunc(slices.Clone(parts[0].Pictures), func(p post.SourcePicture) bool { return p.Only != "" })
	for _, d := range drawn {
		size, _, err := image.DecodeConfig(bytes.NewReader(d.Bytes))
		if err != nil {
			return fmt.Errorf("look at a drawn card: %w", err)
		}
		if err := book.AddBlob(ctx, tx, book.Blob{MIME: "image/png", Width: size.Width, Height: size.Height, Bytes: d.Bytes}); err != nil {
			return err
		}
		pictures = append(pictures, post.SourcePicture{SHA256: d.SHA256, Alt: map[string]string{d.Language: d.Alt}, Only: d.Language, States: d.States})
	}
	parts[0].Pictures = pictures
	change.Source.Parts = parts
	_, err = edit.Save(ctx, tx, id, change, by, now)
	return err
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
	of, _, err := plan.Loaded(ctx, q, campaignID)
	if err != nil {
		return nil, err
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
