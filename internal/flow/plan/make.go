package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/core/post"
	"daymark/internal/flow/book"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"

	"github.com/lib/pq"
)

// Options say how an edition is made.
type Options struct {
	Rehearsal bool
	By        people.Person
	Now       time.Time // product time; what was due before is not planned
}

// Made says what planning an edition changed.
type Made struct {
	Edition    int64
	Posts      int      // new
	Deliveries int      // new
	Kept       int      // posts that were there already; their words are never touched
	Problems   []string // sentences: what was not planned, and why
}

// Days returns the days of an observance in a year; NotFound when it has none then.
func Days(o observance.Observance, year int) (civil.Range, error) {
	days, ok, err := o.Rule.On(year)
	if err != nil {
		return civil.Range{}, fault.Wrap(fault.Invalid, err, "The date of %s in %d cannot be told.", o.Name("en"), year)
	}
	if !ok {
		return civil.Range{}, fault.New(fault.NotFound, "%s has no date in %d.", o.Name("en"), year)
	}
	return days, nil
}

// Places returns the connected channels as places.
func Places(ctx context.Context, q postgres.Querier) ([]Place, error) {
	channels, err := channel.List(ctx, q)
	if err != nil {
		return nil, err
	}
	var places []Place
	for _, c := range channels {
		if !c.Archived() {
			places = append(places, Place{Channel: c.ID, Name: c.Name, Platform: c.Platform, Zone: c.Zone, Languages: c.Languages, Labels: c.Labels})
		}
	}
	return places, nil
}

// Make makes the edition of a loaded campaign in a year, or adds to it what is missing: posts for new messages, deliveries
// for new channels. Making the same again changes nothing.
func Make(ctx context.Context, db *postgres.DB, campaignID string, year int, opt Options) (Made, error) {
	if !opt.By.May(people.PlanMake) {
		return Made{}, fault.New(fault.Forbidden, "Your role does not allow planning.")
	}
	var made Made
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		made = Made{}
		return makeIn(ctx, tx, campaignID, year, opt, &made)
	})
	return made, err
}

func makeIn(ctx context.Context, tx *postgres.Tx, campaignID string, year int, opt Options, made *Made) error {
	kept, err := book.FindCampaign(ctx, tx, campaignID)
	if err != nil {
		return err
	}
	var c campaign.Campaign
	if err := json.Unmarshal(kept.Body, &c); err != nil {
		return fmt.Errorf("read campaign %s: %w", campaignID, err)
	}
	var o observance.Observance
	if err := json.Unmarshal(kept.Observance, &o); err != nil {
		return fmt.Errorf("read the observance of %s: %w", campaignID, err)
	}
	days, err := Days(o, year)
	if err != nil {
		return err
	}
	places, err := Places(ctx, tx)
	if err != nil {
		return err
	}
	laid, err := Lay(c, days, places)
	if err != nil {
		return err
	}
	made.Edition, err = book.SaveEdition(ctx, tx, book.Edition{
		Campaign: campaignID, Year: year, Rehearsal: opt.Rehearsal,
		FirstDay: days.Start.String(), LastDay: days.End.String(),
	})
	if err != nil {
		return err
	}
	there, err := readExisting(ctx, tx, made.Edition)
	if err != nil {
		return err
	}
	for _, l := range laid {
		if err := makePost(ctx, tx, l, there[l.Source.Message], opt, made); err != nil {
			return err
		}
	}
	if len(places) == 0 {
		made.Problems = append(made.Problems, "No channel is connected yet, so nothing can go out. Connect one, then plan again.")
	}
	if made.Posts+made.Deliveries == 0 {
		return nil
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: opt.By.ID, Action: "edition.planned", Kind: "edition", ID: made.Edition,
		Detail: map[string]any{"campaign": campaignID, "year": year, "rehearsal": opt.Rehearsal, "posts": made.Posts, "deliveries": made.Deliveries},
	})
}

// existing is a post of the edition that is there already.
type existing struct {
	ID     int64          `db:"id"`
	Name   string         `db:"message"`
	Places pq.StringArray `db:"places"` // "channel language" of each delivery
	Body   []byte         `db:"body"`
}

const sqlExisting = `
SELECT p.id, p.message, r.body,
  ARRAY(SELECT d.channel_id || ' ' || d.language FROM deliveries d WHERE d.post_id = p.id) AS places
FROM posts p
JOIN revisions r ON r.id = p.current_revision
WHERE p.edition_id = $1`

func readExisting(ctx context.Context, q postgres.Querier, edition int64) (map[string]*existing, error) {
	var rows []existing
	if err := q.SelectContext(ctx, &rows, sqlExisting, edition); err != nil {
		return nil, fmt.Errorf("read edition %d: %w", edition, err)
	}
	there := make(map[string]*existing, len(rows))
	for i := range rows {
		there[rows[i].Name] = &rows[i]
	}
	return there, nil
}

// makePost makes the post of a message and its deliveries, or adds the deliveries that are missing.
func makePost(ctx context.Context, tx *postgres.Tx, l Laid, old *existing, opt Options, made *Made) error {
	have := map[string]bool{}
	var id int64
	if old != nil {
		made.Kept++
		id = old.ID
		for _, place := range old.Places {
			have[place] = true
		}
		if err := compare(l, *old, made); err != nil {
			return err
		}
	}
	past := 0
	for _, s := range l.Slots {
		if have[fmt.Sprintf("%d %s", s.Place.Channel, s.Language)] {
			continue
		}
		if !s.DueAt.After(opt.Now) {
			past++
			continue
		}
		if id == 0 {
			var err error
			if id, err = book.AddPost(ctx, tx, book.Draft{Edition: made.Edition, Rehearsal: opt.Rehearsal, Source: l.Source}, opt.By.ID); err != nil {
				return err
			}
			made.Posts++
		}
		if _, err := book.AddDelivery(ctx, tx, book.Delivery{
			Post: id, Channel: s.Place.Channel, Language: s.Language, Date: s.Date,
			Clock: s.Clock, Zone: s.Zone, DueAt: s.DueAt, NotAfter: s.NotAfter,
		}); err != nil {
			return err
		}
		made.Deliveries++
	}
	if past > 0 {
		made.Problems = append(made.Problems, fmt.Sprintf("%s (%s %s): its time has passed at %d places; not planned there.",
			l.Source.Message, l.Source.When.Date, l.Source.When.Clock, past))
	}
	return nil
}

// compare notes where the file and the post that is already there say different things. The post wins: a person may have
// edited it.
func compare(l Laid, old existing, made *Made) error {
	body, _, err := post.Canonical(l.Source)
	if err != nil {
		return err
	}
	if string(body) != string(old.Body) {
		made.Problems = append(made.Problems, fmt.Sprintf("%s: the campaign file and the post say different things; the post is kept as it is.", l.Source.Message))
	}
	return nil
}
