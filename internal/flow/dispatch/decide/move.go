package decide

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"daymark/internal/core/civil"
	"daymark/internal/core/fault"
	"daymark/internal/core/text"
	"daymark/internal/org/people"
	"daymark/internal/postgres"
)

// farthest is how far ahead a new time may be: a later one is a slip of the keyboard.
const farthest = 2 * 366 * 24 * time.Hour

// What a person moves, planning leaves where it is; and it has a time of its own again, if it was to go out at once.
const sqlMove = `
UPDATE deliveries
SET state = 'held', hold = 'approval', due_date = $2, due_clock = $3, due_at = $4, not_after = $5, planned = false, prompt = false, settled_at = NULL,
  problem = 'It has a new time. Send it for review again.', release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE id = $1
  AND state IN ('held', 'missed', 'failed')`

// NewTime gives a delivery a new time by the clock of its zone. It waits for a new approval then: what was approved was approved for
// the old instant.
func NewTime(ctx context.Context, tx *postgres.Tx, delivery int64, date civil.Date, clock civil.Clock, by people.Person, now time.Time) error {
	w, err := lock(ctx, tx, delivery, by)
	if err != nil {
		return err
	}
	if !w.MayMove() {
		return w.out("A part of it is out, or was. A new time would show it twice.")
	}
	due, notAfter, err := w.window(date, clock)
	if err != nil {
		return err
	}
	switch {
	case !due.After(now):
		return fault.BadField("date", "That time has passed. Choose one that is still to come in %s.", w.Zone)
	case due.After(now.Add(farthest)):
		return fault.BadField("date", "That is more than two years ahead. Look at the year.")
	}
	if err := w.notPosted(ctx, tx, by, now); err != nil {
		return err
	}
	if err := changed(ctx, tx, "give a new time", sqlMove, delivery, date, clock, due, notAfter); err != nil {
		return err
	}
	return note(ctx, tx, w, "delivery.moved", by, map[string]any{"from": w.DueAt.UTC(), "to": due, "not_after": notAfter})
}

// window places a civil time and says until when the delivery makes sense then: by the rule of planning until the end of the day where
// the channel is at home, or as long after the due instant as before where its campaign gave it another window.
func (w Waiting) window(date civil.Date, clock civil.Clock) (due, notAfter time.Time, err error) {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		return due, notAfter, fmt.Errorf("delivery %d: %w", w.Delivery, err)
	}
	home, err := time.LoadLocation(w.Home)
	if err != nil {
		return due, notAfter, fmt.Errorf("channel %d: %w", w.Channel, err)
	}
	due = civil.Place(date, clock, zone)
	if notAfter = due.Add(w.NotAfter.Sub(w.DueAt)); endOfDay(w.DueAt, home).Equal(w.NotAfter) {
		notAfter = endOfDay(due, home)
	}
	return due, notAfter, nil
}

func endOfDay(at time.Time, home *time.Location) time.Time {
	return civil.EndOfDay(civil.DateOf(at.In(home)), home)
}

// out refuses what cannot be done to a delivery that is out, or may be.
func (w Waiting) out(why string) error {
	if w.Unknown || w.Open {
		why = "Nobody knows yet whether it is out. Look on the account, and say first whether it is live."
	}
	return fault.New(fault.Conflict, "%s", why)
}

// maxReason is how long a reason may be; it stands beside the delivery.
const maxReason = 500

const sqlLeaveOut = `
UPDATE deliveries
SET state = 'cancelled', hold = NULL, problem = $2, release_id = NULL, submission_id = NULL, revision_id = NULL
WHERE id = $1
  AND state IN ('held', 'missed', 'failed')`

// LeaveOut decides that a delivery does not go out, for a reason.
func LeaveOut(ctx context.Context, tx *postgres.Tx, delivery int64, reason string, by people.Person, now time.Time) error {
	w, err := lock(ctx, tx, delivery, by)
	if err != nil {
		return err
	}
	if !w.MayLeave() {
		return w.out("A part of it is out. Take that down first.")
	}
	reason = strings.Join(strings.Fields(reason), " ")
	switch _, _, unsafe := text.FirstUnsafe(reason); {
	case reason == "":
		return fault.BadField("reason", "Say why it does not go out, so that the team knows later.")
	case utf8.RuneCountInString(reason) > maxReason:
		return fault.BadField("reason", "Keep the reason under %d characters.", maxReason)
	case unsafe:
		return fault.BadField("reason", "The reason has characters that cannot be seen. Write it in plain words.")
	}
	if err := w.notPosted(ctx, tx, by, now); err != nil {
		return err
	}
	if err := changed(ctx, tx, "leave out", sqlLeaveOut, delivery, "Left out by "+by.Name+": "+reason); err != nil {
		return err
	}
	return note(ctx, tx, w, "delivery.left_out", by, map[string]any{"comment": reason})
}

// Each does something to every delivery of a list that can have a new time or be left out, and returns how many. It stops at the
// first that cannot be done, so that nothing of it is done.
func Each(all []Waiting, do func(Waiting) error) (int, error) {
	n := 0
	for _, w := range all {
		if !w.MayMove() {
			continue
		}
		if err := do(w); err != nil {
			return 0, err
		}
		n++
	}
	if n == 0 {
		return 0, fault.New(fault.Conflict, "Nothing of this waits for a new time any more.")
	}
	return n, nil
}
