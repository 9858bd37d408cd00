package dispatch_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"daymark/internal/core/fault"
	"daymark/internal/core/post"
	"daymark/internal/postgres"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// witness writes every change of a delivery's state down, with triggers that are the test's own. "Sending" is a delivery whose row
// in the queue carries the intent.
const witness = `
CREATE TABLE witnessed (id bigint GENERATED ALWAYS AS IDENTITY, delivery bigint, was text, now text);

CREATE FUNCTION witness_delivery() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE stood text := old.state;
BEGIN
  IF old.state = 'scheduled' AND EXISTS (SELECT FROM queue q WHERE q.delivery_id = old.id AND q.sending_at IS NOT NULL) THEN
    stood := 'sending';
  END IF;
  INSERT INTO witnessed (delivery, was, now) VALUES (old.id, stood, new.state);
  RETURN new;
END $$;

CREATE FUNCTION witness_queue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO witnessed (delivery, was, now)
  VALUES (old.delivery_id, CASE WHEN old.sending_at IS NULL THEN 'scheduled' ELSE 'sending' END, CASE WHEN new.sending_at IS NULL THEN 'scheduled' ELSE 'sending' END);
  RETURN new;
END $$;

CREATE TRIGGER a_witness BEFORE UPDATE ON deliveries FOR EACH ROW WHEN (old.state <> new.state) EXECUTE FUNCTION witness_delivery();
CREATE TRIGGER a_witness BEFORE UPDATE ON queue FOR EACH ROW
  WHEN ((old.sending_at IS NULL) <> (new.sending_at IS NULL)) EXECUTE FUNCTION witness_queue()`

// moves are the changes of state that the design allows, and with them what a person's word does: a post that was held, and is live
// after all, is published; one that was missed is left out.
var moves = map[string]string{
	"held":      "scheduled missed cancelled published",
	"scheduled": "held sending missed cancelled",
	"sending":   "published scheduled held unknown failed",
	"unknown":   "published scheduled held",
	"failed":    "held cancelled",
	"missed":    "held cancelled",
	"published": "removed",
}

// foreseen reports whether an error is a refusal: a sentence for a person, or a rule of the database.
func foreseen(err error) bool {
	if kind := fault.KindOf(err); kind != fault.Internal {
		return true
	}
	if postgres.Constraint(err) != "" {
		return true
	}
	p, is := errors.AsType[*pq.Error](err)
	return is && slices.Contains([]pqerror.Code{"23001", "42501", "P0001"}, p.Code)
}

// look reads what the networks show.
func (m *machine) look() {
	for channel, s := range m.reach.sides {
		m.world.sees(channel, s.shows())
	}
}

// judge looks at the networks and the database and returns what is wrong.
func (m *machine) judge() []breach {
	m.t.Helper()
	m.look()
	m.judgeQueue()
	m.judgeAttempts()
	m.judgeCopies()
	m.judgeTakings()
	m.judgeMoves()
	return m.world.breaches
}

// rows reads as the owner.
func (m *machine) rows(dest any, query string) {
	m.t.Helper()
	if err := m.owner.SelectContext(m.t.Context(), dest, query); err != nil {
		m.t.Fatalf("%v\n%s", err, query)
	}
}

// judgeQueue: whatever may still be begun carries, word for word and to the second, what other people approved.
func (m *machine) judgeQueue() {
	var rows []struct {
		Delivery int64     `db:"delivery_id"`
		Due      time.Time `db:"due_at"`
		Until    time.Time `db:"not_after"`
		Next     time.Time `db:"next_attempt_at"`
		Body     []byte    `db:"body"`
	}
	m.rows(&rows, `
SELECT q.delivery_id, q.due_at, q.not_after, q.next_attempt_at, r.body
FROM queue q
JOIN releases r ON r.id = q.release_id
WHERE q.sending_at IS NULL`)
	for _, r := range rows {
		at := m.world.places[r.Delivery]
		final, err := post.ReadFinal(r.Body)
		if err != nil {
			m.t.Fatal(err)
		}
		switch {
		case !m.world.approved(at, final.Parts[0].Text):
			m.world.breach(onlyApproved, "delivery %d waits in the queue as %q", r.Delivery, final.Parts[0].Text)
		case !r.Due.Equal(at.due) || !r.Until.Equal(at.until) || r.Next.Before(at.due) || final.Channel != at.channel || !final.DueAt.Equal(at.due):
			m.world.breach(onlyApproved, "delivery %d waits in the queue for %v, until %v: it was given %v, until %v", r.Delivery, r.Due, r.Until, at.due, at.until)
		}
	}
}

