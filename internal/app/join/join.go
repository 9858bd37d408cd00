// Package join connects accounts: it sends a person to a network that asks for leave, takes what comes back, or takes what the person
// copied, and makes channels of it.
//
// What has to be remembered meanwhile lies in internal/org/channel/joining. It posts nothing.
package join

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"daymark/internal/app/connect"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/people"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
	"daymark/internal/platform/bluesky"
	"daymark/internal/platform/mastodon"
	fediverse "daymark/internal/platform/mastodon/connect"
	"daymark/internal/platform/x"
	xflow "daymark/internal/platform/x/connect"
	"daymark/internal/postgres"
)

// Desk connects accounts. It may be used from several goroutines.
type Desk struct {
	*connect.Networks
	db   *postgres.DB
	keys seal.Keys
}

// New returns a desk that keeps what it has to remember in the database, sealed with the first key.
func New(db *postgres.DB, keys seal.Keys, networks *connect.Networks) *Desk {
	return &Desk{Networks: networks, db: db, keys: keys}
}

// pending is what the exchange needs of a flow that waits for a person.
type pending struct {
	Redirect string         `json:"redirect"`
	Verifier string         `json:"verifier,omitempty"` // of PKCE
	Client   *fediverse.App `json:"client,omitempty"`
	Consumer *xflow.App     `json:"consumer,omitempty"`
	Token    string         `json:"token,omitempty"` // of X's flow
	Secret   []byte         `json:"secret,omitempty"`
	API      string         `json:"api,omitempty"`
}

// Begin begins to connect an account whose owner allows it at the network: on a server that speaks Mastodon's API, or on X with an
// application of the charity's own. It posts nothing.
func (n *Desk) Begin(ctx context.Context, by people.Person, start joining.Start) (joining.Step, error) {
	if !by.May(people.ChannelManage) {
		return joining.Step{}, fault.New(fault.Forbidden, "Your role does not allow connecting accounts.")
	}
	if err := start.Wanted.Check(); err != nil {
		return joining.Step{}, err
	}
	var step joining.Step
	var wait pending
	var err error
	switch start.Platform {
	case string(platform.Mastodon):
		start.Address, err = server(start.Address, &start.Wanted, n)
		if err == nil {
			step, wait, err = n.beginMastodon(ctx, start)
		}
	case string(platform.X):
		start.Address, err = server(firstOf(start.Address, x.Address), &start.Wanted, n)
		if err == nil {
			step, wait, err = n.beginX(ctx, start)
		}
	default:
		err = fault.New(fault.Invalid, "Accounts of %s are not connected this way.", start.Platform)
	}
	if err != nil {
		return joining.Step{}, connect.Told(err)
	}
	body, err := json.Marshal(wait)
	if err != nil {
		return joining.Step{}, fmt.Errorf("write what waits: %w", err)
	}
	err = n.db.InTx(ctx, func(tx *postgres.Tx) error {
		return joining.Keep(ctx, tx, n.keys[0], step.State, joining.Pending{
			Person: by.ID, Platform: start.Platform, Address: start.Address, Secret: seal.Secret(body), Wanted: start.Wanted,
		})
	})
	return step, err
}

// beginMastodon looks at the server, makes Daymark known there and writes the address to send the person to.
func (n *Desk) beginMastodon(ctx context.Context, start joining.Start) (joining.Step, pending, error) {
	o := n.Mastodon(sandboxOf(start))
	found, err := fediverse.Look(ctx, o, start.Address)
	if err != nil {
		return joining.Step{}, pending{}, err
	}
	redirect := firstOf(start.Redirect, fediverse.OutOfBand)
	app, err := n.appOf(ctx, o, start.Address, found, redirect)
	if err != nil {
		return joining.Step{}, pending{}, err
	}
	state, err := letters()
	if err != nil {
		return joining.Step{}, pending{}, err
	}
	wait := pending{Redirect: redirect, Client: &app}
	if found.PKCE {
		if wait.Verifier, err = letters(); err != nil {
			return joining.Step{}, pending{}, err
		}
	}
	return joining.Step{
		Send: fediverse.Send(start.Address, found, app, redirect, state, wait.Verifier), State: state, Server: start.Address, Software: found.Software,
	}, wait, nil
}

