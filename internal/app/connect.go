package app

import (
	"context"

	"daymark/internal/app/connect"
	"daymark/internal/app/connect/ahead"
	"daymark/internal/org/channel"
	"daymark/internal/org/people"
)

// NewChannel is an account about to be connected.
type NewChannel = connect.NewChannel

// Connect makes a channel of an account whose credentials are at hand. It posts nothing.
func (a *App) Connect(ctx context.Context, n NewChannel, by people.Person) (channel.Channel, error) {
	return a.Networks.Connect(ctx, n, by)
}

// CheckChannel asks a channel's server whether its credentials still work. It posts nothing.
func (a *App) CheckChannel(ctx context.Context, c channel.Channel) error {
	_, err := a.Networks.Test(ctx, c.ID)
	return err
}

// Ahead returns the networks as they are asked before posts go out.
func (a *App) Ahead() *ahead.Networks { return ahead.New(a.DB, a.Networks, a.Clock) }
