package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"daymark/internal/flow/booktest"
)

// beside is a delivery of another campaign on another channel of another network than that of the bench.
func (b *bench) beside(due time.Time) int64 {
	b.t.Helper()
	first := b.book.Edition
	defer func() { b.book.Edition = first }()
	b.exec(`
INSERT INTO campaigns (id, observance, title, body, sha256, loaded_by, loaded_at)
SELECT 'other-day', observance, title, body, sha256, loaded_by, loaded_at
FROM campaigns`)
	b.get(&b.book.Edition, `
INSERT INTO editions (campaign_id, year, first_day, last_day)
VALUES ('other-day', 2027, '2027-07-30', '2027-07-30')
RETURNING id`)
	channel := b.book.Channel(booktest.Channel{Platform: "bluesky"})
	b.networks.mu.Lock()
	b.networks.accounts[channel] = b.networks.accounts[b.channel]
	b.networks.mu.Unlock()
	id := b.book.Deliver(booktest.Delivery{Post: b.book.Post("beside"), Channel: channel, Due: due})
	b.book.Schedule(id)
	return id
}

// pause raises a pause; of is the channel's number where it is empty and the scope is a channel.
func (b *bench) pause(scope, of string) {
	b.t.Helper()
	if scope == "channel" && of == "" {
		of = fmt.Sprint(b.channel)
	}
	b.exec(`INSERT INTO pauses (scope, scope_id, cause, reason) VALUES ($1, $2, 'person', 'An emergency.')`, scope, of)
}

// scoped are the pauses of a part: what is paused goes to the bench's channel, what is not is [bench.beside] it.
var scoped = []struct{ name, scope, of string }{
	{"a network", "network", "mastodon"},
	{"a channel", "channel", ""},
	{"a campaign", "campaign", "july-30"},
}

func TestAPauseOfAPartStopsThatPartAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range scoped {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.pause(c.scope, c.of)
			paused := b.schedule(40, booktest.Due) // more than the dispatcher claims at once, and before the other
			other := b.beside(booktest.Due.Add(time.Second))
			soon := b.schedule(1, booktest.Due.Add(9*time.Minute))[0]
			d := b.dispatcher()
			b.clock.Add(time.Second)
			b.turn(d)
			b.want(other, "published", 1)
			for _, id := range paused {
				b.want(id, "scheduled", 1)
			}
			b.clock.Add(10 * time.Minute)
			b.turn(d)
			b.exec(`UPDATE pauses SET lifted_at = clock_timestamp()`)
			b.turn(d)
			for _, id := range paused {
				b.want(id, "held: overdue", 2)
			}
			b.want(soon, "published", 2)
		})
	}
}

func TestAPauseOfAPartBetweenClaimAndSendStopsTheSending(t *testing.T) {
	t.Parallel()
	for _, c := range scoped {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.schedule(1, booktest.Due)[0]
			d := b.dispatcher()
			b.networks.prepare = func() error { b.pause(c.scope, c.of); return nil }
			b.begin(d)
			d.Finish()
			b.want(delivery, "scheduled", 0)
			if s := b.look(delivery); s.Tries != 0 {
				t.Errorf("%d attempts were written down", s.Tries)
			}
		})
	}
}

func TestAPauseOfAnotherPartChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.schedule(1, booktest.Due)[0]
	b.pause("network", "bluesky")
	b.pause("channel", fmt.Sprint(b.channel+1))
	b.pause("campaign", "other-day")
	b.turn(b.dispatcher())
	b.want(delivery, "published", 1)
}

func TestWhatStandsAsideIsHeldWhenItIsOverdueAllTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.schedule(1, booktest.Due)[0]
	b.pause("channel", "")
	b.exec(`UPDATE queue SET aside = true`)
	d := b.dispatcher()
	b.turn(d)
	b.want(delivery, "scheduled", 0)
	b.clock.Add(10 * time.Minute)
	b.turn(d)
	b.want(delivery, "held: overdue", 0)
}
