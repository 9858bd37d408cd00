package accounts

import (
	"strconv"
	"strings"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/draft"
	"daymark/internal/org/channel/health"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// ChannelSet is the command that changes what is set about an account.
type ChannelSet struct {
	ID      int64   `arg:"" help:"The channel's number."`
	Country *string `help:"Its readers' country, two letters; empty for none." placeholder:"CODE"`
	Budget  *string `help:"The most it may cost in a month, in dollars; empty for no limit." placeholder:"DOLLARS"`
	As      string  `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (ChannelSet) Help() string {
	return "Examples:\n  daymark channel set 3 --country GB\n  daymark channel set 4 --budget 20"
}

// Run changes what is set. Posts that show helplines on the account are put before reviewers again.
func (c *ChannelSet) Run(r *command.Run) error {
	var budget *int64
	if c.Budget != nil {
		var err error
		if budget, err = dollars(*c.Budget); err != nil {
			return err
		}
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.ChannelManage) {
			return fault.New(fault.Forbidden, "%s may not change accounts.", by.Email)
		}
		if c.Country != nil {
			renewed, err := draft.SetCountry(r.Ctx, a.DB, c.ID, *c.Country, by)
			if err != nil {
				return err
			}
			if len(renewed.Posts) > 0 {
				r.Printf("%s must be approved again: the helplines changed.\n", command.Count(len(renewed.Posts), "post"))
			}
			if _, err := a.SubmitAgain(r.Ctx, renewed, by); err != nil {
				return err
			}
		}
		if c.Budget == nil {
			return nil
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return health.SetBudget(r.Ctx, tx, c.ID, budget, by.ID) })
	})
}

// dollars reads an amount as a person types it; empty is no limit.
func dollars(typed string) (*int64, error) {
	typed = strings.TrimPrefix(strings.TrimSpace(typed), "$")
	if typed == "" {
		return nil, nil //nolint:nilnil // no limit is nil
	}
	amount, err := strconv.ParseFloat(typed, 64)
	if err != nil || !(amount >= 0 && amount <= 1_000_000) { // NaN is neither
		return nil, fault.BadField("--budget", "is no amount; write dollars, such as 20 or 7.50")
	}
	return new(int64(amount*100+0.5) * 10_000), nil
}
