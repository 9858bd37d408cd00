package app

import (
	"context"
	"sync"
	"time"

	"daymark/internal/flow/dispatch/preflight"
	"daymark/internal/flow/dispatch/punctual"
	"daymark/internal/flow/dispatch/readback"

	"github.com/google/uuid"
)

// lockAhead is the advisory lock of the replica that looks ahead.
const lockAhead = 30072014013

// sweepEvery is how often it is looked at what is at risk, in product time: a fast clock brings a day in seconds.
const sweepEvery = time.Minute

// watch is what a daemon does before and after posts go out.
type watch struct {
	app    *App
	worker string // names this daemon

	mu   sync.Mutex
	last time.Time // product instant of the latest sweep
}

func newWatch(a *App) *watch { return &watch{app: a, worker: uuid.New().String()} }

// ahead looks at what is at risk of what goes out within a day, where no other replica does.
func (w *watch) ahead(ctx context.Context) error {
	now := w.app.Clock.Now()
	w.mu.Lock()
	due := now.Sub(w.last).Abs() >= sweepEvery
	w.mu.Unlock()
	if !due {
		return nil
	}
	_, err := w.app.DB.Leader(ctx, lockAhead, func(ctx context.Context) error {
		did, err := preflight.Sweep(ctx, w.app.DB, w.app.Networks, now)
		if did.Told > 0 {
			w.app.Log.WarnContext(ctx, "posts of the next day are at risk; the team is told", "matters", did.Told)
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

// seen reads back what went out.
func (w *watch) seen(ctx context.Context) error {
	clock := w.app.Clock
	did, err := readback.Run(ctx, readback.Options{DB: w.app.DB, Networks: w.app.Networks, Now: clock.Now, Rate: clock.Rate(), Wait: readback.Wait})
	if n := did.Changed + did.Gone; n > 0 {
		w.app.Log.WarnContext(ctx, "networks show posts otherwise than they were approved; the team is told", "copies", n)
	}
	return err
}

// beat says that this daemon runs.
func (w *watch) beat(ctx context.Context) error { return punctual.Beat(ctx, w.app.DB, w.worker) }
