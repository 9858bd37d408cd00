package connect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/org/channel"
	"daymark/internal/org/channel/health"
	"daymark/internal/org/channel/joining"
	"daymark/internal/org/notice"
	"daymark/internal/platform"
)

// How often an account is asked how it is. Where a network charges for each question, a week has to do; a post that is refused
// tells it, too.
const (
	askEvery       = 24 * time.Hour
	askPricedEvery = 7 * 24 * time.Hour
)

// Test asks an account's server who it is, what the access allows and what posts may be. It posts nothing, and keeps what it saw as
// the account's health.
func (n *Networks) Test(ctx context.Context, id int64) (joining.Seen, error) {
	seen, err := n.look(ctx, id)
	return seen, errors.Join(err, n.note(ctx, id, err))
}

// look asks one account. Its errors are sentences.
func (n *Networks) look(ctx context.Context, id int64) (joining.Seen, error) {
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return joining.Seen{}, err
	}
	connector, account, err := n.Reach(ctx, id)
	if err != nil {
		return joining.Seen{}, Told(err)
	}
	identity, err := n.Verify(ctx, account, c.Sandbox)
	if mended := n.refused(ctx, connector, account, err); err != nil && platform.Outcome(mended) == platform.KindTransient && platform.Outcome(err) == platform.KindAuthExpired {
		if _, account, err = n.Reach(ctx, id); err == nil { // the credentials were renewed just now
			identity, err = n.Verify(ctx, account, c.Sandbox)
		}
	}
	if err != nil {
		return joining.Seen{}, Told(err)
	}
	rights, err := n.rights(ctx, account, c.Sandbox)
	if err != nil {
		return joining.Seen{}, err
	}
	seen := joining.Seen{Handle: identity.Handle, Name: identity.Name, URL: identity.URL, Granted: rights.Granted, Missing: rights.Missing, Ends: ends(connector, account)}
	if len(rights.Missing) > 0 {
		return seen, fault.New(fault.Invalid, "%s", sayMissing(rights.Missing))
	}
	caps, err := n.Ask(ctx, id)
	if err != nil {
		return seen, Told(err)
	}
	seen.Software = strings.TrimSpace(caps.Software + " " + caps.Version)
	seen.Characters, seen.Pictures, seen.Alt = caps.MaxCharacters, caps.MaxPictures, caps.AltCharacters
	return seen, nil
}

// ends is when an account has to be connected again; zero for never, or unknown.
func ends(connector platform.Connector, account platform.Account) time.Time {
	if r, ok := connector.(platform.Refresher); ok {
		return r.Lifetime(account).Renewable
	}
	return time.Time{}
}

// Ends returns when the accounts in use have to be connected again, by channel; those that never have to are left out.
func (n *Networks) Ends(ctx context.Context) (map[int64]time.Time, error) {
	list, err := channel.List(ctx, n.db)
	if err != nil {
		return nil, err
	}
	all := map[int64]time.Time{}
	for _, c := range list {
		if c.Archived() {
			continue
		}
		connector, account, err := n.account(ctx, c.ID)
		if err != nil {
			continue // its health says what is wrong
		}
		if t := ends(connector, account); !t.IsZero() {
			all[c.ID] = t
		}
	}
	return all, nil
}

// note keeps how an account was when it was asked. A server that does not answer says nothing about the account.
func (n *Networks) note(ctx context.Context, id int64, err error) error {
	if err != nil && (ctx.Err() != nil || !Definite(err)) {
		return nil
	}
	problem := ""
	if err != nil {
		problem = cmp.Or(fault.Say(err), platform.Say(err))
	}
	return n.keep(ctx, id, problem)
}

// Definite reports whether an error says something of the account, and not of its server or of the way there.
func Definite(err error) bool {
	switch platform.Outcome(err) {
	case platform.KindAuthExpired, platform.KindPermanent:
		return true
	case platform.KindTransient, platform.KindRateLimited, platform.KindDuplicate, platform.KindDone:
		return false
	case platform.KindUnknown: // no connector said it
	}
	k := fault.KindOf(err)
	return k == fault.Invalid || k == fault.Conflict
}

// keep writes down how an account is, and tells the team when it breaks.
func (n *Networks) keep(ctx context.Context, id int64, problem string) error {
	now := n.clock.Now()
	had, err := health.Of(ctx, n.db, id)
	if err != nil {
		return err
	}
	if err := health.Save(ctx, n.db, id, now, problem); err != nil {
		return err
	}
	if problem == "" || had.Problem != "" {
		return nil
	}
	c, err := channel.Get(ctx, n.db, id)
	if err != nil {
		return err
	}
	_, err = notice.Tell(ctx, n.db, notice.New{
		Key: fmt.Sprintf("channel-problem:%d:%d", id, now.Unix()), Level: notice.Error, Kind: "channel", ID: fmt.Sprint(id), At: now,
		Say: fmt.Sprintf("%s cannot be used: %s", c.Name, problem),
	})
	return err
}

// LookAfter asks every account that was not asked for a while how it is. One that fails stops no other.
func (n *Networks) LookAfter(ctx context.Context) error {
	list, err := channel.List(ctx, n.db)
	if err != nil {
		return err
	}
	all, err := health.All(ctx, n.db, n.clock.Now())
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range list {
		every := askEvery
		if connector, err := n.Connectors(c.Address, c.Sandbox).Get(platform.Network(c.Platform)); err == nil {
			if _, priced := connector.(platform.Priced); priced {
				every = askPricedEvery
			}
		}
		if c.Archived() || n.clock.Now().Sub(all[c.ID].AskedAt) < every {
			continue
		}
		if _, err := n.Test(ctx, c.ID); err != nil && ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil && !Definite(err) {
			errs = append(errs, fmt.Errorf("ask channel %d how it is: %w", c.ID, err))
		}
	}
	return errors.Join(errs...)
}

// Told turns what a connector says into a sentence for the person who waits.
func Told(err error) error {
	say := platform.Say(err)
	if say == "" {
		return err
	}
	kind := fault.Invalid
	if k := platform.Outcome(err); k == platform.KindTransient || k == platform.KindRateLimited {
		kind = fault.Unavailable
	}
	return fault.Wrap(kind, err, "%s", say)
}
