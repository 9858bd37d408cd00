package accounts

import (
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/flow/dispatch/pace"
	"daymark/internal/postgres"
)

// ChannelPace is the command that shows or sets how close together posts go out on an account.
type ChannelPace struct {
	ID    int64          `arg:"" help:"The channel's number."`
	Every *time.Duration `help:"The least time between two posts that are due together, such as 5s; 0s for none. Without it, what is set is shown." placeholder:"DURATION"`
	As    string         `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (ChannelPace) Help() string {
	return "Examples:\n  daymark channel pace 3\n  daymark channel pace 3 --every 5s"
}

// Run shows or sets the distance.
func (c *ChannelPace) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		if c.Every != nil {
			by, err := r.Operator(a, c.As)
			if err != nil {
				return err
			}
			if err := a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return pace.Space(r.Ctx, tx, c.ID, *c.Every, by) }); err != nil {
				return err
			}
		}
		every, err := pace.Spacing(r.Ctx, a.DB, c.ID)
		if err != nil {
			return err
		}
		if every == 0 {
			r.Printf("Posts that are due together go out one right after the other.\n")
			return nil
		}
		r.Printf("Posts that are due together go out at least %s apart.\n", every)
		return nil
	})
}
