package dispatch

import (
	"context"
	"time"

	"daymark/internal/flow/dispatch/attempt"
	"daymark/internal/flow/dispatch/claim"
	"daymark/internal/flow/dispatch/lane"
)

// take counts a row as in hand.
func (d *Dispatcher) take(row attempt.Row) {
	d.mu.Lock()
	d.held[row.Delivery]++
	d.mu.Unlock()
	d.board.Hold(row.Channel, row.Delivery, row.AttemptAt)
}

// hunger notes that there is more to claim than the hand holds; it is claimed when there is room for a batch.
func (d *Dispatcher) hunger() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hungry = max(1, len(d.held)-most)
}

// release counts rows as no longer in hand.
func (d *Dispatcher) release(rows ...attempt.Row) {
	if len(rows) == 0 {
		return
	}
	d.mu.Lock()
	for _, row := range rows {
		if d.held[row.Delivery]--; d.held[row.Delivery] == 0 {
			delete(d.held, row.Delivery)
		}
	}
	wake := len(d.held) == 0 || len(d.held) <= d.hungry
	if wake {
		d.hungry = 0
	}
	d.mu.Unlock()
	for _, row := range rows {
		d.board.Drop(row.Channel, row.Delivery)
	}
	d.nudge() // what waited for them may go
	if wake {
		d.Wake()
	}
}

// free ends the turn of a delivery that was taken off the board, and lets go of it.
func (d *Dispatcher) free(e entry, told lane.Told) {
	d.board.Free(e.Channel, told, 0)
	d.nudge()
	d.release(e.Value.Row)
}

// tooLong gives back what has waited here for its server longer than a claim is good for; the sweep holds it when it is overdue.
func (d *Dispatcher) tooLong(ctx context.Context, now time.Time) {
	var rows []attempt.Row
	for _, e := range d.board.Clear(0, now.Add(-time.Duration(float64(d.Lease/4)*d.Clock.Rate()))) {
		rows = append(rows, e.Value.Row)
	}
	d.claims.GiveBack(ctx, claim.AsItWas, rows...)
	d.release(rows...)
}

// inHand returns how many deliveries are in hand.
func (d *Dispatcher) inHand() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.held)
}

// handful returns the deliveries in hand.
func (d *Dispatcher) handful() map[int64]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make(map[int64]bool, len(d.held))
	for id := range d.held {
		list[id] = true
	}
	return list
}
