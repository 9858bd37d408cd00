package pqguard

import (
	"context"
	"sync"
	"time"
)

// patience is how long after the end of its context a statement may take to come back. A cancel request that reaches the
// server between two messages of ours finds nothing to cancel and is lost; lib/pq sends only one.
const patience = 500 * time.Millisecond

// bound makes sure that a call comes back when its context ends: if the cancel request did not do it, the connection is
// closed beneath it. The function returned ends the watch and may be called more than once.
func (c *guardedConn) bound(ctx context.Context) func() {
	if ctx.Done() == nil {
		return func() {}
	}
	finished := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(patience)
		defer t.Stop()
		select {
		case <-finished:
		case <-t.C:
			c.broken.Store(true)
			_ = c.inner.Close() // frees the reader; the server notices the closed socket
		}
	})
	return sync.OnceFunc(func() {
		stop()
		close(finished)
	})
}
