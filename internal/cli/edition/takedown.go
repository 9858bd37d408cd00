package edition

import (
	"context"
	"fmt"
	"slices"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/dispatch/takedown"
	"daymark/internal/postgres"
)

// Takedown is the command that removes what is out.
type Takedown struct {
	Post     int64         `xor:"scope" required:"" help:"Take down a post, everywhere it is out." placeholder:"ID"`
	Edition  int64         `xor:"scope" required:"" help:"Take down every post of an edition." placeholder:"ID"`
	Helpline string        `xor:"scope" required:"" help:"Take down every post that shows a helpline." placeholder:"ID"`
	Picture  string        `xor:"scope" required:"" help:"Take down every post that shows a picture, by the SHA-256 of its file as Daymark stores it." placeholder:"SHA256"`
	Reason   string        `required:"" help:"Why; it is kept with the posts."`
	As       string        `help:"E-mail address of who takes it down; default: the first admin." placeholder:"EMAIL"`
	Wait     time.Duration `default:"5m" help:"How long to wait for networks that do not answer; the daemon goes on after that."`
}

// Help shows examples.
func (Takedown) Help() string {
	return "Nobody else has to approve it. What waits to go out of the same, or of another post with the same words or picture, is held.\n\nExamples:\n  daymark takedown --post 12 --reason \"The picture shows a survivor's face\"\n  daymark takedown --helpline gb-example --reason \"The number belongs to somebody else now\""
}

// pollEvery is how often it is looked whether a copy is due for another try, here or at the daemon.
const pollEvery = 500 * time.Millisecond

// Run takes down, waits and prints what became of each copy.
func (c *Takedown) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		var id int64
		scope := takedown.Scope{Post: c.Post, Edition: c.Edition, Helpline: c.Helpline, Picture: c.Picture}
		err = a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error {
			id, err = takedown.Begin(r.Ctx, tx, scope, c.Reason, by, a.Clock.Now())
			return err
		})
		if err != nil {
			return err
		}
		found, err := c.wait(r.Ctx, a, id)
		if err != nil {
			return err
		}
		return sayTakedown(r, found)
	})
}

// wait removes what is to be removed until all of it has its result, or for as long as is waited.
func (c *Takedown) wait(ctx context.Context, a *app.App, id int64) (takedown.Takedown, error) {
	limit := time.NewTimer(c.Wait)
	defer limit.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if _, err := takedown.Run(ctx, a.DB, a.Networks, a.Clock.Now); err != nil {
			return takedown.Takedown{}, err
		}
		found, err := takedown.Find(ctx, a.DB, id)
		if err != nil || found.Done() {
			return found, err
		}
		select {
		case <-ctx.Done():
			return takedown.Takedown{}, fault.Wrap(fault.Unavailable, ctx.Err(), "Stopped waiting. The daemon goes on with take-down %d.", id)
		case <-limit.C:
			return found, nil
		case <-tick.C:
		}
	}
}

// sayTakedown prints what became of each copy. Where one is left, the command ends as one that found problems.
func sayTakedown(r *command.Run, t takedown.Takedown) error {
	r.Printf("Take-down %d. Copies: %d. Held that waited to go out: %d.\n", t.ID, len(t.Copies), t.Held)
	if len(t.Copies) == 0 {
		return nil
	}
	if err := r.Table("POST\tCHANNEL\tNETWORK\tLANG\tPART\tRESULT\tLINK\tNOTE", func(row func(...any)) {
		for _, c := range t.Copies {
			row(c.Message, c.Handle, c.Platform, c.Language, fmt.Sprint(c.Part), c.State, c.URL, c.Problem)
		}
	}); err != nil {
		return err
	}
	if !t.Done() {
		r.Printf("Not all networks have answered. The daemon goes on trying.\n")
	}
	if !t.Done() || slices.ContainsFunc(t.Copies, func(c takedown.Copy) bool { return c.State == takedown.Cannot }) {
		return command.ErrFound
	}
	return nil
}
