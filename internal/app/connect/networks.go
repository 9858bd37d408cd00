// Package connect calls the network of a channel with the channel's credentials: what dispatch, review and engagement need of
// networks, and what connecting an account needs.
//
// It knows which connector serves which network, and what their servers allow. It decides nothing about posts.
package connect

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"daymark/internal/app/connect/doors"
	"daymark/internal/app/connect/recent"
	"daymark/internal/core/clock"
	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
	"daymark/internal/platform/byhand"
	"daymark/internal/postgres"
)

// settlingTime is how long a late answer of a network may take to come, where the network does not say.
const settlingTime = 3 * time.Minute

// capabilitiesAge is how old the known limits of a server may be before they are asked for again.
const capabilitiesAge = 24 * time.Hour

// Options are what calling networks needs.
type Options struct {
	DB       *postgres.DB
	Keys     seal.Keys
	Clock    clock.Clock
	Log      *slog.Logger  // told what a post went out without; discarded when nil
	Version  string        // of Daymark, for the networks' logs
	Allow    []string      // host:port of servers in the charity's own network that may be reached
	Settling time.Duration // how long a late answer of a sandbox may take to come; 5 s when zero
}

// Networks calls networks. It is safe for concurrent use.
type Networks struct {
	db       *postgres.DB
	keys     seal.Keys
	clock    clock.Clock
	log      *slog.Logger
	settling time.Duration // of sandbox channels
	recent   recent.Accounts
	rates    recent.Rates
	*doors.Doors
}

// New returns what calls networks. It calls none yet.
func New(o Options) *Networks {
	if o.Settling == 0 {
		o.Settling = 5 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Networks{db: o.DB, keys: o.Keys, clock: o.Clock, log: o.Log, settling: o.Settling}
	n.Doors = doors.New(doors.Options{Clock: o.Clock, Log: o.Log, Version: o.Version, Allow: o.Allow, Saw: n.rates.Saw})
	return n
}

// Serving returns the connector of a channel, and the channel; it reads no credentials.
func (n *Networks) Serving(ctx context.Context, id int64) (platform.Connector, channel.Channel, error) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return nil, channel.Channel{}, err
	}
	connector, err := n.Connectors(c.Address, c.Sandbox).Get(platform.Network(c.Platform))
	return connector, c, err
}

// Reach returns the connector of a channel and the account to act for, with credentials that live for a while yet.
func (n *Networks) Reach(ctx context.Context, id int64) (platform.Connector, platform.Account, error) {
	connector, account, err := n.account(ctx, id)
	if err != nil {
		return nil, platform.Account{}, err
	}
	account, err = n.fresh(ctx, connector, account)
	return connector, account, err
}

// account returns the connector of a channel and the account with the credentials that are there.
func (n *Networks) account(ctx context.Context, id int64) (platform.Connector, platform.Account, error) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return nil, platform.Account{}, err
	}
	secret, err := channel.Credentials(ctx, n.db, n.keys, id)
	if err != nil {
		return nil, platform.Account{}, err
	}
	connector, err := n.Connectors(c.Address, c.Sandbox).Get(platform.Network(c.Platform))
	if err != nil {
		return nil, platform.Account{}, err
	}
	return connector, platform.Account{
		Channel: id, Network: platform.Network(c.Platform), Address: c.Address, Handle: c.Handle,
		RemoteID: c.RemoteID, Secret: platform.Secret(secret),
	}, nil
}

// unreached is the error of a call that was never made.
func unreached(err error) error {
	if platform.Outcome(err) == platform.KindAuthExpired {
		return err
	}
	return &platform.Transient{Say: fault.Say(err), Err: err}
}

// Prepare uploads what a part needs.
func (n *Networks) Prepare(ctx context.Context, id int64, content platform.Content, part int, prev platform.Handles) (platform.Handles, error) {
	connector, account, err := n.prepared(ctx, id, recent.Burst)
	if err == nil {
		n.recent.Keep(id, connector, account)
		account, err = n.fresh(ctx, connector, account)
	}
	if err != nil {
		return prev, unreached(err)
	}
	handles, err := connector.Prepare(ctx, account, content, part, prev)
	return handles, n.refused(ctx, connector, account, err)
}

// Keyed reports whether the channel's connector keeps the post's key in the handles of an attempt.
func (n *Networks) Keyed(ctx context.Context, id int64) (bool, error) {
	connector, _, err := n.prepared(ctx, id, recent.Lately)
	if err != nil {
		return false, err
	}
	keyed, ok := connector.(platform.Keyed)
	return ok && keyed.KeepsKey(), nil
}

// Askable reports whether the channel's network can be asked for a post whose answer was lost.
func (n *Networks) Askable(ctx context.Context, id int64) (bool, error) {
	connector, _, err := n.prepared(ctx, id, recent.Lately)
	if err != nil {
		return false, err
	}
	silent, ok := connector.(platform.Silent)
	return !ok || !silent.FindsNothing(), nil
}