// appOf returns what Daymark is to a server: what it was before, if the server still knows it.
func (n *Desk) appOf(ctx context.Context, o mastodon.Options, address string, found fediverse.Server, redirect string) (fediverse.App, error) {
	var app fediverse.App
	kept, err := joining.FindApp(ctx, n.db, n.keys, string(platform.Mastodon), address, redirect)
	if err == nil && json.Unmarshal(kept.Secret, &app) == nil && fediverse.Known(ctx, o, address, found, app) {
		return app, nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) { // one that does not open is made anew
		return fediverse.App{}, err
	}
	if app, err = fediverse.Register(ctx, o, address, found, redirect); err != nil {
		return fediverse.App{}, err
	}
	body, err := json.Marshal(app)
	if err != nil {
		return fediverse.App{}, err
	}
	return app, joining.SaveApp(ctx, n.db, n.keys[0], joining.App{Platform: string(platform.Mastodon), Address: address, Redirect: redirect, Secret: seal.Secret(body)})
}

// beginX asks X for a request token. Its name is the state: X hands it back whatever becomes of the flow.
func (n *Desk) beginX(ctx context.Context, start joining.Start) (joining.Step, pending, error) {
	keys := start.Keys
	app := xflow.App{ConsumerKey: strings.TrimSpace(keys.ConsumerKey), ConsumerSecret: strings.TrimSpace(keys.ConsumerSecret)}
	if app.ConsumerKey == "" || app.ConsumerSecret == "" {
		return joining.Step{}, pending{}, fault.BadField("consumer_key", "The API key and its secret are needed. X shows them in the developer console under “Keys and tokens”.")
	}
	redirect := firstOf(start.Redirect, xflow.OutOfBand)
	p, err := xflow.Begin(ctx, n.X(sandboxOf(start)), start.Address, app, redirect)
	if err != nil {
		return joining.Step{}, pending{}, err
	}
	return joining.Step{Send: p.Send, State: p.Token, Server: "https://x.com", Software: "x"},
		pending{Redirect: redirect, Consumer: &app, Token: p.Token, Secret: p.Secret.Reveal(), API: keys.API}, nil
}

// Finish takes what a network sent back with a person and connects the account. What the flow began with is used up by it.
func (n *Desk) Finish(ctx context.Context, by people.Person, query url.Values) (channel.Channel, error) {
	state := firstOf(query.Get("state"), query.Get("oauth_token"), query.Get("denied"))
	if !by.May(people.ChannelManage) {
		return channel.Channel{}, fault.New(fault.Forbidden, "Your role does not allow connecting accounts.")
	}
	var kept joining.Pending
	err := n.db.InTx(ctx, func(tx *postgres.Tx) (err error) {
		kept, err = joining.Take(ctx, tx, n.keys, state, by.ID)
		return err
	})
	if err != nil {
		return channel.Channel{}, err
	}
	var wait pending
	if err := json.Unmarshal(kept.Secret, &wait); err != nil {
		return channel.Channel{}, fmt.Errorf("read what waited: %w", err)
	}
	var secret platform.Secret
	start := joining.Start{Address: kept.Address, Wanted: kept.Wanted}
	switch {
	case wait.Client != nil:
		secret, err = n.finishMastodon(ctx, start, wait, query)
	case wait.Consumer != nil:
		secret, err = n.finishX(ctx, start, wait, query)
	default:
		err = fault.New(fault.Internal, "a connection to %s waits for nothing", kept.Platform)
	}
	if err != nil {
		return channel.Channel{}, connect.Told(err)
	}
	return n.Connect(ctx, wanted(kept.Platform, kept.Address, kept.Wanted, secret), by)
}

func (n *Desk) finishMastodon(ctx context.Context, start joining.Start, wait pending, query url.Values) (platform.Secret, error) {
	code, err := fediverse.Answer(query)
	if err != nil {
		return nil, err
	}
	got, err := fediverse.Finish(ctx, n.Mastodon(sandboxOf(start)), start.Address, *wait.Client, wait.Redirect, code, wait.Verifier)
	return got.Secret(), err
}

func (n *Desk) finishX(ctx context.Context, start joining.Start, wait pending, query url.Values) (platform.Secret, error) {
	token, verifier, err := xflow.Answer(query)
	if err != nil {
		return nil, err
	}
	p := xflow.Pending{Token: wait.Token, Secret: wait.Secret}
	got, err := xflow.Finish(ctx, n.X(sandboxOf(start)), start.Address, *wait.Consumer, p, token, verifier)
	got.API = wait.API
	return got.Secret(), err
}

