// Package throttle slows down who guesses: passwords, codes, and addresses that get letters.
//
// Tries are counted in the database, for all replicas, under a hash of what is tried and of the network it comes from. The first few
// are free, as people mistype; each one after makes the next wait twice as long, up to a bound that still lets the right person in.
// A try counts before its outcome is known, so that many at once count as many. The package knows nobody: an address that is nobody's
// is counted as any other.
package throttle

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"daymark/internal/org/audit"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// Kind is what is counted.
type Kind string

// The kinds.
const (
	Network      Kind = "network"       // log-ins from one network
	Address      Kind = "address"       // log-ins as one address
	Code         Kind = "code"          // codes of one person, after a password that was right
	ResetNetwork Kind = "reset network" // letters asked for from one network
	ResetAddress Kind = "reset address" // letters to one address
)

// pace is how many tries are free and how long the longest wait is; the first wait is a second.
type pace struct {
	free int
	most time.Duration
}

// A wait for an address is short, because anybody can make the right person wait; with it an address still takes no more than sixty
// guesses an hour, and passwords have twelve characters at least.
var paces = map[Kind]pace{
	Network: {20, 5 * time.Minute}, Address: {5, time.Minute}, Code: {5, 15 * time.Minute},
	ResetNetwork: {10, time.Hour}, ResetAddress: {3, time.Hour},
}

// Try is something that is tried, such as a password for ana@example.org from 192.0.2.7.
type Try struct {
	Kind Kind
	Key  string
	said string // what the log may say of it
}

// LogIn returns what a try to log in counts as.
func LogIn(email string, from netip.Addr) []Try {
	return []Try{Of(Network, network(from)), {Kind: Address, Key: address(email)}}
}

// Start returns what beginning a log-in counts as that names no address: with a passkey, or at an identity provider.
func Start(from netip.Addr) []Try { return []Try{Of(Network, network(from))} }

// Letter returns what asking for a letter counts as.
func Letter(email string, from netip.Addr) []Try {
	return []Try{Of(ResetNetwork, network(from)), {Kind: ResetAddress, Key: address(email)}}
}

// Of returns a try of which the log may say the key.
func Of(kind Kind, key string) Try { return Try{Kind: kind, Key: key, said: key} }

// address is an e-mail address in the form we keep, so that no other way to write it counts by itself.
func address(typed string) string {
	if clean, wrong := people.CleanEmail(typed); wrong == "" {
		return clean
	}
	return strings.ToLower(strings.TrimSpace(typed))
}

// network is what one household or office has: an IPv4 address, or the 64 bits of an IPv6 prefix, below which everybody picks their
// own addresses (RFC 4291, section 2.5.1).
func network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

func (t Try) hash() []byte {
	sum := sha256.Sum256([]byte(string(t.Kind) + "/" + t.Key))
	return sum[:]
}

const (
	// Counts begin again an hour after the wait is over.
	sqlTake = `
INSERT INTO log_in_tries AS t (kind, key, tries, free_at)
VALUES ($1, $2, 1, clock_timestamp())
ON CONFLICT (kind, key) DO UPDATE
SET tries = CASE WHEN t.free_at < clock_timestamp() - interval '1 hour' THEN 1 ELSE t.tries + 1 END,
    free_at = clock_timestamp() + CASE
      WHEN t.free_at < clock_timestamp() - interval '1 hour' OR t.tries < $3 THEN 0
      ELSE least($4::float8, power(2, least(t.tries - $3, 30))) END * interval '1 second'
WHERE t.free_at <= clock_timestamp()
RETURNING tries`

	sqlWait = `
SELECT greatest(1, ceil(extract(epoch FROM free_at - clock_timestamp())))::int
FROM log_in_tries
WHERE kind = $1 AND key = $2`
)

// Take counts tries and returns how long to wait; zero lets them through. A try that has to wait is not counted for what comes after
// it in the list. The first one too many is written to the audit log.
func Take(ctx context.Context, db *postgres.DB, tries ...Try) (time.Duration, error) {
	var wait time.Duration
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		wait = 0
		for _, t := range tries {
			seconds, err := take(ctx, tx, t)
			if err != nil {
				return fmt.Errorf("count tries of kind %s: %w", t.Kind, err)
			}
			if seconds > 0 {
				wait = time.Duration(seconds) * time.Second
				return nil
			}
		}
		return nil
	})
	return wait, err
}

func take(ctx context.Context, tx *postgres.Tx, t Try) (seconds int, err error) {
	p := paces[t.Kind]
	var n int
	err = tx.GetContext(ctx, &n, sqlTake, t.Kind, t.hash(), p.free, p.most.Seconds())
	if errors.Is(err, sql.ErrNoRows) {
		return seconds, tx.GetContext(ctx, &seconds, sqlWait, t.Kind, t.hash())
	}
	if err != nil || n != p.free+1 {
		return 0, err
	}
	detail := map[string]any{"kind": string(t.Kind), "tries": n}
	if t.said != "" {
		detail["of"] = t.said
	}
	return 0, audit.Write(ctx, tx, audit.Entry{Action: "login.flood", Kind: "login", Detail: detail})
}

const sqlForgive = `
UPDATE log_in_tries
SET tries = CASE WHEN kind = 'network' THEN greatest(0, tries - 1) ELSE 0 END, free_at = clock_timestamp()
WHERE kind = $1 AND key = $2`

// Forgive takes back tries that turned out right: a network has the one less, anything else begins anew.
func Forgive(ctx context.Context, db *postgres.DB, tries ...Try) error {
	for _, t := range tries {
		if _, err := db.ExecContext(ctx, sqlForgive, t.Kind, t.hash()); err != nil {
			return fmt.Errorf("forgive tries of kind %s: %w", t.Kind, err)
		}
	}
	return nil
}

const sqlForget = `
DELETE FROM log_in_tries
WHERE free_at < clock_timestamp() - interval '1 day'`

// Forget removes what was counted long ago.
func Forget(ctx context.Context, q postgres.Querier) error {
	if _, err := q.ExecContext(ctx, sqlForget); err != nil {
		return fmt.Errorf("forget old tries: %w", err)
	}
	return nil
}
