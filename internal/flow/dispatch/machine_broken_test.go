package dispatch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"daymark/internal/core/clock"
	"daymark/internal/flow/dispatch"
	"daymark/internal/sandbox/mischief"

	"github.com/google/uuid"
)

// The machine's checks are worth something only when they see what is wrong. Here the product is broken on purpose, through the
// owner of the tables or a dispatcher that is told something false, and each check must notice.
func TestTheMachineNoticesEveryKindOfBrokenProduct(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rule  rule
		broke func(m *machine)
	}{
		{"an edit does not hold what was approved before", onlyApproved, func(m *machine) {
			m.own(`ALTER TABLE revisions DISABLE TRIGGER USER`)
			m.edit(m.posts[0], m.author)
			m.due()
			m.turns(0)
		}},
		{"a withdrawal does not end the clearance", onlyApproved, func(m *machine) {
			m.own(`ALTER TABLE verdicts DISABLE TRIGGER USER`)
			m.say(m.paper(0), m.omar, "withdraw")
			m.due()
			m.turns(0)
		}},
		{"an author's approval counts", onlyApproved, func(m *machine) {
			m.edit(m.posts[0], m.ana)
			m.own(`ALTER TABLE clearances DISABLE TRIGGER USER`)
			m.submit(m.posts[0], 2)
			m.sign()
		}},
		{"the words change on their way", onlyApproved, func(m *machine) {
			m.own(`ALTER TABLE releases DISABLE TRIGGER USER`)
			m.own(`
UPDATE releases
SET body = t.body, sha256 = sha256(t.body)
FROM (SELECT id, convert_to(replace(convert_from(body, 'UTF8'), 'Version', 'Perversion'), 'UTF8') AS body FROM releases) t
WHERE t.id = releases.id`)
			m.due()
			m.turns(0)
		}},
		{"a lost answer is sent again without looking", provedFirst, func(m *machine) {
			m.due()
			m.everywhere(mischief.CommitThenDrop)
			m.turns(0)
			m.resend("unknown")
			m.turns(0)
		}},
		{"a confirmed post is sent again", onlyOnce, func(m *machine) {
			m.due()
			m.turns(0)
			m.resend("published")
			m.turns(0)
		}},
		{"the book forgets what is out", keptInSight, func(m *machine) {
			m.due()
			m.turns(0)
			m.broken(`UPDATE deliveries SET state = 'held', hold = 'overdue', release_id = NULL, submission_id = NULL, revision_id = NULL WHERE state = 'published'`)
		}},
		{"the book believes that something is out", keptInSight, func(m *machine) {
			m.broken(`
INSERT INTO copies (delivery_id, post_id, channel_id, language, remote_id, published_at)
SELECT id, post_id, channel_id, language, 'x' || id, now()
FROM deliveries`)
		}},
		{"a restored database has the licence", copiesAreMute, func(m *machine) {
			m.copyDatabase()
			m.due()
			m.restore()
			m.own(`UPDATE pauses SET lifted_at = now()`)
			m.turns(0)
		}},
		{"a dispatcher's clock is fast", inItsWindow, func(m *machine) {
			m.withClock(5 * time.Minute)
		}},
		{"a dispatcher's clock is slow", inItsWindow, func(m *machine) {
			m.due()
			m.clock.Add(100 * time.Hour)
			m.withClock(-100 * time.Hour)
		}},
		{"what is overdue is sent all the same", inItsWindow, func(m *machine) {
			m.due()
			m.clock.Add(time.Hour)
			m.withClock(-time.Hour)
		}},
		{"a pause is not looked at", pauseHolds, func(m *machine) {
			m.stop("everything", "")
			m.own(`UPDATE pauses SET lifted_at = now()`)
			m.due()
			m.turns(0)
		}},
		{"a pause of a campaign is not looked at", pauseHolds, func(m *machine) {
			m.stop("campaign", "july-30")
			m.own(`UPDATE pauses SET scope = 'network', scope_id = 'x'`)
			m.due()
			m.turns(0)
		}},
		{"a network says removed and removes nothing", takenDown, func(m *machine) {
			m.due()
			m.turns(0)
			m.reach.lies = true
			m.takeDown(m.posts[0])
			m.remove()
		}},
		{"a take-down forgets a copy", takenDown, func(m *machine) {
			m.due()
			m.turns(0)
			m.takeDown(m.posts[0])
			m.broken(`DELETE FROM takedown_copies WHERE delivery_id = (SELECT min(delivery_id) FROM takedown_copies)`)
		}},
		{"a take-down does not hold what waits", onlyApproved, func(m *machine) {
			papers := m.paper(0)
			m.takeDown(m.posts[0])
			m.broken(fmt.Sprintf(`
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE r.submission_id = %[1]d
  AND d.id = r.delivery_id;
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id, guard_submission, guard_revision, next_attempt_at, ready_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at, due_at
FROM releases
WHERE submission_id = %[1]d`, papers))
		}},
		{"a delivery jumps from missed to published", lawfulMoves, func(m *machine) {
			m.broken(`UPDATE deliveries SET state = 'missed' WHERE state = 'scheduled'; UPDATE deliveries SET state = 'removed', release_id = (SELECT min(r.id) FROM releases r WHERE r.delivery_id = deliveries.id)`)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.approve()
			if list := m.judge(); len(list) > 0 {
				t.Fatalf("something is wrong before anything was broken: %v", list)
			}
			c.broke(m)
			list := m.judge()
			if !slices.ContainsFunc(list, func(b breach) bool { return b.rule == c.rule }) {
				t.Errorf("nobody noticed; what was seen: %v", list)
			}
		})
	}
}

