package connect

import (
	"context"
	"net/url"
	"slices"
	"time"

	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/health"
	"daymark/internal/platform"
	"daymark/internal/wire/visit"
)

var _ preflight.Networks = (*Networks)(nil)

// askedLately is how long an answer about an account is good enough before a post. Where each question costs, a day has to do.
const askedLately = 30 * time.Minute

// LookAhead asks an account's server how the account is and what it takes now. What is wrong with the account is kept as its health; the error
// is a server that gave no answer about it. What was asked lately is not asked again unless somebody waits.
func (n *Networks) LookAhead(ctx context.Context, id int64, now bool) error {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return err
	}
	had, err := health.Of(ctx, n.db, id)
	if err != nil {
		return err
	}
	connector, err := n.connectors(c.Address, c.Sandbox).Get(platform.Network(c.Platform))
	if err != nil {
		return err
	}
	good := askedLately
	if _, priced := connector.(platform.Priced); priced {
		good = askEvery
	}
	if age := n.clock.Now().Sub(had.AskedAt); !now && age >= 0 && age < good {
		return nil
	}
	if _, err := n.Test(ctx, id); err != nil && !definite(err) {
		return err
	}
	return nil
}

// Limits returns what holds a content against what the channel's server takes, as it said last.
func (n *Networks) Limits(ctx context.Context, id int64) (preflight.Limits, error) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return preflight.Limits{}, err
	}
	connector, err := n.connectors(c.Address, c.Sandbox).Get(platform.Network(c.Platform))
	if err != nil {
		return preflight.Limits{}, err
	}
	caps, err := n.capabilities(ctx, id)
	if err != nil {
		return preflight.Limits{}, err
	}
	limits := preflight.Limits{Check: func(content platform.Content) []platform.Issue { return connector.Validate(caps, content) }}
	if priced, ok := connector.(platform.Priced); ok {
		limits.Cost = func(content platform.Content) int64 { return int64(platform.Total(priced.Cost(caps, content))) }
	}
	return limits, nil
}

// Answers opens a link of a post on a channel. A sandbox asks nobody but itself, so that a demo calls no one; and what is not encrypted is
// not opened.
func (n *Networks) Answers(ctx context.Context, id int64, link string) (problem string, opened bool) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return "", false
	}
	to, err := url.Parse(link)
	if err != nil {
		return "its address cannot be read.", true
	}
	at, sandbox := "", false
	if c.Sandbox {
		own, err := url.Parse(c.Address)
		if sandbox = err == nil && own.Host == to.Host; !sandbox {
			return "", false
		}
		at = c.Address
	}
	if to.Scheme != "https" && !sandbox && !slices.Contains(n.allow, to.Host) {
		return "", false
	}
	client := n.client(at)
	defer client.CloseIdleConnections()
	return visit.Visit(ctx, client, n.agent(), link), true
}
