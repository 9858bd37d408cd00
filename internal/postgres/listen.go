package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// pingEvery is how often a silent listening connection is tried, to notice one that is dead without a word.
const pingEvery = 30 * time.Second

// Listen calls wake with the payload of every notification on a channel until ctx ends, and then returns nil. A notification
// is a hint only: after a lost connection some may have been missed, and wake is called with an empty payload so that the
// caller reads again. It is also called so once at the start. Listen holds a connection of its own, outside the pool; wake is
// called from one goroutine and must be quick.
func (db *DB) Listen(ctx context.Context, channel string, wake func(payload string)) error {
	l := pq.NewListener(db.dsn, 50*time.Millisecond, 5*time.Second, nil)
	stop := context.AfterFunc(ctx, func() { _ = l.Close() }) // also frees a Listen that waits for its first connection
	defer func() {
		stop()
		_ = l.Close()
		for range l.Notify { //nolint:revive // drained so that the listener's goroutine can end
		}
	}()
	if err := l.Listen(channel); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end of ctx is the normal way out
		}
		return fmt.Errorf("listen on %s: %w", channel, err)
	}
	wake("")
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case n, open := <-l.Notify:
			switch {
			case !open:
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("listen on %s: the listener ended", channel)
			case n == nil: // reconnected
				wake("")
			default:
				wake(n.Extra)
			}
		case <-tick.C:
			// A ping waits for its answer while notifications wait for us, so that it runs beside.
			go func() { _ = l.Ping() }()
		}
	}
}
