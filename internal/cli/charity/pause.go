package charity

import (
	"cmp"
	"fmt"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/fault"
	"daymark/internal/flow/dispatch/decide"
	"daymark/internal/flow/pause"
	"daymark/internal/org/licence"
	"daymark/internal/postgres"
)

// Part is what a pause stops: everything where nothing is named.
type Part struct {
	Network  string `xor:"part" help:"One network, such as mastodon." placeholder:"NAME"`
	Channel  string `xor:"part" help:"One account, by its number or its handle." placeholder:"CHANNEL"`
	Campaign string `xor:"part" help:"One campaign, by its id." placeholder:"ID"`
}

// of returns the scope and the name that were given.
func (p Part) of() (licence.Scope, string) {
	switch {
	case p.Network != "":
		return licence.Network, p.Network
	case p.Channel != "":
		return licence.OneChannel, p.Channel
	case p.Campaign != "":
		return licence.Campaign, p.Campaign
	}
	return licence.Everything, ""
}

// Pause is the command that stops everything or a part of it.
type Pause struct {
	Part
	Reason string `required:"" help:"Why, in at least ten characters; everybody sees it."`
	As     string `help:"E-mail address of who pauses; default: the first admin." placeholder:"EMAIL"`
}

// Help shows examples.
func (Pause) Help() string {
	return "Examples:\n  daymark pause --reason \"A crisis in our town\"\n  daymark pause --campaign july-30 --reason \"A figure is wrong\""
}

// Run stops what was named.
func (c *Pause) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		scope, said := c.of()
		part, err := pause.Find(r.Ctx, a.DB, scope, said)
		if err != nil {
			return err
		}
		if _, err := pause.Raise(r.Ctx, a.DB, part, c.Reason, by); err != nil {
			return err
		}
		what := "Everything"
		if part.Scope != licence.Everything {
			what = "The " + string(part.Scope) + " " + command.Harmless(part.Name)
		}
		r.Printf("%s is paused. What was already on its way to a network may still appear.\n", what)
		return nil
	})
}

// Resume is the command that lifts pauses.
type Resume struct {
	Part
	As string `help:"E-mail address of who resumes; default: the first admin." placeholder:"EMAIL"`
}

// Help says what is lifted.
func (Resume) Help() string {
	return "Where nothing is named, every pause that a person raised is lifted. What fell due meanwhile is listed and held.\n\nExample:\n  daymark resume --network mastodon"
}

// Run lifts the pauses that people raised: the one of the part that was named, or all.
func (c *Resume) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		scope, id, err := c.which(r, a.DB)
		if err != nil {
			return err
		}
		pauses, err := licence.Active(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		lifted := 0
		var fell []decide.Waiting
		for _, p := range pauses {
			if p.Cause == licence.ByLicence {
				r.Printf("Still paused: %s\nAn admin can take the licence: daymark licence take\n", p.Reason)
				continue
			}
			if scope != licence.Everything && (p.Scope != scope || p.ScopeID != id) {
				continue
			}
			if _, err := pause.Lift(r.Ctx, a.DB, p.ID, by, a.Clock.Now()); err != nil {
				return err
			}
			held, err := decide.OfPause(r.Ctx, a.DB, p.ID)
			if err != nil {
				return err
			}
			fell = append(fell, held...)
			lifted++
		}
		if lifted == 0 && scope != licence.Everything {
			return fault.New(fault.NotFound, "The %s %q is not paused by itself.", scope, id)
		}
		r.Printf("%s lifted. ", command.Count(lifted, "pause"))
		return sayFell(r, fell)
	})
}

// sayFell prints what fell due meanwhile, as the page of the review lists it. Where there is something, the command ends as one that
// found problems.
func sayFell(r *command.Run, list []decide.Waiting) error {
	if len(list) == 0 {
		r.Printf("Nothing fell due meanwhile.\n")
		return nil
	}
	r.Printf("%s fell due meanwhile and is held. Nothing of it leaves by itself: give it a new time, or leave it out, on the page of decisions.\n", command.Count(len(list), "delivery"))
	if err := r.Table("DELIVERY\tPOST\tCHANNEL\tNETWORK\tLANG\tDUE\tWHY", func(row func(...any)) {
		for _, w := range list {
			row(fmt.Sprint(w.Delivery), w.Message, w.Handle, string(w.Network), w.Language, w.DueAt.UTC().Format(time.RFC3339), w.Problem)
		}
	}); err != nil {
		return err
	}
	return command.ErrFound
}

// which returns the scope and the id of the part that was named. One that is out of use meanwhile can still be resumed by its id.
func (c *Resume) which(r *command.Run, q postgres.Querier) (licence.Scope, string, error) {
	scope, said := c.of()
	part, err := pause.Find(r.Ctx, q, scope, said)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return scope, "", err
	}
	return scope, cmp.Or(part.ID, said), nil
}