// judgeAttempts: no two tries of a delivery are open, and none began outside its window.
func (m *machine) judgeAttempts() {
	var open, outside []int64
	m.rows(&open, `
SELECT delivery_id
FROM attempts
WHERE outcome IS NULL
GROUP BY delivery_id
HAVING count(*) > 1`)
	for _, id := range open {
		m.world.breach(provedFirst, "delivery %d has two open attempts", id)
	}
	m.rows(&outside, `
SELECT a.delivery_id
FROM attempts a
WHERE NOT EXISTS (
  SELECT 1
  FROM releases r
  WHERE r.delivery_id = a.delivery_id
    AND encode(r.sha256, 'hex') = convert_from(a.request, 'UTF8')::jsonb->>'release'
    AND a.started_at >= r.due_at
    AND a.started_at < r.not_after)`)
	for _, id := range outside {
		m.world.breach(inItsWindow, "delivery %d has an attempt outside the window of what was approved", id)
	}
}

// judgeCopies: what the book calls out is out, and what is out is known to the book, or being found out.
func (m *machine) judgeCopies() {
	if m.world.muted != "" {
		return // an older book: it is asked about when somebody takes the licence
	}
	var rows []struct {
		Delivery int64  `db:"id"`
		State    string `db:"state"`
		Hold     string `db:"hold"`
		Doubt    bool   `db:"doubt"` // nobody knows what became of an attempt
		Names    string `db:"names"` // of the copies that are out
		Gone     string `db:"gone"`  // and of those that were
	}
	m.rows(&rows, `
SELECT d.id, d.state, coalesce(d.hold, '') AS hold,
  EXISTS (SELECT 1 FROM attempts a WHERE a.delivery_id = d.id AND a.outcome IN ('unknown', 'lost') AND a.finding IS NULL) AS doubt,
  coalesce((SELECT string_agg(c.remote_id, ' ') FROM copies c WHERE c.delivery_id = d.id AND c.removed_at IS NULL), '') AS names,
  coalesce((SELECT string_agg(c.remote_id, ' ') FROM copies c WHERE c.delivery_id = d.id AND c.removed_at IS NOT NULL), '') AS gone
FROM deliveries d`)
	for _, r := range rows {
		if m.world.forgotten[r.Delivery] {
			continue
		}
		names, gone := strings.Fields(r.Names), strings.Fields(r.Gone)
		if (r.State == "published") != (len(names) > 0) && !waits(r.State, r.Hold, r.Doubt) {
			m.world.breach(keptInSight, "delivery %d is %s and has the copies %v", r.Delivery, r.State, names)
		}
		for _, name := range names {
			if c := m.world.copies[name]; c.delivery != r.Delivery || !c.live {
				m.world.breach(keptInSight, "the book says that delivery %d is out as %s, and it is not", r.Delivery, name)
			}
		}
		for name, c := range m.world.copies {
			sought := r.State == "scheduled" || r.State == "unknown" || waits(r.State, r.Hold, r.Doubt)
			if c.delivery == r.Delivery && c.live && !slices.Contains(names, name) && !sought {
				m.world.breach(keptInSight, "delivery %d is out as %s, and the book says %s %s", r.Delivery, name, r.State, r.Hold)
			}
			if c.live && slices.Contains(gone, name) {
				m.world.breach(takenDown, "the book says that %s of delivery %d is removed, and it is there", name, r.Delivery)
			}
		}
	}
}

// waits reports whether people are asked to look whether a delivery is out.
func waits(state, hold string, doubt bool) bool {
	return hold == "decision" || state == "missed" && doubt
}

// judgeTakings: what was seen when a take-down began is down when it is done, and each copy has its result.
func (m *machine) judgeTakings() {
	var rows []struct {
		ID      int64  `db:"id"`
		Done    bool   `db:"done"`
		Results string `db:"results"` // "delivery:state"
	}
	m.rows(&rows, `
SELECT t.id, t.done_at IS NOT NULL AS done,
  coalesce((SELECT string_agg(c.delivery_id || ':' || c.state, ' ') FROM takedown_copies c WHERE c.takedown_id = t.id), '') AS results
FROM takedowns t`)
	for _, r := range rows {
		results := map[string]bool{}
		for _, f := range strings.Fields(r.Results) {
			results[f] = true
		}
		for name, delivery := range m.world.takings[r.ID].live {
			if m.world.forgotten[delivery] {
				continue
			}
			has := func(state string) bool { return results[fmt.Sprintf("%d:%s", delivery, state)] }
			if !has("waiting") && !has("failed") && !has("removed") && !has("gone") && !has("cannot") {
				m.world.breach(takenDown, "take-down %d has no result for %s of delivery %d", r.ID, name, delivery)
			}
			if r.Done && m.world.copies[name].live && !has("cannot") {
				m.world.breach(takenDown, "take-down %d is done, and %s of delivery %d is there", r.ID, name, delivery)
			}
		}
	}
}

// judgeMoves: the witness saw no change of state but those of the book of states.
func (m *machine) judgeMoves() {
	var rows []struct {
		Delivery int64  `db:"delivery"`
		Was      string `db:"was"`
		Now      string `db:"now"`
	}
	m.rows(&rows, `
SELECT delivery, was, now
FROM witnessed
ORDER BY id`)
	for _, r := range rows {
		if !slices.Contains(strings.Fields(moves[r.Was]), r.Now) {
			m.world.breach(lawfulMoves, "delivery %d went from %s to %s", r.Delivery, r.Was, r.Now)
		}
	}
}
