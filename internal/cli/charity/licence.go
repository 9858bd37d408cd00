package charity

import (
	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Pause is the command that stops everything.
type Pause struct {
	Reason string `required:"" help:"Why; everybody sees it."`
	As     string `help:"E-mail address of who pauses; default: the first admin." placeholder:"EMAIL"`
}

// Help shows an example.
func (Pause) Help() string { return "Example:\n  daymark pause --reason \"A crisis in our town\"" }

// Run stops everything.
func (c *Pause) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.PauseManage) {
			return fault.New(fault.Forbidden, "%s may not pause.", by.Email)
		}
		err = a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
			_, err := licence.Raise(r.Ctx, tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByPerson, Reason: c.Reason, By: by.ID})
			return err
		})
		if err == nil {
			r.Printf("Everything is paused. What was already on its way to a network may still appear.\n")
		}
		return err
	})
}

// Resume is the command that lifts pauses.
type Resume struct {
	As string `help:"E-mail address of who resumes; default: the first admin." placeholder:"EMAIL"`
}

// Run lifts the pauses that people raised.
func (c *Resume) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.PauseManage) {
			return fault.New(fault.Forbidden, "%s may not resume.", by.Email)
		}
		pauses, err := licence.Active(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		lifted := 0
		for _, p := range pauses {
			if p.Cause == licence.ByLicence {
				r.Printf("Still paused: %s\nAn admin can take the licence: daymark licence take\n", p.Reason)
				continue
			}
			if err := a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return licence.Lift(r.Ctx, tx, p.ID, by.ID) }); err != nil {
				return err
			}
			lifted++
		}
		r.Printf("%d pauses lifted. What fell due more than five minutes ago is held for a decision.\n", lifted)
		return nil
	})
}

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
