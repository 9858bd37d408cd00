package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// idleOnes is how many deliveries are due one by one.
const idleOnes = 200

// idle measures how long after its instant a single post arrives at the network.
func (b *bench) idle(ctx context.Context) error {
	d, err := b.daemon(ctx, "idle", 0, b.set.lead)
	if err != nil {
		return err
	}
	if !until(ctx, d.due) {
		return ctx.Err()
	}
	if _, err := d.settled(ctx, 2*time.Minute); err != nil {
		return err
	}
	n := len(b.messages("idle")[0].copies)
	if err := d.published(ctx, n); err != nil {
		return err
	}
	arrivals, err := b.town.seen(ctx)
	if err != nil {
		return err
	}
	late := b.punctual("idle", arrivals, d.due)
	p50, p99 := percentile(late, 50), percentile(late, 99)
	b.say("p50 %s, p99 %s, from %s to %s", ms(p50), ms(p99), ms(percentile(late, 0)), ms(percentile(late, 100)))
	b.table.add(p50 <= 2*time.Millisecond && p99 <= 10*time.Millisecond,
		fmt.Sprintf("one delivery due on an idle daemon, n = %d: due instant to request arriving, p50 / p99 (earliest, latest)", len(late)),
		fmt.Sprintf("%s / %s (%s, %s)", ms(p50), ms(p99), ms(percentile(late, 0)), ms(percentile(late, 100))), "p50 2 ms, p99 10 ms")
	return d.end()
}

// What is sent beside a server that hangs: so many posts, each on so many channels, one delivery after the other; and each of the
// posts for that server, at the first instant.
const (
	hangPosts    = 40
	hangEach     = 25
	hangChannels = 200
	hangEvery    = 5 * time.Millisecond
	hangTakes    = hangPosts * hangEach * hangEvery
)

// hang measures what a server that hangs does to the posts for another.
func (b *bench) hang(ctx context.Context) error {
	var added, without, with []time.Duration
	for round := range b.set.rounds {
		var p99 [2]time.Duration
		for i := range p99 {
			stuck := (i+round)%2 == 1
			late, err := b.beside(ctx, stuck)
			if err != nil {
				return err
			}
			at := 0
			if stuck {
				at = 1
			}
			p99[at] = percentile(late, 99)
		}
		b.say("round %d, p99 of the lateness: %s; with a server that hangs %s", round+1, ms(p99[0]), ms(p99[1]))
		without, with, added = append(without, p99[0]), append(with, p99[1]), append(added, p99[1]-p99[0])
	}
	b.table.add(median(added) <= 10*time.Millisecond,
		fmt.Sprintf("one channel's server hangs with %d posts waiting: lateness added to %d posts of other channels, p99 (without, with)", hangPosts, hangPosts*hangEach),
		fmt.Sprintf("%s (%s, %s)", ms(median(added)), ms(median(without)), ms(median(with))), "10 ms")
	return nil
}

// beside sends the posts of the fixture, with the other server hanging or not, and returns how late they arrived.
func (b *bench) beside(ctx context.Context, stuck bool) ([]time.Duration, error) {
	d, err := b.daemon(ctx, "hang", 0, b.set.lead*2/3)
	if err != nil {
		return nil, err
	}
	defer d.kill() // it would wait for the server that hangs
	if stuck {
		if err := b.town.mode(ctx, hangs); err != nil {
			return nil, err
		}
	}
	n := hangPosts * hangEach
	end := d.due.Add(2*time.Minute + hangTakes)
	if !until(ctx, d.due.Add(hangTakes)) {
		return nil, ctx.Err()
	}
	for {
		arrivals, err := b.town.seen(ctx)
		if err != nil {
			return nil, err
		}
		count := 0
		for _, a := range arrivals {
			if a.Account != b.set.channels {
				count++
			}
		}
		if count >= n {
			d.kill()
			return b.punctual("hang", arrivals, d.due), errors.Join(d.db.Close(), os.RemoveAll(d.data))
		}
		if time.Now().After(end) {
			return nil, d.failed(fmt.Errorf("%d of %d posts for the server that works arrived", count, n))
		}
		if !until(ctx, time.Now().Add(100*time.Millisecond)) {
			return nil, ctx.Err()
		}
	}
}

// killed measures how long a post takes to be settled whose daemon was killed while the network had it: from the start of the next
// daemon on, or from the kill where another replica is there already.
func (b *bench) killed(ctx context.Context) error {
	for _, k := range []struct {
		mode    string
		replica bool
		what    string
	}{
		{mutes, false, "restarted; the network has the post: found and adopted"},
		{loses, false, "restarted; the network never got it: shown to be absent and sent again"},
		{loses, true, "another replica is there; the network never got it: shown to be absent and sent again"},
	} {
		var all []time.Duration
		for round := range b.set.rounds {
			took, err := b.killOne(ctx, k.mode, k.replica)
			if err != nil {
				return fmt.Errorf("%s: %w", k.what, err)
			}
			b.say("round %d, %s: settled after %s", round+1, k.what, sec(took))
			all = append(all, took)
		}
		over := median(all) - settling
		b.table.add(over <= 5*time.Second, "killed while publishing, "+k.what+": time to settled, less the settling time of "+settling.String(),
			fmt.Sprintf("%s (at most %s)", sec(over), sec(percentile(all, 100)-settling)), "5 s")
	}
	return nil
}

const sqlState = `SELECT state FROM deliveries`

func (b *bench) killOne(ctx context.Context, mode string, replica bool) (took time.Duration, err error) {
	d, err := b.daemon(ctx, "one", 0, b.set.lead/2)
	if err != nil {
		return 0, err
	}
	if err := b.town.mode(ctx, mode); err != nil {
		return 0, err
	}
	var arrivals []arrival
	for over := d.due.Add(30 * time.Second); len(arrivals) == 0; {
		if arrivals, err = b.town.seen(ctx); err != nil {
			return 0, err
		}
		if time.Now().After(over) {
			return 0, d.failed(errors.New("the post never arrived"))
		}
		if !until(ctx, time.Now().Add(5*time.Millisecond)) {
			return 0, ctx.Err()
		}
	}
	b.punctual("one", arrivals, d.due)
	began, err := d.replace(ctx, replica)
	if err != nil {
		return 0, err
	}
	for state := ""; state != "published"; {
		if err := d.db.GetContext(ctx, &state, sqlState); err != nil {
			return 0, err
		}
		if time.Since(began) > time.Minute {
			return 0, d.failed(fmt.Errorf("the post is %s a minute after the restart", state))
		}
		if !until(ctx, time.Now().Add(5*time.Millisecond)) {
			return 0, ctx.Err()
		}
	}
	took = time.Since(began)
	if err := d.published(ctx, 1); err != nil {
		return 0, err
	}
	return took, d.end()
}
