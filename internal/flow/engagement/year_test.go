package engagement_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/booktest"
	"daymark/internal/flow/engagement"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/flow/engagement/yeartest"
	"daymark/internal/platform"
	"daymark/internal/postgres/postgrestest"
	"daymark/internal/sandbox/audience"
	"daymark/migrations"
)

// crowd is a network whose counts are those of the sandbox's audience at the instant of the question.
type crowd struct {
	clock     clock.Clock
	published func(remote string) time.Time
	asked     map[string]time.Time // when each post was asked about last; nil keeps nothing
}

func (c *crowd) at(remote string, now time.Time) audience.Counts {
	return audience.Crowd{Seed: 30072014, Followers: 5000, Share: 1}.At(remote, c.published(remote), now)
}

func (c *crowd) ReadCost(context.Context, int64) (int64, error) { return 0, nil }

func (c *crowd) Measure(_ context.Context, _ int64, refs []platform.Ref) (map[string]platform.Counts, error) {
	now := c.clock.Now()
	out := make(map[string]platform.Counts, len(refs))
	for _, ref := range refs {
		at := c.at(ref.ID, now)
		out[ref.ID] = platform.Counts{At: now, Favourites: n(int64(at.Favourites)), Boosts: n(int64(at.Reblogs)), Replies: n(int64(at.Replies))}
		if c.asked != nil {
			c.asked[ref.ID] = now
		}
	}
	return out, nil
}

// A year from question to question: no question comes later than its instant, and all days come to what the sandbox's audience had done at
// the instants at which it was asked last, to the unit.
func TestAYearComesToTheSandboxsOwnCounts(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t, migrations.FS)
	book := booktest.New(t, db)
	now := clock.NewFake(booktest.Due)
	net := &crowd{clock: now, published: func(string) time.Time { return booktest.Due }, asked: map[string]time.Time{}}
	collector := &engagement.Collector{DB: db, Networks: net, Clock: now, Log: slog.New(slog.DiscardHandler)}
	for i := range 3 {
		d := book.Deliver(booktest.Delivery{Post: book.Post(fmt.Sprintf("message-%d", i)), Channel: book.Channel(booktest.Channel{Zone: []string{"Etc/UTC", "Asia/Kathmandu", "America/Bogota"}[i]})})
		book.Publish(d, booktest.Due)
	}
	asked := 0
	for {
		did, err := collector.Tick(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		asked += did.Asked
		next, more, err := collector.NextDue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		now.Set(next)
	}
	if asked != 3*86 {
		t.Errorf("asked %d times in a year, want 86 for each of three posts", asked)
	}
	var want [3]int64
	for remote, at := range net.asked {
		if at.Sub(booktest.Due) < 365*24*time.Hour {
			t.Errorf("%s was asked about for the last time on %v, want a year after it went out", remote, at)
		}
		c := net.at(remote, at)
		want[0], want[1], want[2] = want[0]+int64(c.Favourites), want[1]+int64(c.Reblogs), want[2]+int64(c.Replies)
	}
	var got [3]int64
	if err := db.QueryRowxContext(t.Context(), `SELECT sum(favourites), sum(boosts), sum(replies) FROM reach_days WHERE edition_id = $1`, book.Edition).
		Scan(&got[0], &got[1], &got[2]); err != nil || got != want || want[0] == 0 {
		t.Errorf("all days come to %v (%v), the sandbox says %v", got, err, want)
	}
	if did, err := rollup.Rebuild(t.Context(), db, func(int, int) {}); err != nil || did.Mended != 0 {
		t.Errorf("a rebuild after a year: %+v, %v", did, err)
	}
}

// BenchmarkPolls lets 120,000 deliveries go out within one hour, which is worse than any day, and follows them for 65 minutes, a minute of
// product time at a time. A poll is late when it is answered after the next one of its delivery is due; the first two are ten minutes
// apart, so that a minute has to be worked off in less than that. The counts are those of the sandbox's audience; no HTTP is in it.
func BenchmarkPolls(b *testing.B) {
	dbs := postgrestest.NewBoth(b, migrations.FS)
	year := yeartest.Book(b, dbs.Owner, yeartest.Size(b, yeartest.Full))
	if _, err := dbs.Owner.ExecContext(b.Context(), `
UPDATE copies SET published_at = $1::timestamptz + (delivery_id * 7919 % 3600) * interval '1 second'`, booktest.Due); err != nil {
		b.Fatal(err)
	}
	now := clock.NewFake(booktest.Due)
	published := func(remote string) time.Time {
		var id int64
		_, _ = fmt.Sscan(strings.TrimPrefix(remote, "remote-"), &id)
		return booktest.Due.Add(time.Duration(id*7919%3600) * time.Second)
	}
	collector := &engagement.Collector{DB: dbs.App, Networks: &crowd{clock: now, published: published}, Clock: now, Log: slog.New(slog.DiscardHandler)}
	asked, worst, total := 0, time.Duration(0), time.Duration(0)
	for minute := range 66 {
		now.Set(booktest.Due.Add(time.Duration(minute) * time.Minute))
		began := time.Now()
		did, err := collector.Tick(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		took := time.Since(began)
		asked, worst, total = asked+did.Asked, max(worst, took), total+took
	}
	verdict := "PASS"
	if worst > time.Minute { // what is not worked off in its minute adds up
		verdict = "FAIL"
	}
	fmt.Printf("\npolls: %d deliveries out within an hour, %d polls, %.0f a second from taking to planning the next; the worst minute took %.1f s, so the latest answer came %.1f s after it was due, aim 300 s: %s\n",
		year.Deliveries, asked, float64(asked)/total.Seconds(), worst.Seconds(), 60+worst.Seconds(), verdict)
	if year.Deliveries != yeartest.Full {
		fmt.Printf("polls: NOT the full size of %d\n", yeartest.Full)
	}
	for b.Loop() {
		if _, err := collector.Tick(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
