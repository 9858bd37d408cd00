package accounts

import (
	"strings"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// ChannelLabels is the command that shows or sets the labels of an account.
type ChannelLabels struct {
	ID  int64   `arg:"" help:"The channel's number."`
	Set *string `help:"The labels in place of those it has, with commas between; empty for none." placeholder:"LABELS"`
	As  string  `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (ChannelLabels) Help() string {
	return "People who are limited to a label see the accounts that carry it; campaign files choose by them.\n" +
		"Examples:\n  daymark channel labels 3\n  daymark channel labels 3 --set \"leeds, north\""
}

// Run prints the labels, after they were set where that is asked for.
func (c *ChannelLabels) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		if c.Set != nil {
			by, err := r.Operator(a, c.As)
			if err != nil {
				return err
			}
			if !by.May(people.ChannelManage) {
				return fault.New(fault.Forbidden, "%s may not change accounts.", by.Email)
			}
			if err := a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
				return channel.SetLabels(r.Ctx, tx, c.ID, command.Listed(*c.Set), by.ID)
			}); err != nil {
				return err
			}
		}
		ch, err := channel.Get(r.Ctx, a.DB, c.ID)
		if err != nil {
			return err
		}
		if len(ch.Labels) == 0 {
			r.Printf("%s has no labels.\n", ch.Handle)
			return nil
		}
		r.Printf("%s: %s\n", ch.Handle, strings.Join(ch.Labels, ", "))
		return nil
	})
}
