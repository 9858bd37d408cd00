package accounts

import (
	"bufio"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"daymark/internal/app"
	"daymark/internal/cli/command"
	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
)

// ChannelAdd is the command that connects an account.
type ChannelAdd struct {
	Network   string        `default:"mastodon" enum:"mastodon,bluesky,x,byhand" help:"The network: ${enum}; mastodon is every server that speaks its API, byhand any other, where a person posts."`
	Address   string        `help:"The server, such as https://mastodon.example; of Bluesky and X only for a sandbox; by hand the page where posts are read." placeholder:"URL"`
	Handle    string        `help:"The handle on Bluesky, such as charity.bsky.social, or on the network that a person posts to." placeholder:"NAME"`
	Kind      string        `help:"Which network a person posts to, in your own words, such as Instagram." placeholder:"WORDS"`
	Length    int           `name:"characters" help:"How many characters a post may have there; default: no limit." placeholder:"N"`
	Picture   bool          `help:"A post needs a picture there."`
	Allow     bool          `help:"Allow it in a browser, on Mastodon or X, and type in the code that is shown there."`
	Zone      string        `required:"" help:"The audience's time zone." placeholder:"ZONE"`
	Languages []string      `name:"language" required:"" help:"Languages it posts in." placeholder:"CODE"`
	Labels    []string      `name:"label" help:"Labels, such as a chapter."`
	Country   string        `help:"Its readers' country, whose helplines its posts may show: two letters, such as GB." placeholder:"CODE"`
	Name      string        `help:"How the team calls it; default: its name at the network."`
	Budget    string        `help:"The most it may cost in a month, in dollars, where the network charges; default: no limit." placeholder:"DOLLARS"`
	API       string        `default:"v2" enum:"v2,v1.1" help:"The version of X's API: ${enum}."`
	Spacing   time.Duration `default:"15m" help:"How far apart its posts should be; planning warns about closer ones."`
	QuietFrom string        `name:"quiet-from" help:"When its quiet hours begin, on its own clock; planning warns about posts in them." placeholder:"HH:MM"`
	QuietTo   string        `name:"quiet-to" help:"When its quiet hours end." placeholder:"HH:MM"`
	TokenFile string        `help:"A file with the access token, the app password or X's keys; default: standard input." placeholder:"FILE"`
	Sandbox   bool          `help:"It is a sandbox on this machine."`
	As        string        `help:"E-mail address of the admin; default: the first." placeholder:"EMAIL"`
}

// Help shows examples.
func (ChannelAdd) Help() string {
	return "Secrets are read from a file or from standard input, never from an argument, where others on the machine could see them.\n" +
		"Mastodon: allow it in a browser, or copy the access token of an application with the scopes read, write:statuses and write:media.\n" +
		"Bluesky: an app password. X: lines such as consumer_key=..., consumer_secret=..., access_token=..., access_secret=...\n" +
		"Examples:\n  daymark channel add --allow --address https://mastodon.example --zone Europe/London --country GB --language en\n" +
		"  daymark channel add --network bluesky --handle charity.bsky.social --zone Europe/London --language en < app-password.txt\n" +
		"  daymark channel add --network byhand --kind Instagram --handle hopeline --address https://www.instagram.com/hopeline --zone Europe/London --language en\n" +
		"  daymark channel add --network x --budget 20 --zone Europe/London --language en --token-file keys.txt"
}

