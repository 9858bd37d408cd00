package main

import (
	"context"
	"fmt"
	"time"
)

// outcome is one run of one contender.
type outcome struct {
	took time.Duration // first due to last settled
	used time.Duration // processor time of its process
	late []time.Duration
}

// contender is one of those that send the same posts.
type contender struct {
	name string
	run  func(*bench, context.Context, time.Duration) (outcome, error)
}

var contenders = []contender{
	{"Daymark", (*bench).byDaymark},
	{"loop", (*bench).byLoop},
	{"River", (*bench).byRiver},
	{"bare", (*bench).byBare},
}

// workers is how many calls a contender makes at the same time: enough that the machine, not the wait, is the limit.
func workers(delay time.Duration) int {
	if delay == 0 {
		return 64
	}
	return 512
}

// burst lets everybody send the same posts, in turns, and compares.
func (b *bench) burst(ctx context.Context, delay time.Duration) error {
	n := b.set.channels * b.set.posts
	runs := map[string][]outcome{}
	for round := range b.set.rounds {
		for i := range contenders {
			c := contenders[(i+round)%len(contenders)]
			o, err := c.run(b, ctx, delay)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			runs[c.name] = append(runs[c.name], o)
			b.say("round %d, %-7s %s a second, %s of processor time", round+1, c.name, perSecond(n, o.took), sec(o.used))
		}
	}
	what := fmt.Sprintf("%s due at once on %s channels, network answers at once", thousands(n), thousands(b.set.channels))
	loopAim, riverAim := 0.8, 1.4
	if delay > 0 {
		what = fmt.Sprintf("the same, network answers in %d ms", delay.Milliseconds())
		loopAim, riverAim = 0.9, 1.15
	}
	speed := func(name string) string {
		var all []time.Duration
		for _, o := range runs[name] {
			all = append(all, o.took)
		}
		return perSecond(n, median(all))
	}
	against := func(name string) (ratios []float64) {
		for i, o := range runs[name] {
			ratios = append(ratios, o.took.Seconds()/runs["Daymark"][i].took.Seconds())
		}
		return ratios
	}
	a := against("loop")
	b.table.add(median(a) >= loopAim, what+": Daymark against a loop with the same connector and no database", spread(a), fmt.Sprintf("%.2f", loopAim))
	a = against("River")
	b.table.add(median(a) >= riverAim, what+": Daymark against River, tuned", spread(a), fmt.Sprintf("%.2f", riverAim))
	b.table.tell(what+": Daymark against a bare http.Client", spread(against("bare")))
	b.table.tell(what+": a second, Daymark / loop / River / bare",
		fmt.Sprintf("%s / %s / %s / %s", speed("Daymark"), speed("loop"), speed("River"), speed("bare")))
	used := func(name string) string {
		var all []time.Duration
		for _, o := range runs[name] {
			all = append(all, o.used)
		}
		return sec(median(all))
	}
	b.table.tell(what+": processor time of the process, Daymark / loop / River / bare",
		fmt.Sprintf("%s / %s / %s / %s", used("Daymark"), used("loop"), used("River"), used("bare")))
	var p50, p99 []time.Duration
	for _, o := range runs["Daymark"] {
		p50, p99 = append(p50, percentile(o.late, 50)), append(p99, percentile(o.late, 99))
	}
	b.table.tell(what+": Daymark's lateness at the network, p50 / p99", ms(median(p50))+" / "+ms(median(p99)))
	return nil
}

func (b *bench) byDaymark(ctx context.Context, delay time.Duration) (o outcome, err error) {
	err = b.whileHeard(func() error {
		o, err = b.byDaemon(ctx, delay)
		return err
	})
	return o, err
}

func (b *bench) byDaemon(ctx context.Context, delay time.Duration) (o outcome, err error) {
	d, err := b.daemon(ctx, "burst", delay, b.set.lead)
	if err != nil {
		return o, err
	}
	if !until(ctx, d.due) {
		return o, ctx.Err()
	}
	before := d.used()
	n := b.set.channels * b.set.posts
	end, err := d.settled(ctx, 3*time.Minute)
	if err != nil {
		return o, err
	}
	o.took, o.used = end.Sub(d.due), d.used()-before
	m, err := d.child.memory()
	if err != nil {
		return o, err
	}
	b.memory.now, b.memory.most = max(b.memory.now, m.now), max(b.memory.most, m.most)
	if err := d.published(ctx, n); err != nil {
		return o, err
	}
	arrivals, err := b.town.seen(ctx)
	if err != nil {
		return o, err
	}
	o.late = b.punctual("burst", arrivals, d.due)
	return o, d.end()
}

// byOther lets a child make the calls itself.
func (b *bench) byOther(ctx context.Context, name string, delay time.Duration, change func(*callOrders)) (o outcome, err error) {
	t, err := b.network(ctx, delay, time.Now(), time.Now())
	if err != nil {
		return o, err
	}
	orders := callOrders{Base: t.Main, Tokens: t.Tokens[:b.set.channels], Workers: workers(delay), At: time.Now().Add(time.Second)}
	for _, m := range b.messages("burst") {
		orders.Texts = append(orders.Texts, m.text)
	}
	change(&orders)
	c, err := b.spawn(ctx, name, orders)
	if err != nil {
		return o, err
	}
	if !until(ctx, orders.At) {
		return o, ctx.Err()
	}
	before := c.used()
	var a callAnswer
	if err := c.hear(&a); err != nil {
		return o, err
	}
	o.took, o.used = a.Ended.Sub(a.Began), c.used()-before
	if a.Failed > 0 {
		return o, fmt.Errorf("%d calls failed, the first: %s", a.Failed, a.First)
	}
	shown, err := t.statuses(ctx)
	if err != nil {
		return o, err
	}
	if want := b.set.channels * b.set.posts; len(shown) != want {
		return o, fmt.Errorf("the network shows %d statuses, want %d", len(shown), want)
	}
	return o, c.stop()
}

func (b *bench) byLoop(ctx context.Context, delay time.Duration) (outcome, error) {
	return b.byOther(ctx, "loop", delay, func(*callOrders) {})
}

func (b *bench) byBare(ctx context.Context, delay time.Duration) (outcome, error) {
	return b.byOther(ctx, "loop", delay, func(o *callOrders) { o.Bare = true })
}

// riverConns is how many connections River has: as many as the daemon.
const riverConns = 24

func (b *bench) byRiver(ctx context.Context, delay time.Duration) (outcome, error) {
	if !b.template["river"] {
		if _, err := b.admin.ExecContext(ctx, "CREATE DATABASE river"); err != nil {
			return outcome{}, err
		}
		b.template["river"] = true
	}
	return b.byOther(ctx, "river", delay, func(o *callOrders) {
		o.DSN, o.Conns, o.At = b.ownerDSN("river"), riverConns, time.Now().Add(b.set.lead/2+time.Second)
	})
}
