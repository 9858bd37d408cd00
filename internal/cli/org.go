package cli

import (
	"crypto/rand"
	"io"
	"os"
	"strings"

	"daymark/internal/app"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/licence"
	"daymark/internal/org/people"
	"daymark/internal/org/profile"
	"daymark/internal/platform"
	"daymark/internal/platform/mastodon"
	"daymark/internal/postgres"
)

type profileCmd struct {
	Name    string `help:"The charity's name; fills {{org}}."`
	Link    string `help:"Its link; fills {{link}}." placeholder:"URL"`
	Support string `help:"A note for staff: where they find support."`
	Zone    string `help:"Its time zone." placeholder:"ZONE"`
	As      string `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Run shows the profile, or sets what is given.
func (c *profileCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		p, err := profile.Get(r.ctx, a.DB)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if c.Name+c.Link+c.Support+c.Zone != "" {
			by, err := r.operator(a, c.As)
			if err != nil {
				return err
			}
			if !by.May(people.ProfileManage) {
				return fault.New(fault.Forbidden, "%s may not change the profile.", by.Email)
			}
			set(&p.Name, c.Name)
			set(&p.Link, c.Link)
			set(&p.SupportNote, c.Support)
			set(&p.Zone, c.Zone)
			if err := a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return profile.Save(r.ctx, tx, p, by.ID) }); err != nil {
				return err
			}
		}
		r.printf("name     %s\nlink     %s\nzone     %s\nsupport  %s\n", p.Name, p.Link, p.Zone, p.SupportNote)
		return nil
	})
}

func set(field *string, value string) {
	if value != "" {
		*field = value
	}
}

type channelCmd struct {
	Add    channelAddCmd    `cmd:"" help:"Connect an account."`
	List   channelListCmd   `cmd:"" help:"List the connected accounts."`
	Check  channelCheckCmd  `cmd:"" help:"Ask the networks whether the accounts still work; posts nothing."`
	Remove channelRemoveCmd `cmd:"" help:"Take an account out of use; its history stays."`
}

type channelAddCmd struct {
	Network   string   `default:"mastodon" enum:"mastodon" help:"The network: ${enum} (and servers that speak its API)."`
	Address   string   `required:"" help:"The server, such as https://mastodon.example." placeholder:"URL"`
	Zone      string   `required:"" help:"The audience's time zone." placeholder:"ZONE"`
	Languages []string `name:"language" required:"" help:"Languages it posts in." placeholder:"CODE"`
	Labels    []string `name:"label" help:"Labels, such as a chapter."`
	Name      string   `help:"How the team calls it; default: its name at the network."`
	TokenFile string   `help:"A file with the access token; default: standard input." placeholder:"FILE"`
	Sandbox   bool     `help:"It is a sandbox on this machine."`
	As        string   `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (channelAddCmd) Help() string {
	return "On a Mastodon server: Preferences, Development, New application, scopes read and write:statuses and write:media; copy the access token.\n" +
		"Example:\n  daymark channel add --address https://mastodon.example --zone Europe/London --language en < token.txt"
}

// Run connects an account. The token is never an argument, where other users of the machine could read it.
func (c *channelAddCmd) Run(r *run) error {
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
	return r.open(func(a *app.App) error {
		by, err := r.operator(a, c.As)
		if err != nil {
			return err
		}
		made, err := a.Connect(r.ctx, app.NewChannel{
			Platform: platform.Network(c.Network), Address: c.Address, Name: c.Name, Zone: c.Zone,
			Languages: c.Languages, Labels: c.Labels, Sandbox: c.Sandbox, Secret: secret.Secret(),
		}, by)
		if err != nil {
			return err
		}
		r.printf("Connected %s as channel %d: %s in %s. Plan an edition again to post there.\n", made.Handle, made.ID, strings.Join(made.Languages, ", "), made.Zone)
		return nil
	})
}

type channelListCmd struct {
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
	Sandbox   bool     `json:"sandbox"`
	Archived  bool     `json:"archived"`
}

// Run lists the channels.
func (c *channelListCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		channels, err := channel.List(r.ctx, a.DB)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			list := make([]listed, len(channels))
			for i, ch := range channels {
				list[i] = listed{
					ID: ch.ID, Network: ch.Platform, Address: ch.Address, Handle: ch.Handle, Name: ch.Name, Zone: ch.Zone,
					Languages: ch.Languages, Labels: ch.Labels, Sandbox: ch.Sandbox, Archived: ch.Archived(),
				}
			}
			return r.json(list)
		}
		return r.table("ID\tNETWORK\tHANDLE\tSERVER\tZONE\tLANGUAGES\tLABELS\tSTATE", func(row func(...any)) {
			for _, ch := range channels {
				state := "connected"
				if ch.Archived() {
					state = "removed"
				}
				if ch.Sandbox {
					state += " (sandbox)"
				}
				row(ch.ID, ch.Platform, ch.Handle, ch.Address, ch.Zone, strings.Join(ch.Languages, " "), strings.Join(ch.Labels, " "), state)
			}
		})
	})
}

