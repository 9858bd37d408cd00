// Package accounts has the commands about the accounts that posts go out on, and about the key that seals their credentials.
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

// Channel is the command that connects accounts.
type Channel struct {
	Add    ChannelAdd    `cmd:"" help:"Connect an account."`
	List   ChannelList   `cmd:"" help:"List the connected accounts."`
	Set    ChannelSet    `cmd:"" help:"Say where an account's readers are, or what it may cost in a month."`
	Pace   ChannelPace   `cmd:"" help:"Show or set how close together posts go out on an account."`
	Labels ChannelLabels `cmd:"" help:"Show or set the labels of an account, such as a chapter."`
	Check  ChannelCheck  `cmd:"" help:"Ask the networks whether the accounts still work; posts nothing."`
	Remove ChannelRemove `cmd:"" help:"Take an account out of use; its history stays."`
}

// ChannelList is the command that lists the accounts.
type ChannelList struct {
	Format string `default:"table" enum:"table,json" help:"How to print: ${enum}."`
}

// listed is a channel as the JSON format has it.
type listed struct {
	ID        int64    `json:"id"`
	Network   string   `json:"network"`
	Address   string   `json:"address"`
	Handle    string   `json:"handle"`
	Name      string   `json:"name"`
	Zone      string   `json:"zone"`
	Languages []string `json:"languages"`
	Labels    []string `json:"labels"`
	Country   string   `json:"country"`
	Sandbox   bool     `json:"sandbox"`
	Archived  bool     `json:"archived"`
}

// Run lists the channels.
func (c *ChannelList) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		channels, err := channel.List(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			list := make([]listed, len(channels))
			for i, ch := range channels {
				list[i] = listed{
					ID: ch.ID, Network: ch.Platform, Address: ch.Address, Handle: ch.Handle, Name: ch.Name, Zone: ch.Zone,
					Languages: ch.Languages, Labels: ch.Labels, Country: ch.Country, Sandbox: ch.Sandbox, Archived: ch.Archived(),
				}
			}
			return r.JSON(list)
		}
		return r.Table("ID\tNETWORK\tHANDLE\tSERVER\tZONE\tCOUNTRY\tLANGUAGES\tLABELS\tSTATE", func(row func(...any)) {
			for _, ch := range channels {
				state := "connected"
				if ch.Archived() {
					state = "removed"
				}
				if ch.Sandbox {
					state += " (sandbox)"
				}
				row(ch.ID, ch.Platform, ch.Handle, ch.Address, ch.Zone, ch.Country, strings.Join(ch.Languages, " "), strings.Join(ch.Labels, " "), state)
			}
		})
	})
}

// ChannelCheck is the command that asks the networks about the accounts.
type ChannelCheck struct{}

// Run asks every connected account's server who it is.
func (c *ChannelCheck) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		channels, err := channel.List(r.Ctx, a.DB)
		if err != nil {
			return err
		}
		bad := false
		for _, ch := range channels {
			if ch.Archived() {
				continue
			}
			if err := a.CheckChannel(r.Ctx, ch); err != nil {
				bad = true
				r.Printf("%s: %s\n", ch.Handle, fault.Say(err))
				continue
			}
			r.Printf("%s: works\n", ch.Handle)
		}
		if bad {
			return command.ErrFound
		}
		return nil
	})
}

// ChannelRemove is the command that takes an account out of use.
type ChannelRemove struct {
	ID int64  `arg:"" help:"The channel's number."`
	As string `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows an example.
func (ChannelRemove) Help() string { return "Example:\n  daymark channel remove 3" }

// Run takes a channel out of use.
func (c *ChannelRemove) Run(r *command.Run) error {
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.ChannelManage) {
			return fault.New(fault.Forbidden, "%s may not remove accounts.", by.Email)
		}
		return a.DB.InTx(r.Ctx, func(tx *postgres.Tx) error { return channel.Archive(r.Ctx, tx, c.ID, by.ID) })
	})
}
