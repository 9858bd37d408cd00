// Package begin is the first run: its form, and the one transaction that makes the first admin and the organisation's profile.
//
// It runs only while the database knows nobody. The handlers around it are in face/web.
package begin

import (
	"context"
	"fmt"
	"slices"

	"daymark/internal/core/fault"
	"daymark/internal/core/locale"
	"daymark/internal/face/web/page"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// sqlOneAtATime makes first runs wait for each other, so that the second sees what the first made. The number is "daymark" in
// the letters of a telephone.
const sqlOneAtATime = `SELECT pg_advisory_xact_lock(3296275)`

// shipped are the languages that Daymark ships posts in.
var shipped = []string{"en", "fr", "es", "ar"}

// zones are offered while typing; any other IANA name may be typed too.
var zones = []string{
	"Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Argentina/Buenos_Aires", "America/Bogota",
	"America/Chicago", "America/Lima", "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Sao_Paulo",
	"America/Toronto", "Asia/Bangkok", "Asia/Beirut", "Asia/Dhaka", "Asia/Dubai", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila",
	"Asia/Tokyo", "Australia/Sydney", "Europe/Berlin", "Europe/Brussels", "Europe/Dublin", "Europe/London", "Europe/Madrid",
	"Europe/Paris", "Europe/Rome", "Europe/Vienna", "Pacific/Auckland", "UTC",
}

// Beginning is what the first-run form asks for.
type Beginning struct {
	You people.NewPerson
	Org profile.Profile
}

// Make makes the first admin and the profile in one transaction, or nothing. Only the first one ever succeeds.
func Make(ctx context.Context, db *postgres.DB, b Beginning) (people.Person, error) {
	var admin people.Person
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, sqlOneAtATime); err != nil {
			return fmt.Errorf("wait for the first run: %w", err)
		}
		n, err := people.Count(ctx, tx)
		if err != nil {
			return err
		}
		if n > 0 {
			return fault.New(fault.Conflict, "Daymark has been set up already. Log in with the account that was made then.")
		}
		problems := named("org-", fault.Problems(profile.Validate(profile.Clean(b.Org))))
		admin, err = people.Add(ctx, tx, b.You, 0)
		if fault.Is(err, fault.Invalid) {
			problems = append(fault.Problems(err), problems...)
		} else if err != nil {
			return err
		}
		if err := fault.BadFields(problems); err != nil {
			return err
		}
		return profile.Save(ctx, tx, b.Org, admin.ID)
	})
	return admin, err
}

// named gives problems the ids of the form's fields.
func named(prefix string, problems []fault.Problem) []fault.Problem {
	out := slices.Clone(problems)
	for i := range out {
		if out[i].Field == "support note" {
			out[i].Field = "support"
		}
		out[i].Field = prefix + out[i].Field
	}
	return out
}

// Page returns the form, filled with what was typed and what is wrong with it.
func (b Beginning) Page(words page.Words, problems page.Fields) *page.FirstRun {
	t := words.T
	field := func(id, words, kind, complete, value string) page.Field {
		return page.Field{ID: id, Label: t(words), Type: kind, Complete: complete, Value: value, Problem: problems.Of(id)}
	}
	hinted := func(f page.Field, words string) page.Field { f.Hint = t(words); return f }
	p := &page.FirstRun{
		Frame: page.Frame{Title: t("first.title")}, Zones: zones,
		You: []page.Field{
			field("name", "first.name", "text", "name", b.You.Name),
			hinted(field("email", "first.email", "email", "username", b.You.Email), "first.email.hint"),
		},
		Password: hinted(field("password", "first.password", "password", "new-password", ""), "first.password.hint"),
		Charity: []page.Field{
			hinted(field("org-name", "first.org.name", "text", "organization", b.Org.Name), "first.org.name.hint"),
			hinted(field("org-link", "first.org.link", "url", "url", b.Org.Link), "first.org.link.hint"),
			hinted(field("org-zone", "first.org.zone", "text", "off", b.Org.Zone), "first.org.zone.hint"),
		},
		Staff: hinted(field("org-support", "first.support", "text", "off", b.Org.SupportNote), "first.support.hint"),
	}
	p.Charity[2].List = "zones"
	for _, f := range slices.Concat(p.You, []page.Field{p.Password}, p.Charity, []page.Field{p.Staff}) {
		if f.Problem != "" {
			p.Problems = append(p.Problems, f)
		}
	}
	for _, code := range shipped {
		p.Languages = append(p.Languages, page.Option{Value: code, Word: locale.Name(code), Chosen: slices.Contains(b.You.Languages, code)})
	}
	return p
}

// Zones returns the time zones that a form offers while somebody types one.
func Zones() []string { return slices.Clone(zones) }
