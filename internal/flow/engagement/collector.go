package engagement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"daymark/internal/core/clock"
	"daymark/internal/flow/engagement/answered"
	"daymark/internal/flow/engagement/ledger"
	"daymark/internal/flow/engagement/rollup"
	"daymark/internal/platform"
	"daymark/internal/postgres"
)

const (
	batch    = 100              // polls taken at once
	parallel = 4                // channels asked at the same time by one replica
	patience = 30 * time.Second // real time that one channel has to answer for its share of a batch
	writing  = 10 * time.Second // real time to write answers down, shutdown or not

	// A taken poll is held for this long, and for realHold of real time where the clock runs fast. Should the process die,
	// the delivery is asked about again after that.
	hold     = 5 * time.Minute
	realHold = 10 * time.Second

	// The quick look for new deliveries reads what fell due lately; the thorough one reads everything.
	lately   = 2 * day
	thorough = time.Hour

	firstBackOff = 5 * time.Minute
	lastBackOff  = day
)

// Networks tells how posts of a channel do. The answer is keyed by [platform.Ref].ID; what could not be read is left out.
// With an error comes what had been read until then.
type Networks interface {
	Measure(ctx context.Context, channelID int64, refs []platform.Ref) (map[string]platform.Counts, error)
	// ReadCost is what the network of a channel charges for reading one post, in millionths of a US dollar.
	ReadCost(ctx context.Context, channelID int64) (int64, error)
}

// Collector asks the networks about what is published. Any number of replicas may run one each; a Collector may be used by
// several goroutines. It must not be copied.
type Collector struct {
	DB       *postgres.DB
	Networks Networks
	Clock    clock.Clock
	Log      *slog.Logger

	mu     sync.Mutex
	looked time.Time // product instant of the last thorough look for new deliveries
}

// Collected says what a [Collector.Tick] did, in deliveries.
type Collected struct {
	New       int // taken note of: published and not asked about before
	Asked     int // the network was asked
	Changed   int // a count has changed, or was told for the first time
	Unchanged int // the network answered as before
	Gone      int // the network says that the post is not there any more
	Failed    int // no answer; asked again later
	Waiting   int // not asked: the channel's budget has no room
	Ended     int // never asked again: the year is over, the post is gone or was taken down
}

// add adds what one channel's share of a batch came to.
func (c *Collected) add(o Collected) {
	c.New += o.New
	c.Asked += o.Asked
	c.Changed += o.Changed
	c.Unchanged += o.Unchanged
	c.Gone += o.Gone
	c.Failed += o.Failed
	c.Waiting += o.Waiting
	c.Ended += o.Ended
}

// Tick takes note of what was published and asks about everything that is due by now, channel by channel. A channel that
// fails does not stop the others; its failure is logged, counted and kept with each delivery. The error is the database's.
func (c *Collector) Tick(ctx context.Context) (Collected, error) {
	now := c.Clock.Now()
	var total Collected
	added, err := c.lookForNew(ctx, now)
	if err != nil {
		return total, err
	}
	total.New = added
	failed := &failures{say: map[int64]string{}}
	for {
		held := c.holdUntil()
		questions, err := take(ctx, c.DB, now, held, batch)
		if err != nil {
			return total, err
		}
		did, err := c.ask(ctx, questions, now, held, failed)
		total.add(did)
		if err != nil || len(questions) < batch {
			return total, err
		}
		if err := ctx.Err(); err != nil {
			return total, fmt.Errorf("collect engagement: %w", err)
		}
	}
}

// NextDue returns the product instant at which the next poll is due, and false while nothing is being followed. What gets
// published meanwhile is not in it.
func (c *Collector) NextDue(ctx context.Context) (time.Time, bool, error) {
	at, err := nextPoll(ctx, c.DB)
	if err != nil || at == nil {
		return time.Time{}, false, err
	}
	return at.UTC(), true, nil
}

// lookForNew makes the polls of what was published since the last look.
func (c *Collector) lookForNew(ctx context.Context, now time.Time) (int, error) {
	c.mu.Lock()
	full := c.looked.IsZero() || now.Sub(c.looked) >= thorough || now.Before(c.looked)
	c.mu.Unlock()
	since := now.Add(-lately)
	if full {
		since = time.Unix(0, 0)
	}
	n, err := addPolls(ctx, c.DB, since)
	if err != nil {
		return 0, err
	}
	if full {
		c.mu.Lock()
		c.looked = now
		c.mu.Unlock()
	}
	return n, nil
}

// holdUntil returns until when a poll taken now is ours. PostgreSQL keeps microseconds, and the instant is compared later.
func (c *Collector) holdUntil() time.Time {
	return c.Clock.Now().Add(c.held()).Truncate(time.Microsecond)
}