type channelCheckCmd struct{}

// Run asks every connected account's server who it is.
func (c *channelCheckCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		channels, err := channel.List(r.ctx, a.DB)
		if err != nil {
			return err
		}
		bad := false
		for _, ch := range channels {
			if ch.Archived() {
				continue
			}
			if err := a.CheckChannel(r.ctx, ch); err != nil {
				bad = true
				r.printf("%s: %s\n", ch.Handle, fault.Say(err))
				continue
			}
			r.printf("%s: works\n", ch.Handle)
		}
		if bad {
			return errFound
		}
		return nil
	})
}

type channelRemoveCmd struct {
	ID int64  `arg:"" help:"The channel's number."`
	As string `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Run takes a channel out of use.
func (c *channelRemoveCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		by, err := r.operator(a, c.As)
		if err != nil {
			return err
		}
		if !by.May(people.ChannelManage) {
			return fault.New(fault.Forbidden, "%s may not remove accounts.", by.Email)
		}
		return a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return channel.Archive(r.ctx, tx, c.ID, by.ID) })
	})
}

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Add a person; prints a password once."`
	List    userListCmd    `cmd:"" help:"List people."`
	Reset   userResetCmd   `cmd:"" help:"Make a new password for a person; prints it once."`
	Disable userDisableCmd `cmd:"" help:"End a person's access."`
}

type userAddCmd struct {
	Email     string   `required:"" help:"Address they log in with."`
	Name      string   `required:"" help:"Their name."`
	Role      string   `required:"" enum:"admin,editor,reviewer,manager" help:"What they may do: ${enum}."`
	Languages []string `name:"language" help:"Languages they can judge." placeholder:"CODE"`
}

// Run adds a person.
func (c *userAddCmd) Run(r *run) error {
	password := people.NewPassword(rand.Reader)
	return r.open(func(a *app.App) error {
		by := int64(0)
		if admin, err := r.operator(a, ""); err == nil {
			by = admin.ID
		}
		err := a.DB.InTx(r.ctx, func(tx *postgres.Tx) error {
			_, err := people.Add(r.ctx, tx, people.NewPerson{Email: c.Email, Name: c.Name, Role: people.Role(c.Role), Languages: c.Languages, Password: password}, by)
			return err
		})
		if err == nil {
			r.printf("%s\n", password)
		}
		return err
	})
}

type userListCmd struct{}

// Run lists people.
func (c *userListCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		list, err := people.List(r.ctx, a.DB)
		if err != nil {
			return err
		}
		return r.table("ID\tEMAIL\tNAME\tROLE\tLANGUAGES\tSTATE", func(row func(...any)) {
			for _, p := range list {
				state := "active"
				if p.Disabled {
					state = "disabled"
				}
				row(p.ID, p.Email, p.Name, p.Role, strings.Join(p.Languages, " "), state)
			}
		})
	})
}

type userResetCmd struct {
	Email string `arg:"" help:"Whose password."`
}

// Run makes a new password.
func (c *userResetCmd) Run(r *run) error {
	password := people.NewPassword(rand.Reader)
	return r.open(func(a *app.App) error {
		p, err := people.ByEmail(r.ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		err = a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return people.SetPassword(r.ctx, tx, p.ID, password, people.Cost{}, 0) })
		if err == nil {
			r.printf("%s\n", password)
		}
		return err
	})
}

type userDisableCmd struct {
	Email string `arg:"" help:"Whose access."`
}

// Run ends a person's access.
func (c *userDisableCmd) Run(r *run) error {
	return r.open(func(a *app.App) error {
		p, err := people.ByEmail(r.ctx, a.DB, c.Email)
		if err != nil {
			return err
		}
		return a.DB.InTx(r.ctx, func(tx *postgres.Tx) error { return people.Disable(r.ctx, tx, p.ID, 0) })
	})
}

type pauseCmd struct {
	Reason string `required:"" help:"Why; everybody sees it."`
	As     string `help:"E-mail address of who pauses; default: the first admin." placeholder:"EMAIL"`
}

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
