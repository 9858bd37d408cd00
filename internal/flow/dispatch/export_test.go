package dispatch

import (
	"context"
	"time"
)

// Begin does one round with a sweep and does not wait for what it started.
func (d *Dispatcher) Begin(ctx context.Context) error {
	_, err := d.turn(ctx, true)
	return err
}

// Finish waits for what was started.
func (d *Dispatcher) Finish() { d.busy.Wait() }

// Turn does one round with a sweep and waits for what it started.
func (d *Dispatcher) Turn(ctx context.Context) error {
	err := d.Begin(ctx)
	d.Finish()
	return err
}

// At calls f at every named moment at which a crash test may kill the daemon.
func (d *Dispatcher) At(f func(name string)) { d.settler.Point = f }

// Glance sets how long an estimate of when a product instant comes is trusted, and writes nothing down ahead of its instant.
func (d *Dispatcher) Glance(t time.Duration) { d.glance, d.lead = t, 0 }

// CutLife breaks the connection that holds the worker's lock.
func (d *Dispatcher) CutLife() {
	d.life.Cut()
}

// End lets go of the worker's lock, for a dispatcher that was driven by hand.
func (d *Dispatcher) End(ctx context.Context) error { return d.life.End(ctx) }

// Round does one round without a sweep and returns when the next is to come.
func (d *Dispatcher) Round(ctx context.Context) (time.Duration, error) { return d.turn(ctx, false) }

// Doubt makes the dispatcher look at the database again before each call, as a notification of a stop does.
func (d *Dispatcher) Doubt() { d.marker.Stopped() }
