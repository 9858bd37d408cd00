package edition

import (
	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/flow/book"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/preflight/risk"
)

// Preflight is the command that looks at posts before they go out.
type Preflight struct {
	Post    int64  `xor:"scope" required:"" help:"Look at a post." placeholder:"ID"`
	Edition int64  `xor:"scope" required:"" help:"Look at every post of an edition." placeholder:"ID"`
	As      string `help:"E-mail address of who asks; default: the first admin." placeholder:"EMAIL"`
	Format  string `default:"table" enum:"table,json" help:"How to print: ${enum}."`
}

// Help shows examples.
func (Preflight) Help() string {
	return "Asks the accounts, their servers and the links now, and ends with 1 where something is at risk.\n\nExample:\n  daymark preflight --edition 3"
}

// risky is one line of the JSON form; its names are stable.
type risky struct {
	Delivery int64  `json:"delivery"`
	Post     int64  `json:"post"`
	Message  string `json:"message"`
	Channel  string `json:"channel"`
	Language string `json:"language"`
	Due      string `json:"due"`
	Matter   string `json:"matter"`
	Subject  string `json:"subject"`
	Why      string `json:"why"`
	Mend     string `json:"mend"`
}

// Run looks and prints what is at risk.
func (c *Preflight) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		of := risk.Of{Post: c.Post, Edition: c.Edition}
		if _, err := preflight.Ask(r.Ctx, a.DB, a.Ahead(), of, by, a.Clock.Now()); err != nil {
			return err
		}
		found, err := risk.List(r.Ctx, a.DB, of)
		if err != nil {
			return err
		}
		entries, err := book.Entries(r.Ctx, a.DB, book.EntryFilter{Post: c.Post, Edition: c.Edition})
		if err != nil {
			return err
		}
		list := []risky{}
		for _, e := range entries {
			for _, one := range found[e.Delivery] {
				list = append(list, risky{e.Delivery, e.Post, e.Message, e.Handle, e.Language, command.UTC(e.DueAt), one.Matter, one.Subject, one.Say, one.Mend})
			}
		}
		return c.say(r, list)
	})
}

func (c *Preflight) say(r *command.Run, list []risky) error {
	var err error
	switch {
	case c.Format == "json":
		err = r.JSON(list)
	case len(list) == 0:
		r.Printf("Nothing is at risk.\n")
	default:
		err = r.Table("POST\tCHANNEL\tLANG\tDUE\tRISK\tWHY\tHOW TO MEND IT", func(row func(...any)) {
			for _, l := range list {
				row(l.Message, l.Channel, l.Language, l.Due, l.Matter, l.Why, l.Mend)
			}
		})
	}
	if err == nil && len(list) > 0 {
		return command.ErrFound
	}
	return err
}
