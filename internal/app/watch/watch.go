// Package watch is what a daemon does before and after posts go out: it looks ahead, reads back, and says that it runs.
//
// internal/flow/dispatch decides what that means; this package says when, and writes the log.
package watch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/flow/dispatch/readback"
	"daymark/internal/postgres"

	"github.com/google/uuid"
)

// lockAhead is the advisory lock of the replica that looks ahead.
const lockAhead = 30072014013

// sweepEvery is how often it is looked at what is at risk, in product time: a fast clock brings a day in seconds.
const sweepEvery = time.Minute

// Networks are asked before posts go out and read afterwards.
type Networks interface {
	preflight.Networks
	readback.Networks
}

// Watch watches over what goes out. Its methods are called again and again, each by one goroutine at a time.
type Watch struct {
	db       *postgres.DB
	networks Networks
	clock    clock.Clock
	log      *slog.Logger
	worker   string // names this daemon

	mu   sync.Mutex
	last time.Time // product instant of the latest sweep
}

// New returns a watch of one daemon.
func New(db *postgres.DB, networks Networks, c clock.Clock, log *slog.Logger) *Watch {
	return &Watch{db: db, networks: networks, clock: c, log: log, worker: uuid.New().String()}
}

// Ahead looks at what is at risk of what goes out within a day, where no other replica does just now.
func (w *Watch) Ahead(ctx context.Context) error {
	now := w.clock.Now()
	w.mu.Lock()
	due := now.Sub(w.last).Abs() >= sweepEvery
	w.mu.Unlock()
	if !due {
		return nil
	}
	_, err := w.db.Leader(ctx, lockAhead, func(ctx context.Context) error {
		did, err := preflight.Sweep(ctx, w.db, w.networks, now)
		if did.Told > 0 {
			w.log.WarnContext(ctx, "posts of the next day are at risk; the team is told", "matters", did.Told)
		}
		if err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.last = now
		return nil
	})
	return err
}

// Seen reads back what went out.
func (w *Watch) Seen(ctx context.Context) error {
	did, err := readback.Run(ctx, readback.Options{DB: w.db, Networks: w.networks, Now: w.clock.Now, Rate: w.clock.Rate(), Wait: readback.Wait})
	if n := did.Changed + did.Gone; n > 0 {
		w.log.WarnContext(ctx, "networks show posts otherwise than they were approved; the team is told", "copies", n)
	}
	return err
}

// Beat says that this daemon runs.
func (w *Watch) Beat(ctx context.Context) error { return punctual.Beat(ctx, w.db, w.worker) }
