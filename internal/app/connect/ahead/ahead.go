// Package ahead asks accounts, servers and links before posts go out: what internal/flow/dispatch/preflight needs of networks.
//
// It knows what was asked lately and what a question costs. It decides nothing about posts.
package ahead

import (
	"context"
	"net/url"
	"time"

	"daymark/internal/app/connect"
	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/org/channel/health"
	"daymark/internal/platform"
	"daymark/internal/postgres"
	"daymark/internal/wire/visit"
)

// How long an answer about an account is good enough before a post. Where each question costs, a day has to do.
const (
	good       = 30 * time.Minute
	goodPriced = 24 * time.Hour
)

// Networks are networks that can be asked ahead. They do all that networks do.
type Networks struct {
	*connect.Networks
	db    *postgres.DB
	clock clock.Clock
}

var _ preflight.Networks = (*Networks)(nil)

// New returns networks that can be asked ahead.
func New(db *postgres.DB, networks *connect.Networks, c clock.Clock) *Networks {
	return &Networks{networks, db, c}
}

// LookAhead asks an account's server how the account is and what it takes now. What is wrong with the account is kept as its health; the
// error is a server that gave no answer about it. What was asked lately is not asked again unless somebody waits.
func (n *Networks) LookAhead(ctx context.Context, id int64, now bool) error {
	had, err := health.Of(ctx, n.db, id)
	if err != nil {
		return err
	}
	connector, _, err := n.Serving(ctx, id)
	if err != nil {
		return err
	}
	enough := good
	if _, priced := connector.(platform.Priced); priced {
		enough = goodPriced
	}
	if age := n.clock.Now().Sub(had.AskedAt); !now && age >= 0 && age < enough {
		return nil
	}
	if _, err := n.Test(ctx, id); err != nil && !connect.Definite(err) {
		return err
	}
	return nil
}

// Limits returns what holds a content against what the channel's server takes, as it said last.
func (n *Networks) Limits(ctx context.Context, id int64) (preflight.Limits, error) {
	connector, _, err := n.Serving(ctx, id)
	if err != nil {
		return preflight.Limits{}, err
	}
	caps, err := n.Known(ctx, id)
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
	_, c, err := n.Serving(ctx, id)
	if err != nil {
		return "", false
	}
	to, err := url.Parse(link)
	if err != nil {
		return "its address cannot be read.", true
	}
	at := ""
	if c.Sandbox {
		own, err := url.Parse(c.Address)
		if err != nil || own.Host != to.Host {
			return "", false
		}
		at = c.Address
	}
	if to.Scheme != "https" && at == "" {
		return "", false
	}
	client, agent := n.Client(at)
	defer client.CloseIdleConnections()
	return visit.Visit(ctx, client, agent, link), true
}
