package dispatch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"daymark/internal/core/post"
	"daymark/internal/flow/booktest"
	"daymark/internal/postgres"
	"daymark/internal/sandbox/mischief"
)

// scheduleThread makes a scheduled delivery of three parts.
func (b *bench) scheduleThread() int64 {
	b.t.Helper()
	id, _ := b.scheduleFinal("thread", func(f *post.Final) {
		f.Parts = []post.FinalPart{{Text: "Parte um"}, {Text: "Parte dois"}, {Text: "Parte três"}}
	})
	return id
}

// thread returns the texts that the network shows, each with the one it replies to, the newest first.
func (b *bench) thread() string {
	b.t.Helper()
	texts := map[string]string{"": ""}
	var said []string
	list := b.server.State().Statuses
	for _, s := range list {
		texts[s.ID] = s.Text
	}
	for _, s := range list {
		said = append(said, s.Text+" ← "+texts[s.InReplyTo])
	}
	return strings.Join(said, "; ")
}

const wholeThread = "Parte três ← Parte dois; Parte dois ← Parte um; Parte um ← "

func TestAThreadGoesOutPartAfterPart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.scheduleThread()
	b.turn(b.dispatcher())
	b.want(delivery, "published", 3)
	if got := b.thread(); got != wholeThread {
		t.Errorf("the network shows %s", got)
	}
	var copies int
	b.get(&copies, `SELECT count(*) FROM copies WHERE delivery_id = $1 AND release_id IS NOT NULL`, delivery)
	if copies != 3 {
		t.Errorf("the book knows %d copies", copies)
	}
}

func TestAfterAnyFaultInItsMiddleAThreadIsOutOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]mischief.Fault{
		"committed and the connection dropped": {Kind: mischief.CommitThenDrop},
		"committed and a proxy's 504":          {Kind: mischief.CommitThen504},
		"500 and not committed":                {Kind: mischief.Reject500},
		"429":                                  {Kind: mischief.RateLimited429},
		"a page instead of data, nothing done": {Kind: mischief.HTMLInsteadOfJSON, Uncommitted: true},
		"dropped before it was read":           {Kind: mischief.DropBeforeRead},
	} {
		for _, part := range []int{1, 2, 3} {
			t.Run(fmt.Sprintf("%s at part %d", name, part), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				b.timeout = time.Second
				fault := fault
				fault.Endpoint, fault.Skip = posting, part-1
				b.fault(fault)
				delivery := b.scheduleThread()
				b.drain(b.dispatcher())
				b.want(delivery, "published", 3)
				if got := b.thread(); got != wholeThread {
					t.Errorf("the network shows %s", got)
				}
			})
		}
	}
}

func TestARefusedPartLeavesAThreadThatSaysHowMuchIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery, _ := b.scheduleFinal("long", func(f *post.Final) {
		f.Parts = []post.FinalPart{{Text: "Parte um"}, {Text: strings.Repeat("longo ", 200)}, {Text: "Parte três"}}
	})
	b.drain(b.dispatcher())
	b.want(delivery, "failed", 1)
	if s := b.look(delivery); !strings.HasPrefix(s.Problem, "Part 1 of 3 is out; part 2 is not. ") {
		t.Errorf("the problem is %q", s.Problem)
	}
}

func TestAThreadThatIsEditedHalfWayWaitsForAPersonAndIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fault(mischief.Fault{Kind: mischief.RateLimited429, Endpoint: posting, Skip: 1, ResetSeconds: 60})
	delivery := b.scheduleThread()
	b.turn(b.dispatcher())
	var postID int64
	b.get(&postID, `SELECT post_id FROM deliveries WHERE id = $1`, delivery)
	b.want(delivery, "scheduled", 1) // waits for its second part
	b.book.Revise(postID, "Other words")
	b.want(delivery, "held: decision", 1)
	if s := b.look(delivery); !strings.Contains(s.Problem, "while the thread was going out") {
		t.Errorf("the problem is %q", s.Problem)
	}
	// Whatever is approved now, another release cannot continue the thread.
	err := b.scheduleAgain(delivery)
	if postgres.Constraint(err) != "thread_keeps_release" {
		t.Errorf("the thread was queued with other words: %v", err)
	}
}

