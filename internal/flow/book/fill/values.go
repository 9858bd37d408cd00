// Package fill puts values into the words of a post: what the charity says of itself, the theme of the year, facts with their
// sources, the helpline for a channel's readers.
//
// Its result is the final content of a delivery, before anybody has judged it, with the stretches that values fill, so that
// rules can tell them from what people wrote. Where a helpline's number is shown, the content has a second text without it. The
// package writes nothing, asks no network and decides nothing about what may go out.
package fill

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/core/text"
	"daymark/internal/flow/book"
	"daymark/internal/org/fact"
	"daymark/internal/org/helpline"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// Values is what tokens stand for, for every language and every channel.
type Values struct {
	Profile  profile.Profile          // zero while the organisation has none
	Edition  book.Edition             // zero for a post that belongs to none
	Facts    map[string]campaign.Fact // by id
	Lines    []helpline.Record
	Channels map[int64]Channel
	Links    Links
}

// Channel is what decides which helplines the readers of a channel are shown.
type Channel struct {
	Country string // ISO 3166-1 alpha-2; empty while nobody has said
	Sandbox bool   // nobody reads it: an invented helpline may be shown
}

const sqlChannels = `
SELECT id, country, sandbox
FROM channels`

// Read reads the values for the posts of an edition; 0 is for posts that belong to none.
func Read(ctx context.Context, q postgres.Querier, edition int64) (Values, error) {
	v := Values{Channels: map[int64]Channel{}}
	var err error
	if v.Profile, err = profile.Get(ctx, q); err != nil && !fault.Is(err, fault.NotFound) {
		return Values{}, err
	}
	if edition != 0 {
		if v.Edition, err = book.EditionByID(ctx, q, edition); err != nil && !fault.Is(err, fault.NotFound) {
			return Values{}, err
		}
		if v.Links, err = readLinks(ctx, q, edition); err != nil {
			return Values{}, err
		}
	}
	if v.Facts, err = fact.All(ctx, q); err != nil {
		return Values{}, err
	}
	if v.Lines, err = helpline.All(ctx, q); err != nil {
		return Values{}, err
	}
	var rows []struct {
		ID      int64  `db:"id"`
		Country string `db:"country"`
		Sandbox bool   `db:"sandbox"`
	}
	if err := q.SelectContext(ctx, &rows, sqlChannels); err != nil {
		return Values{}, fmt.Errorf("read the countries of channels: %w", err)
	}
	for _, r := range rows {
		v.Channels[r.ID] = Channel{Country: r.Country, Sandbox: r.Sandbox}
	}
	return v, nil
}

// Country returns the country whose helplines a post shows on a channel; empty where nobody has said.
func (v Values) Country(s post.Source, channel int64) string {
	if s.Helpline != "" {
		return s.Helpline
	}
	return v.Channels[channel].Country
}

// tokens returns what the tokens of a source stand for in a language, all but the helpline.
func (v Values) tokens(s post.Source, language string) map[string]string {
	values := map[string]string{}
	if v.Profile.Name != "" {
		values = profile.Tokens(v.Profile, language)
	}
	if v.Edition.ID != 0 {
		values["year"] = strconv.Itoa(v.Edition.Year)
	}
	if v.Edition.Theme != "" {
		values["theme"] = v.Edition.Theme
	}
	if s.Link != "" {
		values["link"] = s.Link
	}
	for _, id := range s.StatedIn(language) {
		if sentence, ok := v.Facts[id].Say(language); ok {
			values[text.FactToken(id)] = sentence
		}
	}
	return values
}

// line returns the helpline whose number an entry shows: one whose check holds when the entry falls due; else one whose check
// holds now, because somebody may look again before then.
func (v Values) line(s post.Source, e book.Entry, now time.Time) (helpline.Record, bool) {
	need := helpline.Need{
		Country: v.Country(s, e.Channel), Language: e.Language, For: s.HelplineFor,
		Sandbox: v.Channels[e.Channel].Sandbox, At: e.DueAt,
	}
	if need.Country == "" {
		return helpline.Record{}, false
	}
	if line, ok := helpline.Choose(v.Lines, need); ok && line.Holds(now) {
		return line, true
	}
	need.At = now
	return helpline.Choose(v.Lines, need)
}
