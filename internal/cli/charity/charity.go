// Package charity has the commands about the charity itself: profile, channel, user, pause, resume, licence.
package charity

import (
	"io"
	"os"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
)

// Channel is the command that connects accounts.
type Channel struct {
	Add    ChannelAdd    `cmd:"" help:"Connect an account."`
	List   ChannelList   `cmd:"" help:"List the connected accounts."`
	Check  ChannelCheck  `cmd:"" help:"Ask the networks whether the accounts still work; posts nothing."`
	Remove ChannelRemove `cmd:"" help:"Take an account out of use; its history stays."`
}

// ChannelAdd is the command that connects an account.
type ChannelAdd struct {
	Network   string        `default:"mastodon" enum:"mastodon" help:"The network: ${enum} (and servers that speak its API)."`
	Address   string        `required:"" help:"The server, such as https://mastodon.example." placeholder:"URL"`
	Zone      string        `required:"" help:"The audience's time zone." placeholder:"ZONE"`
	Languages []string      `name:"language" required:"" help:"Languages it posts in." placeholder:"CODE"`
	Labels    []string      `name:"label" help:"Labels, such as a chapter."`
	Country   string        `help:"Its readers' country, whose helplines its posts may show: two letters, such as GB." placeholder:"CODE"`
	Name      string        `help:"How the team calls it; default: its name at the network."`
	Spacing   time.Duration `default:"15m" help:"How far apart its posts should be; planning warns about closer ones."`
	QuietFrom string        `name:"quiet-from" help:"When its quiet hours begin, on its own clock; planning warns about posts in them." placeholder:"HH:MM"`
	QuietTo   string        `name:"quiet-to" help:"When its quiet hours end." placeholder:"HH:MM"`
	TokenFile string        `help:"A file with the access token; default: standard input." placeholder:"FILE"`
	Sandbox   bool          `help:"It is a sandbox on this machine."`
	As        string        `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (ChannelAdd) Help() string {
	return "On a Mastodon server: Preferences, Development, New application, scopes read and write:statuses and write:media; copy the access token.\n" +
		"Example:\n  daymark channel add --address https://mastodon.example --zone Europe/London --country GB --language en < token.txt"
}

// Run connects an account. The token is never an argument, where other users of the machine could read it.
func (c *ChannelAdd) Run(r *command.Run) error {
	if err := command.CheckZone(c.Zone); err != nil {
		return err
	}
	habits, err := c.habits()
	if err != nil {
		return err
	}
	var src io.Reader = os.Stdin
	if c.TokenFile != "" {
		f, err := os.Open(c.TokenFile)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "The token file cannot be read: %v", err)
		}
		defer func() { _ = f.Close() }()
		src = f
	}
	token, err := io.ReadAll(io.LimitReader(src, 64<<10))
	if err != nil {
		return err
	}
	secret := mastodon.Credentials{AccessToken: strings.TrimSpace(string(token))}
	if secret.AccessToken == "" {
		return fault.BadField("token", "is missing: give it on standard input or with --token-file")
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		made, err := a.Connect(r.Ctx, app.NewChannel{
			Platform: platform.Network(c.Network), Address: c.Address, Name: c.Name, Zone: c.Zone,
			Languages: c.Languages, Labels: c.Labels, Country: c.Country, Sandbox: c.Sandbox, Habits: &habits, Secret: secret.Secret(),
		}, by)
		if err != nil {
			return err
		}
		r.Printf("Connected %s as channel %d: %s in %s. Plan an edition again to post there.\n", made.Handle, made.ID, strings.Join(made.Languages, ", "), made.Zone)
		return nil
	})
}

// habits reads the spacing and the quiet hours.
func (c *ChannelAdd) habits() (channel.Habits, error) {
	h := channel.Habits{Spacing: c.Spacing}
	if (c.QuietFrom == "") != (c.QuietTo == "") {
		return h, fault.BadField("--quiet-from and --quiet-to", "go together: give both or neither")
	}
	if c.QuietFrom == "" {
		return h, nil
	}
	var err error
	if h.QuietFrom, err = civil.ParseClock(c.QuietFrom); err != nil {
		return h, fault.BadField("--quiet-from", "%v", err)
	}
	if h.QuietTo, err = civil.ParseClock(c.QuietTo); err != nil {
		return h, fault.BadField("--quiet-to", "%v", err)
	}
	return h, nil
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
