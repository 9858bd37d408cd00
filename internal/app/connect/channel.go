package connect

import (
	"context"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/org/audit"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/health"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// NewChannel is an account about to be connected.
type NewChannel struct {
	Platform  platform.Network
	Address   string // scheme and host of the server
	RemoteID  string // the account's id there, where connecting has told it
	Handle    string // likewise
	Name      string // how the team calls it; empty: the name it has at the network
	Zone      string
	Languages []string
	Labels    []string
	Country   string // of its readers; may be empty
	Budget    *int64 // millionths of a US dollar in a month; nil is no bound
	Sandbox   bool
	Habits    *channel.Habits // nil for the usual ones
	Secret    platform.Secret
}

// Connect asks the server whose credentials these are, makes the channel of it and keeps what the server allows. An account that
// is connected already gets the new credentials and stays as it is otherwise. It posts nothing.
func (n *Networks) Connect(ctx context.Context, c NewChannel, by people.Person) (channel.Channel, error) {
	if !by.May(people.ChannelManage) {
		return channel.Channel{}, fault.New(fault.Forbidden, "Your role does not allow connecting accounts.")
	}
	c.Address = strings.TrimRight(c.Address, "/")
	account := platform.Account{Network: c.Platform, Address: c.Address, RemoteID: c.RemoteID, Handle: c.Handle, Secret: c.Secret}
	identity, err := n.Verify(ctx, account, c.Sandbox)
	if err != nil {
		return channel.Channel{}, err
	}
	rights, err := n.rights(ctx, account, c.Sandbox)
	if err != nil {
		return channel.Channel{}, err
	}
	if len(rights.Missing) > 0 {
		return channel.Channel{}, fault.New(fault.Invalid, "%s", sayMissing(rights.Missing))
	}
	c.RemoteID, c.Handle = identity.RemoteID, strings.TrimPrefix(identity.Handle, "@")
	had, err := n.connected(ctx, c)
	if err != nil {
		return channel.Channel{}, err
	}
	if had.ID != 0 {
		return had, n.again(ctx, had, c.Secret, by)
	}
	if strings.TrimSpace(c.Name) == "" {
		c.Name = identity.Name
	}
	if strings.TrimSpace(c.Name) == "" {
		c.Name = c.Handle // not every account has a name
	}
	var made channel.Channel
	err = n.db.InTx(ctx, func(tx *postgres.Tx) error {
		made, err = channel.Add(ctx, tx, channel.NewChannel{
			Platform: string(c.Platform), Address: c.Address, Handle: c.Handle, RemoteID: c.RemoteID, Name: c.Name, Zone: c.Zone, Languages: c.Languages,
			Labels: c.Labels, Country: c.Country, Sandbox: c.Sandbox, Habits: c.Habits, Credentials: seal.Secret(c.Secret.Reveal()), By: by.ID,
		}, n.keys[0])
		if err != nil {
			return err
		}
		if err := health.Save(ctx, tx, made.ID, n.clock.Now(), ""); err != nil {
			return err
		}
		return health.SetBudget(ctx, tx, made.ID, c.Budget, by.ID)
	})
	if err != nil {
		return channel.Channel{}, err
	}
	_, err = n.Ask(ctx, made.ID)
	return made, err
}

// connected returns the channel that an account is already; the zero channel when it is none.
func (n *Networks) connected(ctx context.Context, c NewChannel) (channel.Channel, error) {
	list, err := channel.List(ctx, n.db)
	if err != nil {
		return channel.Channel{}, err
	}
	for _, had := range list {
		if had.Platform == string(c.Platform) && had.Address == c.Address && had.RemoteID == c.RemoteID && !had.Archived() {
			return had, nil
		}
	}
	return channel.Channel{}, nil
}

// again gives a connected account new credentials.
func (n *Networks) again(ctx context.Context, had channel.Channel, secret platform.Secret, by people.Person) error {
	if err := channel.Replace(ctx, n.db, n.keys[0], had.ID, seal.Secret(secret.Reveal())); err != nil {
		return err
	}
	return n.db.InTx(ctx, func(tx *postgres.Tx) error {
		if err := health.Save(ctx, tx, had.ID, n.clock.Now(), ""); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Person: by.ID, Action: "channel.reconnected", Kind: "channel", ID: had.ID})
	})
}

// rights asks what credentials may do, where the network tells.
func (n *Networks) rights(ctx context.Context, account platform.Account, sandbox bool) (platform.Rights, error) {
	connector, err := n.Connectors(account.Address, sandbox).Get(account.Network)
	if err != nil {
		return platform.Rights{}, err
	}
	scoped, ok := connector.(platform.Scoped)
	if !ok {
		return platform.Rights{}, nil
	}
	rights, err := scoped.Rights(ctx, account)
	if err != nil {
		return platform.Rights{}, fault.Wrap(fault.Unavailable, err, "%s did not say what the access allows: %s", account.Address, platform.Say(err))
	}
	return rights, nil
}

func sayMissing(missing []string) string {
	return "The access does not allow all that Daymark needs: " + strings.Join(missing, ", ") + " is missing. Connect the account again and allow reading, posting and uploading."
}
