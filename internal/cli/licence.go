package cli

import (
	"daymark/internal/app"
	"daymark/internal/core/fault"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

type pauseCmd struct {
	Reason string `required:"" help:"Why; everybody sees it."`
	As     string `help:"E-mail address of who pauses; default: the first admin." placeholder:"EMAIL"`
}

// Help shows an example.
func (pauseCmd) Help() string { return "Example:\n  daymark pause --reason \"A crisis in our town\"" }

// Run stops everything.
func (c *pauseCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		by, err := r.operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.PauseManage) {
			return fault.New(fault.Forbidden, "%s may not pause.", by.Email)
		}
		err = a.DB.InTx(r.ctx, func(tx *postgres.Tx) error {
			_, err := licence.Raise(r.ctx, tx, licence.NewPause{Scope: licence.Everything, Cause: licence.ByPerson, Reason: c.Reason, By: by.ID})
			return err
		})
		if err == nil {
			r.printf("Everything is paused. What was already on its way to a network may still appear.\n")
		}
		return err
	})
}

type resumeCmd struct {
	As string `help:"E-mail address of who resumes; default: the first admin." placeholder:"EMAIL"`
}

// Run lifts the pauses that people raised.
func (c *resumeCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		by, err := r.operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.PauseManage) {
			return fault.New(fault.Forbidden, "%s may not resume.", by.Email)
		}
		pauses, err := licence.Active(r.ctx, a.DB)
		if err != nil {
			return err
		}
		lifted := 0
		for _, p := range pauses {
			if p.Cause == licence.ByLicence {
				r.printf("Still paused: %s\nAn admin can take the licence: daymark licence take\n", p.Reason)
				continue
			}
			if err := a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return licence.Lift(r.ctx, tx, p.ID, by.ID) }); err != nil {
				return err
			}
			lifted++
		}
		r.printf("%d pauses lifted. What fell due more than five minutes ago is held for a decision.\n", lifted)
		return nil
	})
}

type licenceCmd struct {
	Show licenceShowCmd `cmd:"" help:"Say whether this database may send."`
	Take licenceTakeCmd `cmd:"" help:"Make this database the one that sends."`
}

type licenceShowCmd struct{}

// Run says whether this database may send.
func (c *licenceShowCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		state, err := licence.Check(r.ctx, a.DB, a.Keeper)
		if err != nil {
			return err
		}
		r.printf("%s\n", state.Status)
		if state.Why != "" {
			r.printf("%s\n", state.Why)
		}
		if state.Status == licence.Lost {
			return errFound
		}
		return nil
	})
}

type licenceTakeCmd struct {
	As string `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help warns.
func (licenceTakeCmd) Help() string {
	return "Only when you are sure that no other Daymark sends from this data. What was due meanwhile is not sent: the networks are asked whether it is out."
}

// Run takes the licence.
func (c *licenceTakeCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		by, err := r.operator(a, c.As)
		if err != nil {
			return err
		}
		doubted, err := a.TakeLicence(r.ctx, by)
		if err != nil {
			return err
		}
		r.printf("This database holds the sending licence. %d deliveries may have gone out before; the networks are asked about them.\n", doubted)
		return nil
	})
}
