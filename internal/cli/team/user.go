// Package team has the commands about the people who work with Daymark: adding them, what they may do, and their passwords.
package team

import (
	"crypto/rand"
	"strings"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/org/people"
	"daymark/internal/org/people/membership"
	"daymark/internal/org/signin/totp"
	"daymark/internal/postgres"
)

// User is the command that looks after people.
type User struct {
	Add     UserAdd     `cmd:"" help:"Add a person; prints a password once."`
	List    UserList    `cmd:"" help:"List people."`
	Set     UserSet     `cmd:"" help:"Say which accounts and campaigns a person works on, and until when."`
	Reset   UserReset   `cmd:"" help:"Make a new password for a person; prints it once."`
	Codes   UserCodes   `cmd:"" name:"codes-off" help:"Turn off the second step of a person who has lost the phone."`
	Disable UserDisable `cmd:"" help:"End a person's access."`
}

// UserAdd is the command that adds a person.
type UserAdd struct {
	Email     string   `required:"" help:"Address they log in with."`
	Name      string   `required:"" help:"Their name."`
	Role      string   `required:"" enum:"admin,editor,reviewer,safeguarding,translator,moderator,manager" help:"What they may do: ${enum}."`
	Languages []string `name:"language" help:"Languages they can judge." placeholder:"CODE"`
}

// Help shows an example.
func (UserAdd) Help() string {
	return "Example:\n  daymark user add --role editor --email ed@charity.example --name \"Ed Writer\" --language en --language fr"
}

// Run adds a person.
func (c *UserAdd) Run(r *command.Run) error {
	password := people.NewPassword(rand.Reader)
	return r.Open(func(a *app.App) error {
		by := int64(0)
		if admin, err := r.Operator(a, ""); err == nil {
			by = admin.ID
		}
		err := a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
			_, err := people.Add(r.Ctx, tx, people.NewPerson{Email: c.Email, Name: c.Name, Role: people.Role(c.Role), Languages: c.Languages, Password: password}, by)
			return err
		})
		if err == nil {
			r.Printf("%s\n", password)
		}
		return err
	})
}

// UserList is the command that lists people.
type UserList struct{}

// Run lists people.
func (c *UserList) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		list, err := membership.List(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		return r.Table("ID\tEMAIL\tNAME\tROLE\tLANGUAGES\tLABELS\tCAMPAIGNS\tUNTIL\tSTATE", func(row func(...any)) {
			for _, p := range list {
				state, until := "active", ""
				switch {
				case p.Disabled:
					state = "disabled"
				case p.Over:
					state = "over"
				}
				if !p.Until.IsZero() {
					until = command.UTC(p.Until)
				}
				row(p.ID, p.Email, p.Name, p.Role, strings.Join(p.Languages, " "), strings.Join(p.Labels, ", "), strings.Join(p.Campaigns, " "), until, state)
			}
		})
	})
}

// UserReset is the command that makes a new password.
type UserReset struct {
	Email string `arg:"" help:"Whose password."`
}

// Help shows an example.
func (UserReset) Help() string { return "Example:\n  daymark user reset ed@charity.example" }

// Run makes a new password.
func (c *UserReset) Run(r *command.Run) error {
	password := people.NewPassword(rand.Reader)
	return r.Open(func(a *app.App) error {
		p, err := people.ByEmail(r.Ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		err = a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return people.SetPassword(r.Ctx, tx, p.ID, password, people.Cost{}, 0) })
		if err == nil {
			r.Printf("%s\n", password)
		}
		return err
	})
}

// UserDisable is the command that ends a person's access.
type UserDisable struct {
	Email string `arg:"" help:"Whose access."`
}

// Help shows an example.
func (UserDisable) Help() string { return "Example:\n  daymark user disable ed@charity.example" }

// Run ends a person's access.
func (c *UserDisable) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		p, err := people.ByEmail(r.Ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return people.Disable(r.Ctx, tx, p.ID, 0) })
	})
}

// UserCodes is the command that turns off a person's codes from an app.
type UserCodes struct {
	Email string `arg:"" help:"Whose codes."`
}

// Help shows an example.
func (UserCodes) Help() string { return "Example:\n  daymark user codes-off ed@charity.example" }

// Run turns off a person's codes.
func (c *UserCodes) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		p, err := people.ByEmail(r.Ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return totp.Forget(r.Ctx, tx, a.Keys, p.ID, 0) })
	})
}