// Publish posts one part.
func (n *Networks) Publish(ctx context.Context, id int64, attempt platform.Attempt) (platform.Receipt, error) {
	connector, account, err := n.prepared(ctx, id, recent.Lately)
	if err == nil {
		account, err = n.fresh(ctx, connector, account)
	}
	if err != nil {
		return platform.Receipt{}, unreached(err)
	}
	n.rates.Forget(id)
	receipt, err := connector.Publish(ctx, account, attempt)
	return receipt, n.refused(ctx, connector, account, err)
}

// Find looks for an attempt whose outcome is unknown.
func (n *Networks) Find(ctx context.Context, id int64, attempt platform.Attempt) (platform.Finding, error) {
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return platform.Finding{}, err
	}
	finding, err := connector.Find(ctx, account, attempt)
	return finding, n.refused(ctx, connector, account, err)
}

// Settling is how long after an attempt the network's "not found" proves nothing.
func (n *Networks) Settling(ctx context.Context, id int64) (time.Duration, error) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return 0, err
	}
	if c.Platform == string(platform.ByHand) {
		return byhand.Settling, nil
	}
	if c.Sandbox {
		return n.settling, nil
	}
	caps, err := n.Known(ctx, id)
	if err != nil {
		return 0, err
	}
	return max(caps.Settling, settlingTime), nil
}

// Measure reads the counts of posts.
func (n *Networks) Measure(ctx context.Context, id int64, refs []platform.Ref) (map[string]platform.Counts, error) {
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return nil, err
	}
	meter, ok := connector.(platform.Meter)
	if !ok {
		return map[string]platform.Counts{}, nil
	}
	counts, err := meter.Measure(ctx, account, refs)
	return counts, n.refused(ctx, connector, account, err)
}

// Check returns why content cannot go out on a channel, by what its server allowed when it was last asked.
func (n *Networks) Check(ctx context.Context, id int64, content platform.Content) ([]platform.Issue, error) {
	connector, _, err := n.Serving(ctx, id)
	if err != nil {
		return nil, err
	}
	caps, err := n.Known(ctx, id)
	if err != nil {
		return nil, err
	}
	return connector.Validate(caps, content), nil
}

// Known returns what is known of the channel's server.
func (n *Networks) Known(ctx context.Context, id int64) (platform.Capabilities, error) {
	body, at, err := channel.Capabilities(ctx, n.db, id)
	if err != nil {
		return platform.Capabilities{}, err
	}
	if at.IsZero() {
		return n.Ask(ctx, id)
	}
	var caps platform.Capabilities
	if err := json.Unmarshal(body, &caps); err != nil {
		return platform.Capabilities{}, fmt.Errorf("what channel %d allows: %w", id, err)
	}
	return caps, nil
}

// Ask asks the channel's server what it allows and keeps the answer.
func (n *Networks) Ask(ctx context.Context, id int64) (platform.Capabilities, error) {
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return platform.Capabilities{}, err
	}
	caps, err := connector.Capabilities(ctx, account)
	if err != nil {
		return platform.Capabilities{}, fault.Wrap(fault.Unavailable, err, "%s did not say what it allows: %s", account.Address, platform.Say(err))
	}
	body, err := json.Marshal(caps)
	if err != nil {
		return platform.Capabilities{}, err
	}
	return caps, channel.SaveCapabilities(ctx, n.db, id, body, n.clock.Now())
}

// RefreshCapabilities asks again every server whose limits are old.
func (n *Networks) RefreshCapabilities(ctx context.Context) error {
	channels, err := channel.List(ctx, n.db)
	if err != nil {
		return err
	}
	for _, c := range channels {
		_, at, err := channel.Capabilities(ctx, n.db, c.ID)
		if err != nil {
			return err
		}
		if c.Archived() || n.clock.Now().Sub(at) < capabilitiesAge {
			continue
		}
		if _, err := n.Ask(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// Verify asks a server whose credentials these are, before a channel is made of them.
func (n *Networks) Verify(ctx context.Context, account platform.Account, sandbox bool) (platform.Identity, error) {
	connector, err := n.Connectors(account.Address, sandbox).Get(account.Network)
	if err != nil {
		return platform.Identity{}, err
	}
	accounts, ok := connector.(platform.Accounts)
	if !ok {
		return platform.Identity{}, fault.New(fault.Invalid, "Accounts of %s cannot be checked.", account.Network)
	}
	identity, err := accounts.Verify(ctx, account)
	if err != nil {
		return platform.Identity{}, fault.Wrap(fault.Unavailable, err, "%s did not accept the account: %s", account.Address, platform.Say(err))
	}
	return identity, nil
}