// scheduleAgain approves the post as it is now and tries to schedule the delivery with it.
func (b *bench) scheduleAgain(delivery int64) error {
	b.t.Helper()
	submission := b.book.Submit(delivery)
	b.book.Clear(submission)
	ctx := b.t.Context()
	return b.db.InTx(ctx, func(tx *postgres.Tx) error {
		if _, err := tx.ExecContext(ctx, `
UPDATE deliveries d
SET state = 'scheduled', hold = NULL, release_id = r.id, submission_id = r.submission_id, revision_id = r.revision_id
FROM releases r
WHERE r.submission_id = $1 AND d.id = r.delivery_id`, submission); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
INSERT INTO queue (delivery_id, post_id, channel_id, language, due_at, not_after, release_id, submission_id, revision_id,
  guard_submission, guard_revision, next_attempt_at)
SELECT delivery_id, post_id, channel_id, language, due_at, not_after, id, submission_id, revision_id, submission_id, revision_id, due_at
FROM releases
WHERE submission_id = $1`, submission)
		return err
	})
}

func TestALaterPartNeedsTheOneAheadOfItAndPublishedMeansAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.scheduleThread()
	b.exec(`UPDATE queue SET lease_owner = gen_random_uuid(), lease_until = clock_timestamp() + interval '1 minute', sending_at = clock_timestamp()`)
	_, err := b.db.ExecContext(t.Context(), `
INSERT INTO attempts (delivery_id, part, no, fence, key, request, request_sha256, started_at)
VALUES ($1, 2, 1, 0, 'k', 'x', sha256('x'), $2)`, delivery, b.clock.Now())
	if postgres.Constraint(err) != "part_in_order" {
		t.Errorf("part 2 went ahead of part 1: %v", err)
	}
	b.exec(`
INSERT INTO copies (delivery_id, part, post_id, channel_id, language, remote_id, published_at, release_id)
SELECT id, 1, post_id, channel_id, language, 'r', now(), release_id
FROM deliveries
WHERE id = $1`, delivery)
	_, err = b.db.ExecContext(t.Context(), `UPDATE deliveries SET state = 'published' WHERE id = $1`, delivery)
	if postgres.Constraint(err) != "every_part_is_out" {
		t.Errorf("a third of a thread counts as published: %v", err)
	}
}

func TestTheRestOfAThreadThatComesTooLateIsLeftToAPerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fault(mischief.Fault{Kind: mischief.RateLimited429, Endpoint: posting, Skip: 1, ResetSeconds: 60})
	delivery := b.scheduleThread()
	d := b.dispatcher()
	b.turn(d)
	b.want(delivery, "scheduled", 1)
	b.clock.Set(booktest.Due.Add(2 * time.Hour)) // an outage
	b.turn(d)
	b.want(delivery, "held: decision", 1)
}

// withHelpline makes a scheduled delivery whose text shows a helpline that somebody checked; the check holds until an instant.
func (b *bench) withHelpline(until time.Time) int64 {
	b.t.Helper()
	b.exec(`
INSERT INTO helplines (id, body, sha256, country, purpose, invented, check_days, origin, updated_by, updated_at)
VALUES ('gb-test', '{"name":"Test line"}', sha256('{"name":"Test line"}'), 'GB', 'support', true, 30, 'person', $1, $2)
ON CONFLICT (id) DO NOTHING`, b.book.Author, booktest.Due)
	b.check("works", until)
	id, _ := b.scheduleFinal("helpline", func(f *post.Final) {
		f.Parts = []post.FinalPart{{Text: "Call 020 7946 0000"}}
		f.Without = []post.FinalPart{{Text: "Call the emergency number"}}
		f.Helplines = []post.FinalHelpline{{ID: "gb-test", Version: 1}}
	})
	return id
}

func (b *bench) check(result string, until time.Time) {
	b.t.Helper()
	at := until.Add(-24 * time.Hour)
	if result != "works" {
		at = until
	}
	b.exec(`INSERT INTO helpline_checks (helpline_id, version, person_id, how, result, saw, at, until) VALUES ('gb-test', 1, $1, 'called', $2, 'They answered.', $3, $4)`,
		b.book.Reviewers[0], result, at, until)
}

func TestANumberGoesOutOnlyWhileACheckOfItHolds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		until  time.Time
		later  string // the result of a second check
		want   string
		notice int
	}{
		"the check holds":                         {booktest.Due.Add(time.Second), "", "Call 020 7946 0000", 0},
		"it ran out at the very instant":          {booktest.Due, "", "Call the emergency number", 1},
		"it ran out the day before":               {booktest.Due.Add(-24 * time.Hour), "", "Call the emergency number", 1},
		"somebody found the number dead since":    {booktest.Due.Add(time.Hour), "dead", "Call the emergency number", 1},
		"somebody found the number changed since": {booktest.Due.Add(time.Hour), "changed", "Call the emergency number", 1},
		"it was checked again":                    {booktest.Due.Add(-time.Hour), "works", "Call 020 7946 0000", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			delivery := b.withHelpline(tt.until)
			if tt.later != "" {
				b.check(tt.later, booktest.Due.Add(time.Hour))
			}
			b.turn(b.dispatcher())
			b.want(delivery, "published", 1)
			if got := b.server.State().Statuses[0].Text; got != tt.want {
				t.Errorf("%q went out", got)
			}
			var notices int
			b.get(&notices, `SELECT count(*) FROM notices WHERE level = 'error' AND say LIKE '%in place of Test line%'`)
			if notices != tt.notice {
				t.Errorf("%d notices", notices)
			}
		})
	}
}

func TestANumberFoundDeadAMomentBeforeSendingDoesNotGoOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	delivery := b.withHelpline(booktest.Due.Add(time.Hour))
	b.networks.prepare = func() error { // after the text was chosen, before the attempt is written down
		b.networks.prepare = nil
		_, err := b.db.ExecContext(context.WithoutCancel(t.Context()), `
INSERT INTO helpline_checks (helpline_id, version, person_id, how, result, saw, at, until)
VALUES ('gb-test', 1, $1, 'called', 'dead', 'No such number.', $2, $2)`, b.book.Reviewers[0], booktest.Due)
		return err
	}
	b.drain(b.dispatcher())
	b.want(delivery, "published", 1)
	if got := b.server.State().Statuses[0].Text; got != "Call the emergency number" {
		t.Errorf("%q went out", got)
	}
}

func TestAChannelSpendsNoMoreThanItsBudgetOfTheMonth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.networks.cost = 15_000
	b.exec(`UPDATE channels SET budget = 40000`)
	list := b.schedule(3, booktest.Due)
	b.drain(b.dispatcher())
	standing := map[string]int{}
	for _, id := range list {
		s := b.look(id)
		standing[strings.TrimSpace(s.State+" "+s.Hold)]++
		if s.Hold == "decision" && !strings.HasPrefix(s.Problem, "The channel has used its budget of this month.") {
			t.Errorf("the problem is %q", s.Problem)
		}
	}
	if standing["published"] != 2 || standing["held decision"] != 1 {
		t.Errorf("with a budget for two posts: %v", standing)
	}
	b.once(2)
	var next int64
	b.get(&next, `SELECT spent($1, $2)`, b.channel, booktest.Due.AddDate(0, 1, 0))
	if next != 0 {
		t.Errorf("the next month begins with %d", next)
	}
}
