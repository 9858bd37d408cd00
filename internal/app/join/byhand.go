package join

import (
	"context"
	"fmt"

	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/platform/byhand"
)

const sqlRehearses = `
SELECT EXISTS (SELECT 1 FROM fast_clock)`

// byHand adds a channel that a person posts to. Where a fast clock runs, nothing is real, and neither is the channel.
func (n *Desk) byHand(ctx context.Context, by people.Person, start joining.Start) (channel.Channel, error) {
	said, err := byhand.Settings{
		Kind: start.ByHand.Kind, Handle: start.ByHand.Handle, Page: start.Address, Characters: start.ByHand.Characters, Picture: start.ByHand.Picture,
	}.Clean()
	if err != nil {
		return channel.Channel{}, err
	}
	address := said.Host()
	if err := n.db.GetContext(ctx, &start.Wanted.Sandbox, sqlRehearses); err != nil {
		return channel.Channel{}, fmt.Errorf("see whether this is a rehearsal: %w", err)
	}
	if start.Wanted.Sandbox {
		address = byhand.Loopback
	}
	made, err := n.Connect(ctx, wanted(start.Platform, address, start.Wanted, said.Secret()), by)
	if err != nil {
		return made, err
	}
	_, err = n.Ask(ctx, made.ID) // one that was there already may have another limit now
	return made, err
}