// Run connects an account. Nothing is posted.
func (c *ChannelAdd) Run(r *command.Run) error {
	if err := command.CheckZone(c.Zone); err != nil {
		return err
	}
	habits, err := c.habits()
	if err != nil {
		return err
	}
	if c.Address == "" && c.Network == "mastodon" {
		return fault.BadField("--address", "is missing: write the server, such as https://mastodon.example")
	}
	budget, err := dollars(c.Budget)
	if err != nil {
		return err
	}
	start := joining.Start{Platform: c.Network, Address: c.Address, Wanted: joining.Wanted{
		Name: c.Name, Zone: c.Zone, Languages: c.Languages, Labels: c.Labels, Country: c.Country, Budget: budget, Sandbox: c.Sandbox, Habits: &habits,
	}}
	in := bufio.NewReader(os.Stdin)
	start.ByHand = joining.ByHand{Kind: c.Kind, Handle: c.Handle, Characters: c.Length, Picture: c.Picture}
	if c.Network != "byhand" && (!c.Allow || c.Network == "x") {
		text, err := c.secret(in)
		if err != nil {
			return err
		}
		if start.Keys, err = c.keys(text); err != nil {
			return err
		}
	}
	return r.Open(func(a *app.App) error {
		by, err := r.Operator(a, c.As)
		if err != nil {
			return err
		}
		var made channel.Channel
		if c.Allow && c.Network != "byhand" {
			step, err := a.Joins.Begin(r.Ctx, by, start)
			if err != nil {
				return err
			}
			r.Printf("Open this address as the charity's account, allow Daymark, and type in the code that is shown:\n\n  %s\n\nCode: ", step.Send)
			code, err := in.ReadString('\n')
			if err != nil && strings.TrimSpace(code) == "" {
				return fault.BadField("code", "is missing; begin again and type in the code that the network shows")
			}
			code = strings.TrimSpace(code)
			made, err = a.Joins.Finish(r.Ctx, by, url.Values{"state": {step.State}, "code": {code}, "oauth_token": {step.State}, "oauth_verifier": {code}})
			if err != nil {
				return err
			}
		} else if made, err = a.Joins.Direct(r.Ctx, by, start); err != nil {
			return err
		}
		r.Printf("Connected %s as channel %d: %s in %s. Plan an edition again to post there.\n", made.Handle, made.ID, strings.Join(made.Languages, ", "), made.Zone)
		return nil
	})
}

// secret reads what must not stand in an argument.
func (c *ChannelAdd) secret(in io.Reader) (string, error) {
	src := in
	if c.TokenFile != "" {
		f, err := os.Open(c.TokenFile)
		if err != nil {
			return "", fault.Wrap(fault.Invalid, err, "The token file cannot be read: %v", err)
		}
		defer func() { _ = f.Close() }()
		src = f
	} else if c.Allow {
		return "", fault.BadField("--token-file", "is missing: it holds consumer_key=... and consumer_secret=..., because standard input is for the code")
	}
	text, err := io.ReadAll(io.LimitReader(src, 64<<10))
	if err == nil && strings.TrimSpace(string(text)) == "" {
		err = fault.BadField("token", "is missing: give it on standard input or with --token-file")
	}
	return strings.TrimSpace(string(text)), err
}

// keys reads the secret as its network has it.
func (c *ChannelAdd) keys(text string) (joining.Keys, error) {
	switch c.Network {
	case "bluesky":
		if c.Handle == "" {
			return joining.Keys{}, fault.BadField("--handle", "is missing: write the account's handle, such as charity.bsky.social")
		}
		return joining.Keys{Handle: c.Handle, AppPassword: text}, nil
	case "x":
		k := joining.Keys{API: c.API}
		fields := map[string]*string{
			"consumer_key": &k.ConsumerKey, "consumer_secret": &k.ConsumerSecret, "access_token": &k.AccessToken, "access_secret": &k.AccessSecret,
		}
		for i, line := range strings.Split(text, "\n") {
			name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			if name == "" && !ok {
				continue
			}
			field := fields[strings.TrimSpace(name)]
			if field == nil || !ok {
				return k, fault.New(fault.Invalid, "Line %d of the keys is none; write four lines such as consumer_key=..., with consumer_key, consumer_secret, access_token and access_secret.", i+1)
			}
			*field = strings.TrimSpace(value)
		}
		return k, nil
	}
	return joining.Keys{AccessToken: text}, nil
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