// Direct connects an account whose credentials a person has: a handle and an app password of Bluesky, the four keys of X, or a
// token of a server that speaks Mastodon's API; or adds one that a person posts to by hand. It posts nothing.
func (n *Desk) Direct(ctx context.Context, by people.Person, start joining.Start) (channel.Channel, error) {
	if !by.May(people.ChannelManage) {
		return channel.Channel{}, fault.New(fault.Forbidden, "Your role does not allow connecting accounts.")
	}
	if err := start.Wanted.Check(); err != nil {
		return channel.Channel{}, err
	}
	switch start.Platform {
	case string(platform.Mastodon):
		address, err := server(start.Address, &start.Wanted, n)
		token := strings.TrimSpace(start.Keys.AccessToken)
		if err == nil && token == "" {
			err = fault.BadField("access_token", "is missing: copy it from the server")
		}
		if err != nil {
			return channel.Channel{}, err
		}
		return n.Connect(ctx, wanted(start.Platform, address, start.Wanted, mastodon.Credentials{AccessToken: token}.Secret()), by)
	case string(platform.X):
		address, err := server(firstOf(start.Address, x.Address), &start.Wanted, n)
		if err != nil {
			return channel.Channel{}, err
		}
		k := start.Keys
		keys, err := x.Credentials{API: k.API, ConsumerKey: k.ConsumerKey, ConsumerSecret: k.ConsumerSecret, AccessToken: k.AccessToken, AccessSecret: k.AccessSecret}.Clean()
		if err != nil {
			return channel.Channel{}, err
		}
		return n.Connect(ctx, wanted(start.Platform, address, start.Wanted, keys.Secret()), by)
	case string(platform.Bluesky):
		return n.directBluesky(ctx, by, start)
	case string(platform.ByHand):
		return n.byHand(ctx, by, start)
	}
	return channel.Channel{}, fault.New(fault.Invalid, "Daymark has no connector for the network %q.", start.Platform)
}

// directBluesky begins a session; only a sandbox needs an address, because handles lead to the account's server.
func (n *Desk) directBluesky(ctx context.Context, by people.Person, start joining.Start) (channel.Channel, error) {
	if start.Address != "" {
		var err error
		if start.Address, err = server(start.Address, &start.Wanted, n); err != nil {
			return channel.Channel{}, err
		}
	}
	account, err := bluesky.New(n.Bluesky(sandboxOf(start))).Connect(ctx, start.Keys.Handle, start.Keys.AppPassword)
	if err != nil {
		return channel.Channel{}, connect.Told(err)
	}
	c := wanted(start.Platform, account.Address, start.Wanted, account.Secret)
	c.RemoteID, c.Handle = account.RemoteID, account.Handle
	return n.Connect(ctx, c, by)
}

// wanted is the channel that a form asks for.
func wanted(network, address string, w joining.Wanted, secret platform.Secret) connect.NewChannel {
	return connect.NewChannel{
		Platform: platform.Network(network), Address: address, Name: w.Name, Zone: w.Zone, Languages: w.Languages, Labels: w.Labels,
		Country: w.Country, Budget: w.Budget, Sandbox: w.Sandbox, Habits: w.Habits, Secret: secret,
	}
}

// server returns the address of a server as a person may type it, and marks what leads to a sandbox of this process.
func server(typed string, w *joining.Wanted, n *Desk) (string, error) {
	address := strings.TrimRight(strings.TrimSpace(typed), "/")
	if address == "" {
		return "", fault.BadField("address", "is missing: write the server's address, such as mastodon.social")
	}
	if !strings.Contains(address, "://") {
		if _, host, ok := strings.Cut(address, "@"); ok { // the account's whole name was typed
			address = host[strings.LastIndex(host, "@")+1:]
		}
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		return "", fault.BadField("address", "is no address of a server: write it like mastodon.social")
	}
	address = u.Scheme + "://" + strings.ToLower(u.Host)
	w.Sandbox = w.Sandbox || n.IsSandbox(address)
	if u.Scheme == "http" && !w.Sandbox {
		return "", fault.BadField("address", "begins with http://, which anybody on the way can read: write https://%s", u.Host)
	}
	return address, nil
}

// sandboxOf is the address of the sandbox that a flow leads to, or empty.
func sandboxOf(s joining.Start) string {
	if s.Wanted.Sandbox {
		return s.Address
	}
	return ""
}

// letters returns 43 letters that nobody guesses.
func letters() (string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(rand.Reader, raw); err != nil {
		return "", errors.Join(errors.New("read random bytes"), err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func firstOf(list ...string) string {
	for _, s := range list {
		if strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}
