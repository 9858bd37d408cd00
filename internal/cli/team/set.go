package team

import (
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/org/people"
	"daymark/internal/org/people/membership"
	"daymark/internal/org/profile"
	"daymark/internal/postgres"
)

// UserSet is the command that changes what a person may do.
type UserSet struct {
	Email     string  `arg:"" help:"Whose access."`
	Role      *string `enum:"admin,editor,reviewer,safeguarding,translator,chapter,moderator,manager" help:"What they may do: ${enum}." placeholder:"ROLE"`
	Languages *string `help:"Languages they can judge, with commas between; empty for none." placeholder:"CODES"`
	Labels    *string `help:"Limits them to accounts with one of these labels, with commas between; empty for no such limit." placeholder:"LABELS"`
	Campaigns *string `help:"Limits them to these campaigns, with commas between; empty for no such limit." placeholder:"CAMPAIGNS"`
	Until     *string `help:"The last day of their access, such as 2027-07-31; empty for no end." placeholder:"DAY"`
	As        string  `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (UserSet) Help() string {
	return "What is not named stays as it is. Examples:\n  daymark user set lea@charity.example --role chapter --labels leeds\n" +
		"  daymark user set ed@charity.example --campaigns july-30 --until 2027-08-15\n  daymark user set ed@charity.example --until \"\""
}

// Run changes what a person may do, from their next page on.
func (c *UserSet) Run(r *command.Run) error {
	if c.Role == nil && c.Languages == nil && c.Labels == nil && c.Campaigns == nil && c.Until == nil {
		return fault.New(fault.Invalid, "Say what to change: --role, --languages, --labels, --campaigns or --until.")
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		who, err := people.ByEmail(r.Ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		zone, err := teamZone(r, a)
		if err != nil {
			return err
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
			m, err := membership.Find(r.Ctx, tx, who.ID)
			if err != nil {
				return err
			}
			access, err := c.on(m.Access, zone)
			if err != nil {
				return err
			}
			return membership.Change(r.Ctx, tx, m.ID, m.Name, access, by, time.Now())
		})
	})
}

// on returns an access with what is named changed.
func (c *UserSet) on(a membership.Access, zone *time.Location) (membership.Access, error) {
	if c.Role != nil {
		a.Role = people.Role(*c.Role)
	}
	for _, one := range []struct {
		given *string
		into  *[]string
	}{{c.Languages, &a.Languages}, {c.Labels, &a.Labels}, {c.Campaigns, &a.Campaigns}} {
		if one.given != nil {
			*one.into = command.Listed(*one.given)
		}
	}
	if c.Until == nil {
		return a, nil
	}
	a.Until = time.Time{}
	day := strings.TrimSpace(*c.Until)
	if day == "" {
		return a, nil
	}
	last, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil || last.Year() > 9000 {
		return a, fault.BadField("--until", "%q is no day; write it as 2027-07-31", day)
	}
	a.Until = time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, zone) // with the end of the day
	return a, nil
}

// teamZone is the zone in which the team's days begin and end.
func teamZone(r *command.Run, a *app.App) (*time.Location, error) {
	org, err := profile.Get(r.Ctx, a.DB)
	if fault.Is(err, fault.NotFound) {
		return time.UTC, nil
	}
	if err != nil {
		return nil, err
	}
	return time.LoadLocation(org.Zone)
}
