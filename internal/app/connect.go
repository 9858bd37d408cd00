package app

import (
	"context"
	"strings"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

// NewChannel is an account about to be connected.
type NewChannel struct {
	Platform  platform.Network
	Address   string // scheme and host of the server
	Name      string // how the team calls it; empty: the name it has at the network
	Zone      string
	Languages []string
	Labels    []string
	Country   string // of its readers; may be empty
	Sandbox   bool
	Habits    *channel.Habits // nil for the usual ones
	Secret    platform.Secret
}

// Connect asks the server whose credentials these are, makes the channel of it and keeps what the server allows. It posts
// nothing.
func (a *App) Connect(ctx context.Context, n NewChannel, by people.Person) (channel.Channel, error) {
	if !by.May(people.ChannelManage) {
		return channel.Channel{}, fault.New(fault.Forbidden, "Your role does not allow connecting accounts.")
	}
	n.Address = strings.TrimRight(n.Address, "/")
	identity, err := a.Networks.Verify(ctx, platform.Account{Network: n.Platform, Address: n.Address, Secret: n.Secret}, n.Sandbox)
	if err != nil {
		return channel.Channel{}, err
	}
	if n.Name == "" {
		n.Name = identity.Name
	}
	var made channel.Channel
	err = a.DB.InTx(ctx, func(tx *postgres.Tx) error {
		made, err = channel.Add(ctx, tx, channel.NewChannel{
			Platform: string(n.Platform), Address: n.Address,
			Handle: strings.TrimPrefix(identity.Handle, "@"), RemoteID: identity.RemoteID, Name: n.Name, Zone: n.Zone, Languages: n.Languages,
			Labels: n.Labels, Country: n.Country, Sandbox: n.Sandbox, Habits: n.Habits, Credentials: seal.Secret(n.Secret.Reveal()), By: by.ID,
		}, a.Keys[0])
		return err
	})
	if err != nil {
		return channel.Channel{}, err
	}
	_, err = a.Networks.Ask(ctx, made.ID)
	return made, err
}

// CheckChannel asks a channel's server whether its credentials still work. It posts nothing.
func (a *App) CheckChannel(ctx context.Context, c channel.Channel) error {
	_, account, err := a.Networks.Reach(ctx, c.ID)
	if err != nil {
		return err
	}
	_, err = a.Networks.Verify(ctx, account, c.Sandbox)
	return err
}
