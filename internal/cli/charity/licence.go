package charity

import (
	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/org/licence"
)

// Licence is the command that shows or takes the sending licence.
type Licence struct {
	Show LicenceShow `cmd:"" help:"Say whether this database may send."`
	Take LicenceTake `cmd:"" help:"Make this database the one that sends."`
}

// LicenceShow is the command that says whether this database may send.
type LicenceShow struct{}

// Run says whether this database may send.
func (c *LicenceShow) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		state, err := licence.Check(r.Ctx, a.DB, a.Keeper)
		if err != nil {
			return err
		}
		r.Printf("%s\n", state.Status)
		if state.Why != "" {
			r.Printf("%s\n", state.Why)
		}
		if state.Status == licence.Lost {
			return command.ErrFound
		}
		return nil
	})
}

// LicenceTake is the command that takes the sending licence.
type LicenceTake struct {
	As string `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help warns.
func (LicenceTake) Help() string {
	return "Only when you are sure that no other Daymark sends from this data. What was due meanwhile is not sent: the networks are asked whether it is out."
}

// Run takes the licence.
func (c *LicenceTake) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		doubted, err := a.TakeLicence(r.Ctx, by)
		if err != nil {
			return err
		}
		r.Printf("This database holds the sending licence. %d deliveries may have gone out before; the networks are asked about them.\n", doubted)
		return nil
	})
}