// held is how long a taken poll is held, which is also how far an answer can be overtaken by another replica's.
func (c *Collector) held() time.Duration {
	return max(hold, time.Duration(float64(realHold)*c.Clock.Rate()))
}

// failures remembers the channels that failed during one Tick, which are not called again in it.
type failures struct {
	mu  sync.Mutex
	say map[int64]string
}

func (f *failures) of(channel int64) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	say, ok := f.say[channel]
	return say, ok
}

func (f *failures) note(channel int64, say string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.say[channel] = say
}

// ask asks the channels of a batch, several at a time, and writes each one's answers down as they come.
func (c *Collector) ask(ctx context.Context, questions []question, due, held time.Time, failed *failures) (Collected, error) {
	var total Collected
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(parallel)
	for start := 0; start < len(questions); {
		end := start
		for end < len(questions) && questions[end].channel == questions[start].channel {
			end++
		}
		ofChannel := questions[start:end]
		start = end
		group.Go(func() error {
			did, err := c.askChannel(ctx, ofChannel, due, held, failed)
			mu.Lock()
			defer mu.Unlock()
			total.add(did)
			return err
		})
	}
	err := group.Wait()
	return total, err
}

// askChannel asks about the deliveries of one channel, outside any transaction, and writes the answers down in one.
func (c *Collector) askChannel(ctx context.Context, questions []question, due, held time.Time, failed *failures) (Collected, error) {
	channel := questions[0].channel
	r := reply{due: due}
	say, broken := failed.of(channel)
	if broken {
		r.say = say
	} else if err := c.call(ctx, channel, questions, &r, failed); err != nil {
		return Collected{}, err
	}
	r.now = c.Clock.Now().Truncate(time.Microsecond)
	return c.write(ctx, questions, held, r)
}

// call asks about those deliveries of a channel that its budget has room for.
func (c *Collector) call(ctx context.Context, channel int64, questions []question, r *reply, failed *failures) error {
	out := slices.DeleteFunc(slices.Clone(questions), func(q question) bool { return len(q.refs) == 0 })
	if len(out) == 0 {
		return nil
	}
	ask, wait, money, err := c.reserve(ctx, out, r.due)
	if err != nil {
		return err
	}
	r.money, r.waiting = money, map[int64]bool{}
	for _, q := range wait {
		r.waiting[q.delivery] = true
	}
	var refs []platform.Ref
	for _, q := range ask {
		refs = append(refs, q.refs...)
	}
	if len(refs) == 0 {
		return nil
	}
	calling, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r.counts, err = c.Networks.Measure(calling, channel, refs)
	r.asked, r.stopped = true, ctx.Err() != nil
	if err != nil && !r.stopped {
		r.say, r.until = excuse(err)
		failed.note(channel, r.say)
		c.Log.WarnContext(ctx, "engagement not collected", "channel_id", channel, "deliveries", len(questions),
			"kind", platform.Outcome(err).String(), "error", err.Error())
	}
	return nil
}

// write keeps the answers and plans the next questions in one transaction. It finishes also while the daemon stops.
func (c *Collector) write(ctx context.Context, questions []question, held time.Time, r reply) (Collected, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writing)
	defer cancel()
	answers, odd := r.answers(questions)
	var did Collected
	err := c.DB.InKeyTx(ctx, func(key *postgres.KeyTx) error {
		did = Collected{}
		tx := postgres.Prepared{KeyTx: key}
		stored, gains, err := ledger.Keep(ctx, tx, r.now, c.held(), answers)
		if err != nil {
			return err
		}
		plans := make([]plan, 0, len(questions))
		replies := map[int64]int64{}
		for _, q := range questions {
			plans = append(plans, r.next(q, stored, odd, &did))
			if n := stored[q.delivery].Replies; n > 0 {
				replies[q.delivery] = n
			}
		}
		if err := r.money.refund(ctx, key.Tx, questions, r.read); err != nil {
			return err
		}
		if err := answered.Tell(ctx, key.Tx, replies, r.now); err != nil {
			return err
		}
		if err := settle(ctx, tx, held, plans); err != nil {
			return err
		}
		return rollup.Add(ctx, tx, gains)
	})
	if err != nil {
		return Collected{}, fmt.Errorf("engagement of channel %d: %w", questions[0].channel, err)
	}
	return did, nil
}

// excuse returns the sentence for people that a network's error carries, and when the network takes calls again where it
// said so. The text of other errors stays in the log.
func excuse(err error) (string, time.Time) {
	var until time.Time
	if limited, ok := errors.AsType[*platform.RateLimited](err); ok {
		until = limited.Until
	}
	if say := platform.Say(err); say != "" {
		return say, until
	}
	return "The network did not answer.", until
}
