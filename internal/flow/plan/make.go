package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/observance"
	"daymark/internal/flow/book"
	"daymark/internal/flow/book/replan"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
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
	Deliveries int      // new, or back again
	Kept       int      // posts that were there already
	Followed   int      // of these, the untouched ones that took the file's new words or time
	Moved      int      // deliveries that got another time
	Withdrawn  int      // deliveries whose message, language or channel went
	Offered    int      // posts that a person edited and for which the file now says something else
	Tasks      int      // tasks written or removed
	Problems   []string // sentences: what was not planned, or needs a person
	Dated      bool     // the edition is new, or got other days
}

// Changed reports whether planning wrote anything.
func (m Made) Changed() bool {
	return m.Dated || m.Posts+m.Deliveries+m.Followed+m.Moved+m.Withdrawn+m.Offered+m.Tasks > 0
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
			places = append(places, Place{Channel: c.ID, Name: c.Name, Platform: c.Platform, Zone: c.Zone, Languages: c.Languages, Labels: c.Labels, Sandbox: c.Sandbox})
		}
	}
	return places, nil
}

// Loaded returns a campaign of the database and its observance with the days that people announced.
func Loaded(ctx context.Context, q postgres.Querier, id string) (campaign.Campaign, observance.Observance, error) {
	var c campaign.Campaign
	var o observance.Observance
	kept, err := book.FindCampaign(ctx, q, id)
	if err != nil {
		return c, o, err
	}
	if err := json.Unmarshal(kept.Body, &c); err != nil {
		return c, o, fmt.Errorf("read campaign %s: %w", id, err)
	}
	if err := json.Unmarshal(kept.Observance, &o); err != nil {
		return c, o, fmt.Errorf("read the observance of %s: %w", id, err)
	}
	announced, err := replan.Dates(ctx, q, id)
	if err != nil {
		return c, o, err
	}
	if o.Rule.Kind == observance.Announced && len(announced) > 0 {
		dates := maps.Clone(o.Rule.Dates)
		if dates == nil {
			dates = map[int]civil.Range{}
		}
		maps.Copy(dates, announced)
		o.Rule.Dates = dates
	}
	return c, o, nil
}

// Make makes the edition of a loaded campaign in a year, or lets the one that is there follow: posts that nobody edited take
// the file's words and times, the others are offered them, deliveries come, move and go with messages, languages and
// channels. What is out stays as it is. Making the same again changes nothing.
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
	c, o, err := Loaded(ctx, tx, campaignID)
	if err != nil {
		return err
	}
	days, err := Days(o, year)
	if err != nil {
		return err
	}
	places, err := Places(ctx, tx)
	if err != nil {
		return err
	}
	if opt.Rehearsal { // a rehearsal reaches no real account; the database would refuse it whole
		places = slices.DeleteFunc(places, func(p Place) bool { return !p.Sandbox })
	}
	edition, isNew, err := replan.Edition(ctx, tx, book.Edition{
		Campaign: campaignID, Year: year, Rehearsal: opt.Rehearsal,
		FirstDay: days.Start.String(), LastDay: days.End.String(),
	})
	if err != nil {
		return err
	}
	made.Edition, made.Dated = edition.ID, isNew
	f := follower{tx: tx, opt: opt, made: made, days: days}
	if err := f.follow(ctx, c, places); err != nil {
		return err
	}
	var tasks []replan.Task
	for _, t := range c.Tasks {
		tasks = append(tasks, replan.Task{Key: t.ID, Day: t.Offset.On(days), Who: t.Who, What: t.What})
	}
	if made.Tasks, err = replan.SaveTasks(ctx, tx, made.Edition, tasks); err != nil {
		return err
	}
	if len(places) == 0 {
		made.Problems = append(made.Problems, "No channel is connected yet, so nothing can go out. Connect one, then plan again.")
	}
	if !made.Changed() {
		return nil
	}
	return audit.Write(ctx, tx, audit.Entry{
		Person: opt.By.ID, Action: "edition.planned", Kind: "edition", ID: made.Edition,
		Detail: map[string]any{
			"campaign": campaignID, "year": year, "rehearsal": opt.Rehearsal, "first_day": days.Start.String(),
			"posts": made.Posts, "deliveries": made.Deliveries, "followed": made.Followed, "moved": made.Moved,
			"withdrawn": made.Withdrawn, "offered": made.Offered, "tasks": made.Tasks,
		},
	})
}