// due moves the clock to when every post is due.
func (m *machine) due() { m.clock.Set(m.world.places[m.places[len(m.places)-1]].due) }

// paper returns the number of the n-th submission.
func (m *machine) paper(n int) int64 {
	for id, p := range m.world.papers {
		if p.post == m.posts[n] {
			return id
		}
	}
	m.t.Fatalf("post %d was not submitted", n)
	return 0
}

// everywhere plans a fault at every network, for each post.
func (m *machine) everywhere(kind mischief.Kind) {
	for _, s := range m.reach.sides {
		if err := s.faults.Add(mischief.Fault{Kind: kind, Endpoint: s.posting, Times: len(m.posts)}); err != nil {
			m.t.Fatal(err)
		}
	}
}

// broken runs statements as the owner, past every trigger of the product.
func (m *machine) broken(statements string) {
	m.t.Helper()
	open := ""
	for _, table := range []string{"deliveries", "queue", "attempts", "copies", "takedown_copies"} {
		open += fmt.Sprintf("ALTER TABLE %s DISABLE TRIGGER USER;\n", table)
	}
	for _, table := range []string{"deliveries", "queue"} {
		open += fmt.Sprintf("ALTER TABLE %s ENABLE TRIGGER a_witness;\n", table)
	}
	m.own(open + statements)
}

// resend puts deliveries of a state back into the queue, as a scheduler does that takes no answer for a failure.
func (m *machine) resend(state string) {
	m.broken(fmt.Sprintf(`
UPDATE attempts SET outcome = 'again', finding = NULL;
DELETE FROM copies;
UPDATE deliveries SET state = 'scheduled', ask_at = NULL WHERE state = '%s';
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id, guard_submission, guard_revision, next_attempt_at, ready_at, fence)
SELECT r.delivery_id, r.post_id, r.channel_id, r.language, r.due_at, r.not_after, r.id, r.submission_id, r.revision_id, r.submission_id, r.revision_id, r.due_at, r.due_at, 9
FROM releases r
JOIN deliveries d ON d.release_id = r.id
WHERE d.state = 'scheduled'`, state))
}

// withClock lets a dispatcher work by a clock that is wrong by so much.
func (m *machine) withClock(by time.Duration) {
	m.world.turnBegins()
	d := dispatch.New(dispatch.Options{
		DB: m.db, Networks: m.reach, Licence: m.keeper, Clock: clock.NewFake(m.clock.Now().Add(by)), Log: m.log, Worker: uuid.New(), Timeout: m.timeout, Ahead: m.ahead,
	})
	if err := d.Turn(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	if err := d.End(m.t.Context()); err != nil {
		m.t.Error(err)
	}
}
