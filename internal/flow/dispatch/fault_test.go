package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"daymark/internal/platform"
	"daymark/internal/sandbox/mischief"
)

const posting = "POST /api/v1/statuses"

func TestAfterAnyFaultThePostIsOutOnceOrHeldForAPerson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		fault    mischief.Fault
		settling time.Duration
		picture  bool
		state    string
		statuses int
		tries    int
		keys     int // how many different idempotency keys the tries used
	}{
		{name: "committed and the connection dropped", fault: mischief.Fault{Kind: mischief.CommitThenDrop}, state: "published", statuses: 1, tries: 1, keys: 1},
		{
			name: "committed after we looked the first time", fault: mischief.Fault{Kind: mischief.CommitLate, After: "GET /api/v1/accounts/:id/statuses"},
			state: "published", statuses: 1, tries: 1, keys: 1,
		},
		{
			name: "committed within the settling time", fault: mischief.Fault{Kind: mischief.CommitLate, DelayMS: 600}, settling: 900 * time.Millisecond,
			state: "published", statuses: 1, tries: 1, keys: 1,
		},
		{name: "committed and a proxy's 504", fault: mischief.Fault{Kind: mischief.CommitThen504}, state: "published", statuses: 1, tries: 1, keys: 1},
		{name: "500 and not committed", fault: mischief.Fault{Kind: mischief.Reject500}, state: "published", statuses: 1, tries: 2, keys: 1},
		{name: "429", fault: mischief.Fault{Kind: mischief.RateLimited429}, state: "published", statuses: 1, tries: 2, keys: 2},
		{name: "429 for longer than a post may be late", fault: mischief.Fault{Kind: mischief.RateLimited429, ResetSeconds: 1800}, state: "held: overdue", statuses: 0, tries: 1, keys: 1},
		{
			name: "slow beyond the time limit", fault: mischief.Fault{Kind: mischief.Slow, DelayMS: 600}, settling: 900 * time.Millisecond,
			state: "published", statuses: 1, tries: 1, keys: 1,
		},
		{name: "slow beyond the time limit and beyond the settling time", fault: mischief.Fault{Kind: mischief.Slow, DelayMS: 900}, state: "published", statuses: 1, tries: 2, keys: 1},
		{name: "the answer broken off", fault: mischief.Fault{Kind: mischief.TruncateBody}, state: "published", statuses: 1, tries: 1, keys: 1},
		{name: "a page instead of data", fault: mischief.Fault{Kind: mischief.HTMLInsteadOfJSON}, state: "published", statuses: 1, tries: 1, keys: 1},
		{name: "a page instead of data, nothing done", fault: mischief.Fault{Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true}, state: "published", statuses: 1, tries: 2, keys: 1},
		{name: "dropped before it was read", fault: mischief.Fault{Kind: mischief.DropBeforeRead}, state: "published", statuses: 1, tries: 2, keys: 1},
		{name: "the access token expired", fault: mischief.Fault{Kind: mischief.TokenExpired}, state: "held: decision", statuses: 0, tries: 1, keys: 1},
		{name: "a cached error replayed for the same key", fault: mischief.Fault{Kind: mischief.CachedErrorReplayed}, state: "published", statuses: 1, tries: 3, keys: 2},
		{name: "the key burnt", fault: mischief.Fault{Kind: mischief.KeyBurnt}, state: "published", statuses: 1, tries: 3, keys: 2},
		{
			name: "an upload that takes its time", fault: mischief.Fault{Kind: mischief.MediaPending, Endpoint: "POST /api/v2/media"}, picture: true,
			state: "published", statuses: 1, tries: 1, keys: 1,
		},
		{
			name: "an upload that is never ready", fault: mischief.Fault{Kind: mischief.MediaPending, Endpoint: "POST /api/v2/media", Polls: -1, Times: -1}, picture: true,
			state: "held: overdue", statuses: 0,
		},
		{
			name: "an upload that is refused for now", fault: mischief.Fault{Kind: mischief.Reject500, Endpoint: "POST /api/v2/media", Times: 2}, picture: true,
			state: "published", statuses: 1, tries: 1, keys: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.timeout, b.networks.settling = 300*time.Millisecond, c.settling
			if c.picture {
				b.timeout = 5 * time.Second
			}
			if c.fault.Endpoint == "" {
				c.fault.Endpoint = posting
			}
			b.fault(c.fault)
			var delivery int64
			if c.picture {
				delivery, _ = b.scheduleRich()
			} else {
				delivery = b.schedule(1, b.clock.Now())[0]
			}
			b.drain(b.dispatcher())
			if err := b.server.Close(); err != nil { // nothing comes late any more
				t.Error(err)
			}
			b.want(delivery, c.state, c.statuses)
			if s := b.look(delivery); s.Tries != c.tries {
				t.Errorf("%d tries, want %d", s.Tries, c.tries)
			}
			var keys int
			b.get(&keys, `SELECT count(DISTINCT key) FROM attempts WHERE delivery_id = $1`, delivery)
			if keys != c.keys {
				t.Errorf("%d different keys, want %d", keys, c.keys)
			}
		})
	}
}

func TestWhatCannotBeToldWaitsForAPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fault(mischief.Fault{Kind: mischief.CommitThenDrop, Endpoint: posting})
	delivery := b.schedule(1, b.clock.Now())[0]
	d := b.dispatcher()
	b.turn(d)
	b.want(delivery, "unknown", 1)
	b.fault(mischief.Fault{Kind: mischief.TokenExpired, Endpoint: "GET /api/v1/accounts/:id/statuses", Times: -1},
		mischief.Fault{Kind: mischief.TokenExpired, Endpoint: "GET /api/v1/accounts/verify_credentials", Times: -1})
	b.turn(d)
	b.want(delivery, "unknown", 1)
	b.clock.Add(100 * time.Hour) // past the window: nothing goes out by itself any more
	b.drain(d)
	b.want(delivery, "held: decision", 1)
}

func TestANetworkThatRefusesATextAsThereAlreadyAndDoesNotShowItLeavesItToAPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.networks.refuse = func() error { return &platform.Duplicate{Say: "It is there already."} }
	delivery := b.schedule(1, b.clock.Now())[0]
	b.drain(b.dispatcher())
	b.want(delivery, "held: decision", 0)
	if s := b.look(delivery); s.Tries != 3 || !strings.Contains(s.Problem, "again and again") {
		t.Errorf("after %d tries: %s", s.Tries, s.Problem)
	}
}
