package connect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"daymark/internal/org/channel"
	"daymark/internal/org/notice"
	"daymark/internal/org/seal"
	"daymark/internal/platform"
)

// margin is how long before they die credentials are renewed, so that none dies on the way to the network.
const margin = 5 * time.Minute

// warning is how long before an account has to be connected again its owner is told.
const warning = 7 * 24 * time.Hour

// old reports whether credentials die within the margin. A fast clock makes a margin of real time longer.
func (n *Networks) old(life platform.Lifetime) bool {
	ahead := max(margin, time.Duration(float64(30*time.Second)*n.clock.Rate()))
	return !life.Works.IsZero() && !n.clock.Now().Before(life.Works.Add(-ahead))
}

// fresh returns the account with credentials that live for a while yet. Where they cannot be renewed right now and still work,
// it is as it was.
func (n *Networks) fresh(ctx context.Context, connector platform.Connector, account platform.Account) (platform.Account, error) {
	r, ok := connector.(platform.Refresher)
	if !ok {
		return account, nil
	}
	life := r.Lifetime(account)
	if !n.old(life) {
		return account, nil
	}
	renewed, err := n.renew(ctx, r, account, func(found platform.Account) bool { return n.old(r.Lifetime(found)) })
	if err != nil && platform.Outcome(err) != platform.KindAuthExpired && n.clock.Now().Before(life.Works) {
		return account, nil
	}
	return renewed, err
}

// renew exchanges the credentials of an account while no other replica can, if they are still to be renewed when it is our turn.
func (n *Networks) renew(ctx context.Context, r platform.Refresher, account platform.Account, still func(platform.Account) bool) (platform.Account, error) {
	err := channel.Renew(ctx, n.db, n.keys, account.Channel, func(ctx context.Context, found seal.Secret) (seal.Secret, error) {
		account.Secret = platform.Secret(found)
		if !still(account) {
			return nil, nil
		}
		secret, err := r.Refresh(ctx, account)
		if err != nil {
			return nil, err
		}
		account.Secret = secret
		return seal.Secret(secret.Reveal()), nil
	})
	n.recent.Forget(account.Channel)
	return account, err
}

// refused renews credentials that a network did not take although they ought to live. It returns an error that says what to do
// with the call: the same one where nothing helps, or a passing one where new credentials are there now.
func (n *Networks) refused(ctx context.Context, connector platform.Connector, account platform.Account, cause error) error {
	r, ok := connector.(platform.Refresher)
	expired, isExpired := errors.AsType[*platform.AuthExpired](cause)
	if !isExpired {
		return cause
	}
	if !ok && n.replaced(ctx, account) {
		return &platform.Transient{Say: "The account was connected again. Daymark has its new credentials now and tries again.", Err: errors.New(expired.Error())}
	}
	if !ok {
		return n.died(ctx, account, cause)
	}
	used := account.Secret.Reveal()
	_, err := n.renew(ctx, r, account, func(found platform.Account) bool { return bytes.Equal(found.Secret.Reveal(), used) })
	if platform.Outcome(err) == platform.KindAuthExpired {
		return n.died(ctx, account, cause)
	}
	if err != nil {
		return cause
	}
	// The refusal must not stand in the chain: whoever looks at the error would take it for the outcome.
	return &platform.Transient{Say: "The network asked for new credentials. Daymark has them now and tries again.", Err: errors.New(expired.Error())}
}

// died tells the team that somebody has to connect the account again, and returns the cause.
func (n *Networks) died(ctx context.Context, account platform.Account, cause error) error {
	if err := n.keep(ctx, account.Channel, platform.Say(cause)); err != nil {
		n.log.WarnContext(ctx, "how a channel is could not be kept", "channel_id", account.Channel, "err", err)
	}
	return cause
}

// WarnOfEnds tells the team about accounts that somebody has to connect again within a week. It returns how many are new.
func (n *Networks) WarnOfEnds(ctx context.Context) (int, error) {
	list, err := channel.List(ctx, n.db)
	if err != nil {
		return 0, err
	}
	told := 0
	for _, c := range list {
		if c.Archived() {
			continue
		}
		connector, account, err := n.account(ctx, c.ID)
		if err != nil {
			return told, err
		}
		r, ok := connector.(platform.Refresher)
		if !ok {
			continue
		}
		ends := r.Lifetime(account).Renewable
		now := n.clock.Now()
		if ends.IsZero() || ends.After(now.Add(warning)) {
			continue
		}
		fresh, err := notice.Tell(ctx, n.db, notice.New{
			Key: fmt.Sprintf("channel-ends:%d:%d", c.ID, ends.Unix()), Level: notice.Warning, Kind: "channel", ID: fmt.Sprint(c.ID), At: now,
			Say: fmt.Sprintf("The connection of %s ends on %s. Connect the account again before then.", c.Name, ends.UTC().Format("2 January 2006")),
		})
		if err != nil {
			return told, err
		}
		if fresh {
			told++
		}
	}
	return told, nil
}
