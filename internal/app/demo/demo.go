// Package demo furnishes an empty Daymark with what one needs to try it: a sandbox network, people, channels, the coming
// edition of the July 30 campaign, and a rehearsal of it that a fast clock takes from the day before to two days after.
//
// Everything goes through the code that people use: posts are submitted by the demo's editor and approved by its reviewers.
// The package writes no SQL and weakens no rule.
package demo

import (
	"context"
	"crypto/rand"
	"io"
	"time"

	"daymark/internal/app"
	core "daymark/internal/core/campaign"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/flow/book"
	"daymark/internal/flow/campaign"
	"daymark/internal/flow/plan"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// demoCampaign is what the demo shows.
const demoCampaign = "july-30"

// demoPeople are the demo's people. The addresses belong to nobody (RFC 2606).
var demoPeople = []people.NewPerson{
	{Email: "ada@daymark.example", Name: "Ada", Role: people.RoleAdmin, Languages: []string{"en"}},
	{Email: "ed@daymark.example", Name: "Ed", Role: people.RoleEditor, Languages: []string{"en", "fr"}},
	{Email: "rosa@daymark.example", Name: "Rosa", Role: people.RoleReviewer, Languages: []string{"en", "fr", "es", "ar"}},
	{Email: "omar@daymark.example", Name: "Omar", Role: people.RoleSafeguarding, Languages: []string{"en", "fr", "es", "ar"}},
	{Email: "mina@daymark.example", Name: "Mina", Role: people.RoleManager, Languages: []string{"en"}},
}

// demoProfile is the charity of the demo; it does not exist.
var demoProfile = profile.Profile{
	Name: "Hope Line", Link: "https://hopeline.example/july30", Zone: "Europe/London",
	SupportNote: "If this work weighs on you, talk to somebody you trust, or to your safeguarding lead.",
	Support: map[string]string{
		"en": "If this post troubled you, you can write to us in confidence.",
		"fr": "Si ce message vous a troublé, vous pouvez nous écrire en toute confidentialité.",
		"es": "Si este mensaje te ha removido, puedes escribirnos en confianza.",
		"ar": "إذا أزعجك هذا المنشور، يمكنك مراسلتنا بسرية تامة.",
	},
	Resources: map[string]string{
		core.Professionals: "https://hopeline.example/professionals",
		core.AtRisk:        "https://hopeline.example/help",
	},
	Hosts: []string{"unodc.org"},
}

// Login is a person of the demo with the password that was made for them.
type Login struct {
	Person   people.Person
	Password string
}

// Demo is what a demo has besides the daemon.
type Demo struct {
	app *app.App
	Sandboxes
	Logins    []Login // only at the first start, when the passwords are made
	Rehearsal book.Edition
	Coming    book.Edition
	Starts    time.Time // product time at which the rehearsal begins
	Ends      time.Time // product time at which it reaches the speed of real time
}

// Start starts the sandbox networks and, at the first start, makes people, channels, two editions of the July 30
// campaign and their approvals: all through the code that people use. say is told what it does.
func Start(ctx context.Context, a *app.App, say func(string)) (*Demo, error) {
	d := &Demo{app: a}
	var err error
	if d.Sandboxes, err = startSandboxes(a); err != nil {
		return nil, err
	}
	count, err := people.Count(ctx, a.DB)
	if err != nil {
		return nil, err
	}
	if count == 0 {
		if err := d.furnish(ctx, say); err != nil {
			return nil, err
		}
	}
	if err := d.checkChannels(ctx, a.DB); err != nil {
		return nil, err
	}
	return d, d.findEditions(ctx)
}

// furnish fills an empty database through the same code that people use.
func (d *Demo) furnish(ctx context.Context, say func(string)) error {
	say("Making the demo's people and channels ...")
	if err := d.addPeople(ctx, rand.Reader); err != nil {
		return err
	}
	admin, editor := d.Logins[0].Person, d.Logins[1].Person
	if err := d.connect(ctx, d.app, admin); err != nil {
		return err
	}
	say("Planning July 30 ...")
	loaded, err := campaign.LoadShipped(demoCampaign)
	if err != nil {
		return err
	}
	if _, err := d.app.Load(ctx, loaded, editor); err != nil {
		return err
	}
	past, coming, err := aroundNow(loaded, d.app.Clock.Now())
	if err != nil {
		return err
	}
	d.Starts, d.Ends = rehearsalSpan(past)
	fast := d.app.Settings.DemoFast
	if fast == 0 {
		fast = 2 * time.Minute
	}
	rate := d.Ends.Sub(d.Starts).Seconds() / fast.Seconds()
	// Product time waits just short of the beginning until everything is approved.
	if err := d.setClock(ctx, 24*time.Hour, rate); err != nil {
		return err
	}
	if err := d.addHelplines(ctx, editor); err != nil {
		return err
	}
	if _, err := d.app.Plan(ctx, demoCampaign, past.Start.Year, true, editor); err != nil {
		return err
	}
	if _, err := d.app.Plan(ctx, demoCampaign, coming.Start.Year, false, editor); err != nil {
		return err
	}
	if err := d.findEditions(ctx); err != nil {
		return err
	}
	say("Approving the rehearsal, as a reviewer and a safeguarding lead would ...")
	if err := d.rehearse(ctx); err != nil {
		return err
	}
	return d.setClock(ctx, 0, rate)
}

func (d *Demo) setClock(ctx context.Context, wait time.Duration, rate float64) error {
	return d.app.SetFastClock(ctx, wait, d.Starts, d.Ends, rate)
}

// aroundNow returns the last days of a campaign that are over and the first that are to come.
func aroundNow(loaded campaign.Loaded, now time.Time) (past, coming civil.Range, err error) {
	for year := now.Year() - 1; year <= now.Year()+1; year++ {
		days, err := plan.Days(loaded.Observance, year)
		if err != nil {
			return past, coming, err
		}
		if days.Start.AddDays(7).Compare(civil.DateOf(now)) < 0 {
			past = days
			continue
		}
		return past, days, nil
	}
	return past, coming, fault.New(fault.NotFound, "%s has no coming date.", loaded.Observance.Name("en"))
}

// rehearsalSpan returns when the fast stretch begins and ends: the day before in the zone where it begins first, to two days
// after in the zone where that ends last.
func rehearsalSpan(days civil.Range) (starts, ends time.Time) {
	for _, c := range demoChannels {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			continue // a test loads every zone named above
		}
		if t := civil.Place(days.Start.AddDays(-1), civil.Clock{}, zone); starts.IsZero() || t.Before(starts) {
			starts = t
		}
		if t := civil.EndOfDay(days.End.AddDays(2), zone); t.After(ends) {
			ends = t
		}
	}
	return starts, ends
}

func (d *Demo) addPeople(ctx context.Context, random io.Reader) error {
	return d.app.DB.InTx(ctx, func(tx *postgres.Tx) error {
		d.Logins = nil
		for _, n := range demoPeople {
			n.Password = people.NewPassword(random)
			p, err := people.Add(ctx, tx, n, 0)
			if err != nil {
				return err
			}
			d.Logins = append(d.Logins, Login{Person: p, Password: n.Password})
		}
		return profile.Save(ctx, tx, demoProfile, d.Logins[0].Person.ID)
	})
}

// findEditions finds the demo's two editions.
func (d *Demo) findEditions(ctx context.Context) error {
	list, err := book.Editions(ctx, d.app.DB)
	for _, e := range list {
		if e.Campaign == demoCampaign && e.Rehearsal {
			d.Rehearsal = e
		}
		if e.Campaign == demoCampaign && !e.Rehearsal {
			d.Coming = e
		}
	}
	return err
}
