package cli

import (
	"crypto/rand"
	"strings"

	"daymark/internal/app"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a person; prints a password once."`
	List    userListCmd    `cmd:"" help:"List people."`
	Reset   userResetCmd   `cmd:"" help:"Make a new password for a person; prints it once."`
	Disable userDisableCmd `cmd:"" help:"End a person's access."`
}

type userAddCmd struct {
	Email     string   `required:"" help:"Address they log in with."`
	Name      string   `required:"" help:"Their name."`
	Role      string   `required:"" enum:"admin,editor,reviewer,manager" help:"What they may do: ${enum}."`
	Languages []string `name:"language" help:"Languages they can judge." placeholder:"CODE"`
}

// Help shows an example.
func (userAddCmd) Help() string {
	return "Example:\n  daymark user add --role editor --email ed@charity.example --name \"Ed Writer\" --language en --language fr"
}

// Run adds a person.
func (c *userAddCmd) Run(r *run) error {
	password := people.NewPassword(rand.Reader)
	return r.open(func(a *app.App) error {
		by := int64(0)
		if admin, err := r.operator(a, ""); err == nil {
			by = admin.ID
		}
		err := a.DB.InTx(r.ctx, func(tx *postgres.Tx) error {
			_, err := people.Add(r.ctx, tx, people.NewPerson{Email: c.Email, Name: c.Name, Role: people.Role(c.Role), Languages: c.Languages, Password: password}, by)
			return err
		})
		if err == nil {
			r.printf("%s\n", password)
		}
		return err
	})
}

type userListCmd struct{}

// Run lists people.
func (c *userListCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		list, err := people.List(r.ctx, a.DB)
		if err != nil {
			return err
		}
		return r.table("ID\tEMAIL\tNAME\tROLE\tLANGUAGES\tSTATE", func(row func(...any)) {
			for _, p := range list {
				state := "active"
				if p.Disabled {
					state = "disabled"
				}
				row(p.ID, p.Email, p.Name, p.Role, strings.Join(p.Languages, " "), state)
			}
		})
	})
}

type userResetCmd struct {
	Email string `arg:"" help:"Whose password."`
}

// Help shows an example.
func (userResetCmd) Help() string { return "Example:\n  daymark user reset ed@charity.example" }

// Run makes a new password.
func (c *userResetCmd) Run(r *run) error {
	password := people.NewPassword(rand.Reader)
	return r.open(func(a *app.App) error {
		p, err := people.ByEmail(r.ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		err = a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return people.SetPassword(r.ctx, tx, p.ID, password, people.Cost{}, 0) })
		if err == nil {
			r.printf("%s\n", password)
		}
		return err
	})
}

type userDisableCmd struct {
	Email string `arg:"" help:"Whose access."`
}

// Help shows an example.
func (userDisableCmd) Help() string { return "Example:\n  daymark user disable ed@charity.example" }

// Run ends a person's access.
func (c *userDisableCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		p, err := people.ByEmail(r.ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		return a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return people.Disable(r.ctx, tx, p.ID, 0) })
	})
}
